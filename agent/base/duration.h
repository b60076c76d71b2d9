/*
 * Lengths of time as people write them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DURATION_TEXT_SIZE = 32,
};

/**
 * Seconds (1, 0.5), or with units: 500ms, 30s, 5m, 1h, 1d, 1m30s.  False for
 * anything else, for negative lengths and beyond a hundred years.
 */
bool duration_parse(const char *text, int64_t *ms);

/** At most two units, for people: 350ms, 42s, 4m 10s, 2h 5m, 3d 1h. */
void duration_text(int64_t ms, char text[static DURATION_TEXT_SIZE]);
