/* Actions across kills, restarts, full disks and other configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/operator.h"
#include "conf/action.h"
#include "conf/conf.h"
#include "tests/support/actions_kit.h"

static void
test_killed_in_mid_request(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_run("once");
	actions_kit_turn();
	assert_int_equal(s.n_sent, 2);
	actions_kit_restart();
	actions_kit_turn();
	assert_int_equal(s.n_sent, 3);
	actions_kit_the_call(2, "POST https://f.test/make/vm1");
	assert_string_equal(s.sent[2].key, s.sent[0].key);
	actions_kit_assert_told(
		"uncertain once: curlew ended while it was asked for, and "
		"it must not be sent twice; ");
	actions_kit_answer(2, 200, "", "ok");
	actions_kit_assert_told("done make: ok; ");
	actions_kit_assert_record("ann run make vm1: make is done: ok; ");
}

static void
test_killed_before_it_was_durable(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_restart();
	actions_kit_wait(MINUTE);
	assert_int_equal(s.n_sent, 0);
	actions_kit_assert_told("");
}

static void
test_killed_before_it_was_told(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	s.tells = false;
	actions_kit_answer(0, 200, "", "ok");
	actions_kit_assert_told("done make: ok; ");
	actions_kit_wait(MINUTE);
	actions_kit_assert_told("");
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_assert_told("done make: ok; ");
	assert_string_equal(s.reply, ACTIONS_REPLY);
	s.secret = "another";
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_assert_told("done make: ok; ");
	assert_string_equal(s.reply, "-");
	s.tells = true;
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_assert_told("done make: ok; ");
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_assert_told("");
	assert_int_equal(s.n_sent, 1);
}

static void
test_nothing_is_sent_while_nothing_can_be_recorded(void **unused)
{
	(void)unused;
	f.disk_full = true;
	actions_kit_run("make vm1");
	outbox_kit_turn();
	actions_kit_wait(5000);
	size_t sent = s.n_sent;
	f.disk_full = false;
	actions_kit_wait(5000);
	assert_int_equal(sent, 0);
	assert_int_equal(s.n_sent, 1);
}

static void
test_where_it_goes_on_is_asked(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	actions_kit_answer(0, 202,
		"Location: /op/7?key=abc\r\nRetry-After: 2\r\n",
		"{\"status\": \"queued\"}");
	actions_kit_wait(1999);
	assert_int_equal(s.n_sent, 1);
	actions_kit_wait(1);
	const struct actions_sent *sent =
		actions_kit_the_call(1, "GET https://f.test/op/7?key=abc");
	assert_string_equal(sent->key, s.sent[0].key);
	assert_true(sent->authorized);
	actions_kit_answer(1, 202, "", "");
	actions_kit_wait(2000);
	actions_kit_answer(
		2, 200, "", "{\"status\": \"Running\", \"text\": \"half\"}");
	actions_kit_wait(4000);
	actions_kit_lose(3, true);
	actions_kit_restart();
	actions_kit_turn();
	sent = actions_kit_the_call(4, "GET https://f.test/op/7?key=abc");
	assert_true(sent->open);
	actions_kit_wait(MINUTE / 6);
	actions_kit_assert_told("goes_on make; ");
	actions_kit_answer(
		4, 200, "", "{\"status\": \"done\", \"text\": \"vm1\"}");
	actions_kit_assert_told("done make: vm1; ");
	assert_int_equal(s.n_sent, 5);
}

static void
test_where_it_went_on_is_asked_with_the_same_settings(void **unused)
{
	(void)unused;
	actions_kit_run("once");
	actions_kit_turn();
	actions_kit_answer(0, 202, "Location: /op/8\r\n", "");
	actions_kit_turn();
	actions_kit_all[1].secret = "another";
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_all[1].secret = NULL;
	assert_int_equal(s.n_sent, 1);
	actions_kit_assert_told(
		"uncertain once: it was taken, but the configuration is "
		"another one now, so that nobody can ask how it goes; ");
}

static void
test_too_late_after_a_long_pause(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	f.now.wall_ms += HOUR;
	actions_kit_restart();
	actions_kit_turn();
	assert_int_equal(s.n_sent, 1);
	actions_kit_assert_told(
		"uncertain make: no good answer came within 1m 0s; ");

	actions_kit_run("make vm2");
	actions_kit_turn();
	f.now.wall_ms -= HOUR; /* the clock was set */
	actions_kit_restart();
	actions_kit_turn();
	actions_kit_the_call(2, "POST https://f.test/make/vm2");
	actions_kit_answer(2, 200, "", "");
	actions_kit_assert_told("done make; ");
}

