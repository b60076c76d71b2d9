#include "agent/judge/calendar.h"

#include "agent/base/zone.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Rounded down, also before 1970. */
static int64_t
floor_to(int64_t ms, int64_t step)
{
	int64_t rest = ms % step;
	return ms - (rest < 0 ? rest + step : rest);
}

/* An hour that comes twice has as many of them as any two. */
static int64_t
next_round(const struct calendar *calendar, int64_t wall_ms)
{
	int64_t ahead = zone_ahead(calendar->zone, wall_ms);
	int64_t local = floor_to(wall_ms + ahead, calendar->every_ms)
		+ calendar->every_ms;
	int64_t next = zone_moment(calendar->zone, local);
	return next > wall_ms ? next : local - ahead;
}

static int64_t
next_of_day(const struct calendar *calendar, int64_t midnight, int64_t wall_ms)
{
	int64_t next = -1;
	for (size_t i = 0; i < calendar->n_at; i++) {
		int64_t at = zone_moment(
			calendar->zone, midnight + calendar->at_ms[i]);
		if (at > wall_ms && (next < 0 || at < next))
			next = at;
	}
	return next;
}

int64_t
calendar_next(const struct calendar *calendar, int64_t wall_ms)
{
	if (calendar->every_ms > 0)
		return next_round(calendar, wall_ms);
	int64_t midnight =
		floor_to(wall_ms + zone_ahead(calendar->zone, wall_ms), DAY_MS);

	/* Clocks that are put back over midnight show the day before again,
	 * and a place may leave out a day. */
	int64_t next = -1;
	for (int day = -1; day <= 2 && next < 0; day++)
		next = next_of_day(calendar, midnight + day * DAY_MS, wall_ms);
	return next;
}
