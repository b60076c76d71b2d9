/*
 * What the fuzzers share: an input is a text, a NUL, and bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Both of their own size, so that reading on is noticed. */
struct fuzz_parts {
	char *text;
	char *bytes;
	size_t len;
};

static inline void
fuzz_split(const uint8_t *data, size_t size, struct fuzz_parts *parts)
{
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t text_len = end ? (size_t)(end - data) : size;
	size_t used = end ? text_len + 1 : size;
	parts->text = mem_dup_n(size > 0 ? (const void *)data : "", text_len);
	parts->len = size - used;
	parts->bytes = mem_alloc(parts->len > 0 ? parts->len : 1);
	if (parts->len > 0)
		memcpy(parts->bytes, data + used, parts->len);
}

/** An answer's headers, `line` and `text` among them; the caller frees them. */
static inline char *
fuzz_headers(const char *line, const char *text)
{
	static const char format[] = "HTTP/1.1 200 OK\r\n%s%s\r\n";
	size_t size = sizeof(format) + strlen(line) + strlen(text);
	char *headers = mem_alloc(size);
	snprintf(headers, size, format, line, text);
	return headers;
}

static inline void
fuzz_free(struct fuzz_parts *parts)
{
	free(parts->text);
	free(parts->bytes);
}
