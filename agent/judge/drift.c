#include "agent/judge/drift.h"

/* Nobody but a person says so: under maintenance, of Cachet 3. */
static bool
is_said_by_hand(int64_t there)
{
	const int64_t unknown = STATUS_COUNT; /* of one that is new, there */
	return there > unknown;
}

static enum drift_act
mend_or_leave(struct drift_terms terms, bool left)
{
	if (terms.strict || (terms.owed && !left))
		return DRIFT_MEND;
	return DRIFT_LEAVE;
}

enum drift_act
drift_component(
	const struct drift_component *component, struct drift_terms terms)
{
	if (component->truth == STATUS_UNKNOWN || !component->still)
		return DRIFT_UNSURE;
	if (component->there == (int64_t)component->truth)
		return DRIFT_NONE;
	return mend_or_leave(terms,
		component->there == component->left
			|| is_said_by_hand(component->there));
}

enum drift_act
drift_incident(const struct drift_incident *incident, struct drift_terms terms)
{
	if (!incident->still)
		return DRIFT_UNSURE;
	if (incident->open == (incident->there == DRIFT_OPEN))
		return DRIFT_NONE;
	/* That it is fixed or gone while the outage lasts, we never caused. */
	if (incident->open)
		return terms.strict && incident->there == DRIFT_FIXED
			? DRIFT_MEND
			: DRIFT_LEAVE;
	return mend_or_leave(terms, incident->left);
}
