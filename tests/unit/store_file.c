#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/store/store.h"
#include "tests/support/lossy_vfs.h"
#include "tests/support/store_kit.h"

/* The file. */

static void
test_a_new_file_is_fresh_until_something_is_remembered(void **state)
{
	const struct place *place = *state;
	assert_true(kit_is_fresh(place->path));
	assert_true(kit_is_fresh(place->path)); /* nothing happened yet */

	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_put_endpoint(store, "shop", "");
	kit_commit(store);
	store_close(store);
	assert_false(kit_is_fresh(place->path));
}

static void
test_an_empty_file_is_fresh(void **state)
{
	const struct place *place = *state;
	close(open(place->path, O_WRONLY | O_CREAT, 0600));
	assert_true(kit_is_fresh(place->path));
}

static void
assert_mode(const char *path, unsigned mode)
{
	struct stat at;
	assert_int_equal(stat(path, &at), 0);
	assert_int_equal(at.st_mode & 07777, mode);
}

static void
test_files_and_folders_are_nobody_elses(void **state)
{
	const struct place *place = *state;
	char path[128], file[160];
	snprintf(path, sizeof(path), "%s/a/b/c.db", place->folder);
	mode_t before = umask(0);
	struct store *store = kit_open(path);
	kit_begin(store);
	kit_count(store, "x", 1);
	kit_commit(store);

	static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		assert_mode(file, 0600);
	}
	snprintf(file, sizeof(file), "%s/a", place->folder);
	assert_mode(file, 0700);
	snprintf(file, sizeof(file), "%s/a/b", place->folder);
	assert_mode(file, 0700);
	umask(before);
	store_close(store);
}

static void
test_a_path_that_cannot_be_is_refused(void **state)
{
	(void)state;
	kit_refuse("/proc/nowhere/curlew.db",
		"cannot create the folder /proc/nowhere: ");
	kit_refuse("/tmp", "cannot open /tmp: Is a directory");
	kit_refuse("/dev/null/curlew.db", "Not a directory");
	kit_refuse("", "cannot open ");
}

