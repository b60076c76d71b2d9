/*
 * Whether the agent can look at all: when most of its endpoints could not be
 * looked at for a while, it raises an alert of its own, "blind", and closes it
 * when it can look again.
 *
 * The alert is an incident like any other: durable, told in order, taken up by
 * the next process.  Its subject is no endpoint; see EVENT_OURS.  It goes to
 * every reporter, whatever `report_to` says, and to webhooks of old; not to
 * Cachet, whose readers use what is watched and not what watches, and whose
 * components keep showing what was last known.
 *
 * No loop, no timer: results and time are handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/model/cause.h"
#include "agent/model/status.h"
#include "agent/monitor.h"

struct ledger;
struct outbox;
struct reporter;
struct rng;
struct sight;
struct store_endpoint;

/** All of it must outlive the sight. */
struct sight_settings {
	struct ledger *ledger;
	struct rng *rng;
	struct outbox *outbox;
	monitors_event_fn *on_event; /* or NULL */
	void *cookie;
};

/** After monitors_connect(), so that it writes behind them. */
struct sight *sight_new(const struct sight_settings *settings);

/** NULL is allowed and does nothing. */
void sight_free(struct sight *sight);

/** What may change with the configuration. */
struct sight_scope {
	size_t endpoints; /* how many there are */
	int64_t blind_after_ms; /* 0: never */
	const struct reporter *const *reporters; /* borrowed */
	size_t n_reporters;
};

/** From now on; before the first turn. */
void sight_set_scope(struct sight *sight, const struct sight_scope *scope);

/** What a former process told and did not close: for monitors_load(). */
void sight_take_up(struct sight *sight, const struct store_endpoint *row);

/** The last result of the endpoint of this number. */
void sight_note(struct sight *sight, uint32_t endpoint, enum status seen,
	enum cause cause);

/** It is gone: its number may become another's. */
void sight_forget(struct sight *sight, uint32_t endpoint);

/**
 * Announce what changed.  Before outbox_turn(), and when the time that it
 * returned has come: milliseconds of the monotonic clock, or -1.
 */
int64_t sight_turn(struct sight *sight, struct moment now);

struct sight_view {
	size_t unseen; /* endpoints that could not be looked at the last time */
	size_t endpoints;
	bool most; /* that is more than half of them */
	const char *why; /* a sentence for it; "" when all were looked at */
	const char *incident; /* UUID of the open alert; "" for none */
	int64_t since_ms; /* wall clock: when it began; 0 for no alert */
};

struct sight_view sight_view(const struct sight *sight);
