/*
 * When it is said of what takes its time that it goes on: after 15 seconds, and
 * after 1, 4 and 16 minutes.  Pure; all times are counted from when it began.
 */
#pragma once

#include <stdint.h>

/** How many of these have passed. */
unsigned progress_passed(int64_t ms);

/** The next one after `ms`; -1 for none. */
int64_t progress_next(int64_t ms);
