/*
 * What the files of the store share.  SQL is a row in the table of statement.c
 * and nowhere else, but for the schema in migrate.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct err;

enum statement {
	STATEMENT_BEGIN = 0,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_IS_FRESH,
	STATEMENT_ENDPOINTS,
	STATEMENT_PUT_ENDPOINT,
	STATEMENT_DROP_ENDPOINT,
	STATEMENT_COUNT_UP,
	STATEMENT_PUT_COUNTER,
	STATEMENT_COUNTER,
	STATEMENT_LAST_IDS,
	STATEMENT_OPEN_INCIDENT,
	STATEMENT_MOVE_INCIDENT,
	STATEMENT_ADD_EVENT,
	STATEMENT_EVENT,
	STATEMENT_INCIDENT,
	STATEMENT_INCIDENT_OF_REF,
	STATEMENT_DOWNTIMES,
	STATEMENT_PRUNE_INCIDENTS,
	STATEMENT_PRUNE_BASELINES,
	STATEMENT_ADD_DELIVERY,
	STATEMENT_DROP_DELIVERY,
	STATEMENT_DELIVERIES,
	STATEMENT_PUT_PART,
	STATEMENT_PARTS,
	STATEMENT_PUT_RECEIPT,
	STATEMENT_RECEIPTS,
	STATEMENT_PROBLEMS,
	STATEMENT_PUT_PROBLEM,
	STATEMENT_DROP_PROBLEM,
	STATEMENT_SUBJECTS,
	STATEMENT_PUT_SUBJECT,
	STATEMENT_DROP_SUBJECT,
	STATEMENT_HEARD,
	STATEMENT_PUT_HEARD,
	STATEMENT_DROP_HEARD,
	STATEMENT_STANDING,
	STATEMENT_PUT_STANDING,
	STATEMENT_DROP_STANDING,
	STATEMENT_AUDIT,
	STATEMENT_ADD_AUDIT,
	STATEMENT_PRUNE_AUDIT,
	STATEMENT_HISTORY,
	STATEMENT_RUNS,
	STATEMENT_PUT_RUN,
	STATEMENT_DROP_RUN,

	STATEMENT_COUNT
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	char *path;
	int lock; /* descriptor of the lock file; -1 for none */
	bool in_transaction;
	bool broken; /* a write of the transaction failed */
};

/* file.c */

/** True for what is not a plain file: ":memory:" and "file:..." URIs. */
bool store_is_uri(const char *path);

/** Make the folder and the file, where missing, readable by nobody else. */
bool store_create_file(const char *path, struct err *err);

/** The descriptor that holds the lock until it is closed; -1 on failure. */
int store_lock_file(const char *path, struct err *err);

/* migrate.c */

/** Refuse what is not ours or newer than we are.  Writes nothing. */
bool store_check_version(struct store *store, int *version, struct err *err);

/** Bring the schema from `version` to what this program knows. */
bool store_migrate(struct store *store, int version, struct err *err);

/* statement.c */

bool store_prepare(struct store *store, struct err *err);
void store_finalize(struct store *store);

/** "cannot <verb> <path>: <what SQLite says>".  Always false. */
bool store_fail(const struct store *store, const char *verb, struct err *err);

/** A value for a `?` of a statement.  A list of them ends with { 0 }. */
struct store_value {
	enum {
		STORE_VALUE_END = 0,
		STORE_VALUE_INT,
		STORE_VALUE_TEXT,
		STORE_VALUE_NULL,
	} kind;
	int64_t number;
	const char *text;
};

static inline struct store_value
store_int(int64_t number)
{
	return (struct store_value){ STORE_VALUE_INT, number, NULL };
}

static inline struct store_value
store_text(const char *text)
{
	return (struct store_value){ STORE_VALUE_TEXT, 0, text };
}

static inline struct store_value
store_null(void)
{
	return (struct store_value){ STORE_VALUE_NULL, 0, NULL };
}

/**
 * Run a statement that writes and gives no rows.  After a failure nothing of
 * this transaction can be written or committed any more.
 */
bool store_write(struct store *store, enum statement statement,
	const struct store_value *values, struct err *err);

/** Rows of a statement that reads: begin, next until false, end. */
struct store_rows {
	struct store *store;
	sqlite3_stmt *at; /* the row that store_rows_next() came to */
	int code;
};

/** `values` are borrowed until store_rows_end().  A statement can be read
 * once at a time. */
void store_rows_begin(struct store_rows *rows, struct store *store,
	enum statement statement, const struct store_value *values);
bool store_rows_next(struct store_rows *rows);
bool store_rows_end(struct store_rows *rows, struct err *err);

/** Never NULL; borrowed until the next row. */
const char *store_column_text(const struct store_rows *rows, int column);

int64_t store_column_int(const struct store_rows *rows, int column);

/** What does not fit, as only a damaged file has it, is cut to what does. */
unsigned store_column_unsigned(const struct store_rows *rows, int column);

/** A number from 0 to `count` - 1; 0 when it is something else. */
int store_column_choice(const struct store_rows *rows, int column, int count);
