#include "tests/sim/life.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent_vet.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/ledger.h"
#include "agent/model/token.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/reconcile.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"
#include "tests/sim/disk.h"
#include "tests/sim/net.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

enum {
	START_MS = 5000, /* as agent_run.c has it */
	TYPES_MAX = 64,
	CONF_MAX = 64 * 1024,
};

static const struct probe_target target = {
	.url = "http://target.test/",
	.method = "GET",
};

/* The configuration. */

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	if (severity == CONF_ERROR)
		sim_fail(cookie, "the configuration is wrong: %s", message);
}

static struct conf *
load(struct sim_world *world)
{
	static const struct conf_variant *probes[TYPES_MAX];
	static const struct conf_variant *reporters[TYPES_MAX];
	for (size_t i = 0; probe_types[i]; i++)
		probes[i] = &probe_types[i]->conf;
	for (size_t i = 0; reporter_types[i]; i++)
		reporters[i] = &reporter_types[i]->conf;
	const struct conf_types types = { { probes, reporters } };

	struct buf text;
	buf_init(&text, CONF_MAX);
	plan_write(&world->plan, &text);
	struct conf *conf = conf_load_text("sim.yml",
		&(struct conf_text){ text.data, text.len }, &types,
		on_complaint, world);
	buf_finish(&text);
	return conf;
}

/* What others ask for while it lives. */

static void
on_event(void *cookie, const struct event *event)
{
	const struct sim_life *life = cookie;
	sim_records_announced(life->world->records, event);
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	(void)cookie;
	(void)store;
	(void)err;
	return true;
}

/* The last to know: what was announced is durable. */
static void
on_written(void *cookie)
{
	const struct sim_life *life = cookie;
	sim_records_durable(life->world->records);
}

static struct moment
on_now(void *cookie)
{
	const struct sim_life *life = cookie;
	return life->world->now;
}

/* All tokens stand in the configuration. */
static const char *
on_token(void *cookie, const struct reporter *reporter)
{
	(void)cookie;
	return reporter->token_source->providers[0].value;
}

static void
on_let_go(void *cookie, const struct reporter *reporter)
{
	struct sim_life *life = cookie;
	agent_reporters_let_go(&life->reporters, reporter);
}

static void
on_looked(void *cookie, const struct reporter *reporter, bool whole,
	const char *detail)
{
	const struct sim_life *life = cookie;
	reconcile_on_looked(life->reconcile, reporter, whole, detail);
}

static void
on_doubt(void *cookie, const struct reporter *reporter, bool back)
{
	const struct sim_life *life = cookie;
	reconcile_on_doubt(life->reconcile, reporter, back);
}

/* Beginning. */

static void
make(struct sim_life *life)
{
	struct sim_world *world = life->world;
	life->ledger = ledger_new(life->store);
	life->monitors = monitors_new(&(struct monitors_settings){
		.store = life->store,
		.ledger = life->ledger,
		.rng = &world->agent_rng,
		.on_event = on_event,
		.cookie = life,
	});
	life->outbox = outbox_new(&(struct outbox_settings){
		.store = life->store,
		.ledger = life->ledger,
		.rng = &world->agent_rng,
		.transport = { sim_net_send, sim_net_cancel, world->net },
		.mirror = monitors_mirror,
		.mirror_cookie = life->monitors,
		.token = on_token,
		.let_go = on_let_go,
		.let_go_cookie = life,
		.looked = on_looked,
		.doubt = on_doubt,
		.look_cookie = life,
		.now = on_now,
		.now_cookie = life,
	});
	life->reconcile = reconcile_new(&(struct reconcile_settings){
		.store = life->store,
		.monitors = life->monitors,
		.outbox = life->outbox,
		.rng = &world->agent_rng,
		.now = on_now,
		.now_cookie = life,
	});
}

static const struct reporter *const *
reporters_of(const struct sim_life *life)
{
	return (const struct reporter *const *)life->reporters.items;
}

static void
join(struct sim_life *life)
{
	const struct conf_endpoint *endpoints = life->conf->endpoints.items;
	for (size_t i = 0; i < life->reporters.count; i++)
		outbox_add(life->outbox, life->reporters.items[i]);
	for (size_t i = 0; i < life->conf->endpoints.count; i++)
		monitors_add(
			life->monitors, &endpoints[i], life->conf, &target);
	monitors_connect(life->monitors, life->outbox, reporters_of(life),
		life->reporters.count);
	reconcile_set_reporters(life->reconcile, reporters_of(life),
		life->reporters.count, life->world->now);
	ledger_join(life->ledger,
		(struct ledger_writer){ on_write, on_written, life });
}

/* As on_vetted() of agent_run.c. */
static void
on_vetted(void *cookie, const char *refused)
{
	struct sim_life *life = cookie;
	struct sim_world *world = life->world;
	life->vet = NULL;
	if (refused) {
		sim_say(world, "it does not start: %s", refused);
		if (!sim_is_storm(world))
			sim_fail(world, "it does not start: %s", refused);
		sim_refused(world);
		return;
	}
	reconcile_begin(life->reconcile, world->now);
	for (uint32_t i = 0; i < monitors_size(life->monitors); i++) {
		const struct monitor *monitor = monitors_at(life->monitors, i);
		if (monitor && monitor->adopted)
			sim_records_taken_up(world->records, monitor);
	}
	life->works = true;
	sim_say(world, "it works");
	if (life->reload_later)
		sim_life_reload(life);
}

