/* Reporters that need a token: none yet, one that is refused, another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

static void
test_waits_for_a_token(void **unused)
{
	(void)unused;
	outbox_kit_need_token();
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_wait(25 * HOUR);
	assert_int_equal(f.n_calls, 0);
	assert_int_equal(f.next_ms, -1); /* whoever has it says so */
	assert_int_equal(outbox_kit_stats()->waiting, 1);
	assert_string_equal(
		outbox_kit_stats()->trouble, "there is no token for it yet");
	outbox_kit_new_token("one");
	outbox_kit_assert_call(0, "opened shop with one");
	outbox_kit_answer(0, 200);
	assert_string_equal(outbox_kit_stats()->trouble, "");
	assert_string_equal(f.news, "t");
}

static void
test_another_token_is_tried_at_once(void **unused)
{
	(void)unused;
	outbox_kit_need_token();
	f.token = "one";
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 200);
	outbox_kit_answer(1, 401);
	assert_string_equal(f.refused, "one");
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 2);
	outbox_kit_new_token("two");
	assert_int_equal(f.n_calls, 3);
	outbox_kit_assert_call(2, "opened api with two");
	outbox_kit_answer(2, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_string_equal(f.news, "tSUt");
}

static void
test_another_token_is_refused_too(void **unused)
{
	(void)unused;
	outbox_kit_need_token();
	f.token = "one";
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 401);
	outbox_kit_new_token("two");
	outbox_kit_answer(1, 401);
	assert_string_equal(f.refused, "two");
	outbox_kit_wait(4 * MINUTE);
	assert_int_equal(f.n_calls, 2);
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 3);
	assert_string_equal(f.news, "S");
}

/* Two were under way when the first was refused and another token came. */
static void
test_late_refusal_is_of_the_token_before(void **unused)
{
	(void)unused;
	outbox_kit_need_token();
	f.token = "one";
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_OPENED, "api", "");
	outbox_kit_answer(0, 401);
	f.refused = NULL;
	outbox_kit_new_token("two");
	outbox_kit_answer(1, 401);
	assert_null(f.refused);
	assert_string_equal(f.news, "SR");
	outbox_kit_wait(2000);
	outbox_kit_answer(2, 200);
	outbox_kit_answer(3, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_string_equal(f.news, "SRUtt");
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_waits_for_a_token),
		CASE(test_another_token_is_tried_at_once),
		CASE(test_another_token_is_refused_too),
		CASE(test_late_refusal_is_of_the_token_before),
	};
	return cmocka_run_group_tests_name("outbox_tokens", tests, NULL, NULL);
}
