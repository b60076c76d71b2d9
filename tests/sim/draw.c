/*
 * What will happen in a run, drawn before it does.
 */
#include "tests/sim/cachet.h"
#include "tests/sim/net.h"
#include "tests/sim/sim.h"

static void
add_outage(struct sim_target *target, int64_t from_ms, int64_t to_ms,
	enum status status)
{
	if (target->n_outages < SIM_OUTAGES_MAX)
		target->outages[target->n_outages++] =
			(struct sim_outage){ from_ms, to_ms, status };
}

static enum status
draw_status(struct sim_world *world)
{
	return (enum status)sim_between(
		world, STATUS_PERFORMANCE_ISSUES, STATUS_COUNT);
}

static int64_t
draw_length(struct sim_world *world)
{
	if (sim_chance(world, 300)) /* flapping */
		return sim_between(world, 1, SIM_MINUTE_MS * 20);
	return sim_between(world, SIM_MINUTE_MS * 10, SIM_HOUR_MS * 3);
}

static int64_t
draw_peace(struct sim_world *world)
{
	if (sim_chance(world, 250)) /* a change of severity */
		return 0;
	if (sim_chance(world, 250))
		return sim_between(world, 1, SIM_MINUTE_MS * 20);
	return sim_between(world, 1, SIM_HOUR_MS * 60);
}

static void
draw_outages(struct sim_world *world, struct sim_target *target)
{
	int64_t at = draw_peace(world);
	while (at < SIM_STORM_MS) {
		int64_t to = at + draw_length(world);
		add_outage(target, at, to < SIM_STORM_MS ? to : SIM_STORM_MS,
			draw_status(world));
		at = to + draw_peace(world);
	}
	if (sim_chance(world, 500))
		add_outage(target,
			SIM_STORM_MS
				+ sim_between(world, 0, SIM_MINUTE_MS * 20),
			SIM_HALF_CALM_MS + SIM_MINUTE_MS * 5,
			draw_status(world));
}

static void
draw_targets(struct sim_world *world)
{
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		struct sim_target *target = &world->targets[i];
		target->next.order = i;
		target->next.due = world->now.mono_ms
			+ sim_between(
				world, 0, world->plan.endpoints[i].period_ms);
		heap_put(&world->probes, &target->next);
		draw_outages(world, target);
	}
}

/* Acts. */

static void
add_act(struct sim_world *world, enum sim_act_kind kind, int64_t at_ms)
{
	if (world->n_acts == SIM_ACTS_MAX)
		return;
	size_t i = world->n_acts++;
	for (; i > 0 && world->acts[i - 1].at_ms > at_ms; i--)
		world->acts[i] = world->acts[i - 1];
	world->acts[i] = (struct sim_act){ kind, at_ms };
}

static void
draw_acts(struct sim_world *world, enum sim_act_kind kind, int64_t most)
{
	int64_t n = sim_between(world, 0, most + 1);
	for (int64_t i = 0; i < n; i++)
		add_act(world, kind, sim_between(world, 0, SIM_STORM_MS));
}

static void
draw_disk(struct sim_world *world)
{
	int64_t n = sim_between(world, 0, 5);
	for (int64_t i = 0; i < n; i++) {
		int64_t at = sim_between(world, 0, SIM_STORM_MS);
		int64_t to = at + sim_between(world, 1, SIM_MINUTE_MS * 20);
		add_act(world,
			sim_chance(world, 500) ? ACT_DISK_FULL
					       : ACT_DISK_BROKEN,
			at);
		add_act(world, ACT_DISK_MENDED,
			to < SIM_STORM_MS ? to : SIM_STORM_MS);
	}
}

void
sim_draw(struct sim_world *world)
{
	plan_draw(world);
	draw_targets(world);
	sim_cachet_draw(world->cachet);
	sim_net_draw(world->net);
	draw_disk(world);
	draw_acts(world, ACT_CLOCK_STEP, 4);
	draw_acts(world, ACT_RELOAD, 10);
	draw_acts(world, ACT_PEOPLE, 30);
	draw_acts(world, ACT_DEATH, 40);
}
