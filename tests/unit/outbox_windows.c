/*
 * A receiver that keeps one point of a metric for each window gets one, which
 * stands for all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

#define SECOND INT64_C(1000)

/* Of `endpoint`, each 20 s, from `from` in steps of 1; answered at once. */
static void
probe(const char *endpoint, size_t n, int64_t from)
{
	for (size_t i = 0; i < n; i++) {
		f.latency_us = from + (int64_t)i;
		outbox_kit_announce(EVENT_POINT, endpoint, "");
		for (size_t call = 0; call < f.n_calls; call++)
			if (f.calls[call].done)
				outbox_kit_answer(call, 200);
		outbox_kit_wait(20 * SECOND);
	}
}

static void
test_an_average_for_each_window(void **unused)
{
	(void)unused;
	f.window_ms = 5 * MINUTE;
	probe("shop", 31, 1); /* 15 to a window */
	assert_int_equal(f.n_calls, 2);
	outbox_kit_assert_call(0, "point 8 at 150");
	outbox_kit_assert_call(1, "point 23 at 450");
	assert_int_equal(f.calls[0].at_ms - 1000, 5 * MINUTE);
	assert_int_equal(outbox_kit_stats()->points_lost, 0);
}

static void
test_a_sum_where_it_adds_up(void **unused)
{
	(void)unused;
	f.window_ms = 5 * MINUTE;
	f.adds_up = true;
	probe("shop", 16, 1);
	outbox_kit_assert_call(0, "point 120 at 150");
}

static void
test_two_endpoints_share_a_window(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	f.latency_us = 10;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	f.latency_us = 30;
	outbox_kit_announce(EVENT_POINT, "api", "");
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "point 20 at 30");
}

static void
test_the_point_of_news_is_one_of_them(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	f.latency_us = 10;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	f.latency_us = 20;
	outbox_kit_announce(EVENT_OPENED, "shop", "metric");
	/* The news does not wait for it. */
	outbox_kit_assert_call(0, "opened shop");
	outbox_kit_answer(0, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "point 15 at 30");
}

/* The first that is known of the metric comes from the point of news. */
static void
test_news_do_not_wait_for_an_unknown_metric(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	f.latency_us = 20;
	outbox_kit_announce(EVENT_OPENED, "shop", "metric");
	outbox_kit_assert_call(0, "opened shop");
	outbox_kit_answer(0, 200);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "point 20 at 30");
}

static void
test_another_window_takes_over(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	f.latency_us = 10;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	f.window_ms = 5 * MINUTE; /* by what the metric says at its end */
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 0);
	f.latency_us = 30;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_wait(4 * MINUTE);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "point 20 at 150");
}

static void
test_windows_wait_while_the_target_is_away(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 401); /* held for five minutes */
	for (int i = 0; i < 20; i++) {
		f.latency_us = 10 + i / 4;
		outbox_kit_announce(EVENT_POINT, "shop", "");
		outbox_kit_wait(15 * SECOND);
	}
	outbox_kit_wait(0);
	outbox_kit_answer(1, 200);
	for (size_t i = 2; i < 7; i++) {
		char text[32];
		snprintf(text, sizeof(text), "point %zu at %zu", 8 + i,
			60 * i - 90);
		outbox_kit_assert_call(i, text);
		outbox_kit_answer(i, 200);
	}
	assert_int_equal(outbox_kit_stats()->points, 5);
	assert_int_equal(outbox_kit_stats()->points_lost, 0);
}

static void
test_windows_are_lost_once_and_not_repeated(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_wait(MINUTE);
	outbox_kit_answer(0, 500);
	outbox_kit_wait(HOUR);
	assert_int_equal(f.n_calls, 1);
	assert_int_equal(outbox_kit_stats()->points_lost, 1);
}

/* The receiver would take it for one with the point that it has. */
static void
test_a_window_is_told_once_when_the_clock_goes_back(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_wait(MINUTE);
	outbox_kit_answer(0, 200);
	f.now.wall_ms -= 30 * SECOND;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	assert_int_equal(outbox_kit_stats()->points_lost, 1);
	outbox_kit_wait(30 * SECOND);
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2);
	assert_int_equal(outbox_kit_stats()->points_lost, 1);
}

/* A long absence costs the oldest windows, not the memory. */
static void
test_windows_are_bounded(void **unused)
{
	(void)unused;
	f.window_ms = MINUTE;
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 401);
	for (int i = 0; i < 1010; i++) {
		f.now.mono_ms += 60 * SECOND / 1000; /* it stays held */
		f.now.wall_ms += 60 * SECOND;
		outbox_kit_announce(EVENT_POINT, "shop", "");
	}
	assert_int_equal(outbox_kit_stats()->points_lost, 10);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_an_average_for_each_window),
		CASE(test_a_sum_where_it_adds_up),
		CASE(test_two_endpoints_share_a_window),
		CASE(test_the_point_of_news_is_one_of_them),
		CASE(test_news_do_not_wait_for_an_unknown_metric),
		CASE(test_another_window_takes_over),
		CASE(test_windows_wait_while_the_target_is_away),
		CASE(test_windows_are_lost_once_and_not_repeated),
		CASE(test_a_window_is_told_once_when_the_clock_goes_back),
		CASE(test_windows_are_bounded),
	};
	return cmocka_run_group_tests_name("outbox_windows", tests, NULL, NULL);
}
