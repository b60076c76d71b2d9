/*
 * What the agent remembers across restarts: one SQLite file.
 *
 * Only agent/store/ includes <sqlite3.h>.  All calls block and are short; all
 * that write must stand between store_begin() and store_commit(), and nothing
 * is durable before store_commit() has returned true.  One process a file: a
 * second one is refused with a sentence.
 *
 *     endpoint   name | announced, fails, goods, since, open incident
 *     incident   seq, uuid | endpoint, opened, closed, worst, status
 *     event      id | incident, seq, kind, at, body (JSON)
 *     delivery   id | reporter, endpoint, event, created, parts
 *     part       delivery, number | state, attempts, due, begun, carry
 *     receipt    incident, reporter | opening, ref
 *     counter    name | value
 *     problem    source, identity | subject, status, incident, ...
 *     subject    source, name | since
 *     heard      message | order
 *     standing   kind, name | who, when, until
 *     audit      id | who, when, what, outcome
 *     run        id | action, words, who, where, how it goes
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/uuid.h"
#include "agent/judge/verdict.h"
#include "agent/model/event.h"

struct arena;
struct err;
struct store;

/**
 * Creates the file (mode 0600) and moves old schemas forward.  ":memory:" and
 * URIs ("file:...?vfs=memdb") are allowed.  `*fresh` tells that nothing was
 * remembered: no endpoint and no event.
 */
struct store *store_open(const char *path, bool *fresh, struct err *err);

/** Rolls back what was not committed.  NULL is allowed and does nothing. */
void store_close(struct store *store);

/**
 * Find out whether a commit would succeed, by one that is durable and changes
 * nothing.  Not while a transaction is open.
 */
bool store_prove(struct store *store, struct err *err);

/** "3.40.1" for --version. */
const char *store_library_version(void);

/** Waits for up to half a second while another program writes. */
bool store_begin(struct store *store, struct err *err);

/**
 * False: nothing of the transaction is kept, and it is over.  That is so as
 * soon as one write of it failed, whatever came after.
 */
bool store_commit(struct store *store, struct err *err);

/** Harmless when no transaction is open. */
void store_rollback(struct store *store);

/* Endpoints: only what a verdict needs to go on after a restart. */

struct store_endpoint {
	const char *name;
	struct verdict_state verdict;
	int64_t since_ms; /* of what is announced */
	const char *incident; /* UUID of the open one; "" for none */
	int64_t opened_ms; /* of the open one */
	unsigned seq; /* of its last event */
	const char *event; /* body of its last event; "" for none */
};

/** Strings are borrowed until `each` returns; it may ask the store anything
 * but the same again.  So it is for the other functions with an `each`. */
typedef void store_endpoint_fn(
	void *cookie, const struct store_endpoint *endpoint);

bool store_endpoints(struct store *store, store_endpoint_fn *each, void *cookie,
	struct err *err);

/** Insert or replace; `event`, `seq` and `opened_ms` are not looked at: they
 * come from store_add_event(). */
bool store_put_endpoint(struct store *store,
	const struct store_endpoint *endpoint, struct err *err);

bool store_drop_endpoint(
	struct store *store, const char *name, struct err *err);

/* Events.  Ids are the caller's: larger than all before. */

/** The largest ids in use; 0 when there are none. */
bool store_last_ids(struct store *store, int64_t *event_id,
	int64_t *delivery_id, struct err *err);

/** Writes the event, and opens, updates or closes its incident. */
bool store_add_event(
	struct store *store, const struct event *event, struct err *err);

/** Strings live in `arena`.  False also when there is no such event. */
bool store_event(struct store *store, int64_t id, struct arena *arena,
	struct event *event, struct err *err);

/** What is remembered of an incident. */
struct store_incident {
	bool found;
	bool open;
	struct event event; /* the last of it */
};

/** Strings live in `arena`.  False only when the store fails. */
bool store_incident(struct store *store, const char *uuid, struct arena *arena,
	struct store_incident *incident, struct err *err);

/** The same of the one that a receiver knows by `ref`. */
bool store_incident_of_ref(struct store *store, const char *reporter,
	const char *ref, struct arena *arena, struct store_incident *incident,
	struct err *err);

/** How long the endpoint was in an outage, of this period, in milliseconds. */
typedef void store_downtime_fn(void *cookie, const char *endpoint, int64_t ms);

