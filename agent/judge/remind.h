/*
 * When people are reminded of what lasts: at an interval that doubles up to a
 * ceiling.  Pure; all times are counted from when it began.
 */
#pragma once

#include <stdint.h>

struct remind {
	int64_t after_ms; /* the first time, and the first interval */
	int64_t up_to_ms; /* no interval is longer; not below `after_ms` */
};

/** The first time after `ms`. */
int64_t remind_next(const struct remind *remind, int64_t ms);
