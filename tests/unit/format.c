#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/format.h"

/* {name: shop, fails: 3, wait: 0.5, open: true, none: ~, list: [a, 1.0],
   map: {k: "it's"}} */
static const struct conf_node list[] = {
	{ .kind = CONF_NODE_TEXT, .text = "a" },
	{ .kind = CONF_NODE_FLOAT, .text = "1.0", .number = 1 },
};
static const char *const inner_keys[] = { "k" };
static const struct conf_node inner[] = {
	{ .kind = CONF_NODE_TEXT, .text = "it's" },
};
static const char *const keys[] = { "name", "fails", "wait", "open", "none",
	"list", "map", "big" };
static const struct conf_node values[] = {
	{ .kind = CONF_NODE_TEXT, .text = "sh\xc3\xb6p" },
	{ .kind = CONF_NODE_INT, .text = "3", .integer = 3 },
	{ .kind = CONF_NODE_FLOAT, .text = "0.5", .number = 0.5 },
	{ .kind = CONF_NODE_BOOL, .text = "yes", .boolean = true },
	{ .kind = CONF_NODE_NULL, .text = "~" },
	{ .kind = CONF_NODE_LIST, .count = 2, .items = list },
	{ .kind = CONF_NODE_MAP,
		.count = 1,
		.items = inner,
		.keys = inner_keys },
	{ .kind = CONF_NODE_FLOAT,
		.text = "100_000000000000000000",
		.number = 1e20 },
};

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	(void)cookie;
	(void)inside;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(keys[i], key))
			return &values[i];
	return NULL;
}

static const struct {
	const char *text;
	const char *filled; /* or the error */
	enum conf_format end;
} rows[] = {
	{ "plain", "plain", CONF_FORMAT_DONE },
	{ "", "", CONF_FORMAT_DONE },
	{ "{name} is down", "sh\xc3\xb6p is down", CONF_FORMAT_DONE },
	{ "{{name}} {name} }}", "{name} sh\xc3\xb6p }", CONF_FORMAT_DONE },
	{ "{fails} {wait} {open} {none}", "3 0.5 True None", CONF_FORMAT_DONE },
	{ "{list} {map}", "['a', 1.0] {'k': \"it's\"}", CONF_FORMAT_DONE },
	{ "{list[0]} {map[k]} {name[2]}", "a it's \xc3\xb6", CONF_FORMAT_DONE },
	{ "{list[1]} {list[0][0]}", "1.0 a", CONF_FORMAT_DONE },
	{ "{name!r} {name!s} {name!a}", "'sh\xc3\xb6p' sh\xc3\xb6p 'sh\\xf6p'",
		CONF_FORMAT_DONE },
	{ "{map[k]!r}", "\"it's\"", CONF_FORMAT_DONE },
	{ "{name:>8}|{name:<8}|{name:^8}|{name:.2}",
		"    sh\xc3\xb6p|sh\xc3\xb6p    |  sh\xc3\xb6p  |sh",
		CONF_FORMAT_DONE },
	{ "{name:*>6} {fails:04} {fails:+d} {fails:x}",
		"**sh\xc3\xb6p 0003 +3 3", CONF_FORMAT_DONE },
	{ "{fails:.3f} {wait:.0%} {wait:8.3f}|", "3.000 50%    0.500|",
		CONF_FORMAT_DONE },
	{ "{none!s:6}|{name:{fails}.1}|", "None  |s  |", CONF_FORMAT_DONE },
	{ "{big}", "100000000000000000000", CONF_FORMAT_DONE },
	{ "{nam}", "there is no {nam} to fill in", CONF_FORMAT_UNRESOLVED },
	{ "{map[x]}", "there is no {map[x]} to fill in",
		CONF_FORMAT_UNRESOLVED },
	{ "{list[2]}", "there is no {list[2]} to fill in",
		CONF_FORMAT_UNRESOLVED },
	{ "{0}", "there is no {0} to fill in", CONF_FORMAT_UNRESOLVED },
	{ "{name:d}", "{name}: the format \"d\" is not for a text",
		CONF_FORMAT_UNRESOLVED },
	{ "{fails:.1}", "{fails}: a whole number has no precision",
		CONF_FORMAT_UNRESOLVED },
	{ "{none:5}", "{none}: only texts and numbers take a format",
		CONF_FORMAT_UNRESOLVED },
	{ "{name:99999}", "{name}: a format is wider than 1000",
		CONF_FORMAT_UNRESOLVED },
	{ "{}", "there is no key between { and }", CONF_FORMAT_BROKEN },
	{ "{name", "a { is not closed; write {{ for a brace",
		CONF_FORMAT_BROKEN },
	{ "{name:{fails}", "a { is not closed; write {{ for a brace",
		CONF_FORMAT_BROKEN },
	{ "x } y", "a } has no {; write }} for a brace", CONF_FORMAT_BROKEN },
	{ "{name!x}", "after a ! comes s, r or a, and nothing else",
		CONF_FORMAT_BROKEN },
	{ "{name.upper}",
		"what is inside of a value is named in brackets, as in "
		"{header[Accept]}",
		CONF_FORMAT_BROKEN },
	{ "{name:{fails:{fails}}}",
		"a format in a format has no format of its own",
		CONF_FORMAT_BROKEN },
};

static void
test_templates(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		struct err err;
		buf_init(&out, 1024);
		enum conf_format end = conf_format(
			rows[i].text, on_key_wanted, NULL, &out, &err);
		const char *said =
			end == CONF_FORMAT_DONE ? out.data : err.text;
		if (end != rows[i].end || !str_eq(said, rows[i].filled))
			fail_msg("%s is %d: %s", rows[i].text, (int)end, said);
		buf_finish(&out);
	}
}

static void
test_what_is_filled_in_has_a_ceiling(void **unused)
{
	(void)unused;
	struct buf out;
	struct err err;
	buf_init(&out, 100);
	assert_int_equal(conf_format("{name:500}{name!r:500}", on_key_wanted,
				 NULL, &out, &err),
		CONF_FORMAT_DONE);
	assert_true(out.full);
	assert_int_equal(out.len, 100);
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_what_is_filled_in_has_a_ceiling),
	};
	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
