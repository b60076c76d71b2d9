/* no_proxy, a NUL, the proxy, a NUL, and the URL that is asked for. */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/proxy.h"
#include "tests/fuzz/fuzz.h"

#define SECRET "zq9SECRET" /* in no sentence of ours */

/* Whether it goes there by itself. */
static bool
goes_without(const char *none, const struct url_origin *target)
{
	const struct http_proxy_words words = {
		.all = "http://proxy.test:3128",
		.none = none,
	};
	struct http_proxies proxies;
	struct err err;
	bool good = http_proxies_init(&proxies, &words, &err);
	assert(good);
	bool without = !http_proxy_choose(&proxies, target);
	http_proxies_finish(&proxies);
	return without;
}

static void
check_list(
	const char *list, const struct url_origin *target, struct arena *arena)
{
	bool without = goes_without(list, target);
	assert(without
		== goes_without(arena_printf(arena, ", ,%s,", list), target));
	assert(goes_without(arena_printf(arena, "%s,*", list), target));
	bool six = strchr(target->host, ':') != NULL;
	const char *own = arena_printf(
		arena, "%s%s%s", six ? "[" : "", target->host, six ? "]" : "");
	assert(goes_without(arena_printf(arena, "%s,%s", list, own), target));
	assert(goes_without(
		arena_printf(arena, "%s:%u", own, target->port), target));

	/* The order of items does not count. */
	const char *comma = strchr(list, ',');
	if (comma)
		assert(without
			== goes_without(
				arena_printf(arena, "%s,%.*s", comma + 1,
					(int)(comma - list), list),
				target));
}

static void
check_proxy(const char *text)
{
	const struct http_proxy_words words = { .http = text };
	struct http_proxies proxies;
	struct err err = { "" };
	if (!http_proxies_init(&proxies, &words, &err)) {
		assert(*err.text != '\0');
		assert(strstr(text, "u:" SECRET "@") == NULL
			|| !strstr(err.text, SECRET));
		return;
	}
	const struct http_proxy *proxy = proxies.plain;
	assert(!proxies.tls);
	assert(!proxy || (*proxy->host != '\0' && proxy->port > 0));
	assert(!proxy || !proxy->user == !proxy->password);
	http_proxies_finish(&proxies);
}

/* The same with a password in it. */
static void
check_secret(const char *text, struct arena *arena)
{
	const char *slashes = strstr(text, "://");
	const char *rest = slashes ? slashes + 3 : text;
	if (!strchr(rest, '@') && !strstr(text, SECRET))
		check_proxy(arena_printf(arena, "%.*su:" SECRET "@%s",
			(int)(rest - text), text, rest));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts first;
	struct fuzz_parts rest;
	struct arena *arena = arena_new_small();
	fuzz_split(data, size, &first);
	fuzz_split((const uint8_t *)first.bytes, first.len, &rest);
	check_proxy(rest.text);
	check_secret(rest.text, arena);
	struct url_origin target;
	struct err err;
	const char *url;
	const char *text = arena_dup_n(arena, rest.bytes, rest.len);
	if (url_normalise(text, arena, &url, &err)
		&& url_origin(url, &target, &err))
		check_list(first.text, &target, arena);
	arena_free(arena);
	fuzz_free(&first);
	fuzz_free(&rest);
	return 0;
}
