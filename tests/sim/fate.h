/*
 * What becomes of a request: chance, and servers that are in trouble for hours.
 */
#pragma once

#include <stdbool.h>

#include "tests/sim/net.h"

struct sim_fates;
struct sim_world;

enum sim_fate {
	FATE_FINE = 0,
	FATE_REFUSED,
	FATE_LOST, /* no effect, and silence */
	FATE_SILENT, /* the effect, and silence */
	FATE_CLOSED, /* the effect, and a closed connection */
	FATE_LATE, /* silence, and the effect within a minute */
	FATE_500,
	FATE_500_AFTER, /* the effect, and a 500 all the same */
	FATE_429,
	FATE_503,
	FATE_401,
	FATE_404, /* of a web server that knows nothing of it */
	FATE_GARBAGE, /* the effect, and an answer that nobody can read */
	FATES,
};

struct sim_fates *sim_fates_new(struct sim_world *world);
void sim_fates_free(struct sim_fates *fates);
void sim_fates_draw(struct sim_fates *fates);

/** The server refuses everything meanwhile.  A few times for each. */
void sim_fates_cut(struct sim_fates *fates, enum sim_server server,
	int64_t from_ms, int64_t to_ms);

/** The first write of this component meanwhile, or where that is 0 the first
 * creation, has its effect late, whatever else holds.  Once in each lull. */
void sim_fates_delay(struct sim_fates *fates, enum sim_server server,
	int64_t component, int64_t from_ms, int64_t to_ms);

enum sim_fate sim_fates_of(struct sim_fates *fates, enum sim_server server,
	const struct sim_request *request);

/** The server takes its time now. */
bool sim_fates_slow(const struct sim_fates *fates, enum sim_server server);
