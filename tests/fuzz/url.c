/* A URL as somebody wrote it, a NUL, and where an answer from there leads. */
#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "tests/fuzz/fuzz.h"

#define SECRET "zq9SECRET" /* in no sentence of ours */

/* Put together again, it is what it was taken from. */
static void
check_parts(const char *url, const struct url *parts, struct arena *arena)
{
	bool six = strchr(parts->host, ':') != NULL;
	const char *again = arena_printf(arena, "%s://%s%s%s%s%s:%u%s",
		parts->scheme, parts->user ? parts->user : "",
		parts->user ? "@" : "", six ? "[" : "", parts->host,
		six ? "]" : "", parts->port, parts->target);
	struct url same;
	struct err err;
	assert(url_parse(again, arena, &same, &err));
	assert(str_eq(same.scheme, parts->scheme)
		&& str_eq(same.host, parts->host) && same.port == parts->port
		&& str_eq(same.target, parts->target));
	assert(!same.user == !parts->user);
	assert(!same.user || str_eq(same.user, parts->user));
	assert(*parts->target == '/' || *parts->target == '?');
	assert(str_ends(url, parts->target) || str_eq(parts->target, "/")
		|| *parts->target == '/');
}

static bool
is_same_address(const char *one, const char *other)
{
	struct in6_addr a;
	struct in6_addr b;
	return inet_pton(AF_INET6, one, &a) == 1
		&& inet_pton(AF_INET6, other, &b) == 1
		&& memcmp(&a, &b, sizeof(a)) == 0;
}

/* libcurl, which does the asking, must not see another host than we do. */
static void
check_host(const struct url *parts, char *host, const char *port)
{
	size_t len = strlen(host);
	if (len > 1 && host[0] == '[') {
		host[len - 1] = '\0';
		host++;
	}
	struct in_addr number; /* it writes 127.1 as 127.0.0.1 */
	bool same = strcasecmp(host, parts->host) == 0
		|| is_same_address(host, parts->host)
		|| inet_pton(AF_INET, host, &number) == 1;
	assert(same);
	assert(strtol(port, NULL, 10) == parts->port);
}

static void
ask_libcurl(const char *url, const struct url *parts)
{
	CURLU *handle = curl_url();
	char *host = NULL;
	char *port = NULL;
	if (curl_url_set(handle, CURLUPART_URL, url, CURLU_PATH_AS_IS)
			== CURLUE_OK
		&& curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK
		&& curl_url_get(
			   handle, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)
			== CURLUE_OK)
		check_host(parts, host, port);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(handle);
}

/* What every URL of ours keeps to. */
static void
check_whole(const char *url, struct arena *arena)
{
	struct url parts;
	struct url_origin origin;
	struct err err;
	const char *again;
	assert(strlen(url) <= URL_MAX);
	for (const char *at = url; *at != '\0'; at++)
		assert(*at > ' ' && *at < 0x7f && *at != '#');
	assert(url_parse(url, arena, &parts, &err));
	assert(url_origin(url, &origin, &err));
	assert(str_eq(parts.host, origin.host) && parts.port == origin.port
		&& str_eq(parts.scheme, origin.tls ? "https" : "http"));
	assert(url_normalise(url, arena, &again, &err) && str_eq(url, again));
	check_parts(url, &parts, arena);
	ask_libcurl(url, &parts);

	const char *shown = url_public(url, arena);
	struct url public;
	assert(url_parse(shown, arena, &public, &err) && !public.user);
	assert(str_eq(public.host, parts.host) && public.port == parts.port
		&& str_eq(public.target, parts.target));
	shown = url_covered(url, arena);
	assert(url_parse(shown, arena, &public, &err) && !public.user);
	assert(str_eq(public.host, parts.host) && public.port == parts.port);
	assert(str_eq(public.target, "/") || str_eq(public.target, "/..."));
}

static void
check_next(const char *text, const char *location, struct arena *arena)
{
	const char *url;
	const char *tidy;
	const char *again;
	struct err err;
	if (!url_resolve(text, location, arena, &url, &err)) {
		assert(*err.text != '\0');
		return;
	}
	check_whole(url, arena);
	assert(url_resolve(url, "", arena, &again, &err) && str_eq(again, url));

	/* What was taken over from the base may have dots to be taken out. */
	assert(url_resolve(text, url, arena, &tidy, &err)
		&& strlen(tidy) <= strlen(url));
	assert(url_resolve(text, tidy, arena, &again, &err)
		&& str_eq(again, tidy));
}

/* A password is in no sentence and in nothing that is shown. */
static void
check_secret(const char *text, const char *rest, struct arena *arena)
{
	char *user = arena_dup(arena, text);
	for (char *at = user; *at != '\0'; at++)
		if (strchr("/?#@", *at))
			*at = 'x';
	const char *written = arena_printf(arena, "http://%s" SECRET "@%s",
		user, strchr(rest, '@') ? "x" : rest);
	struct err err = { "" };
	struct url parts;
	const char *url;
	if (strstr(text, SECRET) || strstr(rest, SECRET))
		return;
	if (url_normalise(written, arena, &url, &err)) {
		assert(!strstr(url_public(url, arena), SECRET));
		assert(!strstr(url_covered(url, arena), SECRET));
	}
	url_parse(written, arena, &parts, &err);
	assert(!strstr(err.text, SECRET));
	assert(!strstr(url_public(written, arena), SECRET));
	assert(!strstr(url_covered(written, arena), SECRET));
}

static char
byte(const char *hex)
{
	const char digits[] = { hex[0], hex[1], '\0' };
	return (char)strtol(digits, NULL, 16);
}

static void
check_form(const char *text)
{
	struct buf form;
	struct buf back;
	buf_init(&form, 3 * strlen(text) + 1);
	buf_init(&back, strlen(text) + 1);
	url_add_form(&form, text);
	for (const char *at = form.data; *at != '\0'; at++) {
		assert(isalnum((unsigned char)*at) || strchr("_.-~+%", *at));
		char c = *at;
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			c = byte(at + 1);
			at += 2;
		}
		buf_add_char(&back, c);
	}
	assert(str_eq(back.data, text));
	buf_finish(&form);
	buf_finish(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct arena *arena = arena_new();
	struct err err = { "" };
	const char *url;
	fuzz_split(data, size, &parts);
	const char *location = arena_dup_n(arena, parts.bytes, parts.len);
	if (url_normalise(parts.text, arena, &url, &err)) {
		check_whole(url, arena);
		check_next(url, location, arena);
	} else {
		assert(*err.text != '\0');
	}
	check_next(parts.text, location, arena);
	url_public(parts.text, arena);
	url_covered(parts.text, arena);
	check_secret(parts.text, location, arena);
	check_form(parts.text);
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
