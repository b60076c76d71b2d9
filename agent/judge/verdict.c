#include "agent/judge/verdict.h"

#include <limits.h>

static enum verdict_change
change_between(enum status from, enum status to)
{
	if (from == to)
		return VERDICT_SAME;
	if (to == STATUS_OPERATIONAL)
		return from == STATUS_UNKNOWN ? VERDICT_BASELINE
					      : VERDICT_RECOVERED;
	return to > from ? VERDICT_WORSENED : VERDICT_EASED;
}

static struct verdict
announce(struct verdict_state next, enum status seen)
{
	struct verdict verdict = {
		.change = change_between(next.announced, seen),
		.from = next.announced,
		.to = seen,
		.next = next,
	};
	verdict.next.announced = seen;
	return verdict;
}

static struct verdict
hold(struct verdict_state next)
{
	return (struct verdict){
		.change = VERDICT_SAME,
		.from = next.announced,
		.to = next.announced,
		.next = next,
	};
}

struct verdict
verdict_step(struct verdict_policy policy, struct verdict_state state,
	enum status seen)
{
	if (seen == STATUS_UNKNOWN)
		return hold(state);

	struct verdict_state next = state;
	if (seen == STATUS_OPERATIONAL) {
		next.fails = 0;
		if (next.goods < policy.recover_after)
			next.goods++;
		return next.goods >= policy.recover_after ? announce(next, seen)
							  : hold(next);
	}
	next.goods = 0;
	if (next.fails < UINT_MAX)
		next.fails++;
	return next.fails > policy.allowed_fails ? announce(next, seen)
						 : hold(next);
}
