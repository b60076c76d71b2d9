/*
 * What another monitor says: that something is wrong with a subject of its own,
 * that it is no longer, or that there is something to know.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/model/status.h"

enum problem_state {
	PROBLEM_DOWN = 0, /* it is there: opened, or changed */
	PROBLEM_UP, /* it is over */
	PROBLEM_ACKNOWLEDGED, /* it is there, and somebody knows */
	PROBLEM_UNKNOWN, /* they cannot tell: changes nothing */
	PROBLEM_NOTICE, /* no problem, but worth telling */
	PROBLEM_TEST, /* somebody tries out the way to us */
	PROBLEM_SCHEDULED, /* maintenance: it will be, or is under way */
	PROBLEM_FINISHED, /* maintenance is over */
};

enum {
	PROBLEM_STATE_COUNT = PROBLEM_FINISHED + 1,
};

struct problem_label {
	const char *name;
	const char *value;
};

/**
 * A value: owns nothing, and lives as long as the strings it points at.  No
 * string is NULL; "" is what they did not say.
 */
struct problem {
	enum problem_state state;
	const char *subject; /* what it is about, such as a host */
	const char *identity; /* the same from the opening to the closing */
	const char *delivery; /* the same when they say it once more */

	enum status status; /* of PROBLEM_DOWN and PROBLEM_ACKNOWLEDGED */
	const char *severity; /* in their words */
	const char *title; /* one line */
	const char *text;
	const char *link; /* where people see more */

	const char *service;
	const char *category;
	const char *account;
	const char *region;
	struct problem_label *labels; /* more of the kind */
	size_t n_labels;

	/* Wall clock; 0 when they did not say. */
	int64_t started_ms;
	int64_t ended_ms;
	int64_t at_ms;

	/* Worth telling even if the problem is known and as bad as before. */
	bool is_news;

	/* They never say that it is over: it is, when enough time passed. */
	bool is_for_ever;
};

/** One lower-case token, such as "acknowledged". */
const char *problem_state_name(enum problem_state state);

/** True for what says that a problem is there. */
bool problem_is_open(const struct problem *problem);
