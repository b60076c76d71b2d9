/*
 * Another configuration while the agent runs: load, plan, swap.
 *
 * What did not change does not notice: it loses no tick, no counter, no open
 * incident, no delivery.  A configuration with a mistake changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct agent;

/** What came of the last one. */
struct agent_reload_outcome {
	int64_t at_ms; /* wall clock; 0: there was none */
	bool good;
	int64_t good_at_ms; /* of the last one that was good; 0: none was */
	uint64_t done; /* of those that were good */
	uint64_t failed;
};

/**
 * Load the agent's file and go on with it.  The answer is {"plan": {...}} as
 * below, or {"errors": ["config.yml:3:7: ...", ...]} when all stays as it was;
 * either may have "warnings".  The caller's to json_decref().  While the agent
 * starts it is put off until then, and {"later": true} is answered.
 */
json_t *agent_reload(struct agent *agent);

/**
 * What that would do, for the file at `path`; nothing is done.  The plan has
 * the names of what is "added", "removed" and "changed" (with "probed" true
 * when it is looked at otherwise, false when only told otherwise), how many are
 * "untouched", the ids of reporters that are added, removed and changed, and
 * the keys for which a "restart" is needed.
 */
json_t *agent_reload_plan(struct agent *agent, const char *path);

/** Watch the file, or do not, as the configuration says now. */
void agent_reload_watch(struct agent *agent);

/** Runs after each reload, whatever came of it; NULL: nobody asks.  One at a
 * time. */
typedef void agent_reloaded_fn(void *cookie);
void agent_reload_hear(
	struct agent *agent, agent_reloaded_fn *on_reloaded, void *cookie);
