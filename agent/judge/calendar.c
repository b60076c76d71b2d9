#include "agent/judge/calendar.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Rounded down, also before 1970. */
static int64_t
floor_to(int64_t ms, int64_t step)
{
	int64_t rest = ms % step;
	return ms - (rest < 0 ? rest + step : rest);
}

int64_t
calendar_next(const struct calendar *calendar, int64_t wall_ms)
{
	int64_t local = wall_ms + calendar->zone_ms;
	if (calendar->every_ms > 0)
		return floor_to(local, calendar->every_ms) + calendar->every_ms
			- calendar->zone_ms;
	int64_t midnight = floor_to(local, DAY_MS);
	int64_t next = -1;
	for (size_t i = 0; i < calendar->n_at; i++) {
		int64_t at = midnight + calendar->at_ms[i];
		if (at <= local)
			at += DAY_MS;
		if (next < 0 || at < next)
			next = at;
	}
	return next < 0 ? -1 : next - calendar->zone_ms;
}
