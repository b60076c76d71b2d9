/*
 * For agent_reload.c and agent_reload_plan.c alone.
 */
#pragma once

#include <jansson.h>

#include "agent/agent_reporters.h"

struct agent;
struct conf;
struct map;

/* A configuration that would do, beside the one that is. */
struct reload_candidate {
	struct conf *conf;
	struct agent_reporters reporters;
	struct map *names; /* of its endpoints */
	json_t *errors;
	json_t *warnings;
};

/** The "plan" of agent_reload_plan(). */
json_t *agent_reload_plan_json(
	const struct agent *agent, const struct reload_candidate *candidate);
