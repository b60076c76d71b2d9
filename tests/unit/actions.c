/* Actions: what is sent, how often and with which key, and what is told. */
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
test_recorded_then_sent_then_told(void **unused)
{
	(void)unused;
	char id[64];
	str_copy(id, sizeof(id), actions_kit_run("/cloud MAKE vm1"));
	assert_int_equal(s.n_sent, 0);
	actions_kit_turn();
	const struct actions_sent *sent =
		actions_kit_the_call(0, "POST https://f.test/make/vm1");
	assert_string_equal(sent->key, id);
	assert_true(sent->authorized);
	assert_int_equal(sent->total_ms, MINUTE);
	actions_kit_assert_told("");
	actions_kit_answer(0, 200, "", "{\"text\": \"vm1 is up\"}");
	actions_kit_assert_told("done make: vm1 is up; ");
	assert_string_equal(s.reply, ACTIONS_REPLY);
	actions_kit_assert_record(
		"ann run make MAKE vm1: make is done: vm1 is up; ");
	actions_kit_wait(2 * HOUR);
	actions_kit_restart();
	actions_kit_wait(MINUTE);
	actions_kit_assert_told("");
	assert_int_equal(s.n_sent, 1);
}

static void
test_the_same_key_on_each_attempt(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	actions_kit_answer(0, 500, "", "oops");
	actions_kit_wait(2000);
	assert_int_equal(s.n_sent, 2);
	actions_kit_lose(1, true);
	actions_kit_wait(4000);
	assert_int_equal(s.n_sent, 3);
	actions_kit_lose(2, false);
	actions_kit_wait(8000);
	assert_int_equal(s.n_sent, 4);
	actions_kit_assert_told("");
	actions_kit_answer(3, 201, "", "made");
	for (size_t i = 1; i < 4; i++)
		assert_string_equal(s.sent[i].key, s.sent[0].key);
	actions_kit_assert_told("done make: made; ");
}

static void
test_as_late_as_the_receiver_wishes(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	actions_kit_answer(0, 429, "Retry-After: 20\r\n", "");
	actions_kit_wait(19000);
	assert_int_equal(s.n_sent, 1);
	actions_kit_assert_told("goes_on make: it answered 429; ");
	actions_kit_wait(1000);
	assert_int_equal(s.n_sent, 2);
	actions_kit_answer(
		1, 503, "Retry-After: 90\r\n", "later"); /* too late */
	actions_kit_assert_told("failed make: it did not succeed within 1m 0s: "
				"it answered 503: later; ");
}

static void
test_final_answers(void **unused)
{
	(void)unused;
	static const struct {
		const char *what;
		int status;
		const char *headers;
		const char *body;
		const char *told;
	} rows[] = {
		{ "make a", 404, "", "no such cloud",
			"failed make: it answered 404: no such cloud; " },
		{ "make a", 400, "Content-Type: text/html\r\n", "<html>",
			"failed make: it answered 400; " },
		{ "make a", 422, "", "{\"error\": {\"message\": \"bad\"}}",
			"failed make: it answered 422: bad; " },
		{ "make a", 200, "",
			"{\"status\": \"error\", \"message\": "
			"\"quota\"}",
			"failed make: quota; " },
		{ "make a", 200, "", "", "done make; " },
		{ "make a", 204, "", "", "done make; " },
		{ "make a", 200, "", "  two\nlines\x01 \n",
			"done make: "
			"two\nlines; " },
		{ "make a", 200, "", "your key is " ACTIONS_SECRET "!",
			"done make: your key is ...!; " },
		{ "make a", 200, "", "in full: " ACTIONS_TOKEN,
			"done make: in full: ...; " },
		{ "make a", 200, "", "{\"detail\":\"9081726354!\"}",
			"done make: ...!; " },
		{ "make a", 200, "", "{\"detail\":\"t0ken\\\"-of-body?\"}",
			"done make: ...?; " },
		{ "make a", 200, "", "{\"message\": \"\xf0\x9f\x9a\x80\"}",
			"done make: \xf0\x9f\x9a\x80; " },
		{ "make a", 302, "Location: https://evil.test/\r\n", "",
			"failed make: it answered 302, which leads to where "
			"secrets must not go; change its URL; " },
		{ "once", 500, "", "", "failed once: it answered 500; " },
		{ "once", 429, "Retry-After: 1\r\n", "",
			"failed once: it answered 429; " },
		{ "once", 202, "", "{\"status\": \"accepted\"}",
			"done once: accepted; " },
		{ "once", 202, "Location: https://evil.test/op\r\n", "",
			"done once; " },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		actions_kit_run(rows[i].what);
		actions_kit_turn();
		actions_kit_answer(
			i, rows[i].status, rows[i].headers, rows[i].body);
		actions_kit_assert_told(rows[i].told);
	}
	actions_kit_wait(10 * MINUTE);
	assert_int_equal(s.n_sent, sizeof(rows) / sizeof(rows[0]));
}

