/*
 * What is said to people that is no news: answers that no request can carry.
 */
#pragma once

#include <stdbool.h>

#include "agent/base/clock.h"

struct agent;

/**
 * `body` is that of a message to Slack; the reporter of this name sends it,
 * once it is durable, within the limit of its target.  False: there is no such
 * reporter, or none for Slack.
 */
bool agent_say(struct agent *agent, const char *reporter, const char *body,
	struct moment now);
