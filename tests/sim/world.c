#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "agent/base/mem.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "conf/conf.h"

static const int64_t HOUR = INT64_C(3600) * 1000;
static const int64_t PERIOD = SIM_PERIOD_MS;

void
sim_fail(struct sim_world *world, const char *format, ...)
{
	if (world->failure[0] != '\0')
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(world->failure, sizeof(world->failure), format, args);
	va_end(args);
}

void
sim_say(struct sim_world *world, const char *format, ...)
{
	if (!world->verbose)
		return;
	printf("%10.3f ",
		(double)(world->now.wall_ms - world->start_ms) / 1000);
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

bool
sim_chance(struct sim_world *world, unsigned thousandths)
{
	return rng_below(&world->rng, 1000) < thousandths;
}

void
sim_step(struct sim_world *world)
{
	if (world->dead || world->crash_in < 0)
		return;
	if (world->crash_in-- == 0) {
		sim_say(world, "the process dies");
		world->dead = true;
	}
}

/* What will happen, drawn before it does. */

static int64_t
between(struct sim_world *world, int64_t low, int64_t high)
{
	return low + (int64_t)rng_below(&world->rng, (uint64_t)(high - low));
}

static void
draw_outages(struct sim_world *world, struct sim_endpoint *endpoint)
{
	int64_t at = world->start_ms + between(world, 0, HOUR);
	int64_t end = world->start_ms + SIM_STORM_MS;
	while (at < end && endpoint->n_outages < SIM_OUTAGES_MAX) {
		/* Some flap, some last. */
		int64_t length = sim_chance(world, 500)
			? between(world, 1, 4 * PERIOD)
			: between(world, 1, 90 * PERIOD);
		endpoint->outages[endpoint->n_outages++] = (struct sim_outage){
			.from_ms = at,
			.to_ms = at + length < end ? at + length : end,
			.status = (enum status)between(
				world, STATUS_PERFORMANCE_ISSUES, STATUS_COUNT),
		};
		/* Half of them follow at once: a change of severity. */
		at += length
			+ (sim_chance(world, 300)
					? 0
					: between(world, 1, 60 * PERIOD));
	}
}

static void
draw_downtimes(struct sim_world *world)
{
	for (int server = 0; server <= SERVER_COUNT; server++) {
		for (size_t i = 0; i < 4; i++) {
			if (sim_chance(world, 500))
				continue;
			int64_t from = world->start_ms
				+ between(world, 0, SIM_STORM_MS);
			int64_t most = server == SERVER_COUNT ? 10 * 60 * 1000
							      : 3600 * 1000;
			int64_t to = from + between(world, 1, most);
			int64_t end = world->start_ms + SIM_STORM_MS;
			world->downtimes[server][i] = (struct sim_downtime){
				.from_ms = from,
				.to_ms = to < end ? to : end,
				.hangs = sim_chance(world, 500),
			};
		}
	}
}

static void
draw_crash(struct sim_world *world)
{
	bool storm = world->now.wall_ms < world->start_ms + SIM_STORM_MS;
	world->crash_in = storm ? between(world, 0, 150) : -1;
}

static void
draw(struct sim_world *world)
{
	const struct conf_endpoint *endpoints = world->conf->endpoints.items;
	world->n_endpoints = world->conf->endpoints.count;
	for (size_t i = 0; i < world->n_endpoints; i++) {
		struct sim_endpoint *endpoint = &world->endpoints[i];
		endpoint->name = endpoints[i].name;
		endpoint->allowed_fails = (unsigned)endpoints[i].allowed_fails;
		endpoint->phase_ms = between(world, 0, SIM_PERIOD_MS);
		draw_outages(world, endpoint);
	}
	draw_downtimes(world);
	draw_crash(world);
}

/* Time passes. */

static struct sim_outage *
outage_at(struct sim_endpoint *endpoint, int64_t wall_ms)
{
	for (size_t i = 0; i < endpoint->n_outages; i++) {
		struct sim_outage *outage = &endpoint->outages[i];
		if (wall_ms >= outage->from_ms && wall_ms < outage->to_ms)
			return outage;
	}
	return NULL;
}

static void
probe(struct sim_world *world, uint32_t number)
{
	struct sim_endpoint *endpoint = &world->endpoints[number];
	struct sim_outage *outage = outage_at(endpoint, world->now.wall_ms);
	struct result result = {
		.endpoint = number,
		.generation =
			monitors_at(world->life->monitors, number)->generation,
		.at_ms = world->now.wall_ms,
		.status = outage ? outage->status : STATUS_OPERATIONAL,
		.cause = outage ? CAUSE_HTTP_STATUS : CAUSE_NONE,
	};
	if (sim_chance(world, 10)) {
		result.status = STATUS_UNKNOWN;
		result.cause = CAUSE_NO_DESCRIPTORS;
	} else if (outage) {
		outage->fed++;
		endpoint->bad_in_a_row++;
		snprintf(result.message, sizeof(result.message),
			"Unexpected HTTP status (500)");
	}
	bool good = result.status == STATUS_OPERATIONAL;
	monitors_take(world->life->monitors, &result, world->now);
	sim_life_turn(world->life);
	/* A good result that died with the process was never seen. */
	if (good && !world->dead && !sim_net_downtime(world, SERVER_COUNT))
		endpoint->bad_in_a_row = 0;
}

static int64_t
next_probe(const struct sim_world *world, uint32_t *number)
{
	int64_t best = INT64_MAX;
	for (uint32_t i = 0; i < world->n_endpoints; i++) {
		int64_t phase = world->endpoints[i].phase_ms;
		int64_t at = world->now.mono_ms - phase;
		int64_t next = at - at % SIM_PERIOD_MS + SIM_PERIOD_MS + phase;
		if (next < best) {
			best = next;
			*number = i;
		}
	}
	return best;
}

static void
restart(struct sim_world *world)
{
	world->crashes++;
	for (size_t i = 0; i < world->n_endpoints; i++) {
		struct sim_outage *outage =
			outage_at(&world->endpoints[i], world->now.wall_ms);
		if (outage)
			outage->crashes++;
	}
	sim_life_end(world->life);
	world->dead = false;
	draw_crash(world);
	world->life = sim_life_begin(world);
	sim_life_turn(world->life);
}

static void
advance(struct sim_world *world, int64_t mono_ms)
{
	if (mono_ms <= world->now.mono_ms)
		return;
	world->now.wall_ms += mono_ms - world->now.mono_ms;
	world->now.mono_ms = mono_ms;
}

static void
live(struct sim_world *world)
{
	int64_t end = world->start_ms + SIM_STORM_MS + SIM_CALM_MS;
	while (world->now.wall_ms < end && world->failure[0] == '\0') {
		uint32_t number = 0;
		int64_t probe_at = next_probe(world, &number);
		int64_t net_at = sim_net_next(world);
		int64_t turn_at = world->life->next_ms;
		if (net_at >= 0 && net_at <= probe_at
			&& (turn_at < 0 || net_at <= turn_at)) {
			advance(world, net_at);
			sim_net_run(world);
		} else if (turn_at >= 0 && turn_at <= probe_at) {
			advance(world, turn_at);
		} else {
			advance(world, probe_at);
			probe(world, number);
		}
		if (!world->dead)
			sim_life_turn(world->life);
		if (world->dead)
			restart(world);
	}
}

bool
sim_run(const struct conf *conf, uint64_t seed, bool verbose, char *failure,
	size_t size)
{
	struct sim_world *world = mem_zalloc(sizeof(*world));
	world->seed = seed;
	world->conf = conf;
	world->verbose = verbose;
	world->start_ms = INT64_C(1795219200000);
	world->now = (struct moment){ 1000000, world->start_ms };
	rng_seed(&world->rng, seed);
	snprintf(world->path, sizeof(world->path),
		"file:/sim-%" PRIu64 "?vfs=memdb", seed);
	world->cachet = sim_cachet_new();
	for (size_t i = 0; i < SIM_RECEIVERS; i++)
		world->receivers[i] = sim_receiver_new();
	sqlite3_open_v2(world->path, &world->disk,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
		NULL);
	draw(world);

	world->life = sim_life_begin(world);
	live(world);
	if (world->failure[0] == '\0')
		sim_check(world);
	snprintf(failure, size, "%s", world->failure);

	sim_life_end(world->life);
	sim_net_finish(world);
	sqlite3_close(world->disk);
	sim_cachet_free(world->cachet);
	for (size_t i = 0; i < SIM_RECEIVERS; i++)
		sim_receiver_free(world->receivers[i]);
	free(world);
	return failure[0] == '\0';
}
