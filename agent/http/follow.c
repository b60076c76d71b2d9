#include "agent/http/follow.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "agent/http/url.h"

bool
http_follow_is_redirect(const struct http_response *answer)
{
	static const int all[] = { 301, 302, 303, 307, 308 };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (answer->status == all[i])
			return true;
	return false;
}

/* The reference as it is; NULL for none. */
static const char *
location_of(const struct http_response *answer, struct arena *arena)
{
	char *location = arena_alloc(arena, URL_MAX + 1);
	bool there = http_follow_is_redirect(answer)
		&& http_response_header(
			answer, "Location", location, URL_MAX + 1)
		&& *location != '\0';
	return there ? location : NULL;
}

/* The name and password are those that we had, whatever the answer says. */
static const char *
with_user(const struct url *to, const char *user, struct arena *arena)
{
	bool literal = strchr(to->host, ':') != NULL;
	return arena_printf(arena, "%s://%s%s%s%s%s:%u%s", to->scheme,
		user ? user : "", user ? "@" : "", literal ? "[" : "", to->host,
		literal ? "]" : "", to->port, to->target);
}

const char *
http_follow_url(const struct http_request *request,
	const struct http_response *answer, struct arena *arena)
{
	struct url from, to;
	struct err err;
	const char *url;
	const char *location = location_of(answer, arena);
	if (!location || !url_resolve(request->url, location, arena, &url, &err)
		|| !url_parse(request->url, arena, &from, &err)
		|| !url_parse(url, arena, &to, &err)
		|| !str_eq(from.host, to.host)
		|| (str_eq(from.scheme, "https") && str_eq(to.scheme, "http")))
		return NULL;
	return from.user || to.user ? with_user(&to, from.user, arena) : url;
}

const char *
http_follow_place(const struct http_response *answer, struct arena *arena)
{
	struct url url;
	struct err err;
	const char *location = location_of(answer, arena);
	return location && url_parse(location, arena, &url, &err)
		? url_covered(location, arena)
		: NULL;
}

const char *
http_follow_base(
	const char *base, const char *from, const char *to, struct arena *arena)
{
	if (!base || !str_starts(from, base))
		return NULL;
	const char *rest = from + strlen(base);
	size_t len = strlen(to), n = strlen(rest);
	if (len < n || !str_eq(to + len - n, rest))
		return NULL;
	return url_public(arena_dup_n(arena, to, len - n), arena);
}
