/*
 * A Cachet, of any generation, as far as the agent speaks with it; and the
 * people who use it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "tests/sim/net.h"
#include "tests/sim/plan.h"

struct buf;
struct sim_metric;
struct sim_record;
struct sim_world;

enum sim_generation {
	SIM_2_3 = 0,
	SIM_2_4,
	SIM_3,
	SIM_GENERATIONS,
};

enum {
	CACHET_IS_FIXED = 4,
};

/** What is said of an incident after its beginning. */
struct sim_update {
	int64_t id, status;
	char *message;
	bool late; /* when the agent had given it up */
};

struct sim_incident {
	int64_t id;
	char *name, *message; /* NULL once it is deleted */
	char *meta; /* JSON; "" for none */
	int64_t status;
	bool visible, stickied;
	int64_t component; /* 0 for none */
	int64_t impact; /* what its creation said of the component */
	int64_t made_ms; /* of the world */
	bool made_fixed;
	struct sim_update *updates;
	size_t n_updates;

	struct sim_record *record; /* what of the agent's it is, or NULL */
	bool of_people; /* not the agent's */
	bool deleted, deleted_by_people;
	bool edited; /* by people: it need not be as the agent made it */
	bool rewound; /* a write that came late put an older text back */
	int64_t fixed_ms; /* by people in a calm; 0: it was not */
};

struct sim_component {
	int64_t status;
	bool enabled;
	bool by_people; /* who set the status last */
	int64_t by_people_ms; /* in a calm; 0: it was not */
};

struct sim_cachet {
	struct sim_world *world;
	size_t number; /* which of them */
	enum sim_generation generation;
	struct sim_metric *metric;
	struct sim_component components[PLAN_COMPONENTS + 1]; /* by id */
	struct sim_incident *incidents; /* id - 1 is its place */
	size_t n;
	size_t n_before_3; /* so many a Cachet 2 has made */
	bool was_disabled[PLAN_COMPONENTS + 1];
	int64_t looked_ms; /* in a lull: when it was looked at first; else 0 */

	/* Of 3.x: in the window of this minute, which begins with a request. */
	unsigned limit; /* of reads, and of writes */
	int64_t window_ms;
	unsigned reads, writes;
};

struct sim_cachet *sim_cachet_new(struct sim_world *world, size_t number);
void sim_cachet_free(struct sim_cachet *cachet);
void sim_cachet_draw(struct sim_cachet *cachet);

/** From 2.3 to 2.4, from 2.4 to 3. */
void sim_cachet_upgrade(struct sim_cachet *cachet);

/** One that was made of this is there and not fixed. */
bool sim_cachet_has_open(
	const struct sim_cachet *cachet, const struct sim_record *record);

/** It is as it once was; `is_unseen`: while there is no agent, and the next one
 * looks at all when it starts. */
void sim_cachet_restore(struct sim_cachet *cachet, bool is_unseen);

/** Someone comes and does something. */
void sim_cachet_visit(struct sim_cachet *cachet);

/** The same, while nothing is owed: it is left so, or put back, as the
 * configuration says. */
void sim_cachet_visit_calm(struct sim_cachet *cachet);

/** The agent forgets that it opened what people have closed or deleted since,
 * and nobody can tell any more what that did to the component. */
void sim_cachet_forgotten(struct sim_cachet *cachet);

/** People write an incident of the component that this creation is of. */
void sim_cachet_write(struct sim_cachet *cachet, const char *creation);

/** People did that a moment ago, and nothing has happened since that would make
 * it right or wrong. */
bool sim_cachet_is_fresh(const struct sim_cachet *cachet, int64_t by_people_ms);

struct sim_answer sim_cachet_ask(
	struct sim_cachet *cachet, const struct sim_request *request);

/** The agent is about to send that: may it? */
void sim_cachet_watch(struct sim_cachet *cachet, const char *method,
	const char *path, const char *body);

/* For its APIs. */

struct sim_answer sim_cachet_2(
	struct sim_cachet *cachet, const struct sim_request *request);
struct sim_answer sim_cachet_3(
	struct sim_cachet *cachet, const struct sim_request *request);

/** This is what it calls our token. */
bool sim_cachet_knows(const struct sim_cachet *cachet, const char *token);

/** NULL when there is none, or none any more. */
struct sim_incident *sim_cachet_incident(struct sim_cachet *cachet, int64_t id);

/** `body` has what it is made of. */
struct sim_incident *sim_cachet_create(
	struct sim_cachet *cachet, const json_t *body);
void sim_cachet_delete(struct sim_incident *incident);

/** Takes over texts and numbers that `body` has. */
void sim_cachet_edit(struct sim_incident *incident, const json_t *body);
void sim_cachet_set_component(
	struct sim_cachet *cachet, int64_t id, int64_t status);

/** As `body` says; false when that is no update.  `status_min` is the lowest
 * status that it may have. */
bool sim_cachet_add_update(struct sim_incident *incident, const json_t *body,
	int64_t status_min, bool late);

/** So often that was said: as an update, or where there are none; `late` or
 * not. */
unsigned sim_cachet_count(
	const struct sim_incident *incident, const char *message, bool late);

/** The one that there is, as Cachet 2 and 3 list it. */
#define SIM_METRIC_ROW "{\"id\":1,\"threshold\":5}"

/** Of /metrics: what follows that.  False when there is no such thing. */
bool sim_cachet_metric(struct sim_cachet *cachet,
	const struct sim_request *request, const char *rest, const json_t *body,
	struct buf *buf);

/** What visitors of 3.x see of a component. */
int64_t sim_cachet_latest(const struct sim_cachet *cachet, int64_t id);

/** Of the query: what `name` is there; false when it is not. */
bool sim_cachet_query(
	const char *path, const char *name, char *text, size_t size);
int64_t sim_cachet_query_number(
	const char *path, const char *name, int64_t fallback);

/** As JSON, quoted. */
void sim_cachet_quote(struct buf *buf, const char *text);

/** When it was made, such as 2026-11-20 21:46:08. */
void sim_cachet_date(
	const struct sim_cachet *cachet, int64_t made_ms, char text[static 32]);
