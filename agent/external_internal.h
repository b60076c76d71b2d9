/*
 * For external.c and its external_*.c alone.
 *
 *     external.c        messages in, events out
 *     external_keep.c   what is known, in memory and in the store
 *     external_known.c  what a problem says besides
 *     external_orders.c what people ordered of it
 *     external_route.c  who is told
 *     external_sweep.c  what ends by itself
 */
#pragma once

#include "agent/base/list.h"
#include "agent/base/uuid.h"
#include "agent/external.h"

struct arena;
struct event_endpoint;
struct map;

/** Something is wrong with a subject. */
struct external_problem {
	struct list link; /* in its subject */
	struct subject *subject;
	char *key; /* "source\nidentity" */
	char *identity;
	enum status status; /* see external_set_status() */
	char *title;
	char *where; /* a link */
	char *known; /* see event_encode_known() */
	char incident[UUID_TEXT_SIZE];
	int64_t opened_ms;
	unsigned seq;
	int64_t expires_ms; /* wall clock; 0 for never */
};

struct subject {
	char *key; /* "source/name", which is shown */
	char *source;
	const char *name; /* in `key` */
	struct list problems; /* those that are open */
	size_t counts[STATUS_COUNT]; /* of these, by their status */
	enum status status;
	int64_t since_ms;
};

/** What the store is to do: one line a key, so that the last word counts. */
struct external_change {
	enum external_change_kind {
		EXTERNAL_PROBLEM = 0,
		EXTERNAL_SUBJECT,
		EXTERNAL_HEARD,
		EXTERNAL_UNHEARD,
	} kind;
	char *source;
	char *name; /* identity of a problem, name of a subject */
	uint64_t message;
	int64_t order;
};

struct external_wait {
	struct list link;
	external_done_fn *done;
	void *cookie;
};

struct externals {
	struct external_settings settings;
	const struct conf *conf; /* held by who set it */
	const struct reporter *const *reporters;
	size_t n_reporters;

	struct map *problems; /* struct external_problem */
	struct map *by_name; /* struct subject */
	struct subject **subjects;
	size_t n_subjects;

	struct map *heard; /* by hexadecimal hash; the value is not NULL */
	uint64_t *ring; /* the same, oldest at `ring_at` once it is full */
	size_t ring_n;
	size_t ring_at;
	int64_t order; /* of the last that was heard */

	struct external_change *changes;
	size_t n_changes;
	size_t size_changes;
	struct list waiting; /* struct external_wait */
	struct external_stats stats;
	int64_t turn_ms; /* monotonic: nothing expires before */
};

/** Who hears of it.  `source` NULL: it is gone, and all who heard of the
 * opening hear of it. */
struct external_audience {
	const struct conf_inbound *source;
	const struct conf_inbound_rule *rule;
	bool people; /* and nobody else: they were not told when it was muted */
	external_pick_fn *pick; /* of these; NULL: all of them */
	void *pick_cookie;
};

/* external.c */

/** `event` says what became of the problem; the rest is filled in. */
void external_tell(struct externals *externals,
	const struct external_audience *audience,
	struct external_problem *problem, struct event *event,
	struct moment now);

/** It is over.  All are asked to tell it, and those do who told the opening. */
void external_close(struct externals *externals,
	struct external_problem *problem, const char *message, enum cause cause,
	struct moment now);

/* external_keep.c */

void external_join(struct externals *externals);
void external_keep_free(struct externals *externals);

struct external_problem *external_find(const struct externals *externals,
	const char *source, const char *identity);

/** The subject of this name, made when it is not there; there is room always:
 * beyond the ceiling it is "others". */
struct subject *external_subject_of(struct externals *externals,
	const char *source, const char *name, int64_t now_ms);

/** Its subject counts it so. */
void external_set_status(struct external_problem *problem, enum status status);

struct external_problem *external_add(struct externals *externals,
	struct subject *subject, const char *identity);
void external_remove(
	struct externals *externals, struct external_problem *problem);
void external_remove_subject(
	struct externals *externals, struct subject *subject);

/** The store is to have it as it is now. */
void external_mark_problem(
	struct externals *externals, const struct external_problem *problem);
void external_mark_subject(
	struct externals *externals, const struct subject *subject);

/** False when it was heard before; from now on it was. */
bool external_hear(
	struct externals *externals, const char *source, const char *delivery);

/* external_known.c */

/** Service, labels and so on; strings are borrowed from what was said. */
void external_know(const struct problem *said, struct arena *arena,
	struct event_endpoint *endpoint);

/** The other way round, from what was kept of the problem. */
void external_recall(const struct external_problem *problem,
	struct arena *arena, struct problem *said);

/* external_route.c */

/** NULL: nothing in particular matches. */
const struct conf_inbound_rule *external_rule(
	const struct conf_inbound *source, const struct problem *problem);

bool external_is_chosen(const struct conf_inbound *source,
	const struct conf_inbound_rule *rule, const struct reporter *reporter);
