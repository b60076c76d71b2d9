#include <inttypes.h>
#include <stdio.h>

#include "agent/ledger.h"
#include "agent/model/result.h"
#include "agent/monitor.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"

enum {
	LATENCY_US = 100000, /* and each look takes a bit longer */
	WRITTEN_MS = 1000, /* then the ledger writes what is counted, at last */
};

enum status
sim_target_status(
	const struct sim_world *world, const struct sim_target *target)
{
	int64_t time = sim_time(world);
	for (size_t i = 0; i < target->n_outages; i++)
		if (time >= target->outages[i].from_ms
			&& time < target->outages[i].to_ms)
			return target->outages[i].status;
	return STATUS_OPERATIONAL;
}

void
sim_target_disturb(struct sim_world *world)
{
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		struct sim_target *target = &world->targets[i];
		target->certain = 0;
		target->good_in_a_row += target->good_before;
		target->good_before = 0;
	}
}

/* The text tells one failure from all others. */
void
sim_target_words(char *text, size_t size, size_t target, int64_t time_ms)
{
	snprintf(text, size, "Unexpected HTTP status (500), %" PRId64 " of %zu",
		time_ms, target);
}

static struct result
result_of(struct sim_world *world, const struct sim_target *target,
	const struct monitor *monitor)
{
	struct result result = {
		.endpoint = monitor->number,
		.generation = monitor->generation,
		.at_ms = world->now.wall_ms,
		.status = sim_target_status(world, target),
	};
	result.whole = result.status == STATUS_OPERATIONAL;
	if (result.whole)
		result.latency_us = LATENCY_US + (int64_t)++world->n_looks;
	if (sim_chance(world, 10) && sim_is_storm(world)) {
		result.status = STATUS_UNKNOWN;
		result.cause = CAUSE_NO_DESCRIPTORS;
	} else if (status_is_bad(result.status)) {
		result.cause = CAUSE_HTTP_STATUS;
		sim_target_words(result.message, sizeof(result.message),
			(size_t)(target - world->targets), sim_time(world));
	}
	return result;
}

/* If the one before is not durable either, both may be forgotten, and what was
 * good before them counts again. */
static void
note_bad(const struct sim_world *world, struct sim_target *target)
{
	int64_t since;
	bool unwritten = ledger_trouble(world->life->ledger, &since)
		&& since <= target->bad_ms + WRITTEN_MS;
	if (target->good_in_a_row > 0 || !unwritten)
		target->good_before = target->good_in_a_row;
	target->bad_ms = world->now.mono_ms;
	target->good_in_a_row = 0;
	target->bad_in_a_row++;
	target->certain++;
}

/* A good result that is not durable yet may be forgotten again. */
static void
note_good(const struct sim_world *world, struct sim_target *target)
{
	int64_t since;
	if (!world->dead && !ledger_trouble(world->life->ledger, &since))
		target->bad_in_a_row = 0;
}

/* Nothing came between, so it must have spoken. */
static void
check_spoken(struct sim_world *world, const struct sim_target *target,
	const struct monitor *monitor)
{
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[target - world->targets];
	if (!world->dead && target->certain > endpoint->allowed_fails
		&& monitor->verdict.announced != target->seen)
		sim_fail(world, "%s failed %u times and is said to be %s",
			endpoint->name, target->certain,
			status_name(monitor->verdict.announced));
}

void
sim_target_probe(struct sim_world *world, struct sim_target *target)
{
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[target - world->targets];
	const struct monitor *monitor =
		monitors_named(world->life->monitors, endpoint->name);
	if (!monitor) {
		sim_fail(world, "%s is not looked at", endpoint->name);
		return;
	}
	struct result result = result_of(world, target, monitor);
	enum status seen = result.status;
	if (seen != STATUS_UNKNOWN) {
		target->seen = seen;
		target->seen_ms = result.at_ms;
	}
	bool ends_row = false;
	if (status_is_bad(seen)) {
		note_bad(world, target);
	} else if (seen == STATUS_OPERATIONAL) {
		ends_row = target->certain > 0;
		target->good_in_a_row++;
		target->certain = 0;
	}
	monitors_take(world->life->monitors, &result, world->now);
	sim_life_turn(world->life);
	/* Until that is durable: a good moment to die. */
	if (ends_row && sim_chance(world, 20))
		sim_doom(world, sim_between(world, 0, 4));
	if (seen == STATUS_OPERATIONAL)
		note_good(world, target);
	else if (seen != STATUS_UNKNOWN)
		check_spoken(world, target, monitor);
}
