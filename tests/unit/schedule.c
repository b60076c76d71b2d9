#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/hash.h"
#include "agent/base/rng.h"
#include "agent/judge/backoff.h"
#include "agent/judge/schedule.h"

static const int64_t SECOND = 1000000;

static void
test_first_is_soon_and_spread(void **unused)
{
	(void)unused;
	static const struct {
		const char *sentence;
		int64_t period, n, window;
	} rows[] = {
		{ "few endpoints start within 2 s", 30, 100, 2 },
		{ "many start at 500 a second", 3600, 5000, 10 },
		{ "never later than one period", 1, 100000, 1 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t latest = 0;
		for (uint64_t e = 0; e < 1000; e++) {
			int64_t due = schedule_first(7 * SECOND,
				rows[i].period * SECOND,
				hash_bytes(&e, sizeof(e)), (uint64_t)rows[i].n);
			assert_true(due >= 7 * SECOND);
			if (due > latest)
				latest = due;
		}
		int64_t window = rows[i].window * SECOND;
		if (latest - 7 * SECOND >= window
			|| latest - 7 * SECOND < window * 9 / 10)
			fail_msg("%s: the last came after %lld us",
				rows[i].sentence,
				(long long)(latest - 7 * SECOND));
	}
}

static void
test_second_is_the_slot(void **unused)
{
	(void)unused;
	int64_t period = 30 * SECOND;
	for (uint64_t e = 0; e < 1000; e++) {
		uint64_t hash = hash_bytes(&e, sizeof(e));
		int64_t first = schedule_first(1234567, period, hash, 1000);
		int64_t second = schedule_second(first, period, hash);
		assert_true(second - first >= period / 2);
		assert_true(second - first < period * 3 / 2);
		assert_int_equal(second % period, hash % (uint64_t)period);
	}
}

static void
test_next_does_not_drift(void **unused)
{
	(void)unused;
	uint64_t missed = 0;
	int64_t due = 100;
	for (int i = 1; i <= 1000; i++)
		due = schedule_next(due, 10, due + i % 10, &missed);
	assert_int_equal(due, 100 + 1000 * 10);
	assert_int_equal(missed, 0);

	/* The loop slept through three deadlines: 110, 120 and 130. */
	assert_int_equal(schedule_next(100, 10, 135, &missed), 140);
	assert_int_equal(missed, 3);
	/* A deadline that is just now has passed. */
	missed = 0;
	assert_int_equal(schedule_next(100, 10, 110, &missed), 120);
	assert_int_equal(missed, 1);
}

static void
test_backoff_doubles_to_a_cap(void **unused)
{
	(void)unused;
	struct rng rng;
	rng_seed(&rng, 1);
	static const int64_t most[] = { 1000, 2000, 4000, 8000, 16000, 32000,
		60000, 60000 };
	for (unsigned f = 1; f <= 8; f++) {
		for (int i = 0; i < 100; i++) {
			int64_t delay = backoff_delay_ms(f, &rng);
			assert_true(delay >= most[f - 1] / 2);
			assert_true(delay <= most[f - 1]);
		}
	}
	assert_true(backoff_delay_ms(4000000000U, &rng) <= BACKOFF_CAP_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_is_soon_and_spread),
		cmocka_unit_test(test_second_is_the_slot),
		cmocka_unit_test(test_next_does_not_drift),
		cmocka_unit_test(test_backoff_doubles_to_a_cap),
	};
	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
