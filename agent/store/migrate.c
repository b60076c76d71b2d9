#include "agent/store/internal.h"

#include <assert.h>

#include "agent/base/err.h"
#include "agent/store/store.h"

/* "CRLW": so that a file of another program is not taken for ours. */
#define APPLICATION 0x43524c57

/*
 * What brings the schema from version n to n + 1, for each n.  A step that was
 * released is never changed; a new one comes with a fixture of the version
 * before it (tests/unit/fixtures).
 *
 * References are checked at the commit, so that who writes what first within a
 * transaction does not matter.
 */
static const char *const steps[] = {
	"CREATE TABLE endpoint ("
	" name TEXT PRIMARY KEY NOT NULL,"
	" announced INTEGER NOT NULL,"
	" fails INTEGER NOT NULL,"
	" goods INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" incident TEXT NOT NULL" /* '' for none */
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE incident ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" uuid TEXT NOT NULL UNIQUE,"
	" endpoint TEXT NOT NULL,"
	" opened_ms INTEGER NOT NULL,"
	" closed_ms INTEGER," /* NULL while it is open */
	" worst INTEGER NOT NULL,"
	" status INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX incident_closed ON incident (closed_ms);"

	"CREATE TABLE event ("
	" id INTEGER PRIMARY KEY,"
	" incident TEXT" /* NULL for a baseline */
	"  REFERENCES incident (uuid) ON DELETE CASCADE"
	"  DEFERRABLE INITIALLY DEFERRED,"
	" seq INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" body TEXT NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX event_incident ON event (incident, seq);"
	"CREATE INDEX event_baseline ON event (at_ms)"
	" WHERE incident IS NULL;"

	"CREATE TABLE delivery ("
	" id INTEGER PRIMARY KEY,"
	" reporter TEXT NOT NULL,"
	" endpoint TEXT NOT NULL,"
	" event INTEGER NOT NULL"
	"  REFERENCES event (id) DEFERRABLE INITIALLY DEFERRED,"
	" created_ms INTEGER NOT NULL,"
	" plan TEXT NOT NULL"
	") STRICT;"
	"CREATE INDEX delivery_event ON delivery (event);"

	"CREATE TABLE part ("
	" delivery INTEGER NOT NULL"
	"  REFERENCES delivery (id) ON DELETE CASCADE"
	"  DEFERRABLE INITIALLY DEFERRED,"
	" number INTEGER NOT NULL,"
	" state INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL,"
	" begun_ms INTEGER NOT NULL,"
	" carry TEXT NOT NULL,"
	" PRIMARY KEY (delivery, number)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE receipt ("
	" incident TEXT NOT NULL"
	"  REFERENCES incident (uuid) ON DELETE CASCADE"
	"  DEFERRABLE INITIALLY DEFERRED,"
	" reporter TEXT NOT NULL,"
	" opening INTEGER NOT NULL,"
	" ref TEXT NOT NULL,"
	" PRIMARY KEY (incident, reporter)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE counter ("
	" name TEXT PRIMARY KEY NOT NULL,"
	" value INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",

	"CREATE TABLE problem ("
	" source TEXT NOT NULL,"
	" identity TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" status INTEGER NOT NULL,"
	" title TEXT NOT NULL,"
	" link TEXT NOT NULL,"
	" incident TEXT NOT NULL,"
	" opened_ms INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL," /* 0 for never */
	" PRIMARY KEY (source, identity)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE subject ("
	" source TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" PRIMARY KEY (source, name)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE heard ("
	" message INTEGER PRIMARY KEY," /* a hash */
	" number INTEGER NOT NULL"
	") STRICT;",

	"ALTER TABLE problem ADD COLUMN known TEXT NOT NULL DEFAULT '';",

	"CREATE TABLE standing ("
	" kind INTEGER NOT NULL,"
	" name TEXT NOT NULL,"
	" endpoint TEXT NOT NULL,"
	" who TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL," /* 0 for no end */
	" status INTEGER NOT NULL,"
	" PRIMARY KEY (kind, name)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE audit ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" at_ms INTEGER NOT NULL,"
	" who TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" channel TEXT NOT NULL,"
	" command TEXT NOT NULL,"
	" good INTEGER NOT NULL,"
	" outcome TEXT NOT NULL"
	") STRICT;"

	"CREATE INDEX incident_endpoint ON incident (endpoint, seq);",

	"CREATE TABLE run ("
	" id TEXT PRIMARY KEY NOT NULL,"
	" action TEXT NOT NULL,"
	" words TEXT NOT NULL," /* JSON */
	" said TEXT NOT NULL,"
	" who TEXT NOT NULL,"
	" user TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" channel TEXT NOT NULL,"
	" reply TEXT NOT NULL," /* sealed; '' for none */
	" follow TEXT NOT NULL," /* sealed; '' for none */
	" started_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL," /* 0 while it runs */
	" state INTEGER NOT NULL,"
	" result TEXT NOT NULL" /* JSON; '' for none */
	") STRICT, WITHOUT ROWID;",

	/* JSON; '' for none */
	"ALTER TABLE audit ADD COLUMN answer TEXT NOT NULL DEFAULT '';",
};

enum {
	VERSION = sizeof(steps) / sizeof(steps[0]),
};

/* Before the tables are there, the table of statements cannot be prepared. */
static bool
ask_number(struct store *store, const char *sql, int *number, struct err *err)
{
	sqlite3_stmt *row = NULL;
	bool good =
		sqlite3_prepare_v2(store->db, sql, -1, &row, NULL) == SQLITE_OK
		&& sqlite3_step(row) == SQLITE_ROW;
	if (good)
		*number = sqlite3_column_int(row, 0);
	else
		store_fail(store, "open", err);
	sqlite3_finalize(row);
	return good;
}

static bool
refuse_newer(const struct store *store, int version, struct err *err)
{
	return err_set(err,
		"%s was written by a newer curlew: its schema is version %d, "
		"and curlew " CURLEW_VERSION
		" knows up to version %d; run the newer curlew, or move the "
		"file away to begin with an empty one",
		store->path, version, VERSION);
}

bool
store_check_version(struct store *store, int *version, struct err *err)
{
	int application, objects;
	if (!ask_number(store, "PRAGMA user_version", version, err)
		|| !ask_number(
			store, "PRAGMA application_id", &application, err)
		|| !ask_number(store, "SELECT count(*) FROM sqlite_schema",
			&objects, err))
		return false;

	bool empty = *version == 0 && application == 0 && objects == 0;
	if (!empty && (application != APPLICATION || *version < 1))
		return err_set(err,
			"%s is a database of another program: give `state` "
			"another path",
			store->path);
	if (*version > VERSION)
		return refuse_newer(store, *version, err);
	return true;
}

static bool
run(struct store *store, const char *sql, struct err *err)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
		|| store_fail(store, "write", err);
}

/* A step is done whole or not at all, also when the power fails in it. */
static bool
step_forward(struct store *store, int version, struct err *err)
{
	char mark[96];
	sqlite3_snprintf(sizeof(mark), mark,
		"PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION, version + 1);
	if (run(store, "BEGIN IMMEDIATE", err)
		&& run(store, steps[version], err) && run(store, mark, err)
		&& run(store, "COMMIT", err))
		return true;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool
store_migrate(struct store *store, int version, struct err *err)
{
	for (; version < VERSION; version++)
		if (!step_forward(store, version, err))
			return false;
	return true;
}

/* SQLite writes the number though it is the same. */
bool
store_prove(struct store *store, struct err *err)
{
	char mark[64];
	assert(!store->in_transaction);
	sqlite3_snprintf(
		sizeof(mark), mark, "PRAGMA user_version = %d", VERSION);
	return run(store, mark, err);
}
