/*
 * migrate/x.in.yml becomes x.out.yml, and of that is said what stands in
 * x.report.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "conf/migrate.h"
#include "conf/migrate_parts.h"
#include "tests/conf/golden.h"
#include "tests/conf/kinds.h"

enum {
	TEXT_MAX = 1024 * 1024,
};

static const char *const kinds[] = { "changed", "meaning", "lost" };

static struct conf_migration
migrate(const char *path, struct conf_text text, struct arena *arena)
{
	const struct conf_migrate_options options = { 0 };
	struct conf_migration migration;
	struct conf_mark where;
	struct err err;
	if (!conf_migrate(text.text, text.len, &options, arena, &migration,
		    &err, &where))
		fail_msg("%s:%u:%u: %s", path, where.line, where.column,
			err.text);
	return migration;
}

/* As `curlew migrate` does, which makes notes of unknown keys. */
static struct conf *
load(const char *path, struct conf_migration *migration, struct arena *arena,
	struct buf *said)
{
	struct conf_migration_complaints complaints = {
		.migration = migration,
		.path = path,
		.complain = kinds_complain,
		.cookie = said,
		.arena = arena,
	};
	const struct conf_text text = { migration->text, migration->len };
	return conf_load_text(path, &text, &kinds_types,
		conf_migration_complain, &complaints);
}

static void
are_alike(const struct conf *old, const struct conf *now)
{
	const struct conf_endpoint *of_old = old->endpoints.items;
	const struct conf_endpoint *of_now = now->endpoints.items;
	assert_int_equal(old->endpoints.count, now->endpoints.count);
	for (size_t i = 0; i < now->endpoints.count; i++)
		assert_int_equal(
			conf_endpoint_differs(&of_old[i], &of_now[i]), 0);
}

/* A name that is missing is no older format. */
static bool
is_nameless(const struct conf_yaml *root)
{
	const struct conf_yaml_item *list = conf_yaml_find(root, "endpoints");
	for (uint32_t i = 0; list && i < list->value.count; i++)
		if (!conf_yaml_find(&list->value.items[i].value, "name"))
			return true;
	return false;
}

/* What conf_load() makes of the old file is what stands in the new one. */
static void
loads_alike(
	const char *path, struct conf_migration *migration, struct arena *arena)
{
	struct buf said;
	struct conf_yaml root;
	struct conf_mark where;
	struct err err;
	buf_init(&said, TEXT_MAX);
	assert_true(conf_yaml_load(path, arena, &root, &err, &where));
	struct conf *now = load(path, migration, arena, &said);
	if (!now)
		fail_msg("%s does not load:\n%s", path, said.data);
	if (conf_age_of(&root) == CONF_OF_TODAY && is_nameless(&root))
		goto finish;
	struct conf *old = conf_load(path, &kinds_types, kinds_complain, &said);
	if (!old)
		fail_msg("%s does not load in memory:\n%s", path, said.data);
	assert_int_equal(strstr(said.data, "migrated in memory") != NULL,
		conf_age_of(&root) != CONF_OF_TODAY);
	are_alike(old, now);
	conf_free(old);
finish:
	conf_free(now);
	buf_finish(&said);
}

static void
try_golden(const char *path)
{
	struct arena *arena = arena_new();
	int stem = (int)(strlen(path) - strlen(".in.yml"));
	struct conf_migration first =
		migrate(path, golden_read(path, arena), arena);
	golden_assert(arena_printf(arena, "%.*s.out.yml", stem, path),
		first.text, arena);
	loads_alike(path, &first, arena);
	golden_assert(arena_printf(arena, "%.*s.report", stem, path),
		golden_report(&first, kinds, arena), arena);
	const struct conf_text text = { first.text, first.len };
	struct conf_migration second = migrate(path, text, arena);
	assert_false(second.changed);
	assert_ptr_equal(second.text, first.text);
	for (const struct conf_note *note = second.notes; note;
		note = note->next)
		assert_int_equal(note->kind, CONF_NOTE_MEANING);
	arena_free(arena);
}

static void
each_file(const char *pattern, void (*each)(const char *path))
{
	glob_t files;
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		each(files.gl_pathv[i]);
	globfree(&files);
}

static void
test_old_files_become_new_ones(void **unused)
{
	(void)unused;
	assert_int_equal(chdir(CASES), 0);
	each_file("migrate/*.in.yml", try_golden);
}

/* Written anew without need, a file says the same with the same comments. */

