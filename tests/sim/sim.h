/*
 * A simulation of long trouble: the unmodified judge, store, outbox and
 * reporters under a virtual clock, against made-up receivers on a made-up
 * network.  All chance comes from one seed, so a failing run can be repeated.
 *
 *     main.c      seeds, and what is asked for on the command line
 *     world.c     one run: time, truth, probes, crashes
 *     life.c      one life of the agent's process, from start to crash
 *     net.c       the network: delays, losses, refusals
 *     cachet.c    a Cachet 2.4, as its API answers
 *     receiver.c  webhooks and Slack: they remember what they were told
 *     check.c     what must hold at the end
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/heap.h"
#include "agent/base/list.h"
#include "agent/base/rng.h"
#include "agent/http/client.h"
#include "agent/model/status.h"

struct conf;
struct ledger;
struct monitors;
struct outbox;
struct reporter;
struct sqlite3;
struct store;

enum {
	SIM_ENDPOINTS_MAX = 16,
	SIM_OUTAGES_MAX = 64,
	SIM_RECEIVERS = 3,
	SIM_PERIOD_MS = 60 * 1000,
	SIM_STORM_MS = 8 * 3600 * 1000, /* anything may happen */
	SIM_CALM_MS = 3 * 3600 * 1000, /* nothing more goes wrong */
};

enum sim_server {
	SERVER_CACHET = 0,
	SERVER_RECEIVER, /* and those after it */
	SERVER_COUNT = SERVER_RECEIVER + SIM_RECEIVERS,
};

/** What the endpoint really does. */
struct sim_outage {
	int64_t from_ms, to_ms;
	enum status status;
	unsigned fed; /* results of it that the agent got to see */
	unsigned crashes; /* of the agent meanwhile */
};

struct sim_endpoint {
	const char *name;
	int64_t phase_ms;
	struct sim_outage outages[SIM_OUTAGES_MAX];
	size_t n_outages;
	unsigned bad_in_a_row; /* fed, over all lives */
	unsigned allowed_fails;
};

/** A server that refuses or hangs for a while; or a disk that is full. */
struct sim_downtime {
	int64_t from_ms, to_ms;
	bool hangs;
};

struct sim_call;

struct sim_world {
	uint64_t seed;
	struct rng rng;
	const struct conf *conf;
	bool verbose;

	struct moment now;
	int64_t start_ms; /* wall clock */
	int64_t crash_in; /* steps until the process dies; -1: it does not */
	bool dead; /* the process died: nothing of it has any effect */
	unsigned crashes;

	struct sim_endpoint endpoints[SIM_ENDPOINTS_MAX];
	size_t n_endpoints;
	struct sim_downtime downtimes[SERVER_COUNT + 1][4]; /* last: disk */

	struct heap calls; /* struct sim_call */
	struct list orphans; /* calls whose process is gone, to be freed */
	uint64_t n_calls;
	struct sim_cachet *cachet;
	struct sim_receiver *receivers[SIM_RECEIVERS];

	struct sqlite3 *disk; /* holds the database while no process does */
	char path[64];
	struct sim_life *life;

	char failure[512]; /* the first thing that did not hold; "" if none */
};

/** False when something did not hold; world.failure then says what. */
bool sim_run(const struct conf *conf, uint64_t seed, bool verbose,
	char *failure, size_t size);

void sim_fail(struct sim_world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void sim_say(struct sim_world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** One step of the process is over: it may die here. */
void sim_step(struct sim_world *world);

/** Below that many thousandths? */
bool sim_chance(struct sim_world *world, unsigned thousandths);

/* life.c */

struct sim_life {
	struct sim_world *world;
	struct store *store;
	struct ledger *ledger;
	struct outbox *outbox;
	struct monitors *monitors;
	struct reporter **reporters;
	size_t n_reporters;
	int64_t next_ms; /* when outbox_turn() wants to be called; -1: never */
};

struct sim_life *sim_life_begin(struct sim_world *world);
void sim_life_end(struct sim_life *life);
void sim_life_turn(struct sim_life *life);

/* net.c */

/** NULL when it is up.  SERVER_COUNT is the disk. */
const struct sim_downtime *sim_net_downtime(
	const struct sim_world *world, int server);

void *sim_net_send(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie);
void sim_net_cancel(void *cookie, void *handle);

/** Monotonic time of the next thing that happens on the network, or -1. */
int64_t sim_net_next(const struct sim_world *world);
void sim_net_run(struct sim_world *world);
void sim_net_finish(struct sim_world *world);

/** What a server answers. */
struct sim_answer {
	int status;
	char *body; /* owned */
};

/* cachet.c */

struct sim_cachet *sim_cachet_new(void);
void sim_cachet_free(struct sim_cachet *cachet);
struct sim_answer sim_cachet_ask(struct sim_cachet *cachet, const char *method,
	const char *target, const char *token, const char *body);

/** How many incidents bear the mark; `*status` is that of the last one. */
unsigned sim_cachet_marked(
	const struct sim_cachet *cachet, const char *uuid, int *status);
size_t sim_cachet_incidents(const struct sim_cachet *cachet);
int sim_cachet_component(const struct sim_cachet *cachet, int64_t id);

/* receiver.c */

struct sim_receiver *sim_receiver_new(void);
void sim_receiver_free(struct sim_receiver *receiver);
void sim_receiver_take(
	struct sim_receiver *receiver, const char *key, const char *body);

/** How often the key came; `*place` is when it first did, from 1. */
unsigned sim_receiver_count(
	const struct sim_receiver *receiver, const char *key, size_t *place);

/** True when one key came with different bodies. */
bool sim_receiver_confused(const struct sim_receiver *receiver);

/* check.c */

void sim_check(struct sim_world *world);
