/*
 * UUID version 7 (RFC 9562): sorts by time, unique without coordination.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rng;

enum {
	UUID_TEXT_SIZE = 37,
};

void uuid_make(
	int64_t wall_ms, struct rng *rng, char text[static UUID_TEXT_SIZE]);

/** False when it is no such UUID; else `*wall_ms` is when it was made. */
bool uuid_read(const char *text, int64_t *wall_ms);
