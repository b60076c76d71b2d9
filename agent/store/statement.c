#include "agent/store/internal.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "agent/base/err.h"

static const char *const texts[] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	[STATEMENT_IS_FRESH] = "SELECT NOT EXISTS (SELECT 1 FROM endpoint)"
			       " AND NOT EXISTS (SELECT 1 FROM event)",

	[STATEMENT_ENDPOINTS] =
		"SELECT e.name, e.announced, e.fails, e.goods, e.since_ms,"
		" e.incident, i.opened_ms, v.seq, v.body"
		" FROM endpoint e"
		" LEFT JOIN incident i ON i.uuid = e.incident"
		" LEFT JOIN event v ON v.id = (SELECT id FROM event"
		"  WHERE incident = e.incident ORDER BY seq DESC LIMIT 1)"
		" ORDER BY e.name",
	[STATEMENT_PUT_ENDPOINT] =
		"INSERT INTO endpoint"
		" (name, announced, fails, goods, since_ms, incident)"
		" VALUES (?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET"
		" announced = excluded.announced, fails = excluded.fails,"
		" goods = excluded.goods, since_ms = excluded.since_ms,"
		" incident = excluded.incident",
	[STATEMENT_DROP_ENDPOINT] = "DELETE FROM endpoint WHERE name = ?",
	[STATEMENT_COUNT_UP] = "INSERT INTO counter (name, value) VALUES (?, ?)"
			       " ON CONFLICT (name) DO UPDATE SET"
			       " value = value + excluded.value",
	[STATEMENT_PUT_COUNTER] =
		"INSERT INTO counter (name, value) VALUES (?, ?)"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[STATEMENT_COUNTER] = "SELECT value FROM counter WHERE name = ?",

	[STATEMENT_LAST_IDS] = "SELECT (SELECT max(id) FROM event),"
			       " (SELECT max(id) FROM delivery)",
	[STATEMENT_OPEN_INCIDENT] =
		"INSERT INTO incident"
		" (uuid, endpoint, opened_ms, worst, status, closed_ms)"
		" VALUES (?, ?, ?, ?, ?, ?)"
		/* People may be told of it later than it was opened. */
		" ON CONFLICT (uuid) DO UPDATE SET"
		" worst = max(worst, excluded.worst),"
		" status = excluded.status",
	[STATEMENT_MOVE_INCIDENT] =
		"UPDATE incident SET worst = max(worst, ?2), status = ?3,"
		" closed_ms = ?4 WHERE uuid = ?1",
	[STATEMENT_ADD_EVENT] =
		"INSERT INTO event (id, incident, seq, kind, at_ms, body)"
		" VALUES (?, ?, ?, ?, ?, ?)",
	[STATEMENT_EVENT] = "SELECT body FROM event WHERE id = ?",
	[STATEMENT_INCIDENT] =
		"SELECT closed_ms IS NULL, body FROM incident"
		" JOIN event ON event.incident = incident.uuid"
		" WHERE uuid = ? ORDER BY event.seq DESC LIMIT 1",
	[STATEMENT_INCIDENT_OF_REF] =
		"SELECT incident FROM receipt WHERE ref = ? AND reporter = ?"
		" ORDER BY incident DESC LIMIT 1",
	[STATEMENT_DOWNTIMES] =
		"SELECT endpoint, sum(min(coalesce(closed_ms, ?2), ?2)"
		"  - max(opened_ms, ?1))"
		" FROM incident WHERE worst >= ?3 AND opened_ms < ?2"
		"  AND (closed_ms IS NULL OR closed_ms > ?1)"
		" GROUP BY endpoint",
	[STATEMENT_PRUNE_INCIDENTS] =
		"DELETE FROM incident WHERE seq IN (SELECT seq FROM incident"
		"  WHERE closed_ms < ?1 AND uuid NOT IN ("
		"   SELECT name FROM standing) AND NOT EXISTS ("
		"   SELECT 1 FROM event"
		"   JOIN delivery ON delivery.event = event.id"
		"   WHERE event.incident = incident.uuid)"
		"  ORDER BY closed_ms LIMIT ?2)",
	[STATEMENT_PRUNE_BASELINES] =
		"DELETE FROM event WHERE id IN ("
		"  SELECT id FROM event INDEXED BY event_baseline"
		"  WHERE incident IS NULL AND at_ms < ?1 AND NOT EXISTS ("
		"   SELECT 1 FROM delivery WHERE delivery.event = event.id)"
		"  ORDER BY at_ms LIMIT ?2)",

	[STATEMENT_ADD_DELIVERY] =
		"INSERT INTO delivery"
		" (id, reporter, endpoint, event, created_ms, plan)"
		" VALUES (?, ?, ?, ?, ?, ?)",
	[STATEMENT_DROP_DELIVERY] = "DELETE FROM delivery WHERE id = ?",
	[STATEMENT_DELIVERIES] =
		"SELECT id, reporter, endpoint, event, created_ms, plan"
		" FROM delivery ORDER BY id",
	[STATEMENT_PUT_PART] =
		"INSERT INTO part (delivery, number, state,"
		" attempts, due_ms, begun_ms, carry)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (delivery, number) DO UPDATE SET"
		" state = excluded.state, attempts = excluded.attempts,"
		" due_ms = excluded.due_ms, begun_ms = excluded.begun_ms,"
		" carry = excluded.carry",
	[STATEMENT_PARTS] =
		"SELECT number, state, attempts, due_ms, begun_ms, carry"
		" FROM part WHERE delivery = ? ORDER BY number",
	[STATEMENT_PUT_RECEIPT] =
		"INSERT INTO receipt (incident, reporter, opening, ref)"
		" VALUES (?, ?, ?, ?)"
		" ON CONFLICT (incident, reporter) DO UPDATE SET"
		" opening = excluded.opening, ref = excluded.ref",
	[STATEMENT_RECEIPTS] =
		"SELECT receipt.incident, receipt.reporter, opening, ref,"
		" incident.closed_ms IS NOT NULL,"
		" busy.incident IS NOT NULL, standing.name IS NOT NULL"
		" FROM receipt"
		" JOIN incident ON incident.uuid = receipt.incident"
		" LEFT JOIN (SELECT DISTINCT event.incident,"
		"   delivery.reporter FROM delivery"
		"   JOIN event ON event.id = delivery.event) busy"
		"  ON busy.incident = receipt.incident"
		"  AND busy.reporter = receipt.reporter"
		" LEFT JOIN standing ON standing.name = receipt.incident"
		"  AND standing.kind = 3" /* STORE_ORDER_HUSHED */
		" WHERE incident.closed_ms IS NULL"
		" OR busy.incident IS NOT NULL OR standing.name IS NOT NULL"
		" ORDER BY receipt.incident, receipt.reporter",

	[STATEMENT_PROBLEMS] =
		"SELECT source, identity, subject, status, title, link,"
		" incident, opened_ms, seq, expires_ms, known FROM problem"
		" ORDER BY opened_ms, source, identity",
	[STATEMENT_PUT_PROBLEM] =
		"INSERT OR REPLACE INTO problem"
		" (source, identity, subject, status, title, link,"
		" incident, opened_ms, seq, expires_ms, known)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_DROP_PROBLEM] =
		"DELETE FROM problem WHERE source = ? AND identity = ?",
	[STATEMENT_SUBJECTS] = "SELECT source, name, since_ms FROM subject"
			       " ORDER BY since_ms, source, name",
	[STATEMENT_PUT_SUBJECT] = "INSERT OR REPLACE INTO subject"
				  " (source, name, since_ms) VALUES (?, ?, ?)",
	[STATEMENT_DROP_SUBJECT] =
		"DELETE FROM subject WHERE source = ? AND name = ?",
	[STATEMENT_HEARD] = "SELECT message, number FROM heard"
			    " ORDER BY number",
	[STATEMENT_PUT_HEARD] = "INSERT OR REPLACE INTO heard"
				" (message, number) VALUES (?, ?)",
	[STATEMENT_DROP_HEARD] = "DELETE FROM heard WHERE message = ?",

	[STATEMENT_STANDING] =
		"SELECT kind, name, endpoint, who, at_ms, until_ms, status"
		" FROM standing ORDER BY at_ms, kind, name",
	[STATEMENT_PUT_STANDING] =
		"INSERT OR REPLACE INTO standing"
		" (kind, name, endpoint, who, at_ms, until_ms, status)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_DROP_STANDING] =
		"DELETE FROM standing WHERE kind = ? AND name = ?",
	[STATEMENT_AUDIT] =
		"SELECT at_ms, who, source, channel, command, good, outcome,"
		" answer FROM audit ORDER BY id DESC LIMIT ?",
	[STATEMENT_ADD_AUDIT] =
		"INSERT INTO audit"
		" (at_ms, who, source, channel, command, good, outcome,"
		" answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_PRUNE_AUDIT] = "DELETE FROM audit WHERE id <="
				  " (SELECT max(id) FROM audit) - ?",
	[STATEMENT_RUNS] =
		"SELECT id, action, words, said, who, user, source, channel,"
		" reply, follow, started_ms, ended_ms, state, result FROM run"
		" ORDER BY started_ms, id",
	[STATEMENT_PUT_RUN] =
		"INSERT OR REPLACE INTO run (id, action, words, said, who,"
		" user, source, channel, reply, follow, started_ms, ended_ms,"
		" state, result)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_DROP_RUN] = "DELETE FROM run WHERE id = ?",
	[STATEMENT_HISTORY] =
		"SELECT uuid, opened_ms, coalesce(closed_ms, 0), worst,"
		" (SELECT body FROM event WHERE incident = uuid"
		"  ORDER BY event.seq LIMIT 1)"
		" FROM incident WHERE endpoint = ?"
		" ORDER BY incident.seq DESC LIMIT ?",
};

