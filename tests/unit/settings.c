/* Settings of every kind of row: compared and copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "conf/settings.h"

struct inner {
	const char *word;
};

struct outer {
	bool flag;
	int64_t count;
	double number;
	int64_t span_ms;
	const char *text;
	struct conf_source source;
	int choice;
	struct conf_list choices;
	struct conf_list strings;
	struct conf_list pairs;
	const struct conf_node *tree;
	const struct inner *section;
	struct conf_list list;
};

struct document {
	struct conf_chosen one;
	struct conf_list several;
};

static const struct conf_field inner_fields[] = {
	{ "word", CONF_STRING(struct inner, word) },
	{ 0 },
};

static const struct conf_section inner_section = {
	.name = "inner",
	.size = sizeof(struct inner),
	.fields = inner_fields,
};

static const struct conf_choice colours[] = {
	{ "red", 1 },
	{ "blue", 2 },
	{ NULL, 0 },
};

static const struct conf_field outer_fields[] = {
	{ "flag", CONF_BOOL(struct outer, flag) },
	{ "count", CONF_INT(struct outer, count, 0, 100) },
	{ "number", CONF_NUMBER(struct outer, number, 0, 100) },
	{ "span", CONF_DURATION(struct outer, span_ms, 0, 100000) },
	{ "text", CONF_STRING(struct outer, text) },
	{ "source", CONF_SOURCE(struct outer, source) },
	{ "choice", CONF_CHOICE(struct outer, choice, colours) },
	{ "choices", CONF_CHOICES(struct outer, choices, colours) },
	{ "strings", CONF_STRINGS(struct outer, strings) },
	{ "pairs", CONF_PAIRS(struct outer, pairs) },
	{ "tree", CONF_TREE(struct outer, tree) },
	{ "section",
		CONF_SECTION(
			struct outer, section, inner_section, struct inner) },
	{ "list", CONF_LIST(struct outer, list, inner_section) },
	{ 0 },
};

static const struct conf_variant kind = {
	.name = "kind",
	.section = {
		.name = "kind",
		.size = sizeof(struct outer),
		.fields = outer_fields,
	},
};

static const struct conf_variant other_kind = {
	.name = "other",
	.section = {
		.name = "other",
		.size = sizeof(struct inner),
		.fields = inner_fields,
	},
};

static const struct conf_field document_fields[] = {
	{ "one", CONF_VARIANT(struct document, one, CONF_PROBES) },
	{ "several", CONF_VARIANTS(struct document, several, CONF_PROBES) },
	{ 0 },
};

static const struct conf_section document = {
	.name = "document",
	.size = sizeof(struct document),
	.fields = document_fields,
};

static const struct document *
read_text(const char *text, struct arena *arena)
{
	static const struct conf_variant *const kinds[] = { &kind, &other_kind,
		NULL };
	const struct conf_types types = { { kinds, kinds } };
	char path[] = "/tmp/curlew-settings-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	const struct document *read =
		conf_read(path, &document, &types, arena, NULL, NULL);
	unlink(path);
	if (!read)
		fail_msg("not read: %s", text);
	return read;
}

/* Each row is one more key, and another value of it. */
static const struct {
	const char *line;
	const char *otherwise;
} keys[] = {
	{ "flag: true", "flag: false" },
	{ "count: 3", "count: 4" },
	{ "number: 1.5", "number: 1.25" },
	{ "span: 3s", "span: 3001ms" },
	{ "text: a", "text: b" },
	{ "source: a", "source: b" },
	{ "choice: red", "choice: blue" },
	{ "choices: [red, blue]", "choices: [blue, red]" },
	{ "strings: [a, b]", "strings: [a]" },
	{ "pairs: {a: b, c: d}", "pairs: {a: b, c: e}" },
	{ "tree: {a: [1, {b: null}], c: x}", "tree: {a: [1, {b: 0}], c: x}" },
	{ "section: {word: a}", "section: {word: b}" },
	{ "list: [{word: a}, {word: b}]", "list: [{word: a}, {word: c}]" },
};

enum {
	KEYS = sizeof(keys) / sizeof(keys[0]),
	TEXT_SIZE = 4096,
};

/* All of them, of which one may be absent or say something else. */
static void
write_text(char text[static TEXT_SIZE], size_t odd, bool absent)
{
	int len = snprintf(text, TEXT_SIZE, "one:\n  type: kind\n");
	for (size_t i = 0; i < KEYS; i++)
		if (i != odd || !absent)
			len += snprintf(text + len, TEXT_SIZE - (size_t)len,
				"  %s\n",
				i == odd ? keys[i].otherwise : keys[i].line);
	snprintf(text + len, TEXT_SIZE - (size_t)len,
		"several:\n- {type: other, word: x}\n- {type: kind, text: "
		"y}\n");
}

static void
test_the_same_text_says_the_same(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	char text[TEXT_SIZE];
	write_text(text, KEYS, false);
	assert_true(conf_settings_same(
		&document, read_text(text, arena), read_text(text, arena)));
	arena_free(arena);
}

static void
test_each_key_makes_a_difference(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	char text[TEXT_SIZE];
	write_text(text, KEYS, false);
	const struct document *usual = read_text(text, arena);
	for (size_t i = 0; i < KEYS; i++) {
		for (int absent = 0; absent < 2; absent++) {
			write_text(text, i, absent);
			const struct document *odd = read_text(text, arena);
			if (conf_chosen_same(&usual->one, &odd->one))
				fail_msg("%s: %s", keys[i].line,
					absent ? "absent" : "otherwise");
			assert_false(conf_settings_same(&document, odd, usual));
		}
	}
	arena_free(arena);
}

static void
test_a_kind_makes_a_difference(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct document *a =
		read_text("several: [{type: other, word: a}]\n", arena);
	const struct document *b =
		read_text("several: [{type: kind, text: a}]\n", arena);
	assert_false(conf_settings_same(&document, a, b));
	assert_true(conf_chosen_same(&a->one, &b->one)); /* both absent */
	arena_free(arena);
}

/* The original is freed, so that a sanitizer sees a pointer into it. */
static void
test_a_copy_says_the_same_and_stands_alone(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct arena *other = arena_new();
	char text[TEXT_SIZE];
	write_text(text, KEYS, false);
	const struct document *from = read_text(text, other);
	struct conf_chosen copy = conf_chosen_copy(&from->one, arena);
	assert_true(conf_chosen_same(&copy, &from->one));
	arena_free(other);
	const struct document *again = read_text(text, arena);
	assert_true(conf_chosen_same(&copy, &again->one));
	struct conf_chosen nothing = { 0 };
	assert_null(conf_chosen_copy(&nothing, arena).variant);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_text_says_the_same),
		cmocka_unit_test(test_each_key_makes_a_difference),
		cmocka_unit_test(test_a_kind_makes_a_difference),
		cmocka_unit_test(test_a_copy_says_the_same_and_stands_alone),
	};
	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