static void
test_never_twice_what_must_not_be_repeated(void **unused)
{
	(void)unused;
	actions_kit_run("once");
	actions_kit_turn();
	actions_kit_lose(0, false); /* that did not arrive */
	actions_kit_wait(1000);
	assert_int_equal(s.n_sent, 2);
	actions_kit_lose(1, true);
	actions_kit_assert_told(
		"uncertain once: it did not answer: the connection was "
		"closed; ");
	actions_kit_wait(10 * MINUTE);
	assert_int_equal(s.n_sent, 2);
}

static void
test_redirects_on_the_same_host(void **unused)
{
	(void)unused;
	actions_kit_run("make vm1");
	actions_kit_turn();
	actions_kit_answer(0, 307, "Location: /v2/make/vm1\r\n", "");
	actions_kit_the_call(1, "POST https://f.test/v2/make/vm1");
	actions_kit_answer(1, 303, "Location: /op\r\n", "");
	actions_kit_wait(1000);
	actions_kit_the_call(2, "GET https://f.test/op");
	actions_kit_answer(2, 200, "", "ok");
	actions_kit_assert_told("done make: ok; ");
	actions_kit_run("make vm2");
	actions_kit_turn();
	for (size_t i = 3; i < 9; i++)
		actions_kit_answer(i, 308, "Location: /again\r\n", "");
	actions_kit_assert_told("failed make: there is no end of redirects; ");
}

/* Whatever is sent, until the end. */
static void
answer_all(int status)
{
	for (int i = 0; i < 20; i++) {
		actions_kit_wait(MINUTE / 6);
		for (size_t k = 0; k < s.n_sent; k++)
			if (s.sent[k].open && status == 0)
				actions_kit_lose(k, false);
			else if (s.sent[k].open)
				actions_kit_answer(k, status, "", "");
	}
}

static void
test_time_is_over(void **unused)
{
	(void)unused;
	s.patient = true;
	actions_kit_run("make vm1");
	actions_kit_turn();
	answer_all(0);
	actions_kit_assert_told(
		"failed make: it did not succeed within 1m 0s: it did not "
		"answer: nobody listens; ");
	actions_kit_run("make vm2");
	actions_kit_turn();
	actions_kit_answer(s.n_sent - 1, 202, "Location: /op\r\n", "");
	answer_all(202);
	actions_kit_assert_told(
		"uncertain make: it was taken, and was not over within "
		"1m 0s; ");
}

/* The first attempt may have done it, whatever came of the others. */
static void
test_what_may_have_arrived_once_is_uncertain(void **unused)
{
	(void)unused;
	s.patient = true;
	actions_kit_run("make vm1");
	actions_kit_turn();
	actions_kit_lose(0, true);
	answer_all(0);
	actions_kit_assert_told(
		"uncertain make: no good answer came within 1m 0s: it did not "
		"answer: nobody listens; ");
}