static_assert(sizeof(texts) / sizeof(texts[0]) == STATEMENT_COUNT,
	"each statement has its text");

bool
store_prepare(struct store *store, struct err *err)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		assert(texts[i]);
		if (sqlite3_prepare_v3(store->db, texts[i], -1,
			    SQLITE_PREPARE_PERSISTENT, &store->statements[i],
			    NULL)
			!= SQLITE_OK)
			return store_fail(store, "open", err);
	}
	return true;
}

void
store_finalize(struct store *store)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
}

static bool
has_errno(int code)
{
	return (code & 0xff) == SQLITE_IOERR
		|| (code & 0xff) == SQLITE_CANTOPEN;
}

bool
store_fail(const struct store *store, const char *verb, struct err *err)
{
	int code = sqlite3_extended_errcode(store->db);
	if ((code & 0xff) == SQLITE_NOTADB)
		return err_set(err,
			"%s is not a database: give `state` another path, or "
			"move the file away to begin with an empty one",
			store->path);

	if ((code & 0xff) == SQLITE_CORRUPT)
		return err_set(err,
			"cannot %s %s: %s; put a copy back, or move the file "
			"away to begin with an empty one",
			verb, store->path, sqlite3_errmsg(store->db));

	int why = has_errno(code) ? sqlite3_system_errno(store->db) : 0;
	return err_set(err, "cannot %s %s: %s%s%s%s", verb, store->path,
		sqlite3_errmsg(store->db), why ? " (" : "",
		why ? strerror(why) : "", why ? ")" : "");
}

