#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/ledger.h"
#include "agent/model/token.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

/* The simulation is the last to write in each transaction, and the first to
 * know that it is durable: between any two steps the process may die. */

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	(void)store;
	struct sim_world *world = cookie;
	if (sim_net_downtime(world, SERVER_COUNT))
		return err_set(err, "the disk is full");
	sim_step(world);
	return !world->dead || err_set(err, "the process is dead");
}

static void
on_written(void *cookie)
{
	sim_step(cookie);
}

static void
on_event(void *cookie, const struct event *event)
{
	struct sim_world *world = cookie;
	if (event->kind != EVENT_OPENED)
		return;
	for (size_t i = 0; i < world->n_endpoints; i++) {
		const struct sim_endpoint *endpoint = &world->endpoints[i];
		if (strcmp(endpoint->name, event->endpoint.name) == 0
			&& endpoint->bad_in_a_row <= endpoint->allowed_fails)
			sim_fail(world, "%s spoke after %u failures",
				endpoint->name, endpoint->bad_in_a_row);
	}
}

static struct moment
on_now(void *cookie)
{
	const struct sim_world *world = cookie;
	return world->now;
}

static void
add_reporter(struct sim_life *life, const struct conf_chosen *chosen,
	enum route_audience audience, const char *name)
{
	struct err err;
	struct reporter *reporter = reporter_new(chosen, &err);
	if (!reporter) {
		sim_fail(life->world, "no reporter: %s", err.text);
		return;
	}
	reporter->audience = audience;
	reporter->name = name;
	life->reporters = mem_grow(life->reporters, life->n_reporters + 1,
		sizeof(struct reporter *));
	life->reporters[life->n_reporters++] = reporter;
	outbox_add(life->outbox, reporter);
}

static void
add_reporters(struct sim_life *life)
{
	const struct conf *conf = life->world->conf;
	add_reporter(life, &conf->cachet, AUDIENCE_ACTIONS, NULL);
	const struct conf_chosen *webhooks = conf->webhooks.items;
	for (size_t i = 0; i < conf->webhooks.count; i++)
		add_reporter(life, &webhooks[i], AUDIENCE_INCIDENTS, NULL);
	const struct conf_chosen *reporters = conf->reporters.items;
	for (size_t i = 0; i < conf->reporters.count; i++)
		add_reporter(life, &reporters[i], AUDIENCE_ALL,
			conf_reporter_name(&reporters[i]));
}

static void
add_endpoints(struct sim_life *life)
{
	static const struct probe_target target = {
		.url = "http://target.test/",
		.method = "GET",
	};
	const struct conf *conf = life->world->conf;
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	for (size_t i = 0; i < conf->endpoints.count; i++)
		monitors_add(life->monitors, &endpoints[i], NULL, &target);
}

/* Here all tokens stand in the configuration. */
static const char *
on_token(void *cookie, const struct reporter *reporter)
{
	(void)cookie;
	return reporter->token_source->providers[0].value;
}

static bool
assemble(struct sim_life *life, struct err *err)
{
	struct sim_world *world = life->world;
	bool fresh;
	life->store = store_open(world->path, &fresh, err);
	if (!life->store)
		return false;
	life->ledger = ledger_new(life->store);
	life->monitors = monitors_new(&(struct monitors_settings){
		.store = life->store,
		.ledger = life->ledger,
		.rng = &world->rng,
		.on_event = on_event,
		.cookie = world,
	});
	life->outbox = outbox_new(&(struct outbox_settings){
		.store = life->store,
		.ledger = life->ledger,
		.rng = &world->rng,
		.transport = { sim_net_send, sim_net_cancel, world },
		.mirror = monitors_mirror,
		.mirror_cookie = life->monitors,
		.token = on_token,
		.now = on_now,
		.now_cookie = world,
	});
	add_reporters(life);
	add_endpoints(life);
	monitors_connect(life->monitors, life->outbox,
		(const struct reporter *const *)life->reporters,
		life->n_reporters);
	ledger_join(life->ledger,
		(struct ledger_writer){ on_write, on_written, world });
	return outbox_load(life->outbox, world->now, err)
		&& monitors_load(life->monitors, world->now, err);
}

struct sim_life *
sim_life_begin(struct sim_world *world)
{
	struct sim_life *life = mem_zalloc(sizeof(*life));
	struct err err;
	life->world = world;
	if (!assemble(life, &err))
		sim_fail(world, "the agent does not start: %s", err.text);
	return life;
}

void
sim_life_end(struct sim_life *life)
{
	outbox_free(life->outbox);
	monitors_free(life->monitors);
	ledger_free(life->ledger);
	store_close(life->store);
	for (size_t i = 0; i < life->n_reporters; i++)
		reporter_free(life->reporters[i]);
	free(life->reporters);
	free(life);
}

void
sim_life_turn(struct sim_life *life)
{
	life->next_ms = outbox_turn(life->outbox, life->world->now);
}