/** For each endpoint that was. */
bool store_downtimes(struct store *store, int64_t from_ms, int64_t to_ms,
	store_downtime_fn *each, void *cookie, struct err *err);

/* Deliveries: an event on its way to one reporter, in parts. */

enum store_part_state {
	STORE_PART_PENDING = 0,
	STORE_PART_TOLD, /* told; steps once more later, holds up nobody */
	STORE_PART_SETTLED,
};

struct store_part {
	unsigned number;
	enum store_part_state state;
	unsigned attempts;
	int64_t due_ms; /* wall clock; 0 for at once */
	int64_t begun_ms; /* wall clock; 0 when nothing is uncertain */
	const char *carry; /* never NULL */
};

struct store_delivery {
	int64_t id;
	const char *reporter;
	const char *endpoint;
	int64_t event_id;
	int64_t created_ms; /* wall clock */

	/*
	 * The plan that it was made with, one "kind lane" a line, so that a
	 * changed configuration does not renumber its parts.
	 */
	const char *plan;
};

bool store_add_delivery(struct store *store,
	const struct store_delivery *delivery, struct err *err);

/** Insert or replace. */
bool store_put_part(struct store *store, int64_t delivery,
	const struct store_part *part, struct err *err);

/** All its parts are settled: forget it. */
bool store_drop_delivery(
	struct store *store, int64_t delivery, struct err *err);

/**
 * All that is on its way, by id; `parts` are those that were ever touched.
 * Everything is borrowed until `each` returns.
 */
typedef void store_delivery_fn(void *cookie,
	const struct store_delivery *delivery, const struct store_part *parts,
	size_t n_parts);

bool store_deliveries(struct store *store, store_delivery_fn *each,
	void *cookie, struct err *err);

/* Receipts: what became of an incident's opening at a reporter. */

struct store_receipt {
	const char *incident;
	const char *reporter;
	int opening; /* enum reporter_opening */
	const char *ref; /* what the receiver gave back; "" for nothing */
	bool closed; /* the incident is, when it is read; so are these */
	bool busy; /* something of it is under way to this reporter */
	bool owed; /* people are to hear how it ends, once they may */
};

/** Insert or replace. */
bool store_put_receipt(struct store *store, const struct store_receipt *receipt,
	struct err *err);

/** Those of incidents that are open, of which something for this reporter is
 * under way, or that people knew when they were muted. */
typedef void store_receipt_fn(
	void *cookie, const struct store_receipt *receipt);

bool store_receipts(struct store *store, store_receipt_fn *each, void *cookie,
	struct err *err);

/* Numbers that survive restarts, such as "expired/<reporter>"; 0 when there is
 * none. */

bool store_count(
	struct store *store, const char *name, int64_t add, struct err *err);
bool store_put_counter(
	struct store *store, const char *name, int64_t value, struct err *err);
bool store_counter(
	struct store *store, const char *name, int64_t *value, struct err *err);

/* What other monitors say: their open problems, what these are about, and which
 * of their messages were heard already. */

struct store_problem {
	const char *source;
	const char *identity;
	const char *subject;
	enum status status;
	const char *title;
	const char *link;
	const char *incident; /* UUID */
	int64_t opened_ms;
	unsigned seq; /* of its last event */
	int64_t expires_ms; /* wall clock; 0 for never */
	const char *known; /* see event_encode_known() */
};

typedef void store_problem_fn(
	void *cookie, const struct store_problem *problem);

bool store_problems(struct store *store, store_problem_fn *each, void *cookie,
	struct err *err);

/** Insert or replace. */
bool store_put_problem(struct store *store, const struct store_problem *problem,
	struct err *err);
bool store_drop_problem(struct store *store, const char *source,
	const char *identity, struct err *err);

struct store_subject {
	const char *source;
	const char *name;
	int64_t since_ms; /* that it is as it is */
};

typedef void store_subject_fn(
	void *cookie, const struct store_subject *subject);

bool store_subjects(struct store *store, store_subject_fn *each, void *cookie,
	struct err *err);
bool store_put_subject(struct store *store, const struct store_subject *subject,
	struct err *err);
bool store_drop_subject(struct store *store, const char *source,
	const char *name, struct err *err);

/** In the order in which they were heard. */
typedef void store_heard_fn(void *cookie, uint64_t message, int64_t order);

bool store_heard(struct store *store, store_heard_fn *each, void *cookie,
	struct err *err);
