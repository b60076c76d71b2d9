/*
 * Regular expressions as Python's re takes them, written as PCRE2 takes them.
 * Pure.
 *
 * What PCRE2 has beyond Python stays, as long as it cannot be meant otherwise:
 * possessive quantifiers, \h, (?<name>...), recursion.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

enum {
	PATTERN_TRANSLATE_GROWTH = 4, /* a byte becomes at most so many */
	PATTERN_TRANSLATE_HEAD = 8, /* and this goes in front */
};

/** What may be meant otherwise than it is taken; may be or-ed. */
enum pattern_doubt {
	PATTERN_DOUBT_FLAGS = 1 << 0, /* (?i) and such behind the start */
	PATTERN_DOUBT_POSIX = 1 << 1, /* [[:alpha:]] */
};

/**
 * Write it to `out`, from its start.  False, saying where, for what Python
 * refuses and PCRE2 would take for something else; what both refuse is left to
 * PCRE2.
 */
bool pattern_translate(
	const char *text, struct buf *out, unsigned *doubts, struct err *err);

/** Where in `text` that came from what stands at `at` in its translation. */
size_t pattern_translate_origin(const char *text, size_t at);
