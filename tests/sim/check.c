/*
 * What must hold after a run: all trouble is over, all endpoints are well, and
 * there was time for everything to be told.
 */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "agent/base/str.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "conf/conf.h"

enum { HOOK = 0, SLACK = 1, OLD = 2 };

/** An incident as the store remembers it. */
struct row {
	const char *uuid;
	const char *endpoint;
	int64_t opened_ms;
	int64_t closed_ms; /* 0: open */
	unsigned seq; /* of its last event */
};

/** Where the receivers were when they last heard of each endpoint. */
struct progress {
	size_t places[SIM_RECEIVERS][SIM_ENDPOINTS_MAX];
	size_t with_incident;
};

static size_t
endpoint_of(const struct sim_world *world, const char *name)
{
	for (size_t i = 0; i < world->n_endpoints; i++)
		if (str_eq(world->endpoints[i].name, name))
			return i;
	return SIM_ENDPOINTS_MAX;
}

static bool
has_action(const struct conf_endpoint *endpoint, enum event_action action)
{
	const int *actions = endpoint->action.items;
	for (size_t i = 0; i < endpoint->action.count; i++)
		if (actions[i] == (int)action)
			return true;
	return false;
}

static void
check_heard(struct sim_world *world, struct progress *progress, int receiver,
	const struct row *row, unsigned seq)
{
	char key[128];
	size_t place;
	size_t endpoint = endpoint_of(world, row->endpoint);
	snprintf(key, sizeof(key), "%s:%u:0", row->uuid, seq);
	if (sim_receiver_count(world->receivers[receiver], key, &place) == 0) {
		sim_fail(world, "receiver %d never heard of %s of %s", receiver,
			key, row->endpoint);
		return;
	}
	if (place < progress->places[receiver][endpoint])
		sim_fail(world, "receiver %d heard %s of %s out of order",
			receiver, key, row->endpoint);
	progress->places[receiver][endpoint] = place;
}

static void
check_told(struct sim_world *world, struct progress *progress,
	const struct row *row, bool with_incident)
{
	for (unsigned seq = 1; seq <= row->seq; seq++) {
		check_heard(world, progress, HOOK, row, seq);
		check_heard(world, progress, SLACK, row, seq);
	}
	if (!with_incident)
		return;
	/* Webhooks of old hear of openings and closings only. */
	check_heard(world, progress, OLD, row, 1);
	check_heard(world, progress, OLD, row, row->seq);

	int status = 0;
	unsigned count = sim_cachet_marked(world->cachet, row->uuid, &status);
	if (count != 1)
		sim_fail(world, "Cachet has %u incidents for %s of %s", count,
			row->uuid, row->endpoint);
	if (status != 4)
		sim_fail(world, "Cachet's incident for %s of %s is not fixed",
			row->uuid, row->endpoint);
	progress->with_incident++;
}

static void
check_is_true(struct sim_world *world, const struct row *row)
{
	const struct sim_endpoint *endpoint =
		&world->endpoints[endpoint_of(world, row->endpoint)];
	for (size_t i = 0; i < endpoint->n_outages; i++)
		if (row->opened_ms >= endpoint->outages[i].from_ms
			&& row->opened_ms < endpoint->outages[i].to_ms)
			return;
	sim_fail(world, "the incident %s of %s has no outage", row->uuid,
		row->endpoint);
}

static void
check_incidents(struct sim_world *world, struct progress *progress)
{
	const struct conf_endpoint *endpoints = world->conf->endpoints.items;
	sqlite3_stmt *rows;
	int code = sqlite3_prepare_v2(world->disk,
		"SELECT i.uuid, i.endpoint, i.opened_ms, i.closed_ms,"
		" (SELECT max(seq) FROM event WHERE incident = i.uuid)"
		" FROM incident i ORDER BY i.seq",
		-1, &rows, NULL);
	if (code != SQLITE_OK) {
		sim_fail(world, "cannot read: %s", sqlite3_errmsg(world->disk));
		return;
	}
	while (sqlite3_step(rows) == SQLITE_ROW) {
		struct row row = {
			.uuid = (const char *)sqlite3_column_text(rows, 0),
			.endpoint = (const char *)sqlite3_column_text(rows, 1),
			.opened_ms = sqlite3_column_int64(rows, 2),
			.closed_ms = sqlite3_column_int64(rows, 3),
			.seq = (unsigned)sqlite3_column_int64(rows, 4),
		};
		size_t at = endpoint_of(world, row.endpoint);
		if (row.closed_ms == 0)
			sim_fail(world, "%s of %s is still open", row.uuid,
				row.endpoint);
		check_is_true(world, &row);
		check_told(world, progress, &row,
			has_action(&endpoints[at], ACTION_CREATE_INCIDENT));
	}
	sqlite3_finalize(rows);
}