static void
test_the_configuration_goes_on_without_it(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_run("long");
	actions_kit_turn();
	struct arena *arena = arena_new();
	struct conf *next = arena_alloc(arena, sizeof(*next));
	next->arena = arena;
	next->actions = (struct conf_list){ &actions_kit_all[1], 1 };
	conf_hold(next);
	actions_set_conf(s.actions, next);
	actions_kit_answer(0, 500, "", "");
	actions_kit_wait(2000);
	actions_kit_the_call(2, "POST https://f.test/make/vm1");
	actions_kit_answer(2, 200, "", "ok");
	actions_kit_assert_told("done make: ok; ");
	assert_false(actions_has_command(s.actions, "/cloud"));
	conf_free(next);

	actions_kit_end();
	outbox_kit_restart();
	struct conf_action kept = actions_kit_all[2];
	actions_kit_all[2].name = "other";
	actions_kit_begin();
	actions_kit_turn();
	actions_kit_all[2] = kept;
	actions_kit_assert_told(
		"uncertain long: the configuration has it no more, so that "
		"it was dropped when curlew started again; ");
	assert_int_equal(s.n_sent, 3);
}

static void
on_row(void *cookie, const struct store_run *row)
{
	buf_printf(cookie, "%s %s %s %s %s %s\n", row->words, row->text,
		row->user, row->reply, row->follow, row->result);
}

static void
test_no_secret_is_stored(void **unused)
{
	(void)unused;
	static const char *const canaries[] = { ACTIONS_SECRET, "s3cr",
		"secret-place", "hooks.test", "op-canary", "f.test" };
	struct err err;
	struct buf rows;
	buf_init(&rows, 16384);
	s.tells = false;
	actions_kit_run("make vm1");
	actions_kit_run("make vm2");
	actions_kit_turn();
	actions_kit_answer(0, 202, "Location: /op-canary\r\n", "");
	actions_kit_answer(1, 200, "", ACTIONS_SECRET);
	assert_true(store_runs(f.store, on_row, &rows, &err));
	assert_non_null(strstr(rows.data, "{\"vm\":\"vm1\"} vm1 U1"));
	for (size_t i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
		if (strstr(rows.data, canaries[i]))
			fail_msg("%s is in %s", canaries[i], rows.data);
	buf_finish(&rows);
}

static void
test_the_shell_asks_how_it_goes(void **unused)
{
	(void)unused;
	char id[64];
	s.chat = false;
	actions_kit_restart();
	str_copy(id, sizeof(id), actions_kit_run_from("shell", "make vm1"));
	actions_kit_turn();
	json_t *look = actions_look(s.actions, id);
	assert_false(json_is_true(json_object_get(look, "over")));
	json_decref(look);
	actions_kit_answer(0, 200, "", "ok");
	actions_kit_restart();
	look = actions_look(s.actions, id);
	assert_true(json_is_true(json_object_get(look, "over")));
	assert_string_equal(
		json_string_value(json_object_get(look, "result")), "ok");
	json_decref(look);
	actions_kit_wait(2 * HOUR);
	assert_null(actions_look(s.actions, id));
	actions_kit_restart();
	assert_null(actions_look(s.actions, id));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown( \
		test_##name, actions_kit_set_up, actions_kit_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(killed_in_mid_request),
		TEST(killed_before_it_was_durable),
		TEST(killed_before_it_was_told),
		TEST(nothing_is_sent_while_nothing_can_be_recorded),
		TEST(where_it_goes_on_is_asked),
		TEST(where_it_went_on_is_asked_with_the_same_settings),
		TEST(too_late_after_a_long_pause),
		TEST(the_configuration_goes_on_without_it),
		TEST(no_secret_is_stored),
		TEST(the_shell_asks_how_it_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
