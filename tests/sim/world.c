#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/list.h"
#include "agent/base/mem.h"
#include "tests/sim/cachet.h"
#include "tests/sim/disk.h"
#include "tests/sim/life.h"
#include "tests/sim/net.h"
#include "tests/sim/receiver.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

static const int64_t mono_start_ms = 1000000;

/* Saying. */

void
sim_fail(struct sim_world *world, const char *format, ...)
{
	if (world->failure[0] != '\0')
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(world->failure, sizeof(world->failure), format, args);
	va_end(args);
	sim_say(world, "FAILED: %s", world->failure);
}

/* FNV-1a */
static void
add_to_hash(struct sim_world *world, const char *text)
{
	for (; *text != '\0'; text++)
		world->hash = (world->hash ^ (unsigned char)*text)
			* UINT64_C(0x100000001b3);
}

void
sim_say(struct sim_world *world, const char *format, ...)
{
	char text[1024];
	int64_t time = sim_time(world);
	int len = snprintf(text, sizeof(text), "%2d %02d:%02d:%02d.%03d ",
		(int)(time / SIM_HOUR_MS / 24), (int)(time / SIM_HOUR_MS % 24),
		(int)(time / SIM_MINUTE_MS % 60),
		(int)(time / SIM_SECOND_MS % 60), (int)(time % SIM_SECOND_MS));
	va_list args;
	va_start(args, format);
	vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
	va_end(args);
	add_to_hash(world, text);
	if (world->verbose)
		puts(text);
}

/* Asking. */

int64_t
sim_time(const struct sim_world *world)
{
	return world->now.mono_ms - mono_start_ms;
}

bool
sim_is_storm(const struct sim_world *world)
{
	int64_t time = sim_time(world);
	return time < SIM_STORM_MS && sim_into_lull(world, time) < 0;
}

int64_t
sim_into_lull(const struct sim_world *world, int64_t time_ms)
{
	for (size_t i = 0; i < SIM_LULLS; i++) {
		int64_t into = time_ms - world->lulls[i];
		if (into >= 0 && into < SIM_CALM_MS)
			return into;
	}
	return -1;
}

bool
sim_chance(struct sim_world *world, unsigned thousandths)
{
	return rng_below(&world->rng, 1000) < thousandths;
}

int64_t
sim_between(struct sim_world *world, int64_t low, int64_t high)
{
	return low + (int64_t)rng_below(&world->rng, (uint64_t)(high - low));
}

/* Dying. */

void
sim_step(struct sim_world *world)
{
	if (world->dead || world->steps_left < 0 || !world->life)
		return;
	if (world->steps_left-- == 0) {
		sim_say(world, "the process dies");
		world->dead = true;
	}
}

void
sim_doom(struct sim_world *world, int64_t steps)
{
	if (world->steps_left < 0 && sim_is_storm(world))
		world->steps_left = steps;
}

/* Time passes. */

static void
advance(struct sim_world *world, int64_t mono_ms)
{
	if (mono_ms <= world->now.mono_ms)
		return;
	world->now.wall_ms += mono_ms - world->now.mono_ms;
	world->now.mono_ms = mono_ms;
}

static void
probe(struct sim_world *world, struct heap_item *item)
{
	struct sim_target *target = LIST_ENTRY(item, struct sim_target, next);
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[target - world->targets];
	item->due += endpoint->period_ms;
	heap_put(&world->probes, item);
	if (world->life && world->life->works && endpoint->present)
		sim_target_probe(world, target);
}

/* What comes next, of all that has a time: monotonic, or -1. */
struct next {
	int64_t probe, net, turn, act, restart;
};

static struct next
look_ahead(const struct sim_world *world)
{
	const struct sim_act *act = world->next_act < world->n_acts
		? &world->acts[world->next_act]
		: NULL;
	return (struct next){
		.probe = heap_first(&world->probes)->due,
		.net = sim_net_next(world->net),
		.turn = world->life ? world->life->next_ms : -1,
		.act = act ? act->at_ms + mono_start_ms : -1,
		.restart = world->life ? -1 : world->restart_ms + mono_start_ms,
	};
}

static bool
is_next(int64_t one, const struct next *next)
{
	const int64_t all[] = { next->probe, next->net, next->turn, next->act,
		next->restart };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0 && all[i] < one)
			return false;
	return one >= 0;
}

static void
happen(struct sim_world *world)
{
	struct next next = look_ahead(world);
	if (is_next(next.net, &next)) {
		advance(world, next.net);
		sim_net_run(world->net);
	} else if (is_next(next.restart, &next)) {
		advance(world, next.restart);
		sim_restart(world);
	} else if (is_next(next.act, &next)) {
		advance(world, next.act);
		sim_act(world, &world->acts[world->next_act++]);
	} else if (is_next(next.turn, &next)) {
		advance(world, next.turn);
	} else {
		advance(world, next.probe);
		probe(world, heap_first(&world->probes));
	}
	if (world->life && !world->dead)
		sim_life_turn(world->life);
	if (world->dead)
		sim_bury(world);
}

/* What is to hold then is looked at. */
static void
live_until(struct sim_world *world, int64_t time,
	void (*check)(struct sim_world *world))
{
	while (sim_time(world) < time && world->failure[0] == '\0')
		happen(world);
	if (world->failure[0] == '\0')
		check(world);
}

/* A run. */

static struct sim_world *
world_new(uint64_t seed, bool verbose)
{
	struct sim_world *world = mem_zalloc(sizeof(*world));
	world->seed = seed;
	world->verbose = verbose;
	world->hash = UINT64_C(0xcbf29ce484222325);
	world->wall_start_ms = INT64_C(1795219200000);
	world->now = (struct moment){ mono_start_ms, world->wall_start_ms };
	world->steps_left = -1;
	rng_seed(&world->rng, seed);
	rng_seed(&world->agent_rng, ~seed);
	world->disk = sim_disk_new(world);
	world->net = sim_net_new(world);
	for (size_t i = 0; i < PLAN_CACHETS; i++)
		world->cachets[i] = sim_cachet_new(world, i);
	for (size_t i = 0; i < PLAN_RECEIVERS; i++)
		world->receivers[i] = sim_receiver_new();
	world->records = sim_records_new(world);
	return world;
}

static void
world_free(struct sim_world *world)
{
	sim_life_end(world->life);
	sim_net_free(world->net);
	for (size_t i = 0; i < PLAN_CACHETS; i++)
		sim_cachet_free(world->cachets[i]);
	for (size_t i = 0; i < PLAN_RECEIVERS; i++)
		sim_receiver_free(world->receivers[i]);
	sim_records_free(world->records);
	sim_disk_free(world->disk);
	heap_finish(&world->probes);
	free(world);
}

void
sim_run(uint64_t seed, bool verbose, struct sim_outcome *outcome)
{
	struct sim_world *world = world_new(seed, verbose);
	sim_draw(world);
	for (size_t i = 0; i < SIM_LULLS; i++)
		live_until(world, world->lulls[i] + SIM_CALM_MS - SIM_MARGIN_MS,
			sim_check_half_calm);
	live_until(world, SIM_HALF_CALM_MS, sim_check_half_calm);
	live_until(world, SIM_WEEK_MS, sim_check_calm);
	memcpy(outcome->failure, world->failure, sizeof(outcome->failure));
	outcome->hash = world->hash;
	world_free(world);
}