static void
test_garbage_is_refused(void **state)
{
	const struct place *place = *state;
	FILE *file = fopen(place->path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	kit_refuse(place->path, "curlew.db is not a database");
}

static void
test_a_damaged_file_is_refused(void **state)
{
	const struct place *place = *state;
	assert_true(kit_is_fresh(place->path));
	int fd = open(place->path, O_WRONLY);
	assert_int_equal(pwrite(fd, "damage", 6, 100), 6); /* the first page */
	close(fd);
	kit_refuse(place->path, "malformed; put a copy back, or move the file");
}

static void
test_the_database_of_another_program_is_refused(void **state)
{
	const struct place *place = *state;
	kit_run_sql(place->path, "CREATE TABLE song (title TEXT)");
	kit_refuse(place->path, "is a database of another program");
	kit_run_sql(place->path, "PRAGMA user_version = 1");
	kit_refuse(place->path, "is a database of another program");
	kit_assert_sql(
		place->path, "PRAGMA journal_mode", "delete"); /* as it was */
}

static void
test_a_newer_version_is_refused(void **state)
{
	const struct place *place = *state;
	assert_true(kit_is_fresh(place->path));
	kit_run_sql(place->path, "PRAGMA user_version = 99");
	kit_refuse(place->path, "its schema is version 99, and curlew");
	kit_refuse(place->path, "knows up to version 6; run the newer curlew");
	kit_assert_sql(place->path, "PRAGMA user_version", "99");
}

static void
test_a_schema_that_is_not_whole_is_refused(void **state)
{
	const struct place *place = *state;
	assert_true(kit_is_fresh(place->path));
	kit_run_sql(place->path, "DROP TABLE part");
	kit_refuse(place->path, "no such table: part");
}

static void
test_a_second_handle_is_refused(void **state)
{
	const struct place *place = *state;
	char sentence[64];
	snprintf(sentence, sizeof(sentence),
		"is in use by process %ld: ", (long)getpid());
	struct store *store = kit_open(place->path);
	kit_refuse(place->path, sentence);
	store_close(store);
	store_close(kit_open(place->path));
}

static void
hold_until_told(const char *path, int ready, int told)
{
	struct err err;
	bool fresh;
	char byte = 0;
	struct store *store = store_open(path, &fresh, &err);
	if (!store || write(ready, &byte, 1) != 1)
		_exit(1);
	_exit(read(told, &byte, 1) == 0 ? 0 : 1); /* end of file */
}

static void
test_a_second_process_is_refused_while_the_first_lives(void **state)
{
	const struct place *place = *state;
	int ready[2], told[2], status;
	char byte, sentence[64];
	assert_int_equal(pipe(ready) | pipe(told), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(told[1]);
		hold_until_told(place->path, ready[1], told[0]);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	snprintf(sentence, sizeof(sentence),
		"is in use by process %ld: ", (long)pid);
	kit_refuse(place->path, sentence);

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	store_close(kit_open(place->path));
	close(ready[0]);
	close(told[0]);
	close(told[1]);
}

static void
test_memory_is_locked_by_nobody(void **state)
{
	(void)state;
	struct store *one = kit_open(":memory:");
	struct store *other = kit_open(":memory:");
	struct store *third = kit_open("file:/shared?vfs=memdb");
	kit_begin(one);
	kit_begin(other);
	kit_begin(third);
	kit_count(third, "x", 1);
	kit_commit(third);
	struct store *fourth = kit_open("file:/shared?vfs=memdb");
	assert_int_equal(kit_counter(fourth, "x"), 1);
	store_close(one);
	store_close(other);
	store_close(third);
	store_close(fourth);
}

static void
test_closing_nothing_is_harmless(void **state)
{
	(void)state;
	store_close(NULL);
	assert_string_equal(store_library_version(), sqlite3_libversion());
}

/* The disk is full. */

static bool
grow(struct store *store, struct err *err)
{
	static char carry[4001];
	memset(carry, 'x', sizeof(carry) - 1);
	struct store_part part = { .carry = carry };
	if (!store_begin(store, err))
		return false;
	for (part.number = 10; part.number < 60; part.number++)
		if (!store_put_part(store, 1, &part, err)) {
			store_rollback(store);
			return false;
		}
	return store_commit(store, err);
}

static void
test_a_full_disk_is_an_error_until_there_is_room(void **state)
{
	const struct place *place = *state;
	char uri[160];
	struct err err;
	snprintf(uri, sizeof(uri), "file:%s?vfs=lossy", place->path);
	struct store *store = kit_open(uri);
	kit_fill(store);
	kit_commit(store);

	lossy_vfs_quota((int64_t)256 * 1024);
	for (int i = 0; i < 3; i++) {
		assert_false(grow(store, &err));
		assert_non_null(strstr(err.text, "cannot write file:/tmp/"));
		assert_non_null(strstr(err.text, "disk is full"));
		kit_assert_filled(store);
	}
	lossy_vfs_quota(-1);
	assert_done(grow(store, &err), &err);
	store_close(store);
	kit_assert_sql(place->path, "SELECT count(*) FROM part", "51");
	kit_assert_sql(place->path, "PRAGMA integrity_check", "ok");
}

static void
limit_files(rlim_t size)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_a_file_that_cannot_grow_is_an_error_until_it_can(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct store *store = kit_open(place->path);
	kit_fill(store);
	kit_commit(store);

	signal(SIGXFSZ, SIG_IGN);
	limit_files((rlim_t)128 * 1024);
	bool grown = grow(store, &err);
	limit_files(RLIM_INFINITY);
	assert_false(grown);
	assert_non_null(strstr(err.text, "curlew.db: disk I/O error"));
	kit_assert_filled(store);
	assert_done(grow(store, &err), &err);
	store_close(store);
	kit_assert_sql(place->path, "PRAGMA integrity_check", "ok");
}

/* Fixtures: what former versions wrote. */

static void
load_fixture(const char *name, const char *path)
{
	char source[512];
	struct buf sql;
	buf_init(&sql, 1 << 20);
	snprintf(source, sizeof(source), "%s/%s", FIXTURES, name);
	FILE *file = fopen(source, "r");
	assert_non_null(file);
	for (int c = getc(file); c != EOF; c = getc(file))
		buf_add_char(&sql, (char)c);
	fclose(file);
	kit_run_sql(path, sql.data);
	buf_finish(&sql);
}

static void
test_a_file_of_version_1_is_read(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct event event;
	struct arena *arena = arena_new();
	load_fixture("curlew-1.sql", place->path);
	assert_false(kit_is_fresh(place->path));

	struct store *store = kit_open(place->path);
	kit_assert_endpoints(store,
		"blog operational 0 1 900 - 0 0 silent\n"
		"shop major_outage 5 0 3000 2 2000 2 said\n");
	kit_assert_deliveries(store,
		"8 slack/ops shop 4 3001 8\n"
		"9 cachet/1 shop 4 3002 12"
		" [0 2 1 0 0 ] [1 0 3 9000 8000 {\"found\": 12}]\n");
	kit_assert_receipts(store, "2 cachet/1 2 12\n2 slack/ops 2 \n");
	assert_int_equal(kit_counter(store, "expired/slack/ops"), 3);
	assert_done(store_event(store, 4, arena, &event, &err), &err);
	assert_int_equal(event.kind, EVENT_CHANGED);
	assert_string_equal(event.endpoint.url, "https://shop.example.net/");
	store_close(store);
	arena_free(arena);
}

static void
on_old_problem(void *cookie, const struct store_problem *problem)
{
	unsigned *n = cookie;
	++*n;
	assert_string_equal(problem->source, "cron");
	assert_string_equal(problem->subject, "Nightly backup");
	assert_string_equal(problem->link, "https://cron.example.net/1");
	assert_int_equal(problem->status, STATUS_MAJOR_OUTAGE);
	assert_string_equal(problem->known, "");
}

static void
test_a_file_of_version_2_is_read(void **state)
{
	const struct place *place = *state;
	struct err err;
	unsigned n = 0;
	load_fixture("curlew-2.sql", place->path);
	struct store *store = kit_open(place->path);
	assert_done(store_problems(store, on_old_problem, &n, &err), &err);
	assert_int_equal(n, 1);
	store_close(store);
}

static void
on_old_record(void *cookie, const struct store_audit *audit)
{
	unsigned *n = cookie;
	++*n;
	assert_string_not_equal(audit->outcome, "");
	assert_string_equal(audit->answer, "");
}

static void
test_a_file_of_version_5_is_read(void **state)
{
	const struct place *place = *state;
	struct err err;
	unsigned n = 0;
	load_fixture("curlew-5.sql", place->path);
	struct store *store = kit_open(place->path);
	assert_done(store_audits(store, 10, on_old_record, &n, &err), &err);
	assert_int_equal(n, 4);
	store_close(store);
}

static void
test_an_old_file_becomes_as_a_new_one(void **state)
{
	const struct place *place = *state;
	static const char *const fixtures[] = { "curlew-1.sql", "curlew-2.sql",
		"curlew-3.sql", "curlew-4.sql", "curlew-5.sql" };
	static const char schema[] =
		"SELECT group_concat(sql, x'0a') FROM (SELECT sql FROM"
		" sqlite_schema WHERE name != 'sqlite_sequence' AND sql"
		" IS NOT NULL ORDER BY name)";
	char other[128];
	snprintf(other, sizeof(other), "%s/new.db", place->folder);
	assert_true(kit_is_fresh(other));
	char *expected = kit_ask_sql(other, schema);
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%zu.db", place->folder, i);
		load_fixture(fixtures[i], path);
		assert_false(kit_is_fresh(path));
		kit_assert_sql(path, schema, expected);
		kit_assert_sql(path, "PRAGMA user_version", "6");
	}
	free(expected);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_new_file_is_fresh_until_something_is_remembered),
		TEST(an_empty_file_is_fresh),
		TEST(files_and_folders_are_nobody_elses),
		TEST(a_path_that_cannot_be_is_refused),
		TEST(garbage_is_refused),
		TEST(a_damaged_file_is_refused),
		TEST(the_database_of_another_program_is_refused),
		TEST(a_newer_version_is_refused),
		TEST(a_schema_that_is_not_whole_is_refused),
		TEST(a_second_handle_is_refused),
		TEST(a_second_process_is_refused_while_the_first_lives),
		TEST(memory_is_locked_by_nobody),
		TEST(closing_nothing_is_harmless),
		TEST(a_full_disk_is_an_error_until_there_is_room),
		TEST(a_file_that_cannot_grow_is_an_error_until_it_can),
		TEST(a_file_of_version_1_is_read),
		TEST(a_file_of_version_2_is_read),
		TEST(a_file_of_version_5_is_read),
		TEST(an_old_file_becomes_as_a_new_one),
	};
	lossy_vfs_register(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
