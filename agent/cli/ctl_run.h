/*
 * Waiting for what comes of an action that was begun.
 */
#pragma once

#include <stdbool.h>

struct cli_agent;

/** Says how it goes, and then what came of it: the exit code.  An interrupt
 * ends the waiting alone. */
int cli_ctl_follow(
	const struct cli_agent *agent, const char *run, bool as_json);
