#include "agent/http/response.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>

#include "agent/base/str.h"

enum {
	RETRY_AFTER_SIZE = 64,
	RETRY_AFTER_MAX_S = 24 * 60 * 60,
};

static const char *const names[HTTP_FAIL_COUNT] = {
	[HTTP_FAIL_NONE] = "none",
	[HTTP_FAIL_URL] = "url",
	[HTTP_FAIL_NAME_NOT_FOUND] = "name_not_found",
	[HTTP_FAIL_NAME_LOOKUP] = "name_lookup",
	[HTTP_FAIL_REFUSED] = "refused",
	[HTTP_FAIL_UNREACHABLE] = "unreachable",
	[HTTP_FAIL_CONNECT_TIMEOUT] = "connect_timeout",
	[HTTP_FAIL_TLS] = "tls",
	[HTTP_FAIL_CERTIFICATE] = "certificate",
	[HTTP_FAIL_CLOSED] = "closed",
	[HTTP_FAIL_TIMEOUT] = "timeout",
	[HTTP_FAIL_BODY_TIMEOUT] = "body_timeout",
	[HTTP_FAIL_BODY] = "body",
	[HTTP_FAIL_TOO_LARGE] = "too_large",
	[HTTP_FAIL_PROTOCOL] = "protocol",
	[HTTP_FAIL_NO_ROUTE] = "no_route",
	[HTTP_FAIL_NO_DESCRIPTORS] = "no_descriptors",
	[HTTP_FAIL_NO_PORTS] = "no_ports",
	[HTTP_FAIL_RESOLVER] = "resolver",
};

const char *
http_fail_name(enum http_fail fail)
{
	return names[fail];
}

bool
http_fail_is_ours(enum http_fail fail)
{
	return fail >= HTTP_FAIL_NO_ROUTE;
}

/* The value in this line, if it is a header of that name; else NULL. */
static const char *
value_in(const char *line, const char *name)
{
	size_t len = strlen(name);
	if (strncasecmp(line, name, len) != 0)
		return NULL;
	line += len;
	line += strspn(line, " \t");
	return *line == ':' ? line + 1 : NULL;
}

bool
http_response_header(const struct http_response *response, const char *name,
	char *value, size_t size)
{
	const char *found = NULL;
	const char *line = strchr(response->headers, '\n'); /* status line */
	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		const char *at = value_in(line + 1, name);
		if (at)
			found = at;
	}
	if (!found)
		return false;
	found += strspn(found, " \t");
	size_t len = strcspn(found, "\r\n");
	while (len > 0 && (found[len - 1] == ' ' || found[len - 1] == '\t'))
		len--;
	if (len >= size)
		return false;
	memcpy(value, found, len);
	value[len] = '\0';
	return true;
}

int64_t
http_response_date(const struct http_response *response, int64_t now_ms)
{
	char text[RETRY_AFTER_SIZE];
	if (!http_response_header(response, "Date", text, sizeof(text)))
		return now_ms;
	time_t at = curl_getdate(text, NULL);
	return at == (time_t)-1 ? now_ms : (int64_t)at * 1000;
}

int64_t
http_response_retry_after(const struct http_response *response, int64_t now_ms)
{
	char text[RETRY_AFTER_SIZE];
	if (!http_response_header(response, "Retry-After", text, sizeof(text)))
		return 0;

	int64_t seconds = 0;
	if (isdigit((unsigned char)*text)
		&& text[strspn(text, "0123456789")] == '\0') {
		if (!str_int(text, &seconds))
			seconds = RETRY_AFTER_MAX_S; /* more than fits */
	} else {
		time_t at = curl_getdate(text, NULL);
		if (at == (time_t)-1)
			return 0;
		seconds = (int64_t)at
			- http_response_date(response, now_ms) / 1000;
	}
	if (seconds < 0)
		return 0;
	if (seconds > RETRY_AFTER_MAX_S)
		seconds = RETRY_AFTER_MAX_S;
	return seconds * 1000;
}

bool
http_is_token(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789!#$%&'*+-.^_`|~";
	return *text != '\0' && text[strspn(text, letters)] == '\0';
}

bool
http_is_header_value(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}
