/* When a digest is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/judge/calendar.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static const int64_t nine_and_six[] = { 18 * HOUR, 9 * HOUR };
static const int64_t midnight[] = { 0 };

static const struct row {
	const char *about;
	struct calendar calendar;
	const char *now;
	const char *next;
} rows[] = {
	{ "every half hour, on the half hour", { 30 * MINUTE, NULL, 0, 0 },
		"2026-11-21T09:12:33Z", "2026-11-21T09:30:00.000Z" },
	{ "just at that time it is the one after", { 30 * MINUTE, NULL, 0, 0 },
		"2026-11-21T09:30:00Z", "2026-11-21T10:00:00.000Z" },
	{ "every day is at midnight of the zone",
		{ 24 * HOUR, NULL, 0, 9 * HOUR }, "2026-11-21T09:12:33Z",
		"2026-11-21T15:00:00.000Z" },
	{ "the next of two times", { 0, nine_and_six, 2, 0 },
		"2026-11-21T09:12:33Z", "2026-11-21T18:00:00.000Z" },
	{ "the first of the next day", { 0, nine_and_six, 2, 0 },
		"2026-11-21T18:00:00Z", "2026-11-22T09:00:00.000Z" },
	{ "by the clocks of Seoul", { 0, nine_and_six, 2, 9 * HOUR },
		"2026-11-21T09:12:33Z", "2026-11-22T00:00:00.000Z" },
	{ "by clocks behind UTC", { 0, midnight, 1, -210 * MINUTE },
		"2026-11-21T03:29:59Z", "2026-11-21T03:30:00.000Z" },
	{ "over the end of a year", { 0, midnight, 1, 0 },
		"2026-12-31T23:59:59Z", "2027-01-01T00:00:00.000Z" },
};

static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t now;
		char text[CLOCK_TEXT_SIZE];
		assert_true(clock_read(rows[i].now, &now));
		clock_text(calendar_next(&rows[i].calendar, now), text);
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
		cmocka_unit_test(test_never),
	};
	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
