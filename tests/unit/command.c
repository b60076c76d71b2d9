/*
 * What somebody typed, and what it was understood to mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/chat/command.h"

#define M INT64_C(60000)
#define H INT64_C(3600000)

static const struct row {
	const char *text;
	enum command_verb verb;
	const char *name;
	int64_t for_ms;
	const char *said; /* NULL: as the name */
} rows[] = {
	{ "", COMMAND_HELP, "", 0, NULL },
	{ " \t ", COMMAND_HELP, "", 0, NULL },
	{ "help", COMMAND_HELP, "", 0, NULL },
	{ "HELP ack", COMMAND_HELP, "ack", 0, NULL },
	{ "check", COMMAND_CHECK, "", 0, NULL },
	{ "Check", COMMAND_CHECK, "", 0, NULL },
	{ "*check*", COMMAND_CHECK, "", 0, NULL },
	{ "`check` shop", COMMAND_CHECK, "shop", 0, NULL },
	{ "status", COMMAND_CHECK, "", 0, NULL },
	{ "  check   shop  ", COMMAND_CHECK, "shop", 0, NULL },
	{ "check\nshop", COMMAND_CHECK, "shop", 0, NULL },
	{ "check\xc2\xa0shop", COMMAND_CHECK, "shop", 0, NULL },
	{ "down", COMMAND_DOWN, "", 0, NULL },
	{ "removed", COMMAND_REMOVED, "", 0, NULL },
	{ "audit", COMMAND_AUDIT, "", 0, NULL },
	{ "history the front page", COMMAND_HISTORY, "the front page", 0,
		NULL },

	/* Names, and what is around them. */
	{ "remove <http://shop.example.com|shop.example.com>", COMMAND_REMOVE,
		"shop.example.com", 0, NULL },
	{ "remove <https://shop.example.com>", COMMAND_REMOVE,
		"shop.example.com", 0, "https://shop.example.com" },
	{ "remove <https://shop.example.com/>", COMMAND_REMOVE,
		"shop.example.com", 0, "https://shop.example.com/" },
	{ "remove <https://shop.example.com/a/>", COMMAND_REMOVE,
		"shop.example.com/a/", 0, "https://shop.example.com/a/" },
	{ "remove https://shop.example.com/a?b=1&amp;c=2", COMMAND_REMOVE,
		"shop.example.com/a?b=1&c=2", 0,
		"https://shop.example.com/a?b=1&c=2" },
	{ "remove <http://gcp/shop.example.com|gcp/shop.example.com>",
		COMMAND_REMOVE, "gcp/shop.example.com", 0, NULL },
	{ "remove gcp/<http://shop.example.com|shop.example.com>",
		COMMAND_REMOVE, "gcp/shop.example.com", 0, NULL },
	{ "remove <mailto:a@example.com|a@example.com>", COMMAND_REMOVE,
		"a@example.com", 0, NULL },
	{ "remove <mailto:a@example.com>", COMMAND_REMOVE, "a@example.com", 0,
		NULL },
	{ "remove <shop|>", COMMAND_REMOVE, "shop", 0, NULL },
	{ "remove *shop*", COMMAND_REMOVE, "shop", 0, "*shop*" },
	{ "remove *.example.com", COMMAND_REMOVE, ".example.com", 0,
		"*.example.com" },
	{ "remove \"my shop\"", COMMAND_REMOVE, "my shop", 0, "\"my shop\"" },
	{ "remove \xe2\x80\x9cmy shop\xe2\x80\x9d", COMMAND_REMOVE, "my shop",
		0, "\xe2\x80\x9cmy shop\xe2\x80\x9d" },
	{ "remove a &lt;b&gt; &amp;amp; c", COMMAND_REMOVE, "a b &amp; c", 0,
		"a <b> &amp; c" },
	{ "remove a < b", COMMAND_REMOVE, "a  b", 0, "a < b" },
	{ "remove \xea\xb0\x80\xea\xb2\x8c", COMMAND_REMOVE,
		"\xea\xb0\x80\xea\xb2\x8c", 0, NULL },
	{ "restore shop for 30m", COMMAND_RESTORE, "shop for 30m", 0, NULL },

	/* Times. */
	{ "ack shop", COMMAND_ACK, "shop", 0, NULL },
	{ "ack shop for 30m", COMMAND_ACK, "shop", 30 * M, NULL },
	{ "ack <http://shop for 30m|shop>", COMMAND_ACK, "shop", 0, NULL },
	{ "ack <http://a.b|a.b> for 30m", COMMAND_ACK, "a.b", 30 * M, NULL },
	{ "ack shop.example.com 30m", COMMAND_ACK, "shop.example.com", 30 * M,
		NULL },
	{ "ack the shop FOR 1h30m", COMMAND_ACK, "the shop", 90 * M, NULL },
	{ "ack the shop for 1h 30m", COMMAND_ACK, "the shop", 90 * M, NULL },
	{ "ack waiting for godot for 2 hours", COMMAND_ACK, "waiting for godot",
		2 * H, NULL },
	{ "ack waiting for godot", COMMAND_ACK, "waiting for godot", 0, NULL },
	{ "ack shop for 1 Day", COMMAND_ACK, "shop", 24 * H, NULL },
	{ "ack shop for 5 min", COMMAND_ACK, "shop", 5 * M, NULL },
	{ "ack shop for 90 secs", COMMAND_ACK, "shop", 90000, NULL },
	{ "ack shop 2", COMMAND_ACK, "shop 2", 0, NULL },
	{ "ack shop for 30", COMMAND_ACK, "shop", COMMAND_TIME_BAD, NULL },
	{ "ack shop for 0m", COMMAND_ACK, "shop", COMMAND_TIME_BAD, NULL },
	{ "ack shop for 30 parsecs", COMMAND_ACK, "shop", COMMAND_TIME_BAD,
		NULL },
	{ "ack shop for 1000d", COMMAND_ACK, "shop", COMMAND_TIME_BAD, NULL },
	{ "ack shop for 9999999999999999999999999999999999999d", COMMAND_ACK,
		"shop", COMMAND_TIME_BAD, NULL },
	{ "mute", COMMAND_MUTE, "", 0, NULL },
	{ "mute for 2h", COMMAND_MUTE, "", 2 * H, NULL },
	{ "mute 2h", COMMAND_MUTE, "", 2 * H, NULL },
	{ "mute shop 2h", COMMAND_MUTE, "shop", 2 * H, NULL },
	{ "mute <http://a.b|a.b> for 2h", COMMAND_MUTE, "a.b", 2 * H, NULL },
	{ "unmute shop", COMMAND_UNMUTE, "shop", 0, NULL },
	{ "unmute", COMMAND_UNMUTE, "", 0, NULL },
	{ "echo  a  &lt;b> ", COMMAND_ECHO, "a  b", 0, "a  <b>" },
};

