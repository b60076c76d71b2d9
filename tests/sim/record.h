/*
 * What the agent announced, and what of that is durable: everything that was
 * durable is to be told, and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/uuid.h"
#include "agent/model/event.h"
#include "tests/sim/plan.h"

struct monitor;
struct sim_records;
struct sim_world;
struct store;

enum {
	RECORD_EVENTS_MAX = 64,
	RECORD_MESSAGE_SIZE = 128,
};

struct sim_announced {
	enum event_kind kind;
	unsigned seq;
	bool lost; /* with a state file: it need not have been told */
	bool silent; /* it was taken up, and nobody was told */
	enum status to;
	int64_t at_ms; /* by the wall clock of then */
	int64_t seen_ms; /* the same, of the world */
	bool for_incident; /* Cachet's as well, by the plan of then */
};

/** One incident. */
struct sim_record {
	char uuid[UUID_TEXT_SIZE];
	size_t target;
	struct plan_endpoint endpoint; /* as it was at the opening */
	char message[RECORD_MESSAGE_SIZE]; /* of the opening: no other has it */

	struct sim_announced events[RECORD_EVENTS_MAX]; /* in their order */
	unsigned n;
	unsigned durable; /* so many of them */
	unsigned audience; /* bits of enum plan_receiver: who must hear it */

	/* With a state file that was lost, and was not over then. */
	bool forgotten;
	bool lost; /* the same, but it may have been over */
	struct sim_record *heir; /* that took up its incident; NULL for none */
	bool adopts[PLAN_CACHETS]; /* it is such an heir, there */
	bool taken_up; /* by itself, at a start that had forgotten it */
};

struct sim_records *sim_records_new(struct sim_world *world);
void sim_records_free(struct sim_records *records);

/** The agent did, in its memory. */
void sim_records_announced(
	struct sim_records *records, const struct event *event);

/** Everything that was announced is. */
void sim_records_durable(struct sim_records *records);

/** After a death: what was not yet known to be durable is, or never was. */
void sim_records_resolve(struct sim_records *records, struct store *store);

/** A life began: it remembers what is durable. */
void sim_records_compare(struct sim_records *records);

/** There is no state file any more, and no process. */
void sim_records_forget(struct sim_records *records);

/** At its start, the agent found that this is open. */
void sim_records_taken_up(
	struct sim_records *records, const struct monitor *monitor);

/** The plan is another one. */
void sim_records_replan(struct sim_records *records);

/** One that is durable, or was announced in this life; NULL for none. */
struct sim_record *sim_records_find(
	const struct sim_records *records, const char *uuid);

/** The same, by what its opening said; there may be more behind it. */
struct sim_record *sim_records_said(
	const struct sim_records *records, const char *message);

bool sim_record_is_closed(const struct sim_record *record);

/** Which of its events has this number, from 1; 0 for none. */
unsigned sim_record_place(const struct sim_record *record, unsigned seq);

typedef void sim_record_fn(void *cookie, struct sim_record *record);
void sim_records_each(
	const struct sim_records *records, sim_record_fn *each, void *cookie);
