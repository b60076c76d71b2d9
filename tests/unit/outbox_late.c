/* What is told when a receiver is back after it was away for long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "tests/support/outbox_kit.h"

/* It answers nothing until then, and all that comes after with 200. */
static void
away_until(int64_t mono_ms)
{
	size_t next = 0;
	while (f.now.mono_ms < mono_ms) {
		for (; next < f.n_calls; next++)
			if (f.calls[next].done)
				outbox_kit_answer(next, 0);
		outbox_kit_wait(20 * MINUTE);
	}
	for (; next < f.n_calls; next++)
		outbox_kit_answer(next, 200);
}

static size_t
count(size_t from, const char *text)
{
	size_t n = 0;
	for (size_t i = from; i < f.n_calls; i++)
		n += strcmp(f.calls[i].text, text) == 0;
	return n;
}

static void
flap(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		f.incident++;
		f.mirror = STATUS_MAJOR_OUTAGE;
		outbox_kit_announce(EVENT_OPENED, "shop", "both");
		outbox_kit_wait(MINUTE);
		f.mirror = STATUS_OPERATIONAL;
		outbox_kit_announce(EVENT_CLOSED, "shop", "both");
		outbox_kit_wait(MINUTE);
	}
}

static void
test_flaps_of_an_hour_are_one_mirror(void **unused)
{
	(void)unused;
	f.as_one = true;
	outbox_kit_announce(EVENT_BASELINE, "shop", "both");
	outbox_kit_answer(0, 0);
	flap(20);
	away_until(f.now.mono_ms + HOUR);
	size_t back = 0;
	while (back < f.n_calls && f.calls[back].at_ms < f.now.mono_ms)
		back++;
	assert_int_equal(count(back, "mirror 1"), 1);
	assert_int_equal(count(back, "mirror 4"), 0);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

static void
test_what_waits_of_a_mirror_does_not_grow(void **unused)
{
	(void)unused;
	for (int i = 0; i < 50; i++)
		outbox_kit_announce(EVENT_BASELINE, "shop", "both");
	outbox_kit_answer(0, 400); /* the first event; none says anything */
	for (size_t i = 1; i < f.n_calls; i++)
		if (f.calls[i].done)
			outbox_kit_answer(i, 200);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_true(count(0, "mirror 0") <= 2);
}

static void
test_what_is_over_is_told_as_one(void **unused)
{
	(void)unused;
	f.as_one = true;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 500);
	outbox_kit_announce(EVENT_CHANGED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	f.incident++;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "opened and closed shop");
	outbox_kit_answer(1, 200);
	outbox_kit_assert_call(2, "opened shop");
	outbox_kit_answer(2, 200);
	assert_int_equal(f.n_calls, 3);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_int_equal(outbox_kit_stats()->told, 4);
}

static void
test_it_is_one_after_a_restart_too(void **unused)
{
	(void)unused;
	f.as_one = true;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 500);
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(0, "opened and closed shop");
	outbox_kit_answer(0, 200);
	outbox_kit_restart();
	outbox_kit_wait(MINUTE);
	assert_int_equal(f.n_calls, 0);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

/* The opening was on its way when it ended. */
static void
test_what_was_told_open_is_closed(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	outbox_kit_answer(0, 200);
	outbox_kit_assert_call(1, "closed shop of 7");
}

static void
test_others_tell_both_in_order(void **unused)
{
	(void)unused;
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 500);
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	outbox_kit_wait(MINUTE);
	outbox_kit_assert_call(1, "opened shop");
	outbox_kit_answer(1, 200);
	outbox_kit_assert_call(2, "closed shop of 7");
}

static void
test_late_ones_are_told(void **unused)
{
	(void)unused;
	f.as_one = true;
	outbox_kit_keep_record(true);
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	away_until(48 * HOUR);
	assert_int_equal(count(f.n_calls - 1, "opened and closed shop"), 0);
	assert_int_equal(
		count(f.n_calls - 1, "look for opened and closed shop"), 1);
	assert_int_equal(outbox_kit_stats()->expired, 0);
	assert_int_equal(outbox_kit_stats()->told, 2);
}

static void
test_late_ones_are_dropped(void **unused)
{
	(void)unused;
	f.as_one = true;
	outbox_kit_keep_record(false);
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	away_until(48 * HOUR);
	assert_int_equal(outbox_kit_stats()->expired, 1);
	assert_int_equal(outbox_kit_stats()->told, 0);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
}

/* It would stand there as open for ever. */
static void
test_the_end_of_what_was_told_is_not_dropped(void **unused)
{
	(void)unused;
	outbox_kit_keep_record(false);
	outbox_kit_announce(EVENT_OPENED, "shop", "");
	outbox_kit_answer(0, 200);
	outbox_kit_announce(EVENT_CLOSED, "shop", "");
	f.calls[0].done = NULL;
	size_t next = 1;
	while (f.now.mono_ms < 48 * HOUR) {
		for (; next < f.n_calls; next++)
			outbox_kit_answer(next, 500);
		outbox_kit_wait(20 * MINUTE);
	}
	outbox_kit_answer(f.n_calls - 1, 200);
	assert_int_equal(outbox_kit_stats()->expired, 0);
	assert_int_equal(outbox_kit_stats()->told, 2);
}

static void
test_a_mirror_is_never_dropped(void **unused)
{
	(void)unused;
	f.mirror = STATUS_MAJOR_OUTAGE;
	outbox_kit_announce(EVENT_OPENED, "shop", "both");
	away_until(48 * HOUR);
	assert_int_equal(outbox_kit_stats()->expired, 1);
	assert_int_equal(outbox_kit_stats()->waiting, 0);
	assert_int_equal(count(f.n_calls - 1, "mirror 4"), 1);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown( \
		test, outbox_kit_set_up, outbox_kit_tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_flaps_of_an_hour_are_one_mirror),
		CASE(test_what_waits_of_a_mirror_does_not_grow),
		CASE(test_what_is_over_is_told_as_one),
		CASE(test_it_is_one_after_a_restart_too),
		CASE(test_what_was_told_open_is_closed),
		CASE(test_others_tell_both_in_order),
		CASE(test_late_ones_are_told),
		CASE(test_late_ones_are_dropped),
		CASE(test_the_end_of_what_was_told_is_not_dropped),
		CASE(test_a_mirror_is_never_dropped),
	};
	return cmocka_run_group_tests_name("outbox_late", tests, NULL, NULL);
}
