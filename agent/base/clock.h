/*
 * The two clocks.  What is stored and shown is wall time; what is waited for is
 * monotonic time.  Nothing else in curlew reads a clock: time is an argument.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	CLOCK_TEXT_SIZE = 32,
};

/** One moment on both clocks, as it is handed around. */
struct moment {
	int64_t mono_ms;
	int64_t wall_ms;
};

struct moment clock_now(void);

/** Of two times at which something is due, of which -1 is never. */
int64_t clock_earlier(int64_t a, int64_t b);

/** Milliseconds since 1970, UTC.  May jump. */
int64_t clock_wall_ms(void);

/** Microseconds since some moment in the past.  Never goes back. */
int64_t clock_mono_us(void);

/** RFC 3339 in UTC, such as 2026-11-20T23:14:05.123Z. */
void clock_text(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE]);

/**
 * What RFC 3339 allows, of the years from 1970 to 9999: 2026-11-20T23:14:05Z,
 * with a fraction, with an offset such as +08:00 or +0800.
 */
bool clock_read(const char *text, int64_t *wall_ms);

/**
 * Days since 1970 of a day of the Gregorian calendar, whose years begin with 0
 * and months with 1.  The 30th of February is the 1st or 2nd of March.
 */
int64_t clock_days(int year, int month, int day);
