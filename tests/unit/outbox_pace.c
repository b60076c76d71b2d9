/* Nothing is sent to a target more often than it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

#define SECOND INT64_C(1000)

static void
announce_many(size_t n)
{
	char name[64] = "";
	for (size_t i = 0; i < n; i++) {
		name[i] = 'a'; /* the kit makes incidents of their lengths */
		outbox_kit_announce(EVENT_OPENED, name, "");
	}
}

/* As an agent would: awake when it said so, and when answers come. */
static void
run(int64_t ms, int status, const char *headers)
{
	int64_t end = f.now.mono_ms + ms;
	size_t next = 0;
	while (f.now.mono_ms < end) {
		while (next < f.n_calls && !f.calls[next].done)
			next++;
		if (next < f.n_calls) {
			outbox_kit_answer_with(next, status, headers);
			continue;
		}
		int64_t wait = f.next_ms - f.now.mono_ms;
		if (f.next_ms < 0 || f.next_ms > end)
			wait = end - f.now.mono_ms;
		outbox_kit_wait(wait > 0 ? wait : 1);
	}
}

static size_t
most_within(int64_t window_ms)
{
	size_t most = 0;
	size_t first = 0;
	for (size_t i = 0; i < f.n_calls; i++) {
		while (f.calls[i].at_ms - f.calls[first].at_ms >= window_ms)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return most;
}

static void
test_a_backlog_goes_out_within_the_limit(void **unused)
{
	(void)unused;
	f.limit.limit = (struct bucket_limit){ 10, MINUTE, 3 };
	announce_many(60);
	outbox_kit_answer(0, 0);
	outbox_kit_answer(1, 0);
	outbox_kit_answer(2, 0);
	outbox_kit_wait(HOUR); /* it was away for that long */
	run(8 * MINUTE, 200, "");
	assert_int_equal(most_within(MINUTE), 10);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_int_equal(outbox_kit_stats()->told, 60);
}

static void
test_start_is_within_the_limit(void **unused)
{
	(void)unused;
	f.limit.limit = bucket_limit_of(60, MINUTE);
	announce_many(60);
	assert_in_range(f.n_calls, 1, BUCKET_START);
	outbox_kit_restart();
	outbox_kit_turn();
	assert_in_range(f.n_calls, 1, BUCKET_START);
}

static void
test_what_it_says_of_its_limit_counts(void **unused)
{
	(void)unused;
	f.limit = (struct reporter_limit){
		.limit = bucket_limit_within(60, MINUTE),
		.learnt_ms = MINUTE,
	};
	announce_many(60);
	run(20 * SECOND, 200, "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 300\r\n");
	assert_int_equal(outbox_kit_stats()->told, 60);
}

static void
test_less_than_what_was_set_counts(void **unused)
{
	(void)unused;
	f.limit = (struct reporter_limit){
		.limit = bucket_limit_of(600, MINUTE),
		.is_set = true,
		.learnt_ms = MINUTE,
	};
	announce_many(60);
	run(MINUTE, 200, "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 10\r\n");
	assert_in_range(f.n_calls, 8, 8 + BUCKET_START);
	f.limit.learnt_ms = 0; /* then it may be about anything */
	run(MINUTE, 200, "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 10\r\n");
	assert_int_equal(outbox_kit_stats()->told, 60);
}

static void
test_nothing_is_sent_when_nothing_is_left(void **unused)
{
	(void)unused;
	f.limit.limit = bucket_limit_of(60, MINUTE);
	announce_many(8);
	size_t before = f.n_calls;
	for (size_t i = 0; i < before; i++)
		outbox_kit_answer_with(i, 200,
			"HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: 0\r\n");
	outbox_kit_wait(59 * SECOND);
	assert_int_equal(f.n_calls, before);
	outbox_kit_wait(SECOND);
	assert_true(f.n_calls > before);
}

static const struct row {
	const char *headers;
	int64_t from_s, to_s; /* nothing before, one after */
} rows[] = {
	{ "HTTP/1.1 429 No\r\nRetry-After: 33\r\n", 33, 34 },
	{ "HTTP/1.1 429 No\r\nDate: Fri, 20 Nov 2026 23:00:00 GMT\r\n"
	  "Retry-After: Fri, 20 Nov 2026 23:01:00 GMT\r\n",
		60, 61 },
	{ "HTTP/1.1 429 No\r\nX-RateLimit-Reset: 20\r\n", 20, 21 },
	{ "HTTP/1.1 429 No\r\nDate: Fri, 20 Nov 2026 23:00:00 GMT\r\n"
	  "X-RateLimit-Reset: 1795215640\r\n",
		40, 41 },
	{ "HTTP/1.1 429 No\r\nRetry-After: 5\r\nX-RateLimit-Reset: 70\r\n", 5,
		6 },
	{ "HTTP/1.1 429 No\r\n", 0, 2 },
	{ "HTTP/1.1 429 No\r\nRetry-After: soon\r\n", 0, 2 },
	{ "HTTP/1.1 429 No\r\nRetry-After: -5\r\n", 0, 2 },
	{ "HTTP/1.1 429 No\r\nRetry-After: 99999999999999999999\r\n", 3600,
		3601 },
	{ "HTTP/1.1 503 No\r\nRetry-After: 90\r\n", 90, 91 },
};

static void
test_pauses_that_it_asks_for_are_for_all(void **unused)
{
	(void)unused;
	const char *names = "abcdefghijklmnopqrstuvwxyz";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		int status = row->headers[9] == '4' ? 429 : 503;
		const char *name = names + 2 * i; /* incidents of their own */
		outbox_kit_announce(EVENT_OPENED, name, "");
		size_t before = f.n_calls;
		outbox_kit_answer_with(before - 1, status, row->headers);
		outbox_kit_announce(EVENT_OPENED, name + 1, "");
		if (row->from_s > 0)
			outbox_kit_wait(row->from_s * SECOND - 1);
		assert_int_equal(f.n_calls, before);
		outbox_kit_wait((row->to_s - row->from_s) * SECOND + 1);
		assert_int_equal(f.n_calls, before + 1); /* one, to see */
		outbox_kit_answer(before, 200);
		outbox_kit_answer(before + 1, 200);
	}
	assert_int_equal(
		outbox_kit_stats()->told, 2 * sizeof(rows) / sizeof(rows[0]));
}

