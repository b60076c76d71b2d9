#include "agent/base/rng.h"

#include <sys/random.h>
#include <unistd.h>

#include "agent/base/clock.h"

void
rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

void
rng_seed_os(struct rng *rng)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)clock_mono_us() ^ ((uint64_t)getpid() << 40);
	rng->state = seed;
}

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
uint64_t
rng_next(struct rng *rng)
{
	rng->state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = rng->state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
rng_below(struct rng *rng, uint64_t limit)
{
	return limit > 0 ? rng_next(rng) % limit : 0;
}
