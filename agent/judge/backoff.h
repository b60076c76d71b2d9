/*
 * How long to wait before trying again.  Pure.
 */
#pragma once

#include <stdint.h>

struct rng;

enum {
	BACKOFF_FIRST_MS = 1000,
	BACKOFF_CAP_MS = 60 * 1000,
};

/**
 * After `failures` in a row (1 for the first): 1 s, doubling up to 60 s, of
 * which the second half is chance, so that what failed together does not come
 * back together.
 */
int64_t backoff_delay_ms(unsigned failures, struct rng *rng);
