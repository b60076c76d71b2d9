/* When people are reminded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/judge/remind.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct row {
	const char *about;
	struct remind remind;
	int64_t ms;
	int64_t next;
} rows[] = {
	{ "first after that long", { 30 * MINUTE, DAY }, 0, 30 * MINUTE },
	{ "not before", { 30 * MINUTE, DAY }, 30 * MINUTE - 1, 30 * MINUTE },
	{ "then the interval doubles", { 30 * MINUTE, DAY }, 30 * MINUTE,
		90 * MINUTE },
	{ "and again", { 30 * MINUTE, DAY }, 90 * MINUTE, 210 * MINUTE },
	{ "up to its ceiling", { HOUR, 3 * HOUR }, 3 * HOUR, 6 * HOUR },
	{ "where it stays", { HOUR, 3 * HOUR }, 6 * HOUR, 9 * HOUR },
	{ "for ever", { HOUR, 3 * HOUR }, 300 * HOUR, 303 * HOUR },
	{ "and in between", { HOUR, 3 * HOUR }, 301 * HOUR, 303 * HOUR },
	{ "evenly when it cannot grow", { HOUR, HOUR }, 5 * HOUR, 6 * HOUR },
	{ "one that was missed is not the next", { 30 * MINUTE, DAY },
		100 * MINUTE, 210 * MINUTE },
	{ "what did not begin yet", { HOUR, DAY }, -5 * HOUR, HOUR },
	{ "a year of it", { 1000, 1000 }, 366 * DAY, 366 * DAY + 1000 },
};

static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t next = remind_next(&rows[i].remind, rows[i].ms);
		if (next != rows[i].next)
			fail_msg("%s: %lld", rows[i].about, (long long)next);
	}
}

/* Each is after the one before, and no interval is shorter than that. */
static void
test_intervals_only_grow(void **state)
{
	(void)state;
	const struct remind remind = { 7 * MINUTE, 5 * HOUR };
	int64_t at = 0;
	int64_t interval = 0;
	for (size_t i = 0; i < 1000; i++) {
		int64_t next = remind_next(&remind, at);
		assert_true(next - at >= interval);
		assert_true(next - at <= remind.up_to_ms);
		interval = next - at;
		at = next;
	}
	assert_true(interval == remind.up_to_ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_intervals_only_grow),
	};
	return cmocka_run_group_tests_name("remind", tests, NULL, NULL);
}
