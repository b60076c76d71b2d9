/*
 * How often a Cachet may be asked.  Cachet 3 says so in each answer: 300 times
 * a minute, and 60 before July 2026; so it is 60 until the first one is there.
 * It counts reads by address, and all else by user.  Cachet 2 has no limit.
 */
#include "reporters/cachet.h"

enum {
	WINDOW_MS = 60 * 1000,
	LEAST = 60, /* that any Cachet 3 takes */
};

struct reporter_limit
cachet_limit(const struct reporter *reporter)
{
	const struct cachet *cachet = (const struct cachet *)reporter;
	enum cachet_generation generation = cachet_generation_known(cachet);
	bool may_be_3 = generation == CACHET_3 || generation == CACHET_AUTO;
	struct reporter_limit limit = {
		.learnt_ms = may_be_3 ? WINDOW_MS : 0,
	};
	if (cachet->rate_limit > 0) {
		limit.is_set = true;
		limit.limit = bucket_limit_of(
			(unsigned)cachet->rate_limit, WINDOW_MS);
	} else if (may_be_3) {
		limit.apart = true;
		limit.limit = bucket_limit_within(LEAST, WINDOW_MS);
	}
	return limit;
}
