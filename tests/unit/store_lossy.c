/*
 * Power cuts: a process writes on a disk that forgets what was not synced, says
 * what is committed, and is killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/rng.h"
#include "agent/store/store.h"
#include "tests/support/lossy_vfs.h"
#include "tests/support/store_kit.h"

enum {
	CUTS = 48,
	CUTS_OF_A_FILE = 8, /* then a new one, to cut its making too */
	COMMITS_MAX = 250, /* some cuts come in or after a checkpoint */
	CARRY_MAX = 4000,
	CONTROL_COMMITS = 20,
};

typedef void writer_fn(const char *path, int report);

static void
report_number(int report, int64_t number)
{
	if (write(report, &number, sizeof(number)) != sizeof(number))
		_exit(1);
}

static void
must(bool done, const struct err *err)
{
	if (done)
		return;
	fprintf(stderr, "%s\n", err->text);
	_exit(1);
}

/* Each number is one transaction in several tables. */
static void
write_number(struct store *store, int64_t number, struct rng *rng)
{
	struct err err;
	static char carry[CARRY_MAX + 1];
	size_t len = rng_below(rng, CARRY_MAX);
	memset(carry, 'x', len);
	carry[len] = '\0';

	struct event event = kit_event(number, EVENT_BASELINE, "", 0);
	struct store_delivery delivery = {
		.id = number,
		.reporter = "slack/ops",
		.endpoint = "shop",
		.event_id = number,
		.plan = "",
	};
	struct store_part part = { .carry = carry };
	must(store_begin(store, &err), &err);
	must(store_add_event(store, &event, &err), &err);
	must(store_add_delivery(store, &delivery, &err), &err);
	must(store_put_part(store, number, &part, &err), &err);
	must(store_drop_delivery(store, number - 20, &err), &err);
	must(store_count(store, "numbers", 1, &err), &err);
	must(store_commit(store, &err), &err);
}

static void
write_numbers(const char *path, int report)
{
	struct err err;
	struct rng rng;
	bool fresh;
	int64_t number;
	rng_seed_os(&rng);
	lossy_vfs_register(true);
	struct store *store = store_open(path, &fresh, &err);
	must(store, &err);
	must(store_counter(store, "numbers", &number, &err), &err);
	for (;;) {
		write_number(store, ++number, &rng);
		report_number(report, number);
	}
}

static int64_t
read_numbers(int report, int64_t count)
{
	int64_t number, last = 0;
	for (int64_t i = 0; i < count; i++) {
		if (read(report, &number, sizeof(number)) != sizeof(number))
			break;
		last = number;
	}
	return last;
}

/* Kill it a moment after so many reports.  What was reported last; 0 if it did
 * not come to that. */
static int64_t
cut(writer_fn *writer, const char *path, int64_t reports, uint64_t moment)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		writer(path, ends[1]);
	}
	close(ends[1]);
	int64_t last = read_numbers(ends[0], reports);
	for (uint64_t i = 0; i < moment; i++)
		sched_yield();
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status)); /* nothing else ended it */

	int64_t later = read_numbers(ends[0], INT64_MAX);
	close(ends[0]);
	return later > 0 ? later : last;
}

/* How many numbers are in the file, all of them whole. */
static int64_t
look(const char *path)
{
	struct err err;
	int64_t event_id, delivery_id;
	kit_assert_sql(path, "PRAGMA integrity_check", "ok");
	struct store *store = kit_open(path);
	int64_t numbers = kit_counter(store, "numbers");
	assert_done(store_last_ids(store, &event_id, &delivery_id, &err), &err);
	assert_int_equal(event_id, numbers);
	assert_int_equal(delivery_id, numbers);
	store_close(store);
	return numbers;
}

static void
test_what_is_committed_survives_a_power_cut(void **state)
{
	const struct place *place = *state;
	struct rng rng;
	rng_seed_os(&rng);
	char path[128];
	int64_t kept = 0;
	for (int i = 0; i < CUTS; i++) {
		if (i % CUTS_OF_A_FILE == 0)
			kept = 0;
		snprintf(path, sizeof(path), "%s/%d.db", place->folder,
			i / CUTS_OF_A_FILE);
		int64_t reports = i % CUTS_OF_A_FILE == 0
			? 0
			: (int64_t)rng_below(&rng, COMMITS_MAX);
		int64_t reported =
			cut(write_numbers, path, reports, rng_below(&rng, 200));
		if (reported == 0)
			reported = kept;
		kept = look(path);
		if (kept < reported || kept > reported + 1)
			fail_msg("%d were committed, %d are there",
				(int)reported, (int)kept);
	}
}

/* The control: with less than FULL, the same disk loses. */

static void
write_carelessly(const char *path, int report)
{
	sqlite3 *db;
	lossy_vfs_register(true);
	bool good = sqlite3_open(path, &db) == SQLITE_OK
		&& sqlite3_exec(db,
			   "PRAGMA journal_mode = WAL;"
			   "PRAGMA synchronous = FULL;"
			   "CREATE TABLE number (id INTEGER PRIMARY KEY);"
			   "PRAGMA synchronous = NORMAL",
			   NULL, NULL, NULL)
			== SQLITE_OK;
	for (int64_t number = 1; good; number++) {
		good = sqlite3_exec(db, "INSERT INTO number VALUES (NULL)",
			       NULL, NULL, NULL)
			== SQLITE_OK;
		if (number <= CONTROL_COMMITS)
			report_number(report, number);
		if (number == CONTROL_COMMITS)
			pause();
	}
	_exit(1);
}

static void
test_the_disk_does_forget_what_is_not_synced(void **state)
{
	const struct place *place = *state;
	int64_t reported =
		cut(write_carelessly, place->path, CONTROL_COMMITS, 0);
	assert_int_equal(reported, CONTROL_COMMITS);
	kit_assert_sql(place->path, "PRAGMA integrity_check", "ok");
	kit_assert_sql(place->path, "SELECT count(*) FROM number", "0");
}

/* An end in order is no power cut. */

static void
write_and_exit(const char *path)
{
	struct err err;
	bool fresh;
	struct rng rng;
	rng_seed(&rng, 1);
	lossy_vfs_register(true);
	struct store *store = store_open(path, &fresh, &err);
	must(store, &err);
	write_number(store, 1, &rng);
	store_close(store);
	exit(0);
}

static void
test_an_end_in_order_loses_nothing(void **state)
{
	const struct place *place = *state;
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_and_exit(place->path);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);

	char wal[128];
	snprintf(wal, sizeof(wal), "%s-wal", place->path);
	assert_int_equal(access(wal, F_OK), -1);
	assert_int_equal(look(place->path), 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_committed_survives_a_power_cut),
		TEST(the_disk_does_forget_what_is_not_synced),
		TEST(an_end_in_order_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
