#include "tests/sim/fate.h"

#include <stdlib.h>

#include "agent/base/mem.h"
#include "tests/sim/sim.h"

enum {
	TROUBLES_MAX = 12, /* that are drawn, ... */
	CUTS_MAX = 4, /* ... and before them, those that are to be */
};

/* A server that is in trouble for a while. */
struct trouble {
	int64_t from_ms, to_ms;
	enum sim_fate fate;
	bool slow; /* instead of the fate */
};

struct sim_fates {
	struct sim_world *world;
	struct trouble cuts[SERVER_COUNT][CUTS_MAX];
	struct trouble troubles[SERVER_COUNT][TROUBLES_MAX];
};

struct sim_fates *
sim_fates_new(struct sim_world *world)
{
	struct sim_fates *fates = mem_zalloc(sizeof(*fates));
	fates->world = world;
	return fates;
}

void
sim_fates_free(struct sim_fates *fates)
{
	free(fates);
}

static enum sim_fate
draw_trouble(struct sim_world *world)
{
	static const enum sim_fate some[] = { FATE_REFUSED, FATE_REFUSED,
		FATE_LOST, FATE_LOST, FATE_SILENT, FATE_500, FATE_500_AFTER,
		FATE_429, FATE_503, FATE_401, FATE_404 };
	return some[sim_between(
		world, 0, (int64_t)(sizeof(some) / sizeof(some[0])))];
}

void
sim_fates_draw(struct sim_fates *fates)
{
	struct sim_world *world = fates->world;
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		int64_t n = sim_between(world, 0, TROUBLES_MAX + 1);
		for (int64_t j = 0; j < n; j++) {
			int64_t from = sim_between(world, 0, SIM_STORM_MS);
			int64_t most = sim_chance(world, 800) ? SIM_HOUR_MS
							      : SIM_HOUR_MS * 6;
			fates->troubles[i][j] = (struct trouble){
				.from_ms = from,
				.to_ms = from + sim_between(world, 1, most),
				.fate = draw_trouble(world),
				.slow = sim_chance(world, 150),
			};
		}
	}
}

void
sim_fates_cut(struct sim_fates *fates, enum sim_server server, int64_t from_ms,
	int64_t to_ms)
{
	struct trouble *cut = fates->cuts[server];
	while (cut->to_ms > 0)
		cut++;
	*cut = (struct trouble){
		.from_ms = from_ms,
		.to_ms = to_ms,
		.fate = FATE_REFUSED,
	};
}

static bool
is_now(const struct trouble *trouble, int64_t time)
{
	return time >= trouble->from_ms && time < trouble->to_ms;
}

static const struct trouble *
trouble_of(const struct sim_fates *fates, enum sim_server server)
{
	int64_t time = sim_time(fates->world);
	for (size_t i = 0; i < CUTS_MAX; i++)
		if (is_now(&fates->cuts[server][i], time))
			return &fates->cuts[server][i];
	for (size_t i = 0; i < TROUBLES_MAX; i++)
		if (is_now(&fates->troubles[server][i], time))
			return &fates->troubles[server][i];
	return NULL;
}

static enum sim_fate
draw_fate(struct sim_world *world)
{
	static const unsigned thousandths[FATES] = {
		[FATE_REFUSED] = 20,
		[FATE_LOST] = 20,
		[FATE_SILENT] = 20,
		[FATE_CLOSED] = 20,
		[FATE_LATE] = 30,
		[FATE_500] = 20,
		[FATE_500_AFTER] = 20,
		[FATE_429] = 5,
		[FATE_503] = 10,
		[FATE_GARBAGE] = 10,
	};
	unsigned draw = (unsigned)rng_below(&world->rng, 1000);
	for (int fate = 0; fate < FATES; fate++) {
		if (draw < thousandths[fate])
			return (enum sim_fate)fate;
		draw -= thousandths[fate];
	}
	return FATE_FINE;
}

enum sim_fate
sim_fates_of(struct sim_fates *fates, enum sim_server server)
{
	const struct trouble *trouble = trouble_of(fates, server);
	if (!sim_is_storm(fates->world))
		return FATE_FINE;
	if (trouble && !trouble->slow)
		return trouble->fate;
	return draw_fate(fates->world);
}

bool
sim_fates_slow(const struct sim_fates *fates, enum sim_server server)
{
	const struct trouble *trouble = trouble_of(fates, server);
	return sim_is_storm(fates->world) && trouble && trouble->slow;
}
