#include "agent/web/router.h"

#include <stddef.h>

#include "agent/base/str.h"

static const struct web_route *
find(const struct web_route *routes, const char *path)
{
	for (; routes->path; routes++) {
		if (str_eq(routes->path, path))
			return routes;
	}
	return NULL;
}

static unsigned
method_of(const char *name)
{
	if (str_eq(name, "GET") || str_eq(name, "HEAD"))
		return WEB_GET;
	if (str_eq(name, "POST"))
		return WEB_POST;
	return 0;
}

static const char *
allowed(unsigned methods)
{
	if (methods == WEB_POST)
		return "POST";
	return methods == WEB_GET ? "GET, HEAD" : "GET, HEAD, POST";
}

void
web_answer_text(struct web_answer *answer, int status, const char *text)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	buf_clear(&answer->body);
	buf_printf(&answer->body, "%s\n", text);
}

bool
web_takes(const struct web_route *routes, const struct web_request *request)
{
	const struct web_route *route = find(routes, request->path);
	return route && (route->methods & method_of(request->method));
}

void
web_route(const struct web_route *routes, const struct web_request *request,
	struct web_answer *answer)
{
	const struct web_route *route = find(routes, request->path);
	if (!route) {
		web_answer_text(answer, 404, "there is nothing here");
	} else if (!(route->methods & method_of(request->method))) {
		web_answer_text(answer, 405, "this method does not work here");
		answer->allow = allowed(route->methods);
	} else {
		route->answer(request, answer);
	}
}
