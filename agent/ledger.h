/*
 * The one place that commits: all that one turn of the loop changed becomes
 * durable together, and nothing is told before it is.
 *
 * Those who have something to remember join with a writer.  State lives in
 * memory; the store is its durable shadow.  When a commit fails (disk full,
 * database locked) nothing is lost: what was to be written stays to be written,
 * and it is tried again each second.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/clock.h"

struct err;
struct ledger;
struct store;

struct ledger_writer {
	/** Write all that is unwritten.  False: the whole turn is undone. */
	bool (*write)(void *cookie, struct store *store, struct err *err);

	/** What was written is durable now. */
	void (*written)(void *cookie);

	void *cookie;
};

/** The store must outlive the ledger. */
struct ledger *ledger_new(struct store *store);

/** NULL is allowed and does nothing. */
void ledger_free(struct ledger *ledger);

/** Writers write in the order in which they joined. */
void ledger_join(struct ledger *ledger, struct ledger_writer writer);

/** Something is to be written at the next ledger_turn(). */
void ledger_wake(struct ledger *ledger);

/** Something is to be written within a second; it may ride along. */
void ledger_wake_later(struct ledger *ledger, struct moment now);

/**
 * Commit what is to be committed.  Returns when it wants to be called again at
 * the latest, in milliseconds of the monotonic clock, or -1.
 */
int64_t ledger_turn(struct ledger *ledger, struct moment now);

/**
 * Why nothing can be committed, or NULL when all is well; `*since_ms` is then
 * the monotonic time of the first failure.
 */
const char *ledger_trouble(const struct ledger *ledger, int64_t *since_ms);
