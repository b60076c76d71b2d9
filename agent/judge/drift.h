/*
 * What a receiver shows differs from the truth: is it for us to mend?  Pure.
 *
 * What arose because we could not speak is ours: at the start, after the
 * receiver was away, after something for it was dropped.  We owe it then.  What
 * arose while it was told everything is somebody's hand: gently, it is left
 * alone until our next change; strictly, it is put back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/model/status.h"

enum drift_act {
	DRIFT_NONE = 0, /* there is no difference */
	DRIFT_UNSURE, /* it cannot be told yet: ask again later */
	DRIFT_MEND,
	DRIFT_LEAVE, /* it is somebody's hand */
};

struct drift_terms {
	bool owed;
	bool strict;
};

/** The status of a component that the endpoints mirror. */
struct drift_component {
	enum status truth; /* UNKNOWN: nobody knows yet */
	int64_t there; /* as the receiver counts; beyond 4 it has its own */
	bool still; /* nothing of ours about it is on its way */
	int64_t left; /* what was left there the last time; -1: nothing was */
};

enum drift_act drift_component(
	const struct drift_component *component, struct drift_terms terms);

enum drift_there {
	DRIFT_OPEN = 0,
	DRIFT_FIXED,
	DRIFT_GONE, /* somebody deleted it */
};

/** An incident that we opened there. */
struct drift_incident {
	bool open; /* for us */
	enum drift_there there;
	bool still;
	bool left; /* so it was the last time, and was left */
};

/**
 * MEND closes one that is over for us, or opens it again.  One that was deleted
 * is never made again.
 */
enum drift_act drift_incident(
	const struct drift_incident *incident, struct drift_terms terms);
