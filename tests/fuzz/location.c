/* The headers of an answer; they are given once more to each next hop. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "probes/hop.h"
#include "probes/http_conf.h"
#include "probes/redirect.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS 1700000000000

enum {
	HOPS = 4,
	SENT_MAX = 16 * 1024,
};

/* Nothing from outside may begin a line of ours. */
static void
check_text(const char *text)
{
	for (; *text != '\0'; text++)
		assert(*text != '\r' && *text != '\n');
}

static void
check_hop(const struct hop *hop)
{
	size_t n;
	const struct http_header *headers = hop_headers(hop, &n);
	for (size_t i = 0; i < n; i++) {
		check_text(headers[i].value);
		assert(strlen(headers[i].value) <= SENT_MAX);
		if (str_eq(headers[i].name, "Authorization"))
			assert(str_eq(hop->parts.host, hop->first.host));
	}
	for (const char *at = hop->url; *at != '\0'; at++)
		assert(*at > ' ' && *at < 0x7f);
	assert(str_eq(hop->parts.scheme, "http")
		|| str_eq(hop->parts.scheme, "https"));
	assert(*hop->parts.host != '\0' && *hop->parts.target == '/');
	assert(hop->behind <= REDIRECT_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_conf settings = {
		.url = "https://me:secret@www.example.org:8443/a/b?c",
		.method = "POST",
	};
	static const int statuses[] = { 301, 302, 303, 307, 308 };
	struct fuzz_parts parts;
	struct hop hop;
	fuzz_split(data, size, &parts);
	char *headers = fuzz_headers("", parts.text);
	struct http_response response = {
		.status = statuses[size % 5],
		.headers = headers,
		.body = "",
	};
	struct arena *arena = arena_new();
	hop_begin(&hop, &settings, arena);
	for (int i = 0;
		i < HOPS && hop_follow(&hop, &response, NOW_MS) == HOP_LEADS;
		i++)
		check_hop(&hop);
	arena_free(arena);
	free(headers);
	fuzz_free(&parts);
	return 0;
}
