/*
 * UUID version 7 (RFC 9562): sorts by time, unique without coordination.
 */
#pragma once

#include <stdint.h>

struct rng;

enum {
	UUID_TEXT_SIZE = 37,
};

void uuid_make(
	int64_t wall_ms, struct rng *rng, char text[static UUID_TEXT_SIZE]);