static void
test_a_text_is_a_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct arena *arena = arena_new();
		struct command command;
		struct err err = { "" };
		if (!command_parse(row->text, arena, &command, &err))
			fail_msg("\"%s\": %s", row->text, err.text);
		if (command.verb != row->verb
			|| !str_eq(command.name, row->name)
			|| !str_eq(
				command.said, row->said ? row->said : row->name)
			|| command.for_ms != row->for_ms)
			fail_msg("\"%s\" is %s \"%s\" (\"%s\") for %lld",
				row->text, command_rows[command.verb].word,
				command.name, command.said,
				(long long)command.for_ms);
		arena_free(arena);
	}
}

static void
test_a_time_may_be_of_the_name(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct command command;
	struct err err;
	assert_true(command_parse(
		"ack <http://a.b|report> for 2h", arena, &command, &err));
	assert_string_equal(command.whole, "report for 2h");
	assert_string_equal(command.time, "2h");
	arena_free(arena);
}

static const struct bad {
	const char *text;
	const char *complaint;
} bads[] = {
	{ "chek", "there is no command \"chek\"; did you mean check?" },
	{ "delete shop", "there is no command \"delete\"; `help` lists them" },
	{ "restor shop",
		"there is no command \"restor\"; did you mean restore?" },
	{ "remove", "remove what? Say remove NAME" },
	{ "remove  ", "remove what? Say remove NAME" },
	{ "remove <>", "remove what? Say remove NAME" },
	{ "ack", "ack what? Say ack NAME [for 30m]" },
	{ "ack for 30m", "ack what? Say ack NAME [for 30m]" },
	{ "history", "history what? Say history NAME" },
	{ "removed shop", "removed takes no name: what is \"shop\"?" },
	{ "down now", "down takes no name: what is \"now\"?" },
};

static void
test_what_is_no_command_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct arena *arena = arena_new();
		struct command command;
		struct err err = { "" };
		assert_false(
			command_parse(bads[i].text, arena, &command, &err));
		assert_string_equal(err.text, bads[i].complaint);
		arena_free(arena);
	}
}

static void
test_a_text_has_a_ceiling(void **state)
{
	(void)state;
	char text[COMMAND_TEXT_MAX + 2];
	struct arena *arena = arena_new();
	struct command command;
	struct err err;
	memset(text, 'x', sizeof(text));
	memcpy(text, "check ", strlen("check "));
	text[COMMAND_TEXT_MAX] = '\0';
	assert_true(command_parse(text, arena, &command, &err));
	text[COMMAND_TEXT_MAX] = 'x';
	text[COMMAND_TEXT_MAX + 1] = '\0';
	assert_false(command_parse(text, arena, &command, &err));
	arena_free(arena);
}

static void
test_the_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		assert_non_null(row->word);
		assert_true(strlen(row->help) > 0);
		assert_false(str_ends(row->help, "."));
		assert_ptr_equal(command_find(row->word), row);
		assert_true((row->name == COMMAND_NAMELESS)
			== (*row->arguments == '\0'));
		assert_true(row->takes_time
			== (strstr(row->arguments, "[for ") != NULL));
		if (i > 0)
			assert_true(strcmp(command_rows[i - 1].word, row->word)
				< 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_is_a_command),
		cmocka_unit_test(test_a_time_may_be_of_the_name),
		cmocka_unit_test(test_what_is_no_command_is_explained),
		cmocka_unit_test(test_a_text_has_a_ceiling),
		cmocka_unit_test(test_the_table_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
