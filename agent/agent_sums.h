/*
 * What is told though nothing is new: digests and reminders.
 */
#pragma once

#include "agent/base/clock.h"

struct agent;
struct reporter;

/** After all that they look at. */
void agent_sums_add(struct agent *agent,
	const struct reporter *const *reporters, struct moment now);
