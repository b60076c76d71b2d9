/* What YAML 1.1 makes of a file, as PyYAML reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/format.h"
#include "conf/yaml.h"
#include "tests/conf/farm.h"

static const struct {
	const char *text; /* of `notes` */
	const char *means; /* as Python shows it; or what is said */
} rows[] = {
	{ "[yes, No, ~, 1_000, 010, 1:30, 0x1F, .5, 1e3, 1.0e+3]",
		"[True, False, None, 1000, 8, 90, 31, 0.5, '1e3', 1000.0]" },
	{ "['yes', \"~\", '12']", "['yes', '~', '12']" },
	{ "[2001-1-1, 2001-01-01, 2001-02-30]",
		"['2001-1-1', '2001-01-01', '2001-02-30']" },
	{ "2001-12-14t21:59:43.10-5", "2001-12-14 21:59:43.100000-05:00" },
	{ "'2001-12-14t21:59:43.10-5'", "2001-12-14t21:59:43.10-5" },
	{ "[!!int \"5\", !!float 5, !!float 1e3, !!str 5, !!bool NO, !!null x]",
		"[5, 5.0, 1000.0, '5', False, None]" },
	{ "[! 5, !!seq [1], !!map {a: 1}]", "[5, [1], {'a': 1}]" },
	{ "!<tag:yaml.org,2002:int> 5", "5" },
	{ "!!int 5x", "1:8: this is no int\n" },
	{ "!!python/object:os.system x",
		"1:8: there is no tag "
		"tag:yaml.org,2002:python/object:os.system here\n" },
	{ "!!python/tuple [1]",
		"1:8: there is no tag tag:yaml.org,2002:python/tuple here\n" },
	{ "!!set {a, b}", "1:8: there is no tag tag:yaml.org,2002:set here\n" },
	{ "!!str [1]", "1:8: there is no tag tag:yaml.org,2002:str here\n" },
	{ "=", "1:8: = alone is no value; write it in quotes\n" },
	{ "[<<]", "1:9: << alone is no value; write it in quotes\n" },
	{ "['=', \"<<\", {=: 1}]", "['=', '<<', {'=': 1}]" },
	{ "[&a {x: 1}, {<<: *a, y: 2}, {<<: [*a, {x: 3}]}]",
		"[{'x': 1}, {'x': 1, 'y': 2}, {'x': 1}]" },
	{ "[&a b, *a, {*a : *a}]", "['b', 'b', {'b': 'b'}]" },
	{ "99999999999999999999", "99999999999999999999" },
	{ "\"\\u2603 \\x07\"", "\xe2\x98\x83 \x07" },
};

static void
test_values(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct buf text;
		buf_init(&text, 1024);
		buf_printf(&text, "notes: %s", rows[i].text);
		const struct farm *farm = farm_read(text.data, arena);
		buf_clear(&text);
		if (farm)
			conf_format_str(farm->notes, &text);
		const char *means = farm ? text.data : farm_said;
		if (!str_eq(means, rows[i].means))
			fail_msg("%s is %s", rows[i].text, means);
		buf_finish(&text);
		arena_free(arena);
	}
}

/* "deed: h<e acute>", in each encoding. */
static void
test_encodings(void **unused)
{
	(void)unused;
	static const struct {
		const char *bytes;
		size_t len;
	} files[] = {
		{ "deed: h\xc3\xa9\n", 10 },
		{ "\xef\xbb\xbf"
		  "deed: h\xc3\xa9\n",
			13 },
		{ "\xff\xfe"
		  "d\0e\0e\0d\0:\0 \0h\0\xe9\0\n",
			20 },
		{ "\xfe\xff"
		  "\0d\0e\0e\0d\0:\0 \0h\0\xe9\0\n",
			20 },
		{ "deed: h\xc3\xa9\r\n", 11 },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct arena *arena = arena_new();
		const struct farm *farm =
			farm_read_bytes(files[i].bytes, files[i].len, arena);
		assert_string_equal(farm_said, "");
		assert_string_equal(farm->deed.text, "h\xc3\xa9");
		arena_free(arena);
	}
}

/* A file of nothing but a size. */
static void
test_a_file_has_a_ceiling(void **unused)
{
	(void)unused;
	char path[] = "/tmp/conf-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, CONF_YAML_BYTES_MAX + 1), 0);
	struct arena *arena = arena_new();
	struct conf_yaml root;
	struct conf_mark where;
	struct err err;
	assert_false(conf_yaml_load(path, arena, &root, &err, &where));
	assert_string_equal(err.text, "the file is longer than 64 MiB");
	arena_free(arena);
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_a_file_has_a_ceiling),
	};
	return cmocka_run_group_tests_name(
		"conf yaml", tests, farm_open, farm_close);
}
