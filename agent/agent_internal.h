/*
 * For agent.c and its agent_*.c alone.
 */
#pragma once

#include <ev.h>
#include <stdbool.h>

#include "agent/agent.h"
#include "agent/agent_log.h"
#include "agent/agent_pulse.h"
#include "agent/agent_reload.h"
#include "agent/agent_reporters.h"
#include "agent/base/err.h"
#include "agent/base/rng.h"
#include "agent/doors.h"
#include "agent/outbox.h"
#include "agent/stall.h"
#include "agent/worker.h"
#include "probes/probe.h"

enum {
	AGENT_SIGNALS = 3,
};

enum agent_phase {
	PHASE_STARTING = 0,
	PHASE_WORKING,
	PHASE_STOPPING,
};

struct agent {
	struct conf *conf; /* held */
	struct agent_options options;
	struct ev_loop *loop;
	enum agent_phase phase;
	int64_t started_ms;
	int64_t certificate_ends_ms; /* 0: there is none */

	struct resolver *resolver;
	struct http_client *http;
	struct store *store;
	struct ledger *ledger;
	struct orders *orders;
	struct operator_desk *operator_desk;
	struct actions *actions;
	struct rng rng;
	struct agent_reporters reporters;
	struct monitors *monitors;
	struct outbox *outbox;
	struct reconcile *reconcile;
	struct sight *sight;
	struct externals *externals;
	struct digests *digests;
	struct doors *doors;
	struct reminders *reminders;
	struct queue *results;
	struct workers *workers;
	struct control *control;
	struct agent_tokens *tokens;
	int64_t start_until_ms; /* monotonic: then nobody waits any more */
	struct agent_vet *vet;
	struct agent_log_blind blind;
	struct agent_pulse *pulse; /* in agent_run(); NULL: nobody wants it */

	struct stall stall; /* of this loop, in agent_run() */
	struct ev_async results_wait;
	struct ev_async stop;
	struct ev_prepare turn;
	struct ev_timer due;
	struct ev_timer prune;
	struct ev_timer patience;
	struct ev_signal signals[AGENT_SIGNALS];

	struct agent_watch *watch; /* NULL: nobody watches the file */
	struct agent_reload_outcome reload;
	bool reload_later; /* when it has started */
	agent_reloaded_fn *on_reloaded;
	void *on_reloaded_cookie;

	bool refused;
	struct err why;
};

/** The one way out; the agent must outlive it. */
struct outbox_transport agent_transport(struct agent *agent);

/** For whoever gets answers between turns; no cookie is needed. */
struct moment agent_tell_now(void *cookie);

/** What a worker needs to know of it. */
struct worker_task agent_run_task(const struct monitor *monitor);

/** What the endpoint looks at, in the arena. */
struct probe_target agent_target_of(
	const struct conf_endpoint *endpoint, struct arena *arena);

/** Free them, and what nobody took of them. */
void agent_run_drop(struct queue *results);

/** Be ready for signals, results and agent_stop(). */
void agent_run_watch(struct agent *agent);

void agent_run_unwatch(struct agent *agent);
