/*
 * Random numbers that a seed repeats, so that a simulation can.  Not for
 * secrets.
 */
#pragma once

#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_seed(struct rng *rng, uint64_t seed);

/** Seeded by the kernel: different in each process. */
void rng_seed_os(struct rng *rng);

uint64_t rng_next(struct rng *rng);

/** From 0 to `limit` - 1, evenly enough; 0 when `limit` is 0. */
uint64_t rng_below(struct rng *rng, uint64_t limit);
