#include "agent/judge/backoff.h"

#include "agent/base/rng.h"

int64_t
backoff_delay_ms(unsigned failures, struct rng *rng)
{
	int64_t delay = BACKOFF_FIRST_MS;
	for (unsigned i = 1; i < failures && delay < BACKOFF_CAP_MS; i++)
		delay *= 2;
	if (delay > BACKOFF_CAP_MS)
		delay = BACKOFF_CAP_MS;
	return delay / 2 + (int64_t)rng_below(rng, (uint64_t)delay / 2 + 1);
}
