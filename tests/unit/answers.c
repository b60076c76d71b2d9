/*
 * The texts of answers: each language has every one, with the same holes.  What
 * they make of answers is in tests/golden/answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/chat/answer.h"
#include "agent/chat/answer_texts.h"
#include "agent/chat/command.h"

static size_t
holes(const char *text)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, "{}")) != NULL; at += 2)
		n++;
	return n;
}

static void
test_every_text_is_there(void **unused)
{
	(void)unused;
	const struct chat_texts *english = &chat_texts[WORDS_EN];
	for (size_t i = 0; i < WORDS_LANGUAGES; i++) {
		const struct chat_texts *texts = &chat_texts[i];
		assert_non_null(texts->between);
		for (size_t j = 0; j < CHAT_TEXTS; j++) {
			assert_non_null(texts->lines[j]);
			assert_true(*texts->lines[j] != '\0');
			assert_int_equal(holes(texts->lines[j]),
				holes(english->lines[j]));
			assert_true(holes(texts->lines[j]) <= CHAT_HOLES_MAX);
			assert_null(strchr(texts->lines[j], '\n'));
		}
	}
}

/* A text that was forgotten is often one that was copied. */
static void
test_languages_differ(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < WORDS_LANGUAGES; i++)
		for (size_t j = 0; j < i; j++)
			for (size_t k = 0; k < CHAT_TEXTS; k++)
				assert_string_not_equal(chat_texts[i].lines[k],
					chat_texts[j].lines[k]);
}

/* English has them where the commands are. */
static void
test_every_command_has_help(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		assert_null(chat_texts[WORDS_EN].help[i]);
		for (size_t j = WORDS_EN + 1; j < WORDS_LANGUAGES; j++) {
			const char *help = chat_texts[j].help[i];
			assert_non_null(help);
			assert_string_not_equal(help, command_rows[i].help);
		}
	}
}

static const struct {
	const char *text;
	const char *outcome;
	const char *asked;
	const char *near;
	const char *shown;
} mistakes[] = {
	{ "chek", "no_command", "chek", "check",
		"There is no command \"chek\". Did you mean \"check\"?" },
	{ "delete it", "no_command", "delete", NULL,
		"There is no command \"delete\". \"help\" lists them." },
	{ "ack", "lacks_name", "", NULL,
		"Of what?  Say \"ack NAME [for 30m]\"." },
	{ "down now", "takes_no_name", "now", NULL,
		"\"down\" takes no name: what is \"now\"?" },
};

static void
test_mistakes_are_answered(void **unused)
{
	(void)unused;
	const struct words words = { .language = WORDS_EN };
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct arena *arena = arena_new();
		struct command command;
		struct err err;
		assert_false(
			command_parse(mistakes[i].text, arena, &command, &err));
		json_t *answer = chat_answer_mistake(&command, &err);
		const char *near =
			json_string_value(json_object_get(answer, "near"));
		assert_string_equal(
			json_string_value(json_object_get(answer, "outcome")),
			mistakes[i].outcome);
		assert_string_equal(
			json_string_value(json_object_get(answer, "asked")),
			mistakes[i].asked);
		assert_true(!near == !mistakes[i].near);
		if (near)
			assert_string_equal(near, mistakes[i].near);
		assert_string_equal(chat_answer_text(answer, &words, arena),
			mistakes[i].shown);
		json_decref(answer);
		arena_free(arena);
	}
}

static void
test_refusals_and_actions_are_answered(void **unused)
{
	(void)unused;
	const struct words words = { .language = WORDS_EN };
	struct arena *arena = arena_new();
	json_t *answers[] = {
		chat_answer_refused("remove", CHAT_NOT_BY_YOU),
		chat_answer_refused("/cloud", CHAT_NOT_HERE),
		chat_answer_refused("check", CHAT_TOO_MUCH),
		chat_answer_action("create", CHAT_BEGUN, "sora", NULL),
		chat_answer_action("create", CHAT_DONE, NULL, "vm1"),
		chat_answer_action("create", CHAT_FAILED, NULL, ""),
	};
	const char *const shown[] = {
		"You may not do that: \"remove NAME\".",
		"That may not be done in this channel: \"/cloud\".",
		"Too much is asked for at once: try again in a moment.",
		"create: begun for sora.",
		"create: done.\nvm1",
		"create: failed.",
	};
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		assert_string_equal(
			chat_answer_text(answers[i], &words, arena), shown[i]);
		json_decref(answers[i]);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_text_is_there),
		cmocka_unit_test(test_languages_differ),
		cmocka_unit_test(test_every_command_has_help),
		cmocka_unit_test(test_mistakes_are_answered),
		cmocka_unit_test(test_refusals_and_actions_are_answered),
	};
	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