static const char *
rewrite(const char *path, const char *text, struct arena *arena)
{
	struct conf_paper paper, again;
	struct conf_migration migration;
	struct err err;
	struct buf out;
	buf_init(&out, TEXT_MAX);
	assert_true(conf_paper_read(&paper, text, strlen(text), arena, &err));
	conf_paper_find_comments(&paper);
	conf_paper_write(&paper, &out, &migration);
	if (!conf_paper_read(&again, out.data, out.len, arena, &err)
		|| !conf_piece_same(paper.root, again.root))
		fail_msg("%s says something else:\n%s", path, out.data);
	for (size_t i = 0; i < paper.n_comments; i++)
		if (!strstr(out.data, paper.comments[i].text))
			fail_msg("%s lost %s", path, paper.comments[i].text);
	conf_paper_finish(&paper);
	conf_paper_finish(&again);
	const char *written = arena_dup(arena, out.data);
	buf_finish(&out);
	return written;
}

static void
try_rewriting(const char *path)
{
	struct arena *arena = arena_new();
	const char *once = rewrite(path, golden_read(path, arena).text, arena);
	const char *twice = rewrite(path, once, arena);
	if (!str_eq(once, twice))
		fail_msg("%s\n--- becomes\n%s--- and then\n%s", path, once,
			twice);
	arena_free(arena);
}

static void
test_what_is_written_anew_says_the_same(void **unused)
{
	(void)unused;
	assert_int_equal(chdir(CASES), 0);
	each_file("good/*.yml", try_rewriting);
	each_file("migrate/*.yml", try_rewriting);
	each_file(EXAMPLE, try_rewriting);
}

static void
keeps_to_the_byte(const char *path)
{
	struct arena *arena = arena_new();
	struct conf_text text = golden_read(path, arena);
	if (!str_eq(rewrite(path, text.text, arena), text.text))
		fail_msg("%s is written otherwise", path);
	arena_free(arena);
}

static void
test_usual_layout_stays_to_the_byte(void **unused)
{
	(void)unused;
	assert_int_equal(chdir(CASES), 0);
	each_file(EXAMPLE, keeps_to_the_byte);
	each_file("migrate/*.out.yml", keeps_to_the_byte);
}

static void
leaves(const char *path)
{
	struct arena *arena = arena_new();
	struct conf_text text = golden_read(path, arena);
	struct conf_migration migration = migrate(path, text, arena);
	if (migration.changed)
		fail_msg("%s is changed:\n%s", path,
			golden_report(&migration, kinds, arena));
	assert_ptr_equal(migration.text, text.text);
	arena_free(arena);
}

static void
test_a_file_of_today_is_left_alone(void **unused)
{
	(void)unused;
	each_file(EXAMPLE, leaves);
}

/* What is refused, and where. */

static const struct refusal {
	const char *text;
	const char *at;
	const char *sentence;
} refusals[] = {
	{ "", "0:0", "the file is empty" },
	{ "a: 1\n", "1:1",
		"this is no configuration of cachet-url-monitor: it has "
		"neither \"endpoints\" nor \"endpoint\"" },
	{ "monitors: []\n", "1:1",
		"this looks like a configuration of cachet-monitor; `curlew "
		"import` takes it" },
	{ "- a\n", "1:1",
		"expected a map with a key \"endpoints:\", or \"endpoint:\" "
		"of before 0.6" },
	{ "x: 1\nendpoint:\n  - url: x\n", "2:1",
		"endpoint: expected a map of url, method, ...; a list is "
		"called endpoints" },
	{ "endpoint: {url: x\n", "2:1",
		"this is not YAML: did not find expected ',' or '}', while "
		"parsing a flow mapping that began on line 1" },
	{ "a: &a [*a]\n", "1:8", "&a would hold itself" },
};

static void
test_what_cannot_be_migrated_is_told(void **unused)
{
	(void)unused;
	const struct conf_migrate_options options = { 0 };
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *row = &refusals[i];
		struct arena *arena = arena_new();
		struct conf_migration migration;
		struct conf_mark where;
		struct err err;
		assert_false(conf_migrate(row->text, strlen(row->text),
			&options, arena, &migration, &err, &where));
		assert_string_equal(err.text, row->sentence);
		assert_string_equal(
			arena_printf(arena, "%u:%u", where.line, where.column),
			row->at);
		arena_free(arena);
	}
}

/* Variables */

