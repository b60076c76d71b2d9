/* Points of metrics: told once or lost, and in nobody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

static void
test_needs_no_disk(void **unused)
{
	(void)unused;
	f.disk_full = true;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_assert_call(0, "point of shop");
	outbox_kit_answer(0, 200);
	assert_int_equal(outbox_kit_stats()->points, 1);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_string_equal(f.news, "");
}

static void
test_is_not_repeated(void **unused)
{
	(void)unused;
	static const int answers[] = { 0, 400, 429, 500 };
	for (size_t i = 0; i < 4; i++) {
		outbox_kit_announce(EVENT_POINT, "shop", "");
		outbox_kit_answer(i, answers[i]);
		outbox_kit_wait(HOUR);
		assert_int_equal(f.n_calls, i + 1);
	}
	assert_int_equal(outbox_kit_stats()->points, 0);
	assert_int_equal(outbox_kit_stats()->points_lost, 4);
}

static void
test_waits_while_the_target_is_away(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_answer(0, 0);
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_announce(EVENT_POINT, "api", "");
	assert_int_equal(f.n_calls, 1);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2); /* one, to see */
	outbox_kit_answer(1, 200);
	assert_int_equal(f.n_calls, 3);
}

static void
test_refused_token_holds_all(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	outbox_kit_answer(0, 401);
	assert_true(outbox_kit_stats()->suspended);
	assert_string_equal(f.news, "S");
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	assert_int_equal(f.n_calls, 1);
	outbox_kit_wait(6 * MINUTE);
	outbox_kit_assert_call(1, "opened shop");
	outbox_kit_answer(1, 200);
	assert_string_equal(f.news, "SUt");
}

static void
test_leaves_room_for_news(void **unused)
{
	(void)unused;
	static const char *const names[] = { "a", "bb", "ccc", "dddd" };
	for (size_t i = 0; i < 4; i++)
		outbox_kit_announce(EVENT_POINT, names[i], "");
	assert_int_equal(f.n_calls, 3);
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_assert_call(3, "opened shop");
}

static void
test_news_go_first(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_POINT, "a", "");
	outbox_kit_answer(0, 0);
	outbox_kit_announce(EVENT_POINT, "a", "");
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2);
	outbox_kit_assert_call(1, "opened shop");
}

static void
test_keeps_its_place_before_news_of_its_probe(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "metric");
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "point of shop");
	outbox_kit_answer(0, 500);
	outbox_kit_assert_call(1, "opened shop");
	outbox_kit_answer(1, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_is_not_sent_by_the_next_process(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "metric");
	outbox_kit_announce(EVENT_POINT, "api", "");
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 1);
	outbox_kit_assert_call(0, "opened shop");
}

static void
test_the_next_process_forgets_what_is_only_a_point(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "metric");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 500); /* the point; the opening is next */
	outbox_kit_answer(1, 200);
	outbox_kit_answer(2, 200);
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 0);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_no_more_than_a_thousand_wait(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_POINT, "shop", "");
	for (int i = 0; i < 1004; i++)
		outbox_kit_announce(EVENT_POINT, "shop", "");
	assert_int_equal(f.n_calls, 1);
	assert_int_equal(outbox_kit_stats()->points_lost, 5);
	outbox_kit_answer(0, 200);
	assert_int_equal(f.n_calls, 2);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_needs_no_disk),
		CASE(test_is_not_repeated),
		CASE(test_waits_while_the_target_is_away),
		CASE(test_refused_token_holds_all),
		CASE(test_leaves_room_for_news),
		CASE(test_news_go_first),
		CASE(test_keeps_its_place_before_news_of_its_probe),
		CASE(test_is_not_sent_by_the_next_process),
		CASE(test_the_next_process_forgets_what_is_only_a_point),
		CASE(test_no_more_than_a_thousand_wait),
	};
	return cmocka_run_group_tests_name("outbox_points", tests, NULL, NULL);
}
