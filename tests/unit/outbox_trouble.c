/* What becomes of it when receivers, the network or the disk fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/store/store.h"
#include "tests/support/outbox_kit.h"

static void
test_begun_and_refused_is_not_uncertain(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 500); /* undone */
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(0, "opened shop");
}

static void
test_lost_answer_is_uncertain(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 0);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "look for opened shop");
}

static void
test_retry_after_is_honoured(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer_with(
		0, 429, "HTTP/1.1 429 No\r\nRetry-After: 300\r\n");
	outbox_kit_wait(4 * MINUTE);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_wait(2 * MINUTE);
	assert_int_equal(f.n_calls, 2);
}

static void
test_rejected_opening_silences_what_follows(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 400);
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	assert_int_equal(f.n_calls, 1);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_int_equal(outbox_kit_stats()->rejected, 1);
	assert_string_equal(f.news, "J");
}

static void
test_suspended_target_is_tried_every_five_minutes(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 401);
	outbox_kit_answer(1, 401);
	outbox_kit_wait(4 * MINUTE);
	assert_int_equal(f.n_calls, 2);
	outbox_kit_wait(2 * MINUTE);
	assert_int_equal(f.n_calls, 3); /* one of them, to see */
	assert_true(outbox_kit_stats()->suspended);
	outbox_kit_answer(2, 200);
	assert_int_equal(f.n_calls, 4); /* then the rest */
	outbox_kit_answer(3, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_string_equal(f.news, "SUtt");
}

/* Of the last one that says so. */
static size_t
place_of(const char *text)
{
	size_t i = f.n_calls;
	while (i > 0 && strcmp(f.calls[i - 1].text, text) != 0)
		i--;
	assert_true(i > 0);
	return i;
}

static void
test_suspension_outlives_a_restart(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 401);
	outbox_kit_answer(1, 401);
	outbox_kit_restart();
	f.news[0] = '\0';
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 1); /* one of them, to see */
	outbox_kit_answer(0, 401);
	for (size_t i = 1; i < 4; i++) {
		outbox_kit_wait(4 * MINUTE);
		assert_int_equal(f.n_calls, i);
		outbox_kit_wait(MINUTE);
		assert_int_equal(f.n_calls, i + 1);
		outbox_kit_answer(i, 401);
	}
	assert_string_equal(f.news, "S");
	outbox_kit_wait(5 * MINUTE);
	for (size_t i = 4; i < f.n_calls; i++)
		outbox_kit_answer(i, 200);
	assert_string_equal(f.news, "SUttt");
	assert_int_equal(f.n_calls, 7);
	assert_true(place_of("opened shop") < place_of("closed shop of 7"));
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_dead_target_is_tried_one_at_a_time(void **unused)
{
	(void)unused;
	static const char *const names[] = { "a", "bb", "ccc", "dddd",
		"eeeee" };
	for (size_t i = 0; i < 5; i++)
		outbox_kit_announce(EVENT_OPENED, names[i], "");
	assert_int_equal(f.n_calls, 4);
	for (size_t i = 0; i < 4; i++)
		outbox_kit_answer(i, 0);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 5);
	outbox_kit_answer(4, 200);
	assert_int_equal(f.n_calls, 9); /* it is back: the rest at once */
}

static void
test_expires_after_a_day_but_not_unfailed(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 500);
	outbox_kit_restart();
	/* The clock jumps, or the agent was away: nobody can tell. */
	f.now.wall_ms += 48 * HOUR;
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(
		0, "opened shop"); /* not yet expired: not failed here */
	outbox_kit_answer(0, 500);
	assert_int_equal(outbox_kit_stats()->expired, 0); /* half is left */
	outbox_kit_wait(12 * HOUR);
	outbox_kit_answer(1, 500);
	assert_int_equal(outbox_kit_stats()->expired, 1);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	int64_t count = 0;
	struct err err;
	assert_true(store_counter(f.store, "expired/fake/one", &count, &err));
	assert_int_equal(count, 1);
}

static void
test_full_disk_holds_what_must_not_repeat(void **unused)
{
	(void)unused;
	f.disk_full = true;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	outbox_kit_announce(EVENT_OPENED, "shop", "both");
	outbox_kit_wait(10000);
	assert_int_equal(f.n_calls, 0);
	f.disk_full = false;
	outbox_kit_wait(1000);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "opened shop");
	outbox_kit_answer(0, 200);
	outbox_kit_answer(1, 200);
	outbox_kit_restart();
	outbox_kit_turn();
	assert_int_equal(f.n_calls, 0);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_begun_and_refused_is_not_uncertain),
		CASE(test_lost_answer_is_uncertain),
		CASE(test_retry_after_is_honoured),
		CASE(test_rejected_opening_silences_what_follows),
		CASE(test_suspended_target_is_tried_every_five_minutes),
		CASE(test_suspension_outlives_a_restart),
		CASE(test_dead_target_is_tried_one_at_a_time),
		CASE(test_expires_after_a_day_but_not_unfailed),
		CASE(test_full_disk_holds_what_must_not_repeat),
	};
	return cmocka_run_group_tests_name("outbox_trouble", tests, NULL, NULL);
}
