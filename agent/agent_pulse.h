/*
 * The agent's pulse, for the service manager: that it is ready, reloads or
 * stops, how its endpoints are, and that it lives.
 *
 * It lives as long as its loops turn, its store takes what changes, and its
 * requests to receivers end.  When one of them does not, the watchdog hears
 * nothing more, and the manager starts it anew.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct agent_pulse;

/** NULL when no manager asked to be told. */
struct agent_pulse *agent_pulse_new(struct agent *agent);

/** Says that it stops.  NULL is allowed and does nothing. */
void agent_pulse_free(struct agent_pulse *pulse);

/** Around a reload.  NULL is allowed and does nothing. */
void agent_pulse_reloading(struct agent_pulse *pulse);
void agent_pulse_reloaded(struct agent_pulse *pulse);

/** How long each has not given a sign of life. */
struct agent_pulse_signs {
	int64_t store_ms; /* commits fail; 0: they do not */
	int64_t outbox_ms; /* requests are under way, and none ended */
	int64_t workers_ms; /* the loop of a worker did not turn */
};

/** What is wrong with the agent; NULL: nothing that a new start could cure. */
const char *agent_pulse_trouble(const struct agent_pulse_signs *signs);
