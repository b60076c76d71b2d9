/*
 * The composition root: makes, connects, owns and frees everything that a
 * running agent consists of, and runs its main loop.
 *
 * The verbs `run` and `demo` and the tests embed it:
 *
 *     agent_new -> (fronts on agent_loop) -> agent_run -> agent_free
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/monitor.h"
#include "agent/outbox.h"

struct actions;
struct agent_reload_outcome;
struct conf;
struct conf_types;
struct err;
struct ev_loop;
struct doors;
struct externals;
struct http_client;
struct ledger;
struct operator_desk;
struct orders;
struct reconcile;
struct sight;
struct stall;
struct workers;

/** Looks on, from the main thread.  Each may be NULL. */
struct agent_observer {
	monitors_event_fn *on_event;
	monitors_result_fn *on_result;
	outbox_news_fn *on_news;
	void *cookie;
};

struct agent_options {
	const char
		*config; /* its path, to load it again; NULL: there is none */
	const struct conf_types *types; /* for that; NULL: never */
	const char *state; /* instead of what the configuration says */
	const char *socket; /* instead of agent_socket_path(); "" for none */
	struct agent_observer observer;
};

struct agent;

/**
 * Opens the state and takes up what a former process left; sends and probes
 * nothing yet.  `conf` is held; `options` may be NULL, and what it points at
 * must outlive the agent.
 *
 * From here on TERM, INT and HUP are the agent's, and PIPE is ignored.
 */
struct agent *agent_new(struct conf *conf, const struct agent_options *options,
	struct err *err);

/**
 * Ask the receivers that can be asked whether they will take what we have to
 * say, then probe, judge and tell until TERM, INT or agent_stop().  False when
 * a receiver refused.
 */
bool agent_run(struct agent *agent, struct err *err);

/**
 * Let agent_run() come to a clean end within 10 s: no more probes, what is on
 * its way to receivers gets 5 s, what is left is found again at the next
 * start.  A second call ends it at once.  From any thread, also before
 * agent_run().
 */
void agent_stop(struct agent *agent);

/** NULL is allowed and does nothing.  Not from inside agent_run(). */
void agent_free(struct agent *agent);

/** The main loop, for fronts such as the web server.  They end before
 * agent_free(). */
struct ev_loop *agent_loop(const struct agent *agent);

/** NULL when the agent is ready, else a sentence that says why it is not. */
const char *agent_unready(const struct agent *agent);

/** What a front may look at, on the main thread, until agent_free(). */
struct agent_view {
	const struct monitors *monitors;
	const struct outbox *outbox;
	const struct ledger *ledger;
	const struct orders *orders;
	struct operator_desk *operator_desk; /* through whom commands go */
	struct actions *actions; /* for who has their results told */
	const struct sight *sight;
	const struct reconcile *reconcile;
	struct externals *externals;
	struct doors *doors; /* of chats */
	struct http_client *http;
	struct conf *conf; /* to be held by who keeps of it */
	struct workers *workers; /* NULL while nothing is probed */
	const char *state; /* path of the state file */
	const char *token; /* of the server section; NULL for none */
	int64_t started_ms; /* wall clock */
	const struct agent_reload_outcome *reload;
	const struct stall *stall; /* of the main loop */
	int64_t certificate_ends_ms; /* of the listener; 0: it has none */
};

struct agent_view agent_view(const struct agent *agent);

/** The listener has a certificate until then, on the wall clock. */
void agent_note_certificate(struct agent *agent, int64_t ends_ms);
