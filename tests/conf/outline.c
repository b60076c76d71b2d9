/* What the tables say for the reference, and that it is so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "conf/explain.h"
#include "conf/outline.h"
#include "probes/expect_conf.h"
#include "reporters/webhook.h"
#include "tests/conf/kinds.h"

static struct arena *arena;
static struct conf_outline outline;

static int
open_outline(void **unused)
{
	(void)unused;
	kinds_prepare();
	arena = arena_new();
	outline = conf_outline_of(&kinds_types, arena);
	return 0;
}

static int
close_outline(void **unused)
{
	(void)unused;
	arena_free(arena);
	return 0;
}

static void
test_every_row_has_a_sentence_of_help(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < outline.count; i++) {
		const struct conf_entry *entry = &outline.entries[i];
		const char *help = entry->help;
		if (!help || help[0] < 'A' || help[0] > 'Z'
			|| !str_ends(help, "."))
			fail_msg("%s: %s", entry->full, help ? help : "none");
	}
}

/* It would be a second place for it, and one that nobody reads. */
static void
test_no_help_tells_a_default(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < outline.count; i++) {
		const struct conf_entry *entry = &outline.entries[i];
		if (strstr(entry->help, "by default")
			|| strstr(entry->help, "efaults to"))
			fail_msg("%s: %s", entry->full, entry->help);
		if (entry->field && entry->field->otherwise)
			assert_null(entry->field->fallback);
	}
}

static void
test_no_two_rows_are_of_one_place(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < outline.count; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(outline.entries[i].full,
				    outline.entries[j].full))
				fail_msg("%s twice", outline.entries[i].full);
}

static void
test_each_is_found_by_its_path(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < outline.count; i++) {
		struct conf_found found;
		conf_explain_find(&outline, outline.entries[i].full, &found);
		size_t n = 0;
		while (n < found.count
			&& found.entries[n] != &outline.entries[i])
			n++;
		assert_true(n < found.count);
	}
}

static bool
fills(const char *word, enum webhook_fields fields)
{
	static const struct event event = {
		.kind = EVENT_OPENED,
		.incident = "i",
		.to = STATUS_MAJOR_OUTAGE,
		.message = "m",
		.endpoint = { .name = "n",
			.url = "u",
			.method = "GET",
			.titles = { "t", "t", "t" } },
	};
	const char *text;
	struct err err;
	const char *template = arena_printf(arena, "{%s}", word);
	return webhook_fill(template, fields, &event, arena, &text, &err);
}

static void
test_each_word_is_filled_in(void **unused)
{
	(void)unused;
	for (size_t i = 0; webhook_words[i].name; i++) {
		const char *word = webhook_words[i].name;
		bool of_old = i < 2;
		assert_true(fills(word, WEBHOOK_FIELDS_ALL));
		assert_int_equal(fills(word, WEBHOOK_FIELDS_OF_OLD), of_old);
		if (of_old)
			assert_string_equal(word, webhook_words_of_old[i].name);
	}
}

static enum status
incident_of(const struct expect_settings *settings)
{
	const struct conf_list list = { settings, 1 };
	struct pattern_cache *patterns = pattern_cache_new();
	struct expect_rule rule;
	expect_conf_compile(&list, patterns, &rule);
	enum status incident = rule.incident;
	expect_finish(&rule, 1);
	pattern_cache_free(patterns);
	return incident;
}

/* "PERFORMANCE for LATENCY, PARTIAL for the others" */
static void
test_how_bad_it_is_when_nobody_says(void **unused)
{
	(void)unused;
	const struct conf_node number = {
		.kind = CONF_NODE_INT, .text = "200", .integer = 200
	};
	const struct expect_settings status = { .type = "HTTP_STATUS",
		.status_range = &number };
	const struct expect_settings latency = { .type = "LATENCY",
		.threshold = &number };
	const struct expect_settings regex = { .type = "REGEX", .regex = "a" };
	assert_int_equal(incident_of(&status), STATUS_PARTIAL_OUTAGE);
	assert_int_equal(incident_of(&latency), STATUS_PERFORMANCE_ISSUES);
	assert_int_equal(incident_of(&regex), STATUS_PARTIAL_OUTAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_has_a_sentence_of_help),
		cmocka_unit_test(test_no_help_tells_a_default),
		cmocka_unit_test(test_no_two_rows_are_of_one_place),
		cmocka_unit_test(test_each_is_found_by_its_path),
		cmocka_unit_test(test_each_word_is_filled_in),
		cmocka_unit_test(test_how_bad_it_is_when_nobody_says),
	};
	return cmocka_run_group_tests(tests, open_outline, close_outline);
}
