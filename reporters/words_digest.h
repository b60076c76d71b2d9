/*
 * A digest in the words of a language.
 */
#pragma once

#include <stddef.h>

#include "agent/model/digest.h"
#include "reporters/words.h"

/** "2 of 20 are not well", "All 20 are well". */
const char *words_digest_title(
	int language, const struct digest *digest, struct arena *arena);

/** "major outage since 2026-11-20 23:14:05 UTC, uptime 99.95 %". */
const char *words_digest_row(const struct words *words,
	const struct digest_row *row, struct arena *arena);

/** A line for each of its rows, and one for the rest. */
const char *words_digest_lines(const struct words *words,
	const struct digest *digest, struct arena *arena);

/** "and 7 more"; "" for none. */
const char *words_digest_rest(int language, size_t n, struct arena *arena);
