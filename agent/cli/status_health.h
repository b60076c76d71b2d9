/*
 * Whether the running agent is well: for those who ask every few seconds.
 */
#pragma once

#include <stdbool.h>

struct cli_agent;

/**
 * One line, "healthy: ..." or "unhealthy: ...", or what the agent said as
 * JSON.  Returns the exit code: CLI_FAILED unless the agent is there, answers
 * soon, and is well.
 */
int cli_status_health(const struct cli_agent *agent, bool as_json);
