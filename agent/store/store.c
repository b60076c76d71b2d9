#include "agent/store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/fault.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/store/internal.h"

enum {
	BUSY_TIMEOUT_MS = 500, /* only tools of people ever lock it */
};

/* A log that once grew gives its room back; a usual one is 4 MiB. */
#define LIMIT_WAL "PRAGMA journal_size_limit = 16777216"

const char *
store_library_version(void)
{
	return sqlite3_libversion();
}

static bool
set(struct store *store, const char *pragma, struct err *err)
{
	return sqlite3_exec(store->db, pragma, NULL, NULL, NULL) == SQLITE_OK
		|| store_fail(store, "open", err);
}

static bool
set_wal(struct store *store, struct err *err)
{
	sqlite3_stmt *row = NULL;
	if (sqlite3_prepare_v2(
		    store->db, "PRAGMA journal_mode = WAL", -1, &row, NULL)
			!= SQLITE_OK
		|| sqlite3_step(row) != SQLITE_ROW) {
		store_fail(store, "open", err);
		sqlite3_finalize(row);
		return false;
	}
	const char *mode = (const char *)sqlite3_column_text(row, 0);
	bool good = store_is_uri(store->path) || (mode && str_ieq(mode, "wal"));
	sqlite3_finalize(row);
	return good
		|| err_set(err,
			"cannot use %s: its file system has no shared memory "
			"files, as a write-ahead log needs them; give `state` "
			"a path on a local disk",
			store->path);
}

static bool
set_synchronous(struct store *store, struct err *err)
{
#ifdef CURLEW_FAULTS
	/* For the control run that shows what is lost without FULL. */
	const char *less = getenv("CURLEW_SYNCHRONOUS");
	if (less && str_eq(less, "NORMAL"))
		return set(store, "PRAGMA synchronous = NORMAL", err);
	if (less && str_eq(less, "OFF"))
		return set(store, "PRAGMA synchronous = OFF", err);
#endif
	return set(store, "PRAGMA synchronous = FULL", err);
}

/* References are switched on last: a migration may rebuild tables.  What is
 * temporary stays in memory: in the sandbox there is no folder for it. */
static bool
set_up(struct store *store, struct err *err)
{
	int version;
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	return store_check_version(store, &version, err) && set_wal(store, err)
		&& set(store, LIMIT_WAL, err) && set_synchronous(store, err)
		&& store_migrate(store, version, err)
		&& set(store, "PRAGMA foreign_keys = ON", err)
		&& set(store, "PRAGMA temp_store = MEMORY", err)
		&& store_prepare(store, err);
}

/*
 * What the last process wrote can be read, though it may have died before it
 * was synced.  It is to be durable before anything rests on it: or, were the
 * power cut, it would be told and then forgotten.
 */
static bool
sync_log(struct store *store, struct err *err)
{
	sqlite3_file *log = NULL;
	sqlite3_file_control(
		store->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
	if (!log || !log->pMethods)
		return true; /* it was never on a disk */
	int code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	return code == SQLITE_OK
		|| err_set(err, "cannot write %s: %s", store->path,
			sqlite3_errstr(code));
}

static bool
ask_fresh(struct store *store, bool *fresh, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_IS_FRESH,
		(const struct store_value[]){ { 0 } });
	*fresh = store_rows_next(&rows) && store_column_int(&rows, 0) != 0;
	return store_rows_end(&rows, err);
}

static bool
open_database(struct store *store, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE;
	if (store_is_uri(store->path))
		flags |= SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
	return sqlite3_open_v2(store->path, &store->db, flags, NULL)
		== SQLITE_OK
		|| store_fail(store, "open", err);
}

struct store *
store_open(const char *path, bool *fresh, struct err *err)
{
	struct store *store = mem_zalloc(sizeof(*store));
	store->path = mem_dup(path);
	store->lock = -1;

	if (!store_is_uri(path)) {
		if (!store_create_file(path, err))
			goto close;
		store->lock = store_lock_file(path, err);
		if (store->lock < 0)
			goto close;
	}
	if (open_database(store, err) && set_up(store, err)
		&& ask_fresh(store, fresh, err) && sync_log(store, err))
		return store;
close:
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	store_rollback(store);
	store_finalize(store);
	int code = sqlite3_close(store->db);
	assert(code == SQLITE_OK);
	(void)code;
	if (store->lock >= 0)
		close(store->lock);
	free(store->path);
	free(store);
}

static bool
run(struct store *store, enum statement statement, struct err *err)
{
	sqlite3_stmt *taken = store->statements[statement];
	bool good = sqlite3_step(taken) == SQLITE_DONE
		|| store_fail(store, "write", err);
	sqlite3_reset(taken);
	return good;
}

bool
store_begin(struct store *store, struct err *err)
{
	assert(!store->in_transaction);
	if (!run(store, STATEMENT_BEGIN, err))
		return false;
	store->in_transaction = true;
	store->broken = false;
	return true;
}

bool
store_commit(struct store *store, struct err *err)
{
	assert(store->in_transaction);
	if (store->broken) {
		store_rollback(store);
		return err_set(err,
			"cannot write %s: a write before the commit failed",
			store->path);
	}

	fault_point("commit-before");
	if (!run(store, STATEMENT_COMMIT, err)) {
		store_rollback(store);
		return false;
	}
	fault_point("commit-after");
	store->in_transaction = false;
	return true;
}

void
store_rollback(struct store *store)
{
	if (!store->in_transaction)
		return;
	store->in_transaction = false;

	/* SQLite may have done so by itself.  A rollback cannot fail in a way
	 * that leaves the transaction open. */
	struct err ignored;
	if (!sqlite3_get_autocommit(store->db))
		(void)run(store, STATEMENT_ROLLBACK, &ignored);
}
