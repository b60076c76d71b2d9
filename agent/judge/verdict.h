/*
 * Judgement: what to announce, given what was announced and what was just seen.
 *
 * Pure.  No clock, no I/O, no allocation; the same inputs give the same
 * verdict.  This is where `allowed_fails` and `recover_after` live, and nowhere
 * else.
 */
#pragma once

#include <stdbool.h>

#include "agent/model/status.h"

struct verdict_policy {
	unsigned allowed_fails; /* failures in a row to forgive */
	unsigned
		recover_after; /* good results in a row to believe; 0 means 1 */
};

/** All that must be remembered between results; the store keeps it. */
struct verdict_state {
	enum status announced; /* STATUS_UNKNOWN: nothing yet */
	unsigned fails; /* in a row, up to now */
	unsigned goods; /* in a row, up to now; stops at recover_after */
};

enum verdict_change {
	VERDICT_SAME = 0,
	VERDICT_BASELINE, /* the first announcement, and it is good */
	VERDICT_WORSENED,
	VERDICT_EASED, /* still bad, but less so */
	VERDICT_RECOVERED,
};

struct verdict {
	enum verdict_change change;
	enum status from;
	enum status to;
	struct verdict_state next;
};

/**
 * Judge one result.
 *
 *  - OPERATIONAL clears the count of failures and is announced once
 *    `recover_after` of them came in a row.
 *  - Anything worse adds one to the count, and is announced once the count is
 *    above `allowed_fails`: with 2, the third failure in a row speaks.
 *    Failures of different severity count together.
 *  - After that the announcement follows each change of severity until the
 *    recovery.
 *  - UNKNOWN (the agent could not look) changes nothing.
 */
struct verdict verdict_step(struct verdict_policy policy,
	struct verdict_state state, enum status seen);
