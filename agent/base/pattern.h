/*
 * Regular expressions as cachet-url-monitor means them: Python's re.match with
 * DOTALL, tried at the start of the text and not necessarily to its end.  The
 * only file that includes PCRE2.
 *
 * A cache belongs to one thread.  It compiles each pattern once, however many
 * endpoints use it, and has the memory that matching needs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct pattern;
struct pattern_cache;

/**
 * False, saying where, when `text` is no pattern.  `*doubts`, unless NULL, has
 * the bits (enum pattern_doubt) of what may be meant otherwise.
 */
bool pattern_check(const char *text, unsigned *doubts, struct err *err);

struct pattern_cache *pattern_cache_new(void);

/** Every pattern must have been dropped.  NULL is allowed and does nothing. */
void pattern_cache_free(struct pattern_cache *cache);

/** Compile it, or share what is there.  NULL when `text` is no pattern. */
struct pattern *pattern_get(
	struct pattern_cache *cache, const char *text, struct err *err);

/** The opposite of pattern_get().  NULL is allowed and does nothing. */
void pattern_drop(struct pattern *pattern);

/** As the configuration has it. */
const char *pattern_text(const struct pattern *pattern);

enum pattern_answer {
	PATTERN_DIFFERS = 0,
	PATTERN_MATCHES,
	PATTERN_GAVE_UP, /* took more steps or memory than we allow */
};

/** Any bytes will do; those that are not UTF-8 count as U+FFFD. */
enum pattern_answer pattern_try(
	const struct pattern *pattern, const char *text, size_t len);

/** The same, to the end of the text. */
enum pattern_answer pattern_try_whole(
	const struct pattern *pattern, const char *text, size_t len);

/** "PCRE2 10.42 ..." for --version. */
const char *pattern_library_version(void);