static void
test_that_it_goes_on_is_said_at_growing_intervals(void **unused)
{
	(void)unused;
	static const int64_t at_ms[] = { MINUTE / 4, MINUTE, 4 * MINUTE,
		16 * MINUTE };
	int64_t now_ms = 0;
	actions_kit_run("long");
	actions_kit_turn();
	for (size_t i = 0; i < sizeof(at_ms) / sizeof(at_ms[0]); i++) {
		actions_kit_wait(at_ms[i] - now_ms - 1);
		actions_kit_assert_told("");
		actions_kit_wait(1);
		actions_kit_assert_told("goes_on long; ");
		now_ms = at_ms[i];
	}
	actions_kit_wait(30 * MINUTE);
	actions_kit_assert_told("");
	actions_kit_answer(0, 200, "", "");
	actions_kit_assert_told("done long; ");
}

static void
test_no_more_than_there_is_room_for(void **unused)
{
	(void)unused;
	for (int i = 0; i < ACTIONS_EACH_MAX; i++)
		assert_non_null(actions_kit_run("make vm1"));
	assert_null(actions_kit_run("make vm1"));
	assert_non_null(actions_kit_run("once"));
	actions_kit_turn();
	assert_int_equal(s.n_sent, ACTIONS_EACH_MAX + 1);
	assert_int_equal(actions_busy(s.actions), ACTIONS_EACH_MAX + 1);
	actions_kit_answer(0, 200, "", "");
	assert_non_null(actions_kit_run("make vm1"));
}

static const struct {
	const char *text;
	const char *said; /* the action's name, or what is said */
} finds[] = {
	{ "/cloud make x", "make" },
	{ "/CLOUD make x", "make" },
	{ "make x", "make" },
	{ "make make x", "make" },
	{ "Once", "once" },
	{ "once more", "say run once" },
	{ "make", "say run make make {vm}" },
	{ "/cloud", "say /cloud make {vm}" },
	{ "/cloud make a b",
		"{vm} cannot be \"a b\": it must be one word without blanks" },
	{ "/clouds make x", "no action has the command /clouds" },
	{ "lung", "there is no action \"lung\"; did you mean long?" },
	{ "", "run what? There are make, once, long" },
	{ "help", "run what? There are make, once, long" },
	{ "/cloud help", "this is how it is asked for" },
	{ "make HELP", "this is how it is asked for" },
	{ "once help", "this is how it is asked for" },
	{ "make ..",
		"url: the words would lead to another place than the URL is "
		"meant for" },
};

static void
test_what_is_meant(void **unused)
{
	(void)unused;
	const struct operator_asker asker = {
		.who = "ann", .source = "shell", .channel = ""
	};
	for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		struct arena *arena = arena_new();
		struct actions_found found;
		struct err err;
		bool full;
		bool good = actions_find(
			s.actions, finds[i].text, arena, &found, &err);
		const char *said = good ? found.action->name : err.text;
		if (good
			&& !actions_start(
				s.actions, &found, &asker, f.now, &full, &err))
			said = err.text;
		if (!str_eq(said, finds[i].said))
			fail_msg("\"%s\": %s", finds[i].text, said);
		arena_free(arena);
	}
}

/* What is missed, and of whom it is then told how to ask for it. */
static const struct {
	const char *text;
	const char *outcome;
	const char *asked;
	const char *lessons; /* "name: example (refusal); " */
} misses[] = {
	{ "/cloud help", "help", "help",
		"make: /cloud make vm1 (not_by_you); " },
	{ "once help", "help", "help", "once: -; " },
	{ "/cloud", "no_way", "", "make: /cloud make vm1 (not_by_you); " },
	{ "once more", "no_way", "more", "once: -; " },
	{ "/cloud make a b", "bad_word", "make a b",
		"make: /cloud make vm1 (not_by_you); " },
	{ "/clouds x", "no_action", "/clouds", "" },
	{ "lung", "no_action", "lung", "" },
	{ "", "which_action", "", "" },
};

static const char *
lessons_of(const struct actions_found *found, struct arena *arena)
{
	const struct operator_asker asker = { .user = "U2", .channel = "C1" };
	json_t *lessons = actions_teach(s.actions, found, &asker);
	const char *text = "";
	size_t i;
	const json_t *row;
	json_array_foreach (lessons, i, row) {
		const char *example =
			json_string_value(json_object_get(row, "example"));
		const char *refusal =
			json_string_value(json_object_get(row, "refusal"));
		text = arena_printf(arena, "%s%s: %s%s%s%s; ", text,
			json_string_value(json_object_get(row, "name")),
			example ? example : "-", refusal ? " (" : "",
			refusal ? refusal : "", refusal ? ")" : "");
	}
	json_decref(lessons);
	return text;
}