/* An outage that was seen often enough must be among the incidents. */
static bool
is_recorded(struct sim_world *world, const struct sim_endpoint *endpoint,
	const struct sim_outage *outage)
{
	sqlite3_stmt *found;
	sqlite3_prepare_v2(world->disk,
		"SELECT 1 FROM incident WHERE endpoint = ? AND opened_ms < ?"
		" AND closed_ms >= ?",
		-1, &found, NULL);
	sqlite3_bind_text(found, 1, endpoint->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(found, 2, outage->to_ms);
	sqlite3_bind_int64(found, 3, outage->to_ms);
	bool recorded = sqlite3_step(found) == SQLITE_ROW;
	sqlite3_finalize(found);
	return recorded;
}

/* What nobody could write down may be forgotten in a crash. */
static bool
met_full_disk(const struct sim_world *world, const struct sim_outage *outage)
{
	for (size_t i = 0; i < 4; i++) {
		const struct sim_downtime *disk =
			&world->downtimes[SERVER_COUNT][i];
		if (disk->from_ms < outage->to_ms + SIM_PERIOD_MS
			&& outage->from_ms < disk->to_ms)
			return true;
	}
	return false;
}

static void
check_outages(struct sim_world *world)
{
	const struct conf_endpoint *endpoints = world->conf->endpoints.items;
	for (size_t i = 0; i < world->n_endpoints; i++) {
		const struct sim_endpoint *endpoint = &world->endpoints[i];
		for (size_t j = 0; j < endpoint->n_outages; j++) {
			const struct sim_outage *outage = &endpoint->outages[j];
			/* Each death may cost what it had counted. */
			unsigned enough =
				((unsigned)endpoints[i].allowed_fails + 1)
				* (outage->crashes + 1);
			if (outage->fed >= enough
				&& !met_full_disk(world, outage)
				&& !is_recorded(world, endpoint, outage))
				sim_fail(world,
					"%s was down at %" PRId64
					" and nobody knows",
					endpoint->name,
					outage->from_ms - world->start_ms);
		}
	}
}

static void
check_components(struct sim_world *world)
{
	const struct conf_endpoint *endpoints = world->conf->endpoints.items;
	for (size_t i = 0; i < world->n_endpoints; i++) {
		int64_t id = endpoints[i].component_id;
		if (id == 0)
			continue;
		int status = sim_cachet_component(world->cachet, id);
		if (status != STATUS_OPERATIONAL)
			sim_fail(world, "component %" PRId64 " of %s shows %d",
				id, endpoints[i].name, status);
	}
}

static void
on_stats(void *cookie, const struct outbox_stats *stats)
{
	struct sim_world *world = cookie;
	if (stats->waiting > 0)
		sim_fail(world, "%zu deliveries wait for %s: %s",
			stats->waiting, stats->reporter, stats->trouble);
	if (stats->expired > 0 || stats->rejected > 0)
		sim_fail(world, "%s lost something", stats->reporter);
}

static void
check_database(struct sim_world *world)
{
	sqlite3_stmt *result;
	sqlite3_prepare_v2(
		world->disk, "PRAGMA integrity_check", -1, &result, NULL);
	if (sqlite3_step(result) != SQLITE_ROW
		|| !str_eq((const char *)sqlite3_column_text(result, 0), "ok"))
		sim_fail(world, "the database is broken");
	sqlite3_finalize(result);
}

void
sim_check(struct sim_world *world)
{
	struct progress progress = { 0 };
	check_database(world);
	outbox_each(world->life->outbox, on_stats, world);
	check_incidents(world, &progress);
	check_outages(world);
	check_components(world);
	if (sim_cachet_incidents(world->cachet) != progress.with_incident)
		sim_fail(world, "Cachet has %zu incidents, not %zu",
			sim_cachet_incidents(world->cachet),
			progress.with_incident);
	for (size_t i = 0; i < SIM_RECEIVERS; i++)
		if (sim_receiver_confused(world->receivers[i]))
			sim_fail(world, "receiver %zu got one key twice", i);
	if (progress.with_incident == 0)
		sim_fail(world, "nothing happened in this run");
}
