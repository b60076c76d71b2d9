/* The headers of an answer, a NUL, and the path that is asked for next. */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "probes/cookies.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS 1700000000000

enum {
	COUNT_MAX = 50,
	SENT_MAX = 16 * 1024,
};

static bool
is_sent(const char *text, const char *pair, size_t len)
{
	for (; text; text = strstr(text, "; ") ? strstr(text, "; ") + 2 : NULL)
		if (strncmp(text, pair, len) == 0
			&& (text[len] == '\0' || text[len] == ';'))
			return true;
	return false;
}

/* Each that is sent at `some` is sent at `all`, too. */
static void
check_among(const char *some, const char *all)
{
	while (some) {
		const char *end = strstr(some, "; ");
		assert(is_sent(
			all, some, end ? (size_t)(end - some) : strlen(some)));
		some = end ? end + 2 : NULL;
	}
}

static const char *
sent_to(const struct cookies *cookies, const char *scheme, const char *host,
	const char *path, struct arena *arena)
{
	const struct url url = {
		.scheme = scheme,
		.host = host,
		.port = 80,
		.target = path,
	};
	const char *value = cookies_for(cookies, &url, arena);
	if (value) {
		assert(*value != '\0' && strlen(value) <= SENT_MAX);
		assert(!strpbrk(value, "\r\n") && strchr(value, '='));
	}
	return value;
}

/* Only hosts below the one that is meant are ever told. */
static void
check_strangers(
	const struct cookies *cookies, const char *path, struct arena *arena)
{
	static const char *const strangers[] = { "example.com", "org",
		"evilexample.org", "www.example.org.evil.test", "127.0.0.1",
		"xn--example.org", "ple.org", "org." };
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		assert(!sent_to(cookies, "https", strangers[i], path, arena));
}

static void
check(const char *headers, const char *path, struct arena *arena)
{
	const struct url from = {
		.scheme = "https",
		.host = "www.example.org",
		.port = 443,
		.target = "/a/b?c",
	};
	struct cookies cookies = { 0 };
	cookies_take(&cookies, headers, &from, NOW_MS, arena);
	assert(cookies.count <= COUNT_MAX);
	const char *own = sent_to(&cookies, "https", from.host, path, arena);
	check_among(sent_to(&cookies, "http", from.host, path, arena), own);
	check_among(
		sent_to(&cookies, "https", "shop.www.example.org", path, arena),
		own);
	check_strangers(&cookies, path, arena);

	/* A shorter path has no more than one below it. */
	check_among(sent_to(&cookies, "https", from.host, "/", arena), own);

	/* Heard twice, it means the same. */
	size_t count = cookies.count;
	cookies_take(&cookies, headers, &from, NOW_MS, arena);
	const char *again = sent_to(&cookies, "https", from.host, path, arena);
	if (count < COUNT_MAX) {
		assert(cookies.count >= count);
		check_among(own, again);
	}
}

/* An address has nothing below it. */
static void
check_address(const char *headers, const char *path, struct arena *arena)
{
	const struct url from = {
		.scheme = "http",
		.host = "10.0.0.1",
		.port = 80,
		.target = "/",
	};
	struct cookies cookies = { 0 };
	cookies_take(&cookies, headers, &from, NOW_MS, arena);
	assert(!sent_to(&cookies, "http", "1.10.0.0.1", path, arena));
	assert(!sent_to(&cookies, "http", "0.0.1", path, arena));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct arena *arena = arena_new();
	fuzz_split(data, size, &parts);
	const char *path = arena_dup_n(arena, parts.bytes, parts.len);
	path = arena_printf(arena, "/%s", path);
	char *headers = fuzz_headers("", parts.text);
	check(headers, path, arena);
	check_address(headers, path, arena);
	free(headers);
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
