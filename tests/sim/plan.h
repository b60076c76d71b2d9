/*
 * The configuration: what is drawn, and what the agent reads of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct sim_world;

enum {
	PLAN_TARGETS = 20,
	PLAN_SHARED = 16, /* those from it on share components of the first */
	PLAN_CACHETS = 2,
	PLAN_COMPONENTS = 24, /* there are so many at each Cachet, from 1 */
	PLAN_NAME_SIZE = 24,
	PLAN_OFTEN_MIN =
		60, /* minutes: who looks so often sees all in a calm */
};

/** Who hears, apart from Cachet. */
enum plan_receiver {
	PLAN_HOOK = 0,
	PLAN_CHAT,
	PLAN_OLD, /* of `webhooks:` */
	PLAN_RECEIVERS,
};

/** What Cachet is told; see plan.c. */
enum plan_actions {
	PLAN_INCIDENT_FIRST = 0,
	PLAN_STATUS_FIRST,
	PLAN_ONLY_STATUS,
	PLAN_ONLY_INCIDENT,
	PLAN_NO_ACTIONS,
	PLAN_ACTIONS,
};

/** What becomes of what the status page shows and was not told. */
enum plan_reconcile {
	PLAN_GENTLE = 0,
	PLAN_STRICT, /* what people change there is put back as well */
	PLAN_UNWATCHED, /* nobody looks */
};

struct plan_endpoint {
	char name[PLAN_NAME_SIZE];
	unsigned renamed;
	bool present;
	int64_t components[PLAN_CACHETS]; /* in each; 0: it is not there */
	enum plan_actions actions;
	unsigned allowed_fails;
	unsigned recover_after;
	int64_t period_ms;
	bool is_public;
	bool only_hook; /* of the named ones */
	bool has_metric;
};

struct plan_cachet {
	unsigned timeout_s;
	unsigned reconcile_min;
	bool tells_changes; /* at the open incident */
	enum plan_reconcile reconcile;

	bool used[PLAN_COMPONENTS + 1]; /* some endpoint has it, or had it */
	/* Some endpoint had it and gave it up, in whatever state. */
	bool abandoned[PLAN_COMPONENTS + 1];
};

struct sim_plan {
	struct plan_endpoint endpoints[PLAN_TARGETS]; /* by target */
	bool has[PLAN_RECEIVERS];
	unsigned wording; /* of the hook: another reporter with each */
	struct plan_cachet cachets[PLAN_CACHETS];
	size_t n_cachets; /* in the configuration; all of them are there */
};

void plan_draw(struct sim_world *world);

/** Somebody edits the file. */
void plan_change(struct sim_world *world);

void plan_write(const struct sim_plan *plan, struct buf *text);

bool plan_has_incidents(const struct plan_endpoint *endpoint);
bool plan_has_status(const struct plan_endpoint *endpoint);

/** SIZE_MAX when no endpoint has this name. */
size_t plan_find(const struct sim_plan *plan, const char *name);

/** Which receivers are to hear of an outage of this endpoint: bits. */
unsigned plan_audience(
	const struct sim_plan *plan, const struct plan_endpoint *endpoint);
