/*
 * What will happen in a run, drawn before it does.
 */
#include "tests/sim/cachet.h"
#include "tests/sim/net.h"
#include "tests/sim/sim.h"

enum {
	/* So long that one look at the status page fails at least. */
	ABSENT_MS = SIM_MINUTE_MS * 80,
	FORGET_MS = SIM_MINUTE_MS * 30, /* then everything was told */
	PAIR_MS = SIM_MINUTE_MS * 12,
	RUSH_MS = SIM_MINUTE_MS * 30,
	RUSHED = 6,
	LEAP_MS = SIM_MINUTE_MS * 15,
	STRICT_MS = SIM_MINUTE_MS * 44, /* so that it can be put back */
	CALM_MS = SIM_MINUTE_MS * 60, /* then nothing is owed, in a lull */
	START_CUT_MS = SIM_MINUTE_MS,
	INTO_OUTAGE_MS = SIM_MINUTE_MS * 25, /* then it was told */
	NEAR_MS = 600,
};

static void
draw_lulls(struct sim_world *world)
{
	for (size_t i = 0; i < SIM_LULLS; i++)
		world->lulls[i] =
			SIM_STORM_MS * (int64_t)(i + 1) / (SIM_LULLS + 1)
			+ sim_between(world, 0, SIM_HOUR_MS * 6);
}

/* Nothing changes late in a lull. */
static int64_t
settled(const struct sim_world *world, int64_t time)
{
	int64_t into = sim_into_lull(world, time);
	return into > SIM_SETTLED_MS ? time - into + SIM_SETTLED_MS : time;
}

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

/* So short that nothing is to be said of it, again and again. */
static int64_t
draw_blinks(struct sim_world *world, struct sim_target *target, int64_t at)
{
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[target - world->targets];
	int64_t period = endpoint->period_ms;
	int64_t n = endpoint->allowed_fails > 0 ? sim_between(world, 4, 16) : 0;
	for (int64_t i = 0; i < n && at < SIM_STORM_MS - SIM_HOUR_MS; i++) {
		int64_t to = at + period * endpoint->allowed_fails;
		if (sim_into_lull(world, at) < 0
			&& sim_into_lull(world, to) < 0)
			add_outage(target, at, to, draw_status(world));
		at = to + period;
	}
	return at;
}

