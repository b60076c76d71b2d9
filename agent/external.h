/*
 * What other monitors watch: their problems on the main thread.  Each is an
 * incident like any other, durable before it is told; a subject is as its worst
 * open problem is, and is shown as SOURCE/SUBJECT.
 *
 * No loop, no timer, no socket: messages and time are handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/model/problem.h"
#include "agent/monitor.h"

struct conf;
struct conf_inbound;
struct err;
struct external_wait;
struct externals;
struct ledger;
struct orders;
struct outbox;
struct reporter;
struct rng;
struct store;

enum {
	EXTERNAL_SUBJECTS_MAX = 2000,
	EXTERNAL_PROBLEMS_MAX = 10000,
};

/** All of it must outlive the externals. */
struct external_settings {
	struct store *store;
	struct ledger *ledger;
	struct rng *rng;
	struct outbox *outbox;
	const struct orders *orders; /* NULL: nobody removes or mutes any */
	monitors_event_fn *on_event; /* or NULL */
	void *cookie;
};

/** After monitors_connect(), so that it writes behind them. */
struct externals *externals_new(const struct external_settings *settings);

/** NULL is allowed and does nothing. */
void externals_free(struct externals *externals);

/** These are the sources and the reporters from now on; both are borrowed.
 * What is open of a source that is gone is closed as no longer watched. */
void externals_set_scope(struct externals *externals, const struct conf *conf,
	const struct reporter *const *reporters, size_t n, struct moment now);

/** Take up what a former process knew; before externals_set_scope(). */
bool externals_load(struct externals *externals, struct err *err);

/** Why nothing can be taken now, or NULL when all is well. */
const char *externals_unready(const struct externals *externals);

/** Take what a message of this source said; told once it is durable. */
void externals_take(struct externals *externals,
	const struct conf_inbound *source, const struct problem *problems,
	size_t n, struct moment now);

/** A request was answered so. */
void externals_note(struct externals *externals, int status);

/**
 * Runs `done` once what was taken so far is durable, from the ledger's turn and
 * never from inside; not after externals_forget().
 */
typedef void external_done_fn(void *cookie);
struct external_wait *externals_wait(
	struct externals *externals, external_done_fn *done, void *cookie);

/** NULL is allowed and does nothing. */
void externals_forget(struct external_wait *wait);

/** Close what expired.  Before outbox_turn(), and when the time that it
 * returned has come: milliseconds of the monotonic clock, or -1. */
int64_t externals_turn(struct externals *externals, struct moment now);

/** One subject, as `status` and metrics show it. */
struct external_subject {
	const char *name; /* SOURCE/SUBJECT */
	enum status status;
	int64_t since_ms;
	size_t problems; /* open ones */
	const char *title; /* of the worst of them; "" for none */
	const char *link;
	const char *incident; /* of the same */
};

/** By number, from 0; false beyond the end.  Numbers last until the next
 * message. */
size_t externals_count(const struct externals *externals);
struct external_subject externals_at(
	const struct externals *externals, size_t number);

/** False when there is no subject of this name. */
bool externals_named(const struct externals *externals, const char *name,
	struct external_subject *subject);

/**
 * Forget the subject of this name: its open problems are closed as no longer
 * monitored.  What is said of it from then on is dropped, once it stands among
 * the orders as removed.  False when there is none.
 */
bool externals_drop(
	struct externals *externals, const char *name, struct moment now);

/** An open problem, as it is told of. */
struct external_case {
	const char *name; /* SOURCE/SUBJECT */
	const char *incident;
	const char *title;
	enum status status;
	int64_t opened_ms;
	struct external_problem *problem;
};

/** Of the subject of this name, or of all when NULL.  None may be opened or
 * closed meanwhile. */
typedef void external_case_fn(void *cookie, const struct external_case *found);
void externals_cases(const struct externals *externals, const char *name,
	external_case_fn *each, void *cookie);

/** As monitors_tell_present(), of this problem. */
void externals_tell_present(struct externals *externals,
	const struct external_case *found, enum status told, struct moment now);

/** As monitors_remind(), of this problem. */
typedef bool external_pick_fn(void *cookie, const struct reporter *reporter,
	const struct event *event);
void externals_remind(struct externals *externals,
	const struct external_case *found, external_pick_fn *pick, void *cookie,
	struct moment now);

struct external_stats {
	uint64_t taken; /* requests */
	uint64_t refused;
	uint64_t deferred; /* to come again */
	uint64_t opened;
	uint64_t closed;
	uint64_t notices;
	uint64_t repeated; /* said once more */
	uint64_t dropped; /* by a rule */
	uint64_t expired;
	size_t problems; /* open ones */
};

struct external_stats externals_stats(const struct externals *externals);
