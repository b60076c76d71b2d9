/*
 * import/x.in.y becomes x_y.out.yml, and of that is said what stands in
 * x_y.report.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "conf/csv.h"
#include "conf/import_parts.h"
#include "tests/conf/golden.h"
#include "tests/conf/kinds.h"

enum {
	TEXT_MAX = 1024 * 1024,
};

static const char *const kinds[] = { "mapped", "meaning", "dropped" };

static bool
is_pattern(const char *text, struct err *err)
{
	return pattern_check(text, NULL, err);
}

static const struct conf_import_options options = {
	.file = "FILE",
	.schema = "SCHEMA",
	.is_pattern = is_pattern,
};

static void
loads_in_silence(const char *path, const struct conf_migration *import)
{
	struct buf said;
	buf_init(&said, TEXT_MAX);
	const struct conf_text text = { import->text, import->len };
	struct conf *conf = conf_load_text(
		path, &text, &kinds_types, kinds_complain, &said);
	if (!conf || said.len > 0)
		fail_msg("%s:\n%s", path, said.data);
	conf_free(conf);
	buf_finish(&said);
}

static void
try_golden(const char *path)
{
	struct arena *arena = arena_new();
	struct conf_migration import;
	struct conf_mark where;
	struct err err;
	struct conf_text text = golden_read(path, arena);
	if (!conf_import(text.text, text.len, &options, arena, &import, &err,
		    &where))
		fail_msg("%s:%u:%u: %s", path, where.line, where.column,
			err.text);
	int stem = (int)(strstr(path, ".in.") - path);
	const char *kind = path + stem + strlen(".in.");
	golden_assert(arena_printf(arena, "%.*s_%s.out.yml", stem, path, kind),
		import.text, arena);
	golden_assert(arena_printf(arena, "%.*s_%s.report", stem, path, kind),
		golden_report(&import, kinds, arena), arena);
	loads_in_silence(path, &import);
	arena_free(arena);
}

static void
test_files_of_others_become_ours(void **unused)
{
	(void)unused;
	glob_t files;
	assert_int_equal(chdir(CASES), 0);
	assert_int_equal(glob("import/*.in.*", 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, 8);
	for (size_t i = 0; i < files.gl_pathc; i++)
		try_golden(files.gl_pathv[i]);
	globfree(&files);
}

/* What is refused, and where. */

static const struct refusal {
	const char *text;
	size_t len; /* 0: of a string */
	enum conf_import_from from;
	const char *said;
} refusals[] = {
	{ "", 0, CONF_IMPORT_GUESS, "0:0: the file is empty" },
	{ "\xef\xbb\xbf", 0, CONF_IMPORT_GUESS, "0:0: the file is empty" },
	{ "a: \0", 4, CONF_IMPORT_GUESS,
		"0:0: this is no text: there is a NUL in it" },
	{ "\xff\xfe"
	  "a",
		3, CONF_IMPORT_GUESS, "0:0: this is UTF-16 that is cut off" },
	{ "\xfe\xff\xd8\x3e\0a", 6, CONF_IMPORT_GUESS,
		"0:0: this is UTF-16 with half of a character" },
	{ "{\"monitors\": [{\"name\": \"a\",", 0, CONF_IMPORT_GUESS,
		"2:1: this is not YAML: did not find expected node content" },
	{ "endpoints: []\n", 0, CONF_IMPORT_GUESS,
		"1:1: this is neither a configuration of cachet-monitor, with "
		"`monitors`, nor a table of UptimeRobot" },
	{ "a,b\n1,2\n", 0, CONF_IMPORT_GUESS,
		"1:1: this is neither a configuration of cachet-monitor, with "
		"`monitors`, nor a table of UptimeRobot" },
	{ "monitors: 5\n", 0, CONF_IMPORT_GUESS,
		"1:1: monitors: expected a list" },
	{ "monitors: [1]\n", 0, CONF_IMPORT_GUESS,
		"1:12: monitors: expected a map" },
	{ "monitors: []\n", 0, CONF_IMPORT_GUESS,
		"0:0: nothing in it can be watched" },
	{ "monitors: []\n", 0, CONF_IMPORT_UPTIMEROBOT,
		"1:1: the first line has no columns \"Friendly Name\" and "
		"\"URL/IP\", as the table of UptimeRobot has" },
	{ "Friendly Name,URL/IP\na,\"http://x\n", 0, CONF_IMPORT_GUESS,
		"2:1: the quotes that begin on this row never end" },
	{ "Friendly Name,URL/IP\n", 0, CONF_IMPORT_GUESS,
		"0:0: nothing in it can be watched" },
	{ "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n"
	  "c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
	  "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
	  "e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\n"
	  "f: &f [*e, *e, *e, *e, *e, *e, *e, *e]\n"
	  "g: &g [*f, *f, *f, *f, *f, *f, *f, *f]\n"
	  "h: &h [*g, *g, *g, *g, *g, *g, *g, *g]\n"
	  "monitors: [*h, *h, *h, *h, *h, *h, *h]\n",
		0, CONF_IMPORT_GUESS, "" },
};

