/*
 * What the files that translate patterns share: where they are in the text,
 * and what they found so far.  Only agent/base/pattern_*.c include this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	PATTERN_SCAN_DEPTH_MAX = 250, /* of groups; PCRE2 takes no more */
};

enum pattern_scan_flag {
	PATTERN_SCAN_I = 1 << 0,
	PATTERN_SCAN_M = 1 << 1,
	PATTERN_SCAN_S = 1 << 2,
	PATTERN_SCAN_X = 1 << 3,
};

struct pattern_scan {
	const char *text;
	const char *at;
	struct buf *out;
	struct err *err;
	unsigned doubts; /* enum pattern_doubt */
	unsigned flags; /* enum pattern_scan_flag: of the pattern as a whole */
	bool verbose; /* blanks and comments are skipped here */
	bool all_verbose; /* from the start */
	bool must_restart; /* it was found only now that all is verbose */
	bool has_begun; /* there was something to match */
	size_t wanted; /* in the translation */
	size_t origin; /* of that */
	size_t depth;
	bool outer_verbose[PATTERN_SCAN_DEPTH_MAX];
};

/** One escape, which stands at `at`. */
bool pattern_escape(struct pattern_scan *scan);

/** One class, which stands at `at`. */
bool pattern_class(struct pattern_scan *scan);

/** What may stand in a class. */
struct pattern_member {
	bool is_set; /* such as \w; it cannot be the end of a range */
	bool is_coded; /* by its number */
	uint32_t character;
	const char *text; /* as it is written, unless coded */
	size_t len;
};

/** An escape inside a class, which stands at `at`. */
bool pattern_escape_member(
	struct pattern_scan *scan, struct pattern_member *member);

/** Refuse it: what is wrong at `at`.  Always false. */
bool pattern_scan_refuse(struct pattern_scan *scan, const char *at,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Take over `len` bytes as they are. */
void pattern_scan_copy(struct pattern_scan *scan, size_t len);

/** Up to the next `mark` and with it; all that is left when there is none. */
void pattern_scan_copy_to(struct pattern_scan *scan, char mark);
