/* A pattern, a NUL, a body. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/pattern_translate.h"
#include "tests/fuzz/fuzz.h"

enum {
	PATTERN_MAX = 200, /* longer ones take long, and nothing else */
	BODY_MAX = 300,
};

static void
translate(const char *pattern)
{
	struct err err = { "" };
	struct buf out;
	unsigned doubts;
	size_t len = strlen(pattern);
	buf_init(&out, len * PATTERN_TRANSLATE_GROWTH + PATTERN_TRANSLATE_HEAD);
	if (!pattern_translate(pattern, &out, &doubts, &err))
		assert(err.text[0] != '\0');
	assert(!out.full);
	for (size_t at = 0; at <= out.len; at += 1 + out.len / 7)
		assert(pattern_translate_origin(pattern, at) <= len);
	buf_finish(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pattern_cache *cache;
	struct fuzz_parts parts;
	struct err err = { "" };
	if (!cache)
		cache = pattern_cache_new();
	fuzz_split(data, size, &parts);
	if (strlen(parts.text) <= PATTERN_MAX && parts.len <= BODY_MAX) {
		translate(parts.text);
		struct pattern *pattern = pattern_get(cache, parts.text, &err);
		if (pattern)
			pattern_try(pattern, parts.bytes, parts.len);
		else
			assert(err.text[0] != '\0');
		pattern_drop(pattern);
	}
	fuzz_free(&parts);
	return 0;
}
