/*
 * The state file makes sense, whatever happened to its last process.
 */
#include <sqlite3.h>

#include "agent/base/str.h"
#include "tests/sim/disk.h"
#include "tests/sim/sim.h"

/* What there is none of. */
static const struct {
	const char *sql;
	const char *what;
} wrongs[] = {
	{ "SELECT \"table\" FROM pragma_foreign_key_check",
		"a row that refers to nothing" },
	{ "SELECT incident FROM endpoint WHERE incident <> '' AND incident NOT "
	  "IN (SELECT uuid FROM incident WHERE closed_ms IS NULL)",
		"an endpoint whose incident is not open" },
	{ "SELECT uuid FROM incident WHERE closed_ms IS NULL AND uuid NOT IN"
	  " (SELECT incident FROM endpoint)",
		"an open incident of no endpoint" },
	{ "SELECT uuid FROM incident WHERE uuid NOT IN"
	  " (SELECT incident FROM event WHERE incident IS NOT NULL)",
		"an incident without an event" },
	{ "SELECT incident FROM event WHERE incident IS NOT NULL"
	  " GROUP BY incident HAVING max(seq) - min(seq) + 1 <> count(*)"
	  /* One of a past that was forgotten goes on with a high number. */
	  " OR (min(seq) <> 1 AND min(seq) < 1000000000)",
		"an incident with a gap in its events" },
	{ "SELECT name FROM endpoint WHERE (incident <> '') <> (announced > 1)",
		"an endpoint that is down without an incident" },
};

static sqlite3 *
open_database(void)
{
	sqlite3 *db;
	sqlite3_open_v2(SIM_DISK_URI, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
		NULL);
	return db;
}

static void
check_integrity(struct sim_world *world, sqlite3 *db)
{
	sqlite3_stmt *row;
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &row, NULL)
			!= SQLITE_OK
		|| sqlite3_step(row) != SQLITE_ROW
		|| !str_eq((const char *)sqlite3_column_text(row, 0), "ok"))
		sim_fail(world, "the database is broken: %s",
			sqlite3_errmsg(db));
	sqlite3_finalize(row);
}

static bool
is_empty(sqlite3 *db)
{
	sqlite3_stmt *row;
	sqlite3_prepare_v2(
		db, "SELECT count(*) FROM sqlite_schema", -1, &row, NULL);
	bool empty = sqlite3_step(row) != SQLITE_ROW
		|| sqlite3_column_int(row, 0) == 0;
	sqlite3_finalize(row);
	return empty;
}

void
sim_check_database(struct sim_world *world)
{
	sqlite3 *db = open_database();
	check_integrity(world, db);
	for (size_t i = 0;
		!is_empty(db) && i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		sqlite3_stmt *row = NULL;
		int code =
			sqlite3_prepare_v2(db, wrongs[i].sql, -1, &row, NULL);
		if (code == SQLITE_OK)
			code = sqlite3_step(row);
		if (code == SQLITE_ROW)
			sim_fail(world, "the database has %s: %s",
				wrongs[i].what,
				(const char *)sqlite3_column_text(row, 0));
		else if (code != SQLITE_DONE)
			sim_fail(world, "the database cannot be asked for %s",
				wrongs[i].what);
		sqlite3_finalize(row);
	}
	sqlite3_close(db);
}
