/*
 * The network between the agent and its receivers.
 *
 * A request has an effect at its server at one moment and an answer at the
 * agent at another; chance may take away either.  A request that is on its way
 * when the agent dies still arrives.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/http/client.h"
#include "tests/sim/plan.h"

struct sim_net;
struct sim_world;

enum sim_server {
	SERVER_CACHET = 0, /* and those after it */
	SERVER_RECEIVER = PLAN_CACHETS, /* the same */
	SERVER_COUNT = SERVER_RECEIVER + PLAN_RECEIVERS,
};

/** What a server gets. */
struct sim_request {
	const char *method;
	const char *path; /* with its query */
	const char *body;
	const char *token; /* X-Cachet-Token; "" for none */
	const char *bearer; /* Authorization; "" for none */
	bool late; /* nobody waits for its answer any more */
};

/** And what it answers. */
struct sim_answer {
	int status;
	char *body; /* owned; NULL for none */
	int retry_after_s; /* 0: it does not say */
	unsigned limit, remaining; /* of requests; 0: it does not say */
};

struct sim_net *sim_net_new(struct sim_world *world);
void sim_net_free(struct sim_net *net);
void sim_net_draw(struct sim_net *net);

/** See fate.h. */
void sim_net_delay(struct sim_net *net, enum sim_server server,
	int64_t component, int64_t from_ms, int64_t to_ms);

/** The server cannot be reached meanwhile. */
void sim_net_cut(struct sim_net *net, enum sim_server server, int64_t from_ms,
	int64_t to_ms);

/* struct outbox_transport */

void *sim_net_send(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie);
void sim_net_cancel(void *cookie, void *handle);

/** Monotonic time of the next thing that happens on the network, or -1. */
int64_t sim_net_next(const struct sim_net *net);
void sim_net_run(struct sim_net *net);

/** Another process does not know of the patience that was asked for. */
void sim_net_forget(struct sim_net *net);
