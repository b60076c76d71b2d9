/*
 * Which names take long to look up, so that they do not hold up the others:
 * remembered by their hashes, some of which are mistaken for one another.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	RESOLVER_PACE_BITS = 1 << 20,
};

/** Zeroed to begin with: no name is slow until it was. */
struct resolver_pace {
	uint64_t slow[RESOLVER_PACE_BITS / 64];
};

/** How it was the last time, with or without an answer. */
void resolver_pace_note(
	struct resolver_pace *pace, const char *host, bool was_slow);

bool resolver_pace_is_slow(const struct resolver_pace *pace, const char *host);
