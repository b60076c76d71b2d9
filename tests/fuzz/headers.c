/* A header's name, a NUL, and the headers of an answer. */
#include <assert.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/response.h"
#include "probes/header.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS 1700000000000
#define DAY_MS INT64_C(86400000)

static void
check_span(const char *all, const char *at, size_t len)
{
	assert(at >= all && at + len <= all + strlen(all));
	assert(!memchr(at, '\n', len) && !memchr(at, '\r', len));
	assert(len == 0 || !strchr(" \t", at[len - 1]));
	assert(len == 0 || !strchr(" \t", *at));
}

static void
check_each(const char *headers)
{
	const char *rest = headers;
	const char *before = rest;
	struct header header;
	while (header_next(&rest, &header)) {
		check_span(headers, header.name, header.name_len);
		check_span(headers, header.value, header.value_len);
		assert(!memchr(header.name, ':', header.name_len));
		assert(header.value > header.name);
		assert(rest > before);
		before = rest;
	}
	assert(*rest == '\0');
}

/* Two readers of the same headers must not see two things. */
static void
check_both(const struct http_response *response, const char *name)
{
	size_t size = strlen(response->headers) + 1;
	char *value = mem_alloc(size);
	struct header header;
	bool found = header_last(response->headers, name, &header);
	bool same = http_response_header(response, name, value, size);
	assert(found == same);
	if (found) {
		assert(strlen(value) == header.value_len);
		assert(memcmp(value, header.value, header.value_len) == 0);
		/* What does not fit is not cut. */
		assert(!http_response_header(
			response, name, value, header.value_len));
	}
	free(value);
}

static void
check_wait(const struct http_response *response)
{
	int64_t ms = http_response_retry_after(response, NOW_MS);
	assert(ms >= 0 && ms <= DAY_MS && ms % 1000 == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "Location", "Set-Cookie",
		"Retry-After", "Content-Type", "Date" };
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	char *lines = mem_dup_n(parts.bytes, parts.len);
	char *headers = fuzz_headers("", lines);
	const struct http_response response = { .headers = headers };
	check_each(headers);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_both(&response, names[i]);
	if (*parts.text != '\0' && !strpbrk(parts.text, ": \t\r\n"))
		check_both(&response, parts.text);
	check_wait(&response);
	free(headers);
	headers = fuzz_headers("Retry-After: ", lines);
	check_wait(&(struct http_response){ .headers = headers });
	free(headers);
	free(lines);
	fuzz_free(&parts);
	return 0;
}