/* Whoever would write NULL for want of memory must not: it is an error. */
static int
bind(sqlite3_stmt *statement, const struct store_value *values)
{
	int code = SQLITE_OK;
	for (int i = 0; code == SQLITE_OK && values[i].kind; i++) {
		const struct store_value *value = &values[i];
		if (value->kind == STORE_VALUE_INT)
			code = sqlite3_bind_int64(
				statement, i + 1, value->number);
		else if (value->kind == STORE_VALUE_TEXT)
			code = sqlite3_bind_text(statement, i + 1, value->text,
				-1, SQLITE_STATIC);
		else
			code = sqlite3_bind_null(statement, i + 1);
	}
	return code;
}

static void
put_back(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static sqlite3_stmt *
take(struct store *store, enum statement statement)
{
	sqlite3_stmt *taken = store->statements[statement];
	assert(!sqlite3_stmt_busy(taken));
	return taken;
}

/*
 * SQLite undoes the whole transaction after some errors, and then each further
 * write would be a transaction of its own: half a turn would be durable.
 */
static bool
can_write(const struct store *store, struct err *err)
{
	assert(store->in_transaction);
	if (!store->broken)
		return true;
	return err_set(err, "cannot write %s: a write before this one failed",
		store->path);
}

bool
store_write(struct store *store, enum statement statement,
	const struct store_value *values, struct err *err)
{
	if (!can_write(store, err))
		return false;

	sqlite3_stmt *taken = take(store, statement);
	bool good = bind(taken, values) == SQLITE_OK
		&& sqlite3_step(taken) == SQLITE_DONE;
	if (!good) {
		store_fail(store, "write", err);
		store->broken = true;
	}
	put_back(taken);
	return good;
}

void
store_rows_begin(struct store_rows *rows, struct store *store,
	enum statement statement, const struct store_value *values)
{
	rows->store = store;
	rows->at = take(store, statement);
	rows->code = bind(rows->at, values);
}

bool
store_rows_next(struct store_rows *rows)
{
	if (rows->code != SQLITE_OK && rows->code != SQLITE_ROW)
		return false;
	rows->code = sqlite3_step(rows->at);
	return rows->code == SQLITE_ROW;
}

bool
store_rows_end(struct store_rows *rows, struct err *err)
{
	bool good = rows->code == SQLITE_OK || rows->code == SQLITE_ROW
		|| rows->code == SQLITE_DONE;
	if (!good)
		store_fail(rows->store, "read", err);
	put_back(rows->at);
	return good;
}

const char *
store_column_text(const struct store_rows *rows, int column)
{
	const unsigned char *text = sqlite3_column_text(rows->at, column);
	return text ? (const char *)text : "";
}

int64_t
store_column_int(const struct store_rows *rows, int column)
{
	return sqlite3_column_int64(rows->at, column);
}

unsigned
store_column_unsigned(const struct store_rows *rows, int column)
{
	int64_t number = store_column_int(rows, column);
	if (number < 0)
		return 0;
	return number > UINT_MAX ? UINT_MAX : (unsigned)number;
}

int
store_column_choice(const struct store_rows *rows, int column, int count)
{
	int64_t number = store_column_int(rows, column);
	return number < 0 || number >= count ? 0 : (int)number;
}