static void
on_listed(void *cookie, const struct reporter *reporter,
	struct reporter_view *view)
{
	const struct sim_life *life = cookie;
	sim_say(life->world, "  %s is listed", reporter->id);
	reconcile_listed(life->reconcile, reporter, view);
}

static void
begin_vetting(struct sim_life *life)
{
	struct sim_world *world = life->world;
	life->start_until_ms = world->now.mono_ms + START_MS;
	life->vet = agent_vet_start(&(struct agent_vet_settings){
		.transport = { sim_net_send, sim_net_cancel, world->net },
		.monitors = life->monitors,
		.outbox = life->outbox,
		.reporters = life->reporters.items,
		.n_reporters = life->reporters.count,
		.token = on_token,
		.listed = on_listed,
		.done = on_vetted,
		.cookie = life,
		.until_ms = life->start_until_ms,
		.now = on_now,
		.now_cookie = life,
	});
}

struct sim_life *
sim_life_new(struct sim_world *world)
{
	struct sim_life *life = mem_zalloc(sizeof(*life));
	life->world = world;
	life->next_ms = -1;
	return life;
}

bool
sim_life_begin(struct sim_life *life)
{
	struct sim_world *world = life->world;
	struct err err;
	bool fresh;
	life->conf = load(world);
	if (!life->conf)
		return false;
	life->store = store_open(SIM_DISK_URI, &fresh, &err);
	if (!life->store)
		return false;
	sim_records_resolve(world->records, life->store);
	if (!agent_reporters_init(&life->reporters, life->conf, &err)) {
		sim_fail(world, "no reporters: %s", err.text);
		return false;
	}
	make(life);
	join(life);
	if (outbox_load(life->outbox, world->now, &err)
		&& monitors_load(life->monitors, world->now, &err)) {
		begin_vetting(life);
		return true;
	}
	if (!world->dead)
		sim_fail(world, "it cannot take up its past: %s", err.text);
	return false;
}

void
sim_life_end(struct sim_life *life)
{
	if (!life)
		return;
	agent_vet_cancel(life->vet);
	outbox_free(life->outbox);
	reconcile_free(life->reconcile);
	monitors_free(life->monitors);
	agent_reporters_finish(&life->reporters);
	ledger_free(life->ledger);
	store_close(life->store);
	conf_free(life->conf);
	free(life);
}

void
sim_life_turn(struct sim_life *life)
{
	struct moment now = life->world->now;
	if (life->vet)
		life->next_ms = agent_vet_turn(life->vet, now);
	if (life->vet && now.mono_ms >= life->start_until_ms)
		sim_fail(life->world, "it does not begin to probe");
	if (!life->works)
		return;
	int64_t look_ms = reconcile_turn(life->reconcile, now);
	int64_t tell_ms = outbox_turn(life->outbox, now);
	life->next_ms = look_ms >= 0 && (tell_ms < 0 || look_ms < tell_ms)
		? look_ms
		: tell_ms;
}

/* Reloading: as swap() of agent_reload.c does it, without the workers. */

static void
swap_reporters(struct sim_life *life, struct agent_reporters *after)
{
	struct agent_reporters *before = &life->reporters;
	struct moment now = life->world->now;
	for (size_t i = 0; i < before->count; i++)
		if (!agent_reporters_find(after, before->items[i]->id))
			outbox_remove(life->outbox, before->items[i]);
	for (size_t i = 0; i < after->count; i++) {
		struct reporter *reporter = after->items[i];
		const struct reporter *former =
			agent_reporters_find(before, reporter->id);
		if (!former)
			outbox_add(life->outbox, reporter);
		else if (former != reporter)
			outbox_replace(life->outbox, reporter);
		if (!former)
			monitors_mirror_to(life->monitors, reporter, now);
	}
	agent_reporters_take_over(before, after);
	monitors_tell(life->monitors, reporters_of(life), before->count);
	reconcile_set_reporters(
		life->reconcile, reporters_of(life), before->count, now);
}

static bool
is_in(const struct conf *conf, const char *name)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	for (size_t i = 0; i < conf->endpoints.count; i++)
		if (strcmp(endpoints[i].name, name) == 0)
			return true;
	return false;
}

static void
remove_endpoints(struct sim_life *life, const struct conf *next)
{
	for (uint32_t i = 0; i < monitors_size(life->monitors); i++) {
		const struct monitor *monitor = monitors_at(life->monitors, i);
		if (monitor && !is_in(next, monitor->conf->name))
			monitors_remove(life->monitors,
				monitors_named(
					life->monitors, monitor->conf->name),
				life->world->now);
	}
}

static void
put_endpoints(struct sim_life *life, struct conf *next)
{
	const struct conf_endpoint *endpoints = next->endpoints.items;
	for (size_t i = 0; i < next->endpoints.count; i++) {
		struct monitor *monitor =
			monitors_named(life->monitors, endpoints[i].name);
		if (monitor)
			monitors_change(life->monitors, monitor, &endpoints[i],
				next, &target, life->world->now);
		else
			monitors_add(
				life->monitors, &endpoints[i], next, &target);
	}
}

void
sim_life_reload(struct sim_life *life)
{
	struct sim_world *world = life->world;
	if (!life->works) {
		life->reload_later = true;
		return;
	}
	struct agent_reporters after = { 0 };
	struct err err;
	struct conf *next = load(world);
	if (!next
		|| !agent_reporters_succeed(
			&after, &life->reporters, next, &err)) {
		sim_fail(world, "it does not reload");
		conf_free(next);
		return;
	}
	swap_reporters(life, &after);
	remove_endpoints(life, next);
	put_endpoints(life, next);
	conf_free(life->conf);
	life->conf = next;
}
