/*
 * What it says of an endpoint when there was no whole answer.  Pure.
 */
#pragma once

#include <stdbool.h>

#include "agent/http/response.h"
#include "agent/model/cause.h"
#include "agent/model/status.h"

enum failure_wording {
	FAILURE_UNREACHABLE = 0,
	FAILURE_TIMED_OUT,
	FAILURE_UNEXPECTED,
	FAILURE_OURS,
};

struct failure {
	enum status status;
	enum cause cause;
	enum failure_wording wording;
	bool is_timing; /* it may come from our own loop being late */
};

/** For anything but HTTP_FAIL_NONE. */
struct failure failure_of(enum http_fail fail);

/** In place of one that came from our own loop being late. */
extern const struct failure failure_lag;
