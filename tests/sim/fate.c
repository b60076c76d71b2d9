#include "tests/sim/fate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/sim/cachet.h"
#include "tests/sim/sim.h"

enum {
	TROUBLES_MAX = 12, /* that are drawn, ... */
	CUTS_MAX = 8, /* ... and before them, those that are to be */
	PATH_SIZE = 40,
};

/* One write that arrives late. */
struct delay {
	int64_t from_ms, to_ms; /* 0: none, or not any more */
	int64_t component; /* 0: a creation */
};

/* A Cachet 2.4 that is taken for a 2.3: a creation finds nothing there, what it
 * is then asked has an answer that nobody can read, and the same creation
 * without a mark comes late, when it is known better. */
enum mistake {
	MISTAKE_NONE = 0,
	MISTAKE_TO_BE,
	MISTAKE_MADE,
};

/* A server that is in trouble for a while. */
struct trouble {
	int64_t from_ms, to_ms;
	enum sim_fate fate;
	bool slow; /* instead of the fate */
	bool cut; /* in a lull as well */
};

struct sim_fates {
	struct sim_world *world;
	struct trouble cuts[SERVER_COUNT][CUTS_MAX];
	struct trouble troubles[SERVER_COUNT][TROUBLES_MAX];
	struct delay delays[SERVER_COUNT][SIM_LULLS];
	enum mistake mistakes[PLAN_CACHETS];
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
	for (size_t i = 0; i < PLAN_CACHETS; i++)
		if (world->cachets[i]->generation == SIM_2_4
			&& sim_chance(world, 600))
			fates->mistakes[i] = MISTAKE_TO_BE;
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
		.cut = true,
	};
}

void
sim_fates_delay(struct sim_fates *fates, enum sim_server server,
	int64_t component, int64_t from_ms, int64_t to_ms)
{
	struct delay *delay = fates->delays[server];
	while (delay->to_ms > 0)
		delay++;
	*delay = (struct delay){ from_ms, to_ms, component };
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

static bool
is_creation(const struct sim_request *request)
{
	return str_eq(request->method, "POST")
		&& str_ends(request->path, "/incidents");
}

static bool
is_delayed(struct sim_fates *fates, enum sim_server server,
	const struct sim_request *request)
{
	int64_t time = sim_time(fates->world);
	for (size_t i = 0; i < SIM_LULLS; i++) {
		struct delay *delay = &fates->delays[server][i];
		char path[PATH_SIZE];
		snprintf(path, sizeof(path), "/components/%d",
			(int)delay->component);
		bool is_it = delay->component == 0
			? is_creation(request)
			: str_ends(request->path, path)
				&& !str_eq(request->method, "GET");
		if (time < delay->from_ms || time >= delay->to_ms || !is_it)
			continue;
		delay->from_ms = delay->to_ms;
		return true;
	}
	return false;
}

/* What people write meanwhile shows that there are marks. */
static enum sim_fate
mistaken(struct sim_fates *fates, enum sim_server server,
	const struct sim_request *request)
{
	struct sim_cachet *cachet = fates->world->cachets[server];
	enum mistake *mistake = &fates->mistakes[server];
	bool marked = strstr(request->body, "\"meta\"") != NULL;
	if (*mistake == MISTAKE_NONE || cachet->generation != SIM_2_4)
		return FATE_FINE;
	if (*mistake == MISTAKE_MADE && str_ends(request->path, "/schedules"))
		return FATE_GARBAGE;
	if (!is_creation(request))
		return FATE_FINE;
	if (marked) {
		bool again = *mistake == MISTAKE_MADE;
		*mistake = again ? MISTAKE_NONE : MISTAKE_MADE;
		return again ? FATE_FINE : FATE_404;
	}
	*mistake = MISTAKE_NONE;
	sim_cachet_write(cachet, request->body);
	return FATE_LATE;
}

enum sim_fate
sim_fates_of(struct sim_fates *fates, enum sim_server server,
	const struct sim_request *request)
{
	const struct trouble *trouble = trouble_of(fates, server);
	bool is_cachet = server < SERVER_RECEIVER;
	if (is_cachet && is_delayed(fates, server, request))
		return FATE_LATE;
	if (trouble && trouble->cut)
		return trouble->fate;
	if (!sim_is_storm(fates->world))
		return FATE_FINE;
	enum sim_fate fate =
		is_cachet ? mistaken(fates, server, request) : FATE_FINE;
	if (fate != FATE_FINE)
		return fate;
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
