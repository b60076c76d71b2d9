#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "tests/conf/farm.h"

static const char whole_farm[] =
	"x-anything: goes\n"
	"barn: {}\n"
	"trees:\n"
	"- &old {name: oak, years: \"${CONF_NUMBER}\", weight: 1.5}\n"
	"- {<<: *old, name: 7, sweet: off}\n"
	"- {type: fig, name: elm, ripe: 1m30s, x-mine: 1}\n"
	"basket:\n"
	"- {type: apple, name: b, ripe: .5, secret: \"${CONF_HOST}\"}\n"
	"cellar: {depth: 0x3}\n"
	"colours: [green, red]\n"
	"hands: [ann, 5, yes, \"$${X}\"]\n"
	"prices: {pear: 1.50, apple: ~}\n"
	"notes: [1, {a: \"2\", b: [yes, 1.5, ~]}, \"${CONF_HOST}\"]\n"
	"deed: to ${CONF_HOST}\n";

static void
check_trees(const struct farm *farm)
{
	const struct tree *trees = farm->trees.items;
	const struct pear *pears[2] = { trees[0].fruit.settings,
		trees[1].fruit.settings };
	const struct fig *fruit = trees[2].fruit.settings;
	assert_int_equal(farm->trees.count, 3);
	assert_string_equal(trees[0].name, "oak");
	assert_int_equal(trees[0].age, 12);
	assert_ptr_equal(trees[0].fruit.variant, &farm_pear);
	assert_true(pears[0]->sweet && pears[0]->weight == 1.5);
	assert_string_equal(trees[1].name, "7");
	assert_true(!pears[1]->sweet && pears[1]->weight == 1.5);
	assert_int_equal(trees[1].age, 12);
	assert_int_equal(trees[2].age, 1);
	assert_int_equal(fruit->ripe_ms, 90000);
}

static void
check_lists(const struct farm *farm)
{
	const struct conf_chosen *basket = farm->basket.items;
	const struct apple *first = basket[0].settings;
	const struct cellar *depth = farm->cellar.settings;
	const int *colour = farm->colours.items;
	const char *const *hands = farm->hands.items;
	const struct conf_pair *prices = farm->prices.items;
	assert_int_equal(first->ripe_ms, 500);
	assert_string_equal(first->secret, "shop.test");
	assert_int_equal(depth->depth, 3);
	assert_true(colour[0] == 8 && colour[1] == 7);
	assert_string_equal(hands[1], "5");
	assert_string_equal(hands[2], "yes");
	assert_string_equal(hands[3], "${X}");
	assert_string_equal(prices[0].value, "1.50");
	assert_null(prices[1].value);
}

static void
check_notes(const struct farm *farm)
{
	const struct conf_node *notes = farm->notes;
	assert_int_equal(notes->items[0].integer, 1);
	assert_string_equal(notes->items[1].keys[1], "b");
	assert_int_equal(notes->items[1].items[0].kind, CONF_NODE_TEXT);
	assert_true(notes->items[1].items[1].items[0].boolean);
	assert_true(notes->items[1].items[1].items[1].number == 1.5);
	assert_string_equal(notes->items[2].text, "shop.test");
}

static void
test_every_kind_is_read(void **unused)
{
	(void)unused;
	setenv("CONF_HOST", "shop.test", 1);
	setenv("CONF_NUMBER", "12", 1);
	struct arena *arena = arena_new();
	const struct farm *farm = farm_read(whole_farm, arena);
	assert_string_equal(farm_said, "");
	assert_non_null(farm);
	assert_int_equal(farm->barn->colour, 8);

	check_trees(farm);
	check_lists(farm);
	check_notes(farm);
	assert_string_equal(farm->deed.text, "to shop.test");
	assert_string_equal(farm->deed.raw, "to ${CONF_HOST}");
	arena_free(arena);
}

static void
test_merge_keys(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct farm *farm = farm_read("notes:\n"
					    "- &a {k: a, l: a, m: a}\n"
					    "- &b {l: b, n: b}\n"
					    "- {m: own, <<: [*b, *a]}\n"
					    "- {<<: *a, <<: *b}\n"
					    "- {\"<<\": text}\n",
		arena);
	assert_non_null(farm);
	static const char *const keys[] = { "k", "l", "m", "n" };
	static const char *const values[2][4] = {
		{ "a", "b", "own", "b" },
		{ "a", "b", "a", "b" },
	};
	for (size_t i = 0; i < 2; i++) {
		const struct conf_node *map = &farm->notes->items[2 + i];
		assert_int_equal(map->count, 4);
		for (size_t k = 0; k < 4; k++)
			for (size_t j = 0; j < 4; j++)
				if (str_eq(map->keys[j], keys[k]))
					assert_string_equal(map->items[j].text,
						values[i][k]);
	}
	assert_string_equal(farm->notes->items[4].keys[0], "<<");
	arena_free(arena);
}

static void
test_ceilings_of_a_file(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct buf text;
	buf_init(&text, 1 << 20);
	buf_add_text(&text, "x-0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&text, "x-%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&text, "*a%d,", i - 1);
		buf_add_text(&text, "]\n");
	}
	assert_null(farm_read(text.data, arena));
	assert_string_equal(farm_said,
		"7:6: the file holds more than 10000000 values, aliases "
		"written out\n");

	buf_clear(&text);
	buf_add_text(&text, "notes: ");
	for (int i = 0; i < 64; i++)
		buf_add_char(&text, '[');
	assert_null(farm_read(text.data, arena));
	assert_string_equal(farm_said,
		"1:71: lists and maps are nested more than 64 deep\n");

	/* By aliases, a step at a time. */
	buf_clear(&text);
	buf_add_text(&text, "x-0: &a0 []\n");
	for (int i = 1; i < 100; i++)
		buf_printf(&text, "x-%d: &a%d [*a%d]\n", i, i, i - 1);
	assert_null(farm_read(text.data, arena));
	assert_string_equal(farm_said,
		"64:13: lists and maps are nested more than 64 deep\n");
	buf_finish(&text);
	arena_free(arena);
}

static void
test_many_endpoints_by_merge(void **unused)
{
	(void)unused;
	enum { MANY = 20000 };
	struct arena *arena = arena_new();
	struct buf text;
	buf_init(&text, 1 << 24);
	buf_add_text(&text,
		"x-base: &base {age: 7, weight: 3.5, x-list: [1, 2, 3]}\n"
		"trees:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "- {<<: *base, name: tree-%d}\n", i);
	const struct farm *farm = farm_read(text.data, arena);
	assert_non_null(farm);
	const struct tree *trees = farm->trees.items;
	assert_int_equal(farm->trees.count, MANY);
	assert_string_equal(trees[MANY - 1].name, "tree-19999");
	assert_int_equal(trees[MANY - 1].age, 7);
	buf_finish(&text);
	arena_free(arena);
}

static void
test_complaints_have_a_ceiling(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct buf text;
	buf_init(&text, 1 << 20);
	buf_add_text(&text, "trees:\n");
	for (int i = 0; i < 1500; i++)
		buf_add_text(&text, "- {age: x}\n");
	assert_null(farm_read(text.data, arena));
	assert_true(str_starts(farm_said, "2:9: trees[0].age: "));
	buf_finish(&text);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_is_read),
		cmocka_unit_test(test_merge_keys),
		cmocka_unit_test(test_ceilings_of_a_file),
		cmocka_unit_test(test_many_endpoints_by_merge),
		cmocka_unit_test(test_complaints_have_a_ceiling),
	};
	return cmocka_run_group_tests_name(
		"conf read", tests, farm_open, farm_close);
}
