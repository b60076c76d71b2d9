/*
 * What the agent says about itself in the log: a line a change, none for what
 * goes well.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/model/event.h"
#include "agent/monitor.h"

void agent_log_event(const struct event *event);

/**
 * Results that are not good, for who debugs; and at most one line a minute
 * about endpoints that could not be looked at, for everybody.
 */
struct agent_log_blind {
	int64_t said_ms; /* monotonic; 0: never */
	int64_t since; /* results since then */
};

void agent_log_result(struct agent_log_blind *blind,
	const struct monitor *monitor, int64_t mono_ms);