static void
test_what_cannot_be_imported_is_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *row = &refusals[i];
		struct arena *arena = arena_new();
		struct conf_import_options how = options;
		struct conf_migration import;
		struct conf_mark where;
		struct err err;
		how.from = row->from;
		size_t len = row->len > 0 ? row->len : strlen(row->text);
		assert_false(conf_import(
			row->text, len, &how, arena, &import, &err, &where));
		const char *said = arena_printf(
			arena, "%u:%u: %s", where.line, where.column, err.text);
		if (*row->said != '\0')
			assert_string_equal(said, row->said);
		assert_null(strchr(err.text, '\n'));
		arena_free(arena);
	}
}

/* Patterns of Go */

static const struct pattern_row {
	const char *go;
	const char *ours; /* NULL: refused */
} patterns[] = {
	{ "ok", ".*ok" },
	{ "a.b", ".*(?-s:a.b)" },
	{ "a|b", ".*(?-s:a|b)" },
	{ "^a$", ".*(?-s:^a\\z)" },
	{ "a\\$", ".*(?-s:a\\$)" },
	{ "[$]", ".*(?-s:[$])" },
	{ "[]$]x$", ".*(?-s:[]$]x\\z)" },
	{ "[^\\]$]$", ".*(?-s:[^\\]$]\\z)" },
	{ "[[:alpha:]$]", ".*(?-s:[[:alpha:]$])" },
	{ "(?i)ok", ".*(?i-s:ok)" },
	{ "(?s)a.b", ".*(?s:a.b)" },
	{ "(?m)^a$", ".*(?m-s:^a$)" },
	{ "(?ims)a$", ".*(?ims:a$)" },
	{ "(?i:a)b", ".*(?-s:(?i:a)b)" },
	{ "a(?i)b", NULL },
	{ "(?U)a", NULL },
	{ "\\Qa.b\\E.", ".*(?-s:a\\.b.)" },
	{ "\\Qa.b", ".*(?-s:a\\.b)" },
	{ "\\pL\\z", ".*(?-s:\\pL\\z)" },
	{ "(?<n>a)", ".*(?-s:(?P<n>a))" },
	{ "(?P<n>a)", ".*(?-s:(?P<n>a))" },
	{ "\\C", NULL },
	{ "(", NULL },
	{ "[a", NULL },
	{ "a\\", NULL },
};

static void
test_patterns_of_go(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct conf_importer importer = { .arena = arena, .options = &options };
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct err err = { "" };
		const char *ours =
			conf_import_go_pattern(&importer, patterns[i].go, &err);
		if (!patterns[i].ours) {
			assert_null(ours);
			assert_true(*err.text != '\0');
			continue;
		}
		if (!ours)
			fail_msg("%s: %s", patterns[i].go, err.text);
		else
			assert_string_equal(ours, patterns[i].ours);
	}
	arena_free(arena);
}

static void
test_literals(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct err err;
	const char *with = conf_import_literal(arena, "a.b (c)\\E", false);
	const char *without = conf_import_literal(arena, "$[x]", true);
	assert_string_equal(with, ".*a\\.b \\(c\\)\\\\E");
	assert_string_equal(without, "(?!.*\\$\\[x\\])");
	assert_true(is_pattern(with, &err) && is_pattern(without, &err));
	arena_free(arena);
}

/* "a|b/c" are the cells of two rows. */
static const struct {
	const char *text, *cells;
} tables[] = {
	{ "a,b\n1,2", "a|b/1|2/" },
	{ "a;b;c,d\n;", "a|b|c,d/|/" },
	{ "a\tb\r\n1\t2\r\n", "a|b/1|2/" },
	{ "a,\"b\"\"c\",\"d,\ne\" \n\n\r\nx", "a|b\"c|d,\ne/x/" },
	{ " a , \"b\" ,\n", "a|b|/" },
	{ "\"a", "a!/" },
	{ "a\"b,c", "a\"b|c/" },
	{ "\n\n", "" },
};

static void
test_tables(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct arena *arena = arena_new();
		struct conf_csv csv;
		struct conf_csv_row row;
		struct buf out;
		buf_init(&out, TEXT_MAX);
		conf_csv_begin(&csv, tables[i].text, arena);
		while (conf_csv_next(&csv, &row)) {
			for (size_t k = 0; k < row.count; k++)
				buf_printf(&out, "%s%s", k > 0 ? "|" : "",
					row.cells[k]);
			buf_add_text(&out, row.open ? "!/" : "/");
		}
		assert_string_equal(out.data, tables[i].cells);
		buf_finish(&out);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_of_others_become_ours),
		cmocka_unit_test(test_what_cannot_be_imported_is_told),
		cmocka_unit_test(test_patterns_of_go),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_tables),
	};
	return cmocka_run_group_tests(tests, kinds_open, kinds_close);
}