static void
test_who_did_not_know_is_taught(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(misses) / sizeof(misses[0]); i++) {
		struct arena *arena = arena_new();
		struct actions_found found;
		struct err err;
		assert_false(actions_find(
			s.actions, misses[i].text, arena, &found, &err));
		assert_string_equal(found.outcome, misses[i].outcome);
		assert_string_equal(found.asked, misses[i].asked);
		assert_string_equal(
			lessons_of(&found, arena), misses[i].lessons);
		arena_free(arena);
	}
}

/* One that takes a single word is close to whatever is said. */
static void
test_the_name_of_one_is_not_a_word_of_another(void **unused)
{
	(void)unused;
	static const char *const pattern = "{cloud}";
	static const struct conf_pair look = { "cloud", "gcp|aws" };
	static const struct {
		const char *text;
		const char *outcome;
		const char *lessons;
	} said[] = {
		{ "moon", "bad_word", "once: run gcp; " },
		{ "make", "no_way", "make: /cloud make vm1 (not_by_you); " },
		{ "help", "which_action", "" },
	};
	struct conf_action *once = &actions_kit_all[1];
	const struct conf_action before = *once;
	once->patterns = (struct conf_list){ &pattern, 1 };
	once->words = (struct conf_list){ &look, 1 };
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct arena *arena = arena_new();
		struct actions_found found;
		struct err err;
		assert_false(actions_find(
			s.actions, said[i].text, arena, &found, &err));
		assert_string_equal(found.outcome, said[i].outcome);
		assert_string_equal(lessons_of(&found, arena), said[i].lessons);
		arena_free(arena);
	}
	*once = before;
}

static const struct {
	const char *sentence;
	size_t action;
	struct operator_asker asker;
	enum actions_refusal refusal;
} rights[] = {
	{ "who is named, where it is", 0,
		{ .user = "U1", .channel_id = "C1", .channel = "#ops" },
		ACTIONS_ALLOWED },
	{ "who is named, though the chat knows them not", 0,
		{ .user = "U1", .channel = "C1", .not_by_you = true },
		ACTIONS_ALLOWED },
	{ "somebody else", 0, { .user = "U2", .channel = "C1" },
		ACTIONS_NOT_BY_YOU },
	{ "elsewhere", 0, { .user = "U1", .channel = "C2" }, ACTIONS_NOT_HERE },
	{ "nobody", 0, { .channel = "C1" }, ACTIONS_NOT_BY_YOU },
	{ "the shell", 0, { .who = "root", .trusted = true }, ACTIONS_ALLOWED },
	{ "anybody whom the chat lets", 1, { .user = "U2", .channel = "C2" },
		ACTIONS_ALLOWED },
	{ "nobody whom it does not", 1, { .user = "U1", .not_by_you = true },
		ACTIONS_NOT_BY_YOU },
	{ "nor where it does not", 1, { .user = "U1", .not_here = true },
		ACTIONS_NOT_HERE },
};

static void
test_who_may(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (actions_may(&actions_kit_all[rights[i].action],
			    &rights[i].asker)
			!= rights[i].refusal)
			fail_msg("%s", rights[i].sentence);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown( \
		test_##name, actions_kit_set_up, actions_kit_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(recorded_then_sent_then_told),
		TEST(the_same_key_on_each_attempt),
		TEST(as_late_as_the_receiver_wishes),
		TEST(final_answers),
		TEST(never_twice_what_must_not_be_repeated),
		TEST(redirects_on_the_same_host),
		TEST(time_is_over),
		TEST(what_may_have_arrived_once_is_uncertain),
		TEST(that_it_goes_on_is_said_at_growing_intervals),
		TEST(no_more_than_there_is_room_for),
		TEST(what_is_meant),
		TEST(who_did_not_know_is_taught),
		TEST(the_name_of_one_is_not_a_word_of_another),
		TEST(who_may),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
