#include "probes/redirect.h"

#include "agent/base/str.h"
#include "agent/http/url.h"

bool
redirect_is(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307
		|| status == 308;
}

const char *
redirect_method(int status, const char *method)
{
	bool is_plain = str_eq(method, "GET") || str_eq(method, "HEAD");
	if (!is_plain && (status == 302 || status == 303))
		return "GET";
	if (status == 301 && str_eq(method, "POST"))
		return "GET";
	return method;
}

bool
redirect_keeps_body(int status)
{
	return status == 307 || status == 308;
}

static bool
is_http_on_its_port(const struct url *url)
{
	return str_eq(url->scheme, "http") && url->port == 80;
}

static bool
is_https_on_its_port(const struct url *url)
{
	return str_eq(url->scheme, "https") && url->port == 443;
}

bool
redirect_keeps_auth(const struct url *from, const struct url *to)
{
	if (!str_eq(from->host, to->host))
		return false;
	if (is_http_on_its_port(from) && is_https_on_its_port(to))
		return true;
	return from->port == to->port && str_eq(from->scheme, to->scheme);
}