static char *
variable(const char *name)
{
	static char url[] = "http://other.example.net/";
	static char metric[] = "12";
	static char public[] = "0";
	if (str_eq(name, "ENDPOINT_URL"))
		return url;
	if (str_eq(name, "CACHET_METRIC_ID"))
		return metric;
	return str_eq(name, "CACHET_PUBLIC_INCIDENTS") ? public : NULL;
}

static const char *
with_variables(bool bake, const char *name, struct arena *arena)
{
	static const char old[] = "endpoint:\n"
				  "  url: http://shop.example.net/\n"
				  "cachet:\n"
				  "  action: [UPDATE_STATUS]\n";
	const struct conf_migrate_options options = {
		.name = name,
		.bake = bake,
		.variable = variable,
	};
	struct conf_migration migration;
	struct conf_mark where;
	struct err err;
	assert_true(conf_migrate(
		old, strlen(old), &options, arena, &migration, &err, &where));
	return arena_printf(arena, "%s%s",
		golden_report(&migration, kinds, arena), migration.text);
}

static void
test_variables_are_told_of_or_baked_in(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const char *told = with_variables(false, NULL, arena);
	assert_non_null(strstr(told,
		"meaning: 1:1: the variable ENDPOINT_URL is set, and no "
		"longer read"));
	assert_non_null(strstr(told, "url: http://shop.example.net/"));
	assert_null(strstr(told, "metric_id"));
	const char *baked = with_variables(true, "the shop", arena);
	assert_non_null(strstr(baked, "name: \"the shop\"\n"));
	assert_non_null(strstr(baked, "url: http://other.example.net/\n"));
	assert_non_null(strstr(baked, "metric_id: 12\n"));
	assert_non_null(
		strstr(baked, "action: [PUSH_METRICS, UPDATE_STATUS]\n"));
	assert_non_null(strstr(baked, "public_incidents: false\n"));
	arena_free(arena);
}

/* Mistakes are where they were. */
static void
try_mistakes(const char *path)
{
	struct arena *arena = arena_new();
	int stem = (int)(strlen(path) - strlen(".yml"));
	struct buf said;
	buf_init(&said, TEXT_MAX);
	assert_null(conf_load(path, &kinds_types, kinds_complain, &said));
	golden_assert(arena_printf(arena, "%.*s.expected", stem, path),
		said.data, arena);
	buf_finish(&said);
	arena_free(arena);
}

static void
test_mistakes_are_named_where_they_stand(void **unused)
{
	(void)unused;
	assert_int_equal(chdir(CASES), 0);
	each_file("migrate/mistakes*.yml", try_mistakes);
}

/* Files of 0.6 and later that cannot be migrated are read as they stand. */
static void
test_what_is_not_migrated_is_read_as_it_stands(void **unused)
{
	static const char text[] =
		"endpoints: [{name: a, url: 'http://a.test'}]\n"
		"cachet: {api_url: 'http://c.test', token: t, latency_unit: "
		"ms}\n#";
	char path[] = "/tmp/curlew-migrate-XXXXXX";
	char filler[4096];
	(void)unused;
	struct buf said;
	FILE *file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	fputs(text, file);
	memset(filler, 'x', sizeof(filler));
	for (size_t n = 0; n <= CONF_MIGRATE_BYTES_MAX; n += sizeof(filler))
		fwrite(filler, 1, sizeof(filler), file);
	fclose(file);
	buf_init(&said, TEXT_MAX);
	struct conf *conf =
		conf_load(path, &kinds_types, kinds_complain, &said);
	unlink(path);
	assert_non_null(conf);
	assert_non_null(strstr(said.data,
		"it is not migrated in memory: the file is longer than 4 MiB"));
	assert_non_null(strstr(said.data, "cachet.latency_unit: unknown key"));
	conf_free(conf);
	buf_finish(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_old_files_become_new_ones),
		cmocka_unit_test(test_what_is_written_anew_says_the_same),
		cmocka_unit_test(test_usual_layout_stays_to_the_byte),
		cmocka_unit_test(test_a_file_of_today_is_left_alone),
		cmocka_unit_test(test_what_cannot_be_migrated_is_told),
		cmocka_unit_test(test_variables_are_told_of_or_baked_in),
		cmocka_unit_test(test_mistakes_are_named_where_they_stand),
		cmocka_unit_test(
			test_what_is_not_migrated_is_read_as_it_stands),
	};
	return cmocka_run_group_tests(tests, kinds_open, kinds_close);
}
