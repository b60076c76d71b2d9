/*
 * One endpoint comes or goes while the configuration stays as it is.
 */
#pragma once

#include "agent/base/clock.h"

struct agent;
struct conf_endpoint;
struct monitor;

/** As by a reload without it; `monitor` is gone. */
void agent_roster_take_out(
	struct agent *agent, struct monitor *monitor, struct moment now);

/** `endpoint` is of the agent's configuration. */
void agent_roster_put_in(
	struct agent *agent, const struct conf_endpoint *endpoint);

/** There are more endpoints, or fewer, or other reporters: who counts them is
 * told. */
void agent_roster_count(struct agent *agent);