bool store_put_heard(
	struct store *store, uint64_t message, int64_t order, struct err *err);
bool store_drop_heard(struct store *store, uint64_t message, struct err *err);

/* What people ordered, and the record of who did. */

enum store_order_kind {
	STORE_ORDER_REMOVED = 0, /* an endpoint */
	STORE_ORDER_MUTED, /* an endpoint, or "" for all */
	STORE_ORDER_TAKEN, /* an incident: somebody looks after it */
	STORE_ORDER_HUSHED, /* an incident that people knew when it was muted */
	STORE_ORDER_REMINDED, /* an incident: of that people were reminded */
};

enum {
	STORE_ORDER_COUNT = STORE_ORDER_REMINDED + 1,
};

struct store_order {
	enum store_order_kind kind;
	const char *name; /* of the endpoint, or the incident's UUID */
	const char *endpoint; /* of the incident; else "" */
	const char *who;
	int64_t at_ms; /* wall clock */
	int64_t until_ms; /* wall clock; 0 for no end; of a reminder: how long
			   * it had lasted */
	enum status status; /* as people know the incident; else UNKNOWN */
};

typedef void store_order_fn(void *cookie, const struct store_order *order);

/** The oldest first. */
bool store_orders(struct store *store, store_order_fn *each, void *cookie,
	struct err *err);

/** Insert or replace. */
bool store_put_order(
	struct store *store, const struct store_order *order, struct err *err);
bool store_drop_order(struct store *store, enum store_order_kind kind,
	const char *name, struct err *err);

struct store_audit {
	int64_t at_ms; /* wall clock */
	const char *who;
	const char *source; /* "shell", "slack" */
	const char *channel; /* "" for none */
	const char *command;
	bool good;
	const char *outcome; /* a sentence */
	const char *answer; /* what it is of, JSON; "" for none */
};

enum {
	STORE_AUDIT_MAX = 10000, /* older ones are forgotten */
};

bool store_add_audit(
	struct store *store, const struct store_audit *audit, struct err *err);

typedef void store_audit_fn(void *cookie, const struct store_audit *audit);

/** The latest first, so many of them. */
bool store_audits(struct store *store, unsigned limit, store_audit_fn *each,
	void *cookie, struct err *err);

/* Actions that somebody had done, until what came of them is told and past. */

enum store_run_state {
	STORE_RUN_ASKED = 0, /* it is sent, or about to be */
	STORE_RUN_TAKEN, /* it was taken, and goes on there */
	STORE_RUN_OVER, /* what came of it is to be told */
	STORE_RUN_TOLD,
};

enum {
	STORE_RUN_STATES = STORE_RUN_TOLD + 1,
};

struct store_run {
	const char *id; /* UUID */
	const char *action;
	const char *words; /* JSON, by name */
	const char *text; /* all that was said */
	const char *who;
	const char *user; /* as the chat knows them */
	const char *source;
	const char *channel;
	const char *reply; /* sealed: where to answer to; "" for nowhere */
	const char *follow; /* sealed: where it tells how it goes; or "" */
	int64_t started_ms; /* wall clock */
	int64_t ended_ms; /* wall clock; 0 while it runs */
	enum store_run_state state;
	const char *result; /* JSON, once it is over; else "" */
};

typedef void store_run_fn(void *cookie, const struct store_run *run);

/** The oldest first. */
bool store_runs(
	struct store *store, store_run_fn *each, void *cookie, struct err *err);

/** Insert or replace. */
bool store_put_run(
	struct store *store, const struct store_run *run, struct err *err);
bool store_drop_run(struct store *store, const char *id, struct err *err);

struct store_past {
	const char *incident;
	int64_t opened_ms;
	int64_t closed_ms; /* 0 while it is open */
	enum status worst;
	const char *event; /* body of its first event; "" for none */
};

typedef void store_past_fn(void *cookie, const struct store_past *past);

/** The latest incidents of an endpoint first, so many of them. */
bool store_history(struct store *store, const char *endpoint, unsigned limit,
	store_past_fn *each, void *cookie, struct err *err);

/**
 * Forget incidents that were closed before `before_ms`, their events and
 * receipts, and baselines seen before it, unless a delivery still needs them
 * or an order names them.
 * At most `limit` of each a call.
 */
bool store_prune(struct store *store, int64_t before_ms, unsigned limit,
	struct err *err);
