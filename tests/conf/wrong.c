#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "tests/conf/farm.h"

static const struct {
	const char *text;
	const char *said; /* "~" before a warning */
} rows[] = {
	{ "", "" },
	{ "{}", "" },
	{ "[]",
		"1:1: Endpoints is a mandatory field: expected a map of keys "
		"such as \"endpoints:\"\n" },
	{ "5",
		"1:1: Endpoints is a mandatory field: expected a map of "
		"keys such as \"endpoints:\"\n" },
	/* Keys */
	{ "bran: {}", "1:1: bran: unknown key; did you mean \"barn\"?\n" },
	{ "tractor: {}", "1:1: tractor: unknown key\n" },
	{ "notes: 1\nnotes: 2", "2:1: notes: is given twice\n" },
	{ "trees: [{nmae: oak}]",
		"~ 1:10: trees[0].nmae: unknown key; did you mean "
		"\"name\"?\n" },
	{ "trees: [{name: a, age: 1, years: 2}]",
		"~ 1:27: trees[0] (a).years: is given twice; the last "
		"one counts\n" },
	{ "trees: [{name: a, age: 1, age: 2}]",
		"~ 1:27: trees[0] (a).age: is given twice; the last "
		"one "
		"counts\n" },
	{ "prices: {a: 1, a: 2}",
		"~ 1:16: prices.a: is given twice; the last one "
		"counts\n" },
	{ "basket: [{type: apple}]", "1:10: basket[0].name: is missing\n" },
	{ "basket: [{type: apple, name: }]",
		"1:24: basket[0].name: must not be empty\n" },
	/* Values */
	{ "trees: [{sweet: 1, weight: 2}]", "" },
	{ "trees: [{sweet: 2}]",
		"1:17: trees[0].sweet: expected true or false, got "
		"\"2\"\n" },
	{ "trees: [{sweet: \"No\"}]",
		"~ 1:17: trees[0].sweet: this is a text; write it "
		"without "
		"quotes\n" },
	{ "trees: [{age: old}]",
		"1:15: trees[0].age: expected a whole number, got "
		"\"old\"\n" },
	{ "trees: [{age: 1.5}]",
		"1:15: trees[0].age: expected a whole number, got "
		"\"1.5\"\n" },
	{ "trees: [{age: \"10\"}]",
		"~ 1:15: trees[0].age: this is a text; write it "
		"without "
		"quotes\n" },
	{ "trees: [{age: 010}]",
		"~ 1:15: trees[0].age: YAML reads this as octal: 8\n" },
	{ "trees: [{age: 501}]",
		"1:15: trees[0].age: expected at most 500, got "
		"\"501\"\n" },
	{ "trees: [{age: -1}]",
		"1:15: trees[0].age: expected at least 0, got "
		"\"-1\"\n" },
	{ "trees: [{weight: 1e2}]", "" },
	{ "notes: [010, {a: \"010\", b: 1:30}]",
		"~ 1:9: notes: YAML reads this as octal: 8\n"
		"~ 1:28: notes: YAML reads this as base 60: 90\n" },
	{ "trees: [{weight: .nan}]",
		"1:18: trees[0].weight: expected a number, got "
		"\".nan\"\n" },
	{ "trees: [{type: fig, ripe: 5 parsecs}]",
		"1:27: trees[0].ripe: expected a duration such as 30s "
		"or "
		"5m, got \"5 parsecs\"\n" },
	{ "trees: [{type: fig, ripe: 2h}]",
		"1:27: trees[0].ripe: expected at most 1h 0m, got "
		"\"2h\"\n" },
	{ "trees: [{type: fig, ripe: 1:30}]",
		"~ 1:27: trees[0].ripe: YAML reads this as base 60: "
		"90\n" },
	{ "basket: [{type: apple, name: a, ripe: 0}]",
		"1:39: basket[0] (a).ripe: expected more than 0, got "
		"\"0\"\n" },
	{ "barn: {colour: Red}",
		"1:16: barn.colour: expected one of red, green, got "
		"\"Red\"; did you mean \"red\"?\n" },
	{ "barn: 5", "1:7: barn: expected a map of keys, got \"5\"\n" },
	{ "trees: {name: a}", "1:8: trees: expected a list, got a map\n" },
	{ "trees: [5]", "1:9: trees[0]: expected a map of keys, got \"5\"\n" },
	{ "hands: ann",
		"~ 1:8: hands: this is a list; write it in "
		"brackets\n" },
	{ "hands: [[]]", "1:9: hands[0]: expected a text, got a list\n" },
	{ "colours:",
		"~ 1:1: colours: is empty; write [] or leave it "
		"out\n" },
	{ "colours: [red, red]",
		"~ 1:16: colours[1]: \"red\" is given twice; once is "
		"enough\n" },
	{ "prices: {a: []}", "1:13: prices.a: expected a text, got a list\n" },
	/* Kinds */
	{ "trees: [{type: plum, what: 1}]",
		"1:16: trees[0].type: expected one of fig, pear, got "
		"\"plum\"\n" },
	{ "basket: [{name: a}]",
		"1:10: basket[0] (a).type: is missing; it is one of "
		"apple\n" },
	{ "basket: [{type: cellar}]",
		"1:17: basket[0].type: cellar has a section of its "
		"own\n" },
	/* Rules between keys */
	{ "trees: [{weight: 101, x-rotten: 1}]",
		"1:18: trees[0].weight: must be light to be sweet\n"
		"~ 1:33: trees[0].x-rotten: is smelly\n" },
	{ "hands: [ann, fox]", "1:14: hands[1]: a fox is no help\n" },
	{ "hands: [fox]\nbarn: 1",
		"2:7: barn: expected a map of keys, got \"1\"\n" },
	{ "hands: [fox]\nbarn: {colour: 1}",
		"1:9: hands[0]: a fox is no help\n"
		"2:16: barn.colour: expected one of red, green, got "
		"\"1\"\n" },
	/* The environment, and secrets */
	{ "deed: ${CONF_NONE}",
		"1:7: deed: the environment variable CONF_NONE is not "
		"set; set it, or write ${CONF_NONE:-default}\n" },
	{ "deed: ${file:/nowhere}",
		"1:7: deed: cannot read the file /nowhere: No such "
		"file "
		"or directory\n" },
	{ "trees: [{age: \"${CONF_NONE}\"}]",
		"~ 1:15: trees[0].age: the environment variable "
		"CONF_NONE is not set; set it, or write "
		"${CONF_NONE:-default}; until then it stays as "
		"written\n"
		"1:15: trees[0].age: expected a whole number, got "
		"\"${CONF_NONE}\"\n" },
	{ "cellar: {depth: hunter2}",
		"1:17: cellar.depth: expected a whole number\n" },
	{ "trees: [{age: \"${CONF_SECRET}\"}]",
		"1:15: trees[0].age: expected a whole number, got "
		"\"${CONF_SECRET}\"\n" },
	{ "barn: {colour: \"${CONF_SECRET}\"}",
		"1:16: barn.colour: expected one of red, green, got "
		"\"${CONF_SECRET}\"\n" },
	/* YAML */
	{ "barn: [",
		"2:1: this is not YAML: did not find expected node "
		"content\n" },
	{ "notes: *none", "1:8: there is no anchor &none above this\n" },
	{ "notes: &a [*a]", "1:12: &a would hold itself\n" },
	{ "notes: !!int x", "1:8: this is no int\n" },
	{ "notes: !mine x", "1:8: there is no tag !mine here\n" },
	{ "notes: !!int \"5\"", "" },
	{ "[a]: b", "1:1: a key must be a text\n" },
	{ "barn: {<<: 5}",
		"1:12: << takes a map, or a list of maps, such as "
		"*base\n" },
	{ "notes: 1\n---\nnotes: 2",
		"2:1: a second document begins here; a file holds "
		"one\n" },
	{ "notes: \"a\\0b\"", "1:8: a text holds a NUL\n" },
	/* What is shared is wrong once. */
	{ "x-a: &a {age: old}\ntrees: [*a, *a, {<<: *a}]",
		"1:15: trees[0].age: expected a whole number, got "
		"\"old\"\n" },
};

/* A line that is no warning. */
static bool
has_error(const char *lines)
{
	for (const char *line = lines; *line != '\0';) {
		if (*line != '~')
			return true;
		line += strcspn(line, "\n") + 1;
	}
	return false;
}

static void
test_what_is_wrong_is_told(void **unused)
{
	(void)unused;
	setenv("CONF_SECRET", "hunter2", 1);
	unsetenv("CONF_NONE");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		bool good = farm_read(rows[i].text, arena) != NULL;
		arena_free(arena);
		if (!str_eq(farm_said, rows[i].said)
			|| good == has_error(farm_said))
			fail_msg("%s\n--- says\n%s--- not\n%s", rows[i].text,
				farm_said, rows[i].said);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_wrong_is_told),
	};
	return cmocka_run_group_tests_name(
		"conf wrong", tests, farm_open, farm_close);
}
