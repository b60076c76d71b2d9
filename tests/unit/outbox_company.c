/* More news than the limit lets through is told in fewer messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

#define SECOND INT64_C(1000)

static const struct bucket_limit one_a_second = { 60, MINUTE, 1 };

/* Incidents of endpoints "a", "aa" and so on. */
static void
open_many(size_t n)
{
	char name[64] = "";
	for (size_t i = 0; i < n; i++) {
		name[i] = 'a';
		outbox_kit_announce(EVENT_OPENED, name, "");
	}
}

/* The first goes at once, and the others wait. */
static void
open_with_company(size_t n)
{
	outbox_kit_be_a_chat(20, one_a_second);
	open_many(n);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_answer(0, 200);
	outbox_kit_wait(SECOND);
	assert_int_equal(f.n_calls, 2);
}

static void
test_a_burst_is_one_message(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_assert_call(0, "opened a");
	outbox_kit_assert_call(1, "opened aa, aaa, aaaa");
	outbox_kit_answer(1, 200);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2);
	assert_string_equal(f.news, "tttt");
	assert_int_equal(outbox_kit_stats()->told, 4);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_as_long_as_there_is_room_each_goes_alone(void **unused)
{
	(void)unused;
	outbox_kit_be_a_chat(20, (struct bucket_limit){ 60, MINUTE, 4 });
	f.disk_full = true; /* so that all become due at once */
	open_many(3);
	f.disk_full = false;
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(0, "opened a");
	outbox_kit_assert_call(1, "opened aa");
	outbox_kit_assert_call(2, "opened aaa");
}

static void
test_a_message_has_an_end(void **unused)
{
	(void)unused;
	outbox_kit_be_a_chat(3, one_a_second);
	open_many(8);
	outbox_kit_answer(0, 200);
	for (size_t i = 1; i <= 3; i++) {
		outbox_kit_wait(SECOND);
		outbox_kit_answer(i, 200);
	}
	outbox_kit_assert_call(1, "opened aa, aaa, aaaa");
	outbox_kit_assert_call(3, "opened aaaaaaaa");
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_an_end_comes_after_its_beginning(void **unused)
{
	(void)unused;
	outbox_kit_be_a_chat(20, one_a_second);
	open_many(3);
	outbox_kit_announce(EVENT_CLOSED, "aa", "");
	outbox_kit_announce(EVENT_CLOSED, "aaa", "");
	outbox_kit_answer(0, 200);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(1, "opened aa, aaa");
	outbox_kit_answer(1, 200);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(2, "closed aa of 7, aaa");
	outbox_kit_answer(2, 200);
	assert_int_equal(outbox_kit_stats()->told, 5);
}

static void
test_what_is_refused_is_found_out_one_by_one(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_answer(1, 400);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(2, "opened aa");
	outbox_kit_answer(2, 200);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(3, "opened aaa");
	outbox_kit_answer(3, 400);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(4, "opened aaaa");
	outbox_kit_answer(4, 200);
	assert_string_equal(f.news, "ttJt");
}

static void
test_without_an_answer_all_wait(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_answer(1, 0);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(2, "opened aa, aaa, aaaa");
	outbox_kit_answer(2, 500);
	outbox_kit_wait(MINUTE);
	outbox_kit_answer(3, 200);
	assert_int_equal(outbox_kit_stats()->told, 4);
	assert_string_equal(f.news, "tRRttt");
}

/* Who has it is not told again, of none of it. */
static void
test_what_is_left_to_do_is_left_of_each(void **unused)
{
	(void)unused;
	open_with_company(3);
	outbox_kit_answer(1, 207);
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(0, "opened aa, for the rest");
	outbox_kit_answer(0, 200);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "opened aaa, for the rest");
	outbox_kit_answer(1, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_a_pause_is_for_all(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_answer_with(
		1, 429, "HTTP/1.1 429 No\r\nRetry-After: 30\r\n");
	outbox_kit_wait(29 * SECOND);
	assert_int_equal(f.n_calls, 2);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(2, "opened aa, aaa, aaaa");
	outbox_kit_answer(2, 200);
	assert_int_equal(outbox_kit_stats()->retried, 0);
}

static void
test_a_suspension_is_for_all(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_answer(1, 401);
	assert_true(outbox_kit_stats()->suspended);
	outbox_kit_wait(6 * MINUTE);
	outbox_kit_assert_call(2, "opened aa, aaa, aaaa");
	outbox_kit_answer(2, 200);
	assert_string_equal(f.news, "tSUttt");
}

static void
test_a_restart_loses_none(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_restart();
	outbox_kit_turn();
	outbox_kit_assert_call(0, "opened aa, aaa, aaaa");
	outbox_kit_answer(0, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_the_reporter_goes_meanwhile(void **unused)
{
	(void)unused;
	open_with_company(4);
	outbox_kit_remove();
	assert_true(f.calls[1].cancelled);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2);
}

static void
test_what_came_meanwhile_rides_with_the_next(void **unused)
{
	(void)unused;
	open_with_company(3);
	outbox_kit_announce(EVENT_CLOSED, "a", "");
	outbox_kit_announce(EVENT_CLOSED, "aa", "");
	outbox_kit_answer(1, 0);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(2, "closed a of 7, aa, aaa");
	outbox_kit_answer(2, 200);
	outbox_kit_wait(SECOND);
	outbox_kit_assert_call(3, "closed aa");
}

/* A closing must not be forgotten in a crash, and so waits for the disk; an
 * opening need not, nor need it for what rides with it. */
static void
test_without_a_disk_nobody_keeps_bad_news_back(void **unused)
{
	(void)unused;
	outbox_kit_be_a_chat(20, one_a_second);
	open_many(1);
	outbox_kit_answer(0, 200);
	f.disk_full = true;
	outbox_kit_announce(EVENT_CLOSED, "a", "");
	outbox_kit_announce(EVENT_OPENED, "aa", "");
	outbox_kit_announce(EVENT_OPENED, "aaa", "");
	for (int i = 0; i < 20; i++)
		outbox_kit_wait(SECOND);
	assert_in_range(f.n_calls, 2, 3);
	outbox_kit_assert_call(1, "opened aa");
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_a_burst_is_one_message),
		CASE(test_as_long_as_there_is_room_each_goes_alone),
		CASE(test_a_message_has_an_end),
		CASE(test_an_end_comes_after_its_beginning),
		CASE(test_what_is_refused_is_found_out_one_by_one),
		CASE(test_without_an_answer_all_wait),
		CASE(test_what_is_left_to_do_is_left_of_each),
		CASE(test_a_pause_is_for_all),
		CASE(test_a_suspension_is_for_all),
		CASE(test_a_restart_loses_none),
		CASE(test_the_reporter_goes_meanwhile),
		CASE(test_what_came_meanwhile_rides_with_the_next),
		CASE(test_without_a_disk_nobody_keeps_bad_news_back),
	};
	return cmocka_run_group_tests_name("outbox_company", tests, NULL, NULL);
}
