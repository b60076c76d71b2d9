/*
 * What must hold when the storm is over.
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/monitor.h"
#include "agent/outbox.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"

static void
check_announced(struct sim_world *world)
{
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		const struct plan_endpoint *endpoint =
			&world->plan.endpoints[i];
		enum status is = sim_target_status(world, &world->targets[i]);
		const struct monitor *monitor =
			monitors_named(world->life->monitors, endpoint->name);
		if (endpoint->present && monitor->verdict.announced != is)
			sim_fail(world, "%s is %s and is said to be %s",
				endpoint->name, status_name(is),
				status_name(monitor->verdict.announced));
	}
}

/* Nothing waits, and nothing was given up. */
static void
on_stats(void *cookie, const struct outbox_stats *stats)
{
	struct sim_world *world = cookie;
	if (stats->waiting > 0)
		sim_fail(world, "%zu deliveries wait for %s: %s",
			stats->waiting, stats->reporter, stats->trouble);
	if (stats->expired > 0 || stats->rejected > 0)
		sim_fail(world,
			"%" PRIu64 " expired, %" PRIu64
			" were rejected by %s: %s",
			stats->expired, stats->rejected, stats->reporter,
			stats->trouble);
}

static void
check_all(struct sim_world *world)
{
	check_announced(world);
	outbox_each(world->life->outbox, on_stats, world);
	sim_check_components(world);
	sim_check_incidents(world);
	sim_check_told(world);
}

void
sim_check_half_calm(struct sim_world *world)
{
	if (!world->life)
		sim_fail(world, "there is no process in the calm");
	else
		check_all(world);
}

void
sim_check_calm(struct sim_world *world)
{
	sim_check_half_calm(world);
	sim_life_end(world->life), world->life = NULL;
	sim_check_database(world);
}