static void
draw_outages(struct sim_world *world, struct sim_target *target)
{
	int64_t at = draw_peace(world);
	while (at < SIM_STORM_MS) {
		if (sim_chance(world, 150))
			at = draw_blinks(world, target, at);
		int64_t to = at + draw_length(world);
		add_outage(target, settled(world, at),
			settled(world, to < SIM_STORM_MS ? to : SIM_STORM_MS),
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

/* One write of them arrives when another was repeated already. */
static void
delay_pair(struct sim_world *world, const struct plan_endpoint *endpoint,
	int64_t from)
{
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		if (endpoint->components[c] > 0 && sim_chance(world, 700))
			sim_net_delay(world->net, (enum sim_server)c,
				sim_chance(world, 700) ? endpoint->components[c]
						       : 0,
				from, from + SIM_CALM_MS / 2);
}

/* Those that share a component go down and change together, when all else has
 * been well for a while, and nothing else would say how it is. */
static void
draw_pairs(struct sim_world *world)
{
	for (size_t i = 0; i < SIM_LULLS; i++) {
		size_t one = (size_t)sim_between(
			world, 0, PLAN_TARGETS - PLAN_SHARED);
		int64_t from = world->lulls[i] + PAIR_MS;
		int64_t to = world->lulls[i] + SIM_CALM_MS;
		delay_pair(world, &world->plan.endpoints[one], from);
		add_outage(&world->targets[one], from, to,
			STATUS_PERFORMANCE_ISSUES);
		add_outage(&world->targets[one + PLAN_SHARED], from, to,
			sim_chance(world, 500) ? STATUS_PARTIAL_OUTAGE
					       : STATUS_MAJOR_OUTAGE);
	}
}

/* What many go down of, shortly before a lull. */
static void
draw_rush(struct sim_world *world, int64_t lull)
{
	for (int i = 0; i < RUSHED; i++) {
		size_t which = (size_t)sim_between(world, 0, PLAN_TARGETS);
		add_outage(&world->targets[which],
			lull - sim_between(world, 0, RUSH_MS),
			lull
				+ (sim_chance(world, 500) ? sim_between(
					   world, 0, SIM_SETTLED_MS)
							  : SIM_CALM_MS),
			draw_status(world));
	}
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
		if (i >= PLAN_SHARED)
			target->next.due =
				world->targets[i - PLAN_SHARED].next.due
				+ sim_between(world, 0, NEAR_MS);
		heap_put(&world->probes, &target->next);
		draw_outages(world, target);
	}
}

/* Acts. */

static void
add_act_at(struct sim_world *world, enum sim_act_kind kind, int64_t at_ms,
	size_t cachet)
{
	if (world->n_acts == SIM_ACTS_MAX)
		return;
	size_t i = world->n_acts++;
	for (; i > 0 && world->acts[i - 1].at_ms > at_ms; i--)
		world->acts[i] = world->acts[i - 1];
	world->acts[i] = (struct sim_act){ kind, at_ms, cachet };
}

static size_t
draw_cachet(struct sim_world *world)
{
	return (size_t)sim_between(world, 0, (int64_t)world->plan.n_cachets);
}

static void
add_act(struct sim_world *world, enum sim_act_kind kind, int64_t at_ms)
{
	add_act_at(world, kind, at_ms, draw_cachet(world));
}

static void
add_absence(struct sim_world *world, int64_t lull)
{
	size_t which = draw_cachet(world);
	sim_net_cut(world->net, (enum sim_server)which, lull - ABSENT_MS, lull);
	add_act_at(world, ACT_RESTORED, lull, which);
}

static void
draw_acts(struct sim_world *world, enum sim_act_kind kind, int64_t most)
{
	int64_t n = sim_between(world, 0, most + 1);
	for (int64_t i = 0; i < n; i++) {
		int64_t at = sim_between(world, 0, SIM_STORM_MS);
		if (sim_into_lull(world, at) < 0)
			add_act(world, kind, at);
	}
}

/* Nobody can be reached, much is to be told, and the clock leaps. */
static void
draw_leap(struct sim_world *world, int64_t lull)
{
	for (int i = 0; i < SERVER_COUNT; i++)
		sim_net_cut(
			world->net, (enum sim_server)i, lull - RUSH_MS, lull);
	add_act(world, ACT_CLOCK_LEAP, lull - LEAP_MS);
	if (sim_chance(world, 500))
		add_act(world, ACT_DEATH, lull - LEAP_MS + SIM_SECOND_MS);
}

static int64_t
calm_of(const struct sim_world *world, size_t cachet)
{
	return world->plan.cachets[cachet].reconcile == PLAN_STRICT ? STRICT_MS
								    : CALM_MS;
}

/* What goes wrong before a lull, or makes the status page show what it was not
 * told. */
static void
draw_drifts(struct sim_world *world)
{
	for (size_t i = 0; i < SIM_LULLS; i++) {
		int64_t lull = world->lulls[i];
		draw_rush(world, lull);
		switch (sim_between(world, 0, 4)) {
		case 0:
			add_act(world, ACT_MISSED, lull);
			break;
		case 1:
			add_absence(world, lull);
			break;
		case 2:
			draw_leap(world, lull);
			break;
		default:
			break;
		}
	}
	for (size_t i = 0; i < SIM_LULLS; i++)
		for (size_t c = 0; c < world->plan.n_cachets; c++)
			add_act_at(world, ACT_PEOPLE_CALM,
				world->lulls[i] + calm_of(world, c), c);
	draw_pairs(world);
}

static void
draw_disk(struct sim_world *world)
{
	int64_t n = sim_between(world, 0, 5);
	for (int64_t i = 0; i < n; i++) {
		int64_t at = sim_between(world, 0, SIM_STORM_MS);
		int64_t to = at + sim_between(world, 1, SIM_MINUTE_MS * 20);
		int64_t into = sim_into_lull(world, to);
		if (into >= 0)
			to -= into;
		if (sim_into_lull(world, at) >= 0)
			continue;
		add_act(world,
			sim_chance(world, 500) ? ACT_DISK_FULL
					       : ACT_DISK_BROKEN,
			at);
		add_act(world, ACT_DISK_MENDED,
			to < SIM_STORM_MS ? to : SIM_STORM_MS);
	}
}

/* While an incident lasts that has set its component by itself, and is the only
 * one to set it back. */
static int64_t
draw_upgrade(struct sim_world *world, size_t cachet)
{
	size_t first = (size_t)sim_between(world, 0, PLAN_TARGETS);
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		size_t which = (first + i) % PLAN_TARGETS;
		const struct sim_target *target = &world->targets[which];
		const struct plan_endpoint *endpoint =
			&world->plan.endpoints[which];
		if (endpoint->actions != PLAN_ONLY_INCIDENT
			|| endpoint->components[cachet] == 0)
			continue;
		for (size_t j = 0; j < target->n_outages; j++) {
			int64_t at =
				target->outages[j].from_ms + INTO_OUTAGE_MS;
			if (at < target->outages[j].to_ms && at < SIM_STORM_MS)
				return at;
		}
	}
	return sim_between(world, 0, SIM_STORM_MS);
}

/* At its next start, the agent may not get to see what there is. */
static void
draw_forgetting(struct sim_world *world)
{
	int64_t at = world->lulls[sim_between(world, 0, SIM_LULLS)]
		+ SIM_SETTLED_MS + FORGET_MS;
	add_act(world, ACT_FORGOTTEN, at);
	if (sim_chance(world, 500))
		return;
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		sim_net_cut(
			world->net, (enum sim_server)c, at, at + START_CUT_MS);
}

/* What happens once in some of the weeks. */
static void
draw_once(struct sim_world *world)
{
	if (sim_chance(world, 500)) {
		size_t cachet = draw_cachet(world);
		add_act_at(world, ACT_UPGRADED, draw_upgrade(world, cachet),
			cachet);
	}
	if (sim_chance(world, 400))
		draw_forgetting(world);
}

void
sim_draw(struct sim_world *world)
{
	draw_lulls(world);
	plan_draw(world);
	draw_targets(world);
	for (size_t i = 0; i < PLAN_CACHETS; i++)
		sim_cachet_draw(world->cachets[i]);
	sim_net_draw(world->net);
	draw_disk(world);
	draw_acts(world, ACT_CLOCK_STEP, 4);
	draw_acts(world, ACT_RELOAD, 10);
	draw_acts(world, ACT_PEOPLE, 30);
	draw_acts(world, ACT_DEATH, 40);
	draw_drifts(world);
	draw_once(world);
}
