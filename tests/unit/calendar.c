/* When a digest is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/judge/calendar.h"
#include "conf/zone.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const int64_t nine_and_six[] = { 18 * HOUR, 9 * HOUR };
static const int64_t midnight[] = { 0 };
static const int64_t half_past_two[] = { 150 * MINUTE };

#define AT(times) \
	{ \
		.at_ms = (times), .n_at = sizeof(times) / sizeof((times)[0]) \
	}

static const struct row {
	const char *about;
	struct calendar calendar;
	const char *zone;
	const char *now;
	const char *next;
} rows[] = {
	{ "every half hour, on the half hour", { .every_ms = 30 * MINUTE },
		"UTC", "2026-11-21T09:12:33Z", "2026-11-21T09:30:00.000Z" },
	{ "just at that time it is the one after", { .every_ms = 30 * MINUTE },
		"UTC", "2026-11-21T09:30:00Z", "2026-11-21T10:00:00.000Z" },
	{ "every day is at midnight of the zone", { .every_ms = 24 * HOUR },
		"+09:00", "2026-11-21T09:12:33Z", "2026-11-21T15:00:00.000Z" },
	{ "the next of two times", AT(nine_and_six), "UTC",
		"2026-11-21T09:12:33Z", "2026-11-21T18:00:00.000Z" },
	{ "the first of the next day", AT(nine_and_six), "UTC",
		"2026-11-21T18:00:00Z", "2026-11-22T09:00:00.000Z" },
	{ "by the clocks of Seoul", AT(nine_and_six), "+09:00",
		"2026-11-21T09:12:33Z", "2026-11-22T00:00:00.000Z" },
	{ "by its name", AT(nine_and_six), "Asia/Seoul", "2026-11-21T09:12:33Z",
		"2026-11-22T00:00:00.000Z" },
	{ "by clocks behind UTC", AT(midnight), "-03:30",
		"2026-11-21T03:29:59Z", "2026-11-21T03:30:00.000Z" },
	{ "over the end of a year", AT(midnight), "UTC", "2026-12-31T23:59:59Z",
		"2027-01-01T00:00:00.000Z" },

	/* Berlin: 02:00 to 03:00 on 2026-03-29, 03:00 to 02:00 on -10-25. */
	{ "in winter", AT(nine_and_six), "Europe/Berlin",
		"2026-01-10T06:00:00Z", "2026-01-10T08:00:00.000Z" },
	{ "in summer", AT(nine_and_six), "Europe/Berlin",
		"2026-07-10T06:00:00Z", "2026-07-10T07:00:00.000Z" },
	{ "over the change", AT(nine_and_six), "Europe/Berlin",
		"2026-03-28T18:00:00Z", "2026-03-29T07:00:00.000Z" },
	{ "what is left out comes later", AT(half_past_two), "Europe/Berlin",
		"2026-03-28T12:00:00Z", "2026-03-29T01:30:00.000Z" },
	{ "and once", AT(half_past_two), "Europe/Berlin",
		"2026-03-29T01:30:00Z", "2026-03-30T00:30:00.000Z" },
	{ "what comes twice is told the first time", AT(half_past_two),
		"Europe/Berlin", "2026-10-24T12:00:00Z",
		"2026-10-25T00:30:00.000Z" },
	{ "and not the second time", AT(half_past_two), "Europe/Berlin",
		"2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z" },
	{ "every half hour goes on in an hour that comes twice",
		{ .every_ms = 30 * MINUTE }, "Europe/Berlin",
		"2026-10-25T01:10:00Z", "2026-10-25T01:30:00.000Z" },
	{ "every day is at midnight after a long one",
		{ .every_ms = 24 * HOUR }, "Europe/Berlin",
		"2026-10-24T22:00:00Z", "2026-10-25T23:00:00.000Z" },
	{ "and after a short one", { .every_ms = 24 * HOUR }, "Europe/Berlin",
		"2026-03-28T23:00:00Z", "2026-03-29T22:00:00.000Z" },
	{ "clocks that change by half an hour", AT(half_past_two),
		"Australia/Lord_Howe", "2026-10-03T12:00:00Z",
		"2026-10-03T15:30:00.000Z" },
	{ "a day that a place left out", AT(midnight), "Pacific/Apia",
		"2011-12-30T09:00:00Z", "2011-12-30T10:00:00.000Z" },
	{ "far from now", AT(midnight), "Europe/Berlin", "2190-07-01T00:00:00Z",
		"2190-07-01T22:00:00.000Z" },
};

/* Told at each time that comes, in a year of every zone that changes: as often
 * as there are days, and never twice within a day. */
static void
test_once_a_day(void **state)
{
	(void)state;
	static const char *const zones[] = { "Europe/Berlin",
		"America/New_York", "Australia/Lord_Howe", "America/Havana",
		"Africa/Casablanca", "Asia/Beirut", "UTC" };
	static const int64_t at[] = { 0, 30 * MINUTE, 90 * MINUTE, 150 * MINUTE,
		210 * MINUTE, 23 * HOUR + 30 * MINUTE };
	int64_t begin;
	assert_true(clock_read("2026-01-01T12:00:00Z", &begin));
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		for (size_t k = 0; k < sizeof(at) / sizeof(at[0]); k++) {
			struct err err;
			struct calendar calendar = { .at_ms = &at[k],
				.n_at = 1,
				.zone = conf_zone_find(zones[i], arena, &err) };
			assert_non_null(calendar.zone);
			int64_t now = begin;
			for (size_t days = 0; days < 365; days++) {
				int64_t next = calendar_next(&calendar, now);
				assert_true(next > now);
				assert_true(days == 0
					|| (next - now >= 22 * HOUR
						&& next - now <= 26 * HOUR));
				now = next;
			}
			assert_true(now - begin >= 364 * DAY
				&& now - begin <= 366 * DAY);
		}
	}
	arena_free(arena);
}

static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t now;
		char text[CLOCK_TEXT_SIZE];
		assert_true(clock_read(rows[i].now, &now));
		struct arena *arena = arena_new();
		struct calendar calendar = rows[i].calendar;
		struct err err;
		calendar.zone = conf_zone_find(rows[i].zone, arena, &err);
		assert_non_null(calendar.zone);
		clock_text(calendar_next(&calendar, now), text);
		arena_free(arena);
		if (strcmp(text, rows[i].next) != 0)
			print_error("%s\n", rows[i].about);
		assert_string_equal(text, rows[i].next);
	}
}

static void
test_never(void **state)
{
	(void)state;
	const struct calendar never = { 0 };
	assert_int_equal(calendar_next(&never, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_once_a_day),
		cmocka_unit_test(test_never),
	};
	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
