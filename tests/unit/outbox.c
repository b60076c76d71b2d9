/* What goes out, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/store/store.h"
#include "tests/support/outbox_kit.h"

static void
test_closing_waits_for_opening(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "opened shop");
	outbox_kit_answer(0, 500);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "opened shop");
	outbox_kit_answer(1, 200);
	outbox_kit_assert_call(2, "closed shop of 7");
	outbox_kit_answer(2, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_string_equal(f.news, "Rtt");
}

static void
test_endpoints_do_not_wait_for_one_another(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	assert_int_equal(f.n_calls, 2);
	outbox_kit_answer(0, 500);
	outbox_kit_answer(1, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 1);
}

static void
test_parts_go_in_order_and_apart(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	outbox_kit_announce(EVENT_OPENED, "shop", "both");
	assert_int_equal(f.n_calls, 1); /* the mirror comes second */
	outbox_kit_answer(0, 500);
	outbox_kit_assert_call(
		1, "mirror 3"); /* and does not wait for a retry */
	outbox_kit_answer(1, 200);
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(2, "opened shop");
}

static void
test_mirror_tells_only_the_latest(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	outbox_kit_announce(EVENT_OPENED, "shop", "both");
	outbox_kit_answer(0, 200);
	outbox_kit_assert_call(1, "mirror 3");
	f.mirror = STATUS_MAJOR_OUTAGE;
	outbox_kit_announce(EVENT_CHANGED, "shop", "both");
	outbox_kit_assert_call(2, "changed shop of 7");
	outbox_kit_answer(2, 200);
	outbox_kit_answer(1, 500); /* and it changed meanwhile */
	f.mirror = STATUS_OPERATIONAL;
	outbox_kit_announce(EVENT_CLOSED, "shop", "both");
	outbox_kit_assert_call(3, "closed shop of 7");
	outbox_kit_answer(3, 200);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 5);
	outbox_kit_assert_call(4, "mirror 1");
	outbox_kit_answer(4, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_int_equal(f.n_calls, 5);
}

static void
test_mirror_in_flight_does_not_swallow_what_comes(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	outbox_kit_announce(EVENT_OPENED, "shop", "both");
	outbox_kit_answer(0, 200);
	f.mirror = STATUS_OPERATIONAL;
	outbox_kit_announce(EVENT_CLOSED, "shop", "both");
	outbox_kit_answer(2, 200); /* closed shop */
	outbox_kit_answer(1, 200); /* mirror 3, composed before */
	outbox_kit_assert_call(3, "mirror 1");
	outbox_kit_answer(3, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_told_part_looks_around_once_more(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 201);
	outbox_kit_announce(
		EVENT_CLOSED, "shop", ""); /* nobody waits for the last look */
	outbox_kit_assert_call(1, "closed shop");
	outbox_kit_answer(1, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 1);
	outbox_kit_restart();
	outbox_kit_turn();
	assert_int_equal(f.n_calls, 0);
	outbox_kit_wait(2 * MINUTE);
	outbox_kit_assert_call(0, "opened shop");
	outbox_kit_answer(0, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_drained_outbox_sends_nothing_new(void **unused)
{
	(void)unused;
	outbox_drain(f.outbox);
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	assert_int_equal(f.n_calls, 0);
	outbox_kit_restart();
	outbox_kit_turn();
	assert_int_equal(f.n_calls, 1);
}

/* After a mute people may be told of an opening again. */
static void
test_an_opening_that_comes_again_is_one(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "a", "");
	outbox_kit_answer(0, 200);
	f.seq = 10;
	outbox_kit_announce(EVENT_OPENED, "a", "");
	outbox_kit_answer(1, 200);
	outbox_kit_announce(EVENT_CLOSED, "a", "");
	outbox_kit_assert_call(2, "closed a of 7");
}

static void
test_restart_takes_up_what_was_left(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 200);
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	outbox_kit_assert_call(1, "closed shop of 7");
	outbox_kit_restart();
	outbox_kit_turn();
	outbox_kit_assert_call(0, "look for closed shop of 7");
	outbox_kit_answer(0, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
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
		CASE(test_closing_waits_for_opening),
		CASE(test_endpoints_do_not_wait_for_one_another),
		CASE(test_parts_go_in_order_and_apart),
		CASE(test_mirror_tells_only_the_latest),
		CASE(test_mirror_in_flight_does_not_swallow_what_comes),
		CASE(test_told_part_looks_around_once_more),
		CASE(test_drained_outbox_sends_nothing_new),
		CASE(test_an_opening_that_comes_again_is_one),
		CASE(test_restart_takes_up_what_was_left),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
