/*
 * When something that comes round is due again.  Pure: time is an argument, of
 * the wall clock.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct zone;

/** Either every so often, or at these times of each day: once when clocks show
 * it twice, and as much later as they leave it out. */
struct calendar {
	/* From midnight on, where a day is a multiple of it; 0: at times. */
	int64_t every_ms;
	const int64_t *at_ms; /* after midnight, in any order */
	size_t n_at;
	const struct zone *zone; /* whose midnight; NULL: that of UTC */
};

/** The first time after `wall_ms`; -1 when it never comes. */
int64_t calendar_next(const struct calendar *calendar, int64_t wall_ms);
