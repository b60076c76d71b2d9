#include "agent/base/pattern.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/pattern_translate.h"
#include "agent/base/utf8.h"

enum {
	MATCH_LIMIT = 10 * 1000 * 1000, /* honest patterns need millions */
	DEPTH_LIMIT = 1000 * 1000,
	HEAP_LIMIT_KIB = 64 * 1024,

	/* What `(.|\n)*x` needs over a body of 1 MiB. */
	STACK_FIRST = 32 * 1024,
	STACK_MAX = 64 * 1024 * 1024,

	PATTERN_MAX = 64 * 1024,
};

struct pattern_cache {
	struct map *patterns;
	pcre2_match_context *limits;
	pcre2_match_data *match;
	pcre2_jit_stack *stack;
};

struct pattern {
	struct pattern_cache *cache;
	pcre2_code *code;
	unsigned users;
	char text[];
};

/* As it was written, not as it was translated. */
static bool
refuse(const char *text, int code, size_t offset, struct err *err)
{
	PCRE2_UCHAR why[160];
	pcre2_get_error_message(code, why, sizeof(why));
	return err_set(err, "not a regular expression: %s, at offset %zu",
		(const char *)why, pattern_translate_origin(text, offset));
}

static pcre2_code *
compile_translated(const char *text, const struct buf *pcre, struct err *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	if (!context)
		abort();
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	int code = 0;
	PCRE2_SIZE offset = 0;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pcre->data, pcre->len,
		PCRE2_UTF | PCRE2_UCP | PCRE2_DOTALL | PCRE2_ANCHORED
			| PCRE2_ALT_CIRCUMFLEX | PCRE2_MATCH_INVALID_UTF
			| PCRE2_NEVER_BACKSLASH_C,
		&code, &offset, context);
	if (!compiled)
		refuse(text, code, offset, err);
	pcre2_compile_context_free(context);
	return compiled;
}

static pcre2_code *
compile(const char *text, unsigned *doubts, struct err *err)
{
	if (strlen(text) > PATTERN_MAX) {
		err_set(err, "the pattern is longer than %d bytes",
			PATTERN_MAX);
		return NULL;
	}
	struct buf pcre;
	buf_init(&pcre,
		PATTERN_MAX * PATTERN_TRANSLATE_GROWTH
			+ PATTERN_TRANSLATE_HEAD);
	pcre2_code *compiled = NULL;
	if (pattern_translate(text, &pcre, doubts, err))
		compiled = compile_translated(text, &pcre, err);
	buf_finish(&pcre);
	return compiled;
}

bool
pattern_check(const char *text, unsigned *doubts, struct err *err)
{
	unsigned unheard;
	pcre2_code *code = compile(text, doubts ? doubts : &unheard, err);
	pcre2_code_free(code);
	return code != NULL;
}

struct pattern_cache *
pattern_cache_new(void)
{
	struct pattern_cache *cache = mem_zalloc(sizeof(*cache));
	cache->patterns = map_new();
	cache->limits = pcre2_match_context_create(NULL);
	cache->match = pcre2_match_data_create(1, NULL);
	if (!cache->limits || !cache->match)
		abort();
	pcre2_set_match_limit(cache->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(cache->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(cache->limits, HEAP_LIMIT_KIB);

	/* NULL where there is no JIT; then the interpreter matches. */
	cache->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MAX, NULL);
	if (cache->stack)
		pcre2_jit_stack_assign(cache->limits, NULL, cache->stack);
	return cache;
}

void
pattern_cache_free(struct pattern_cache *cache)
{
	if (!cache)
		return;
	assert(map_count(cache->patterns) == 0);
	map_free(cache->patterns);
	pcre2_match_data_free(cache->match);
	pcre2_match_context_free(cache->limits);
	pcre2_jit_stack_free(cache->stack);
	free(cache);
}

struct pattern *
pattern_get(struct pattern_cache *cache, const char *text, struct err *err)
{
	struct pattern *pattern = map_get(cache->patterns, text);
	if (pattern) {
		pattern->users++;
		return pattern;
	}
	unsigned doubts;
	pcre2_code *code = compile(text, &doubts, err);
	if (!code)
		return NULL;
	/* Where it does not work, the interpreter matches. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);

	size_t size = strlen(text) + 1;
	pattern = mem_alloc(sizeof(*pattern) + size);
	pattern->cache = cache;
	pattern->code = code;
	pattern->users = 1;
	memcpy(pattern->text, text, size);
	map_put(cache->patterns, text, pattern);
	return pattern;
}

void
pattern_drop(struct pattern *pattern)
{
	if (!pattern)
		return;
	assert(pattern->users > 0);
	if (--pattern->users > 0)
		return;
	map_remove(pattern->cache->patterns, pattern->text);
	pcre2_code_free(pattern->code);
	free(pattern);
}

const char *
pattern_text(const struct pattern *pattern)
{
	return pattern->text;
}

static enum pattern_answer
try_utf8(const struct pattern *pattern, const char *text, size_t len,
	uint32_t options)
{
	const struct pattern_cache *cache = pattern->cache;
	int code = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, options,
		cache->match, cache->limits);
	/* Zero says that it matches and has groups, which we do not ask for. */
	if (code >= 0)
		return PATTERN_MATCHES;
	return code == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_GAVE_UP;
}

static enum pattern_answer
try_any(const struct pattern *pattern, const char *text, size_t len,
	uint32_t options)
{
	if (utf8_is_valid(text, len))
		return try_utf8(pattern, text, len, options);

	/*
	 * PCRE2 would go on behind the bad bytes as if the text began anew
	 * there, so that a pattern could match in the middle.
	 */
	struct buf mended;
	buf_init(&mended, len * UTF8_MENDED_FACTOR + 1);
	utf8_mend(text, len, &mended);
	enum pattern_answer answer =
		try_utf8(pattern, mended.data, mended.len, options);
	buf_finish(&mended);
	return answer;
}

enum pattern_answer
pattern_try(const struct pattern *pattern, const char *text, size_t len)
{
	return try_any(pattern, text, len, 0);
}

enum pattern_answer
pattern_try_whole(const struct pattern *pattern, const char *text, size_t len)
{
	return try_any(pattern, text, len, PCRE2_ENDANCHORED);
}

const char *
pattern_library_version(void)
{
	static char version[64];
	if (version[0] == '\0') {
		char number[48] = "";
		assert(pcre2_config(PCRE2_CONFIG_VERSION, NULL)
			<= (int)sizeof(number));
		pcre2_config(PCRE2_CONFIG_VERSION, number);
		snprintf(version, sizeof(version), "PCRE2 %s", number);
	}
	return version;
}
