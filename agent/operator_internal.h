/*
 * For operator.c and its operator_*.c alone.
 *
 *     operator.c       calls and their answers
 *     operator_do.c    what changes something
 *     operator_mute.c  quiet, and what is told after it
 *     operator_run.c   actions
 *     operator_show.c  what only looks
 *     operator_find.c  which endpoint is meant
 */
#pragma once

#include "agent/base/list.h"
#include "agent/operator.h"
#include "agent/orders.h"

struct arena;
struct err;

enum {
	OPERATOR_KEPT_MAX = 32, /* answers that nobody came for yet */
};

struct operator_kept {
	uint64_t number;
	json_t *answer; /* NULL while it is pending */
};

struct operator_desk {
	struct agent *agent;
	struct list calls;
	struct operator_kept kept[OPERATOR_KEPT_MAX]; /* by number, in a ring */
	uint64_t last_number;
	int64_t turn_ms; /* monotonic: nothing ends before; -1: nothing does */
	uint64_t version; /* of the orders that it was reckoned from */
	bool unsettled; /* what is to be told is not durable yet */
};

/** One command on its way. */
struct operator_task {
	struct operator_desk *desk;
	const struct command *command;
	const struct operator_asker *asker;
	struct arena *arena;
	struct moment now;
	struct monitor *probe; /* out: the answer is to be of its next look */
};

/** An answer to it; more can be put into it. */
json_t *operator_say(const struct operator_task *task, bool good,
	const char *outcome, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void operator_set(json_t *answer, const char *key, const char *text);

/** What a record keeps of an answer, to be told in any language; in the arena.
 * "" for one that is too long. */
const char *operator_keep(json_t *answer, struct arena *arena);

/** NULL for a moment that never was. */
json_t *operator_time(int64_t wall_ms);

/* operator_do.c */

json_t *operator_do(struct operator_task *task);

/* operator_mute.c */

json_t *operator_mute(struct operator_task *task);
json_t *operator_unmute(struct operator_task *task);

/** What was muted is over: of this one, or of all when NULL. */
void operator_settle(
	struct operator_desk *desk, const char *name, struct moment now);

/** What could not be settled, since it was not durable that it is over. */
void operator_settle_rest(struct operator_desk *desk, struct moment now);

/** Those whose time has come. */
void operator_end_mutes(struct operator_desk *desk, struct moment now);

/* operator_run.c */

json_t *operator_run(struct operator_task *task);
json_t *operator_runs(const struct operator_task *task);

/* operator_show.c */

json_t *operator_show(struct operator_task *task);

/* operator_find.c */

enum operator_where {
	OPERATOR_MONITORED = 1,
	OPERATOR_REMOVED = 2,
	OPERATOR_MUTED = 4,
};

struct operator_found {
	const char *name;
	struct monitor *monitor; /* NULL for one of another monitor */
	bool whole; /* what was taken for a time belongs to the name */

	/* None was found: the answer says why not. */
	const char *outcome; /* "unknown", "which", "time" */
	const char *near; /* that may have been meant; NULL for none */
	const char *hits[2]; /* the first of those that may be meant */
	size_t n_hits;
};

/** The endpoint that is meant.  False: operator_not_found() says why not. */
bool operator_find(const struct operator_task *task, unsigned where,
	struct operator_found *found);

/** The answer then. */
json_t *operator_not_found(const struct operator_task *task, unsigned where,
	const struct operator_found *found);

/** Also where no name is needed. */
json_t *operator_no_time(const struct operator_task *task);