/* By a wall clock that was set back, it lasts no longer than it was to last. */
static void
test_a_pause_outlasts_the_process(void **unused)
{
	(void)unused;
	static const int64_t steps_s[] = { 0, -86400, 3600 };
	static const int64_t left_s[] = { 23, 33, 0 };
	const char *names = "abcdef";
	for (size_t i = 0; i < 3; i++) {
		const char *name = names + 2 * i; /* incidents of their own */
		outbox_kit_announce(EVENT_OPENED, name, "");
		outbox_kit_answer_with(f.n_calls - 1, 429, rows[0].headers);
		outbox_kit_wait(10 * SECOND);
		f.now.wall_ms += steps_s[i] * SECOND;
		outbox_kit_restart();
		size_t before = f.n_calls;
		outbox_kit_announce(EVENT_OPENED, name + 1, "");
		if (left_s[i] > 0) {
			outbox_kit_wait(left_s[i] * SECOND - 1);
			assert_int_equal(f.n_calls, before);
		}
		outbox_kit_wait(MINUTE);
		assert_true(f.n_calls > before);
		while (before < f.n_calls)
			outbox_kit_answer(before++, 200);
	}
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_limits_are_no_failures(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	for (size_t i = 0; i < 60; i++) {
		outbox_kit_answer_with(
			i, 429, "HTTP/1.1 429 No\r\nRetry-After: 3600\r\n");
		outbox_kit_wait(HOUR);
	}
	outbox_kit_answer(60, 200);
	assert_string_equal(f.news, "t");
	assert_int_equal(outbox_kit_stats()->expired, 0);
	assert_int_equal(outbox_kit_stats()->retried, 0);
}

static void
test_a_limit_does_not_end_a_suspension(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 401);
	outbox_kit_wait(6 * MINUTE);
	outbox_kit_answer_with(
		1, 429, "HTTP/1.1 429 No\r\nRetry-After: 10\r\n");
	assert_true(outbox_kit_stats()->suspended);
	outbox_kit_wait(10 * SECOND);
	outbox_kit_answer(2, 200);
	assert_string_equal(f.news, "SUt");
}

/* It was composed, and begun, but could not go: nothing is uncertain. */
static void
test_what_was_not_sent_yet_is_recalled(void **unused)
{
	(void)unused;
	f.limit.limit = (struct bucket_limit){ 4, MINUTE, 4 };
	f.disk_full = true;
	announce_many(3);
	outbox_kit_wait(500);
	f.limit.limit.burst = 1; /* so that they go one by one */
	f.disk_full = false;
	outbox_kit_wait(SECOND);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_answer_with(
		0, 429, "HTTP/1.1 429 No\r\nRetry-After: 300\r\n");
	outbox_kit_wait(1); /* it is durable by now */
	outbox_kit_restart();
	outbox_kit_wait(5 * MINUTE);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "opened a");
	outbox_kit_answer(0, 200);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "opened aa");
}

static void
test_points_stay_within_as_well(void **unused)
{
	(void)unused;
	f.limit.limit = (struct bucket_limit){ 6, MINUTE, 1 };
	for (int i = 0; i < 20; i++)
		outbox_kit_announce(EVENT_POINT, "shop", "");
	run(3 * MINUTE, 200, "");
	assert_int_equal(most_within(MINUTE), 6);
	assert_in_range(outbox_kit_stats()->points, 17, 19);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_a_backlog_goes_out_within_the_limit),
		CASE(test_start_is_within_the_limit),
		CASE(test_what_it_says_of_its_limit_counts),
		CASE(test_less_than_what_was_set_counts),
		CASE(test_nothing_is_sent_when_nothing_is_left),
		CASE(test_pauses_that_it_asks_for_are_for_all),
		CASE(test_a_pause_outlasts_the_process),
		CASE(test_limits_are_no_failures),
		CASE(test_a_limit_does_not_end_a_suspension),
		CASE(test_what_was_not_sent_yet_is_recalled),
		CASE(test_points_stay_within_as_well),
	};
	return cmocka_run_group_tests_name("outbox_pace", tests, NULL, NULL);
}
