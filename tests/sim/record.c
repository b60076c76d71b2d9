#include "tests/sim/record.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/monitor.h"
#include "agent/store/internal.h"
#include "conf/conf.h"
#include "tests/sim/cachet.h"
#include "tests/sim/life.h"
#include "tests/sim/receiver.h"
#include "tests/sim/sim.h"

enum {
	PENDING_MAX = 256,
};

struct sim_records {
	struct sim_world *world;
	struct map *by_uuid; /* struct sim_record, in their order */
	struct map *by_message; /* the same */
	struct sim_record *pending[PENDING_MAX]; /* not known to be durable */
	size_t n_pending;
};

struct sim_records *
sim_records_new(struct sim_world *world)
{
	struct sim_records *records = mem_zalloc(sizeof(*records));
	records->world = world;
	records->by_uuid = map_new();
	records->by_message = map_new();
	return records;
}

static void
free_record(void *cookie, const char *uuid, void *thing)
{
	(void)cookie;
	(void)uuid;
	free(thing);
}

void
sim_records_free(struct sim_records *records)
{
	map_each(records->by_uuid, free_record, NULL);
	map_free(records->by_uuid);
	map_free(records->by_message);
	free(records);
}

/* Announcements. */

static unsigned
last_seq(const struct sim_record *record)
{
	return record->n > 0 ? record->events[record->n - 1].seq : 0;
}

/* What is open at a Cachet for this endpoint is not made again. */
struct adoption {
	const struct sim_records *records;
	struct sim_record *heir;
};

static void
adopt_one(void *cookie, struct sim_record *record)
{
	const struct adoption *adoption = cookie;
	struct sim_record *heir = adoption->heir;
	if (!record->forgotten || record->heir
		|| !str_eq(record->endpoint.name, heir->endpoint.name)
		|| !plan_has_incidents(&heir->endpoint))
		return;
	for (size_t c = 0; c < PLAN_CACHETS; c++) {
		int64_t component = heir->endpoint.components[c];
		if (component == 0
			|| record->endpoint.components[c] != component
			|| !sim_cachet_has_open(
				adoption->records->world->cachets[c], record))
			continue;
		record->heir = heir;
		heir->adopts[c] = true;
	}
}

static struct sim_record *
make_record(struct sim_records *records, const char *uuid, const char *message,
	size_t target)
{
	struct sim_world *world = records->world;
	struct sim_record *record = mem_zalloc(sizeof(*record));
	str_copy(record->uuid, sizeof(record->uuid), uuid);
	str_copy(record->message, sizeof(record->message), message);
	record->target = target;
	record->endpoint = world->plan.endpoints[target];
	record->audience = plan_audience(&world->plan, &record->endpoint);
	struct adoption adoption = { records, record };
	sim_records_each(records, adopt_one, &adoption);
	map_put(records->by_uuid, record->uuid, record);
	if (*message != '\0')
		map_put(records->by_message, record->message, record);
	return record;
}

static struct sim_record *
open_record(struct sim_records *records, const struct event *event)
{
	struct sim_world *world = records->world;
	size_t target = plan_find(&world->plan, event->endpoint.name);
	if (target == SIZE_MAX) {
		sim_fail(world, "%s, which is not there, is down",
			event->endpoint.name);
		return NULL;
	}
	return make_record(records, event->incident, event->message, target);
}

static void
check_opening(const struct sim_records *records, const struct sim_record *one)
{
	const struct sim_target *target = &records->world->targets[one->target];
	if (target->bad_in_a_row <= one->endpoint.allowed_fails)
		sim_fail(records->world, "%s spoke after %u failures",
			one->endpoint.name, target->bad_in_a_row);
}

static void
check_closing(const struct sim_records *records, const struct sim_record *one,
	const struct event *event)
{
	const struct plan_endpoint *now =
		&records->world->plan.endpoints[one->target];
	const struct sim_target *target = &records->world->targets[one->target];
	if (event->cause != CAUSE_REMOVED
		&& target->good_in_a_row < now->recover_after)
		sim_fail(records->world, "%s is well after %u good looks",
			one->endpoint.name, target->good_in_a_row);
}

static void
check_truth(const struct sim_records *records, const struct sim_record *one,
	const struct event *event)
{
	const struct sim_target *target = &records->world->targets[one->target];
	if (event->kind == EVENT_OPENED)
		check_opening(records, one);
	if (event->kind == EVENT_CLOSED)
		check_closing(records, one, event);
	else if (event->to != target->seen || event->at_ms != target->seen_ms)
		sim_fail(records->world, "%s was not seen to be %s then",
			one->endpoint.name, status_name(event->to));
}

void
sim_records_announced(struct sim_records *records, const struct event *event)
{
	struct sim_world *world = records->world;
	sim_say(world, "%s %s: %s to %s, %s %u", event->endpoint.name,
		event_kind_name(event->kind), status_name(event->from),
		status_name(event->to), event->incident, event->seq);
	if (event->kind == EVENT_BASELINE)
		return;
	struct sim_record *record = event->kind == EVENT_OPENED
		? open_record(records, event)
		: sim_records_find(records, event->incident);
	if (!record) {
		sim_fail(world, "%s: nobody knows of the incident %s",
			event->endpoint.name, event->incident);
		return;
	}
	check_truth(records, record, event);
	if (event->seq != last_seq(record) + 1
		|| record->n == RECORD_EVENTS_MAX) {
		sim_fail(world, "%s of %s has the number %u",
			event_kind_name(event->kind), record->uuid, event->seq);
		return;
	}
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[record->target];
	record->events[record->n++] = (struct sim_announced){
		.kind = event->kind,
		.seq = event->seq,
		.to = event->to,
		.at_ms = event->at_ms,
		.seen_ms = sim_time(world),
		.for_incident = plan_has_incidents(endpoint),
	};
	assert(records->n_pending < PENDING_MAX);
	records->pending[records->n_pending++] = record;
}

void
sim_records_durable(struct sim_records *records)
{
	for (size_t i = 0; i < records->n_pending; i++)
		records->pending[i]->durable = records->pending[i]->n;
	records->n_pending = 0;
}

/* Death and rebirth. */

static unsigned
count_to(const struct sim_record *record, unsigned seq)
{
	unsigned n = 0;
	while (n < record->n && record->events[n].seq <= seq)
		n++;
	return n;
}

static unsigned
ask_seq(sqlite3 *db, const char *uuid)
{
	sqlite3_stmt *row;
	sqlite3_prepare_v2(db, "SELECT max(seq) FROM event WHERE incident = ?",
		-1, &row, NULL);
	sqlite3_bind_text(row, 1, uuid, -1, SQLITE_STATIC);
	unsigned seq = sqlite3_step(row) == SQLITE_ROW
		? (unsigned)sqlite3_column_int(row, 0)
		: 0;
	sqlite3_finalize(row);
	return seq;
}

void
sim_records_resolve(struct sim_records *records, struct store *store)
{
	for (size_t i = 0; i < records->n_pending; i++) {
		struct sim_record *record = records->pending[i];
		unsigned seq = ask_seq(store->db, record->uuid);
		unsigned n = count_to(record, seq);
		if (n < record->durable || (n > 0 && seq > last_seq(record)))
			sim_fail(records->world,
				"%u events of %s were durable, now %u",
				record->durable, record->uuid, n);
		else
			record->durable = record->n = n;
	}
	records->n_pending = 0;
}

static void
compare_one(void *cookie, struct sim_record *record)
{
	struct sim_records *records = cookie;
	struct sim_world *world = records->world;
	if (record->n == 0 || record->forgotten || sim_record_is_closed(record))
		return;
	const struct monitor *monitor =
		monitors_named(world->life->monitors, record->endpoint.name);
	const struct sim_announced *last = &record->events[record->n - 1];
	if (!monitor)
		sim_fail(world, "%s is gone, and %s not closed",
			record->endpoint.name, record->uuid);
	else if (!monitor->incident || !str_eq(monitor->incident, record->uuid)
		|| monitor->seq != last->seq
		|| (monitor->verdict.announced != last->to && !last->silent))
		sim_fail(world, "it has forgotten %u of %s: %s, %u of %s",
			record->n, record->uuid,
			status_name(monitor->verdict.announced), monitor->seq,
			monitor->incident ? monitor->incident : "none");
}

void
sim_records_compare(struct sim_records *records)
{
	sim_records_each(records, compare_one, records);
}

static void
forget_one(void *cookie, struct sim_record *record)
{
	(void)cookie;
	record->forgotten = !sim_record_is_closed(record);
	record->lost = true;
	for (unsigned i = 0; i < record->n; i++)
		record->events[i].lost = true;
}

void
sim_records_forget(struct sim_records *records)
{
	sim_records_each(records, forget_one, NULL);
	records->n_pending = 0;
}

static size_t
target_of(const char *name)
{
	static const char prefix[] = "shop-";
	if (!str_starts(name, prefix))
		return SIZE_MAX;
	size_t target = strtoul(name + strlen(prefix), NULL, 10);
	return target < PLAN_TARGETS ? target : SIZE_MAX;
}

/* The number that it goes on with is far above those of the past. */
void
sim_records_taken_up(struct sim_records *records, const struct monitor *monitor)
{
	struct sim_world *world = records->world;
	struct sim_record *record =
		sim_records_find(records, monitor->incident);
	size_t target = target_of(monitor->conf->name);
	sim_say(world, "%s is taken up: %s, %s %u", monitor->conf->name,
		status_name(monitor->verdict.announced), monitor->incident,
		monitor->seq);
	if (target == SIZE_MAX || (record && record->target != target)
		|| (record && record->n == RECORD_EVENTS_MAX)) {
		sim_fail(world, "%s takes up what is another's",
			monitor->conf->name);
		return;
	}
	if (!record) {
		record = make_record(records, monitor->incident, "", target);
		for (size_t c = 0; c < PLAN_CACHETS; c++)
			record->adopts[c] = true;
	} else {
		record->audience =
			plan_audience(&world->plan, &record->endpoint);
	}
	record->taken_up = true;
	record->forgotten = record->lost = false;
	record->events[record->n++] = (struct sim_announced){
		.kind = EVENT_OPENED,
		.seq = monitor->seq,
		.silent = true,
		.to = monitor->verdict.announced,
		.at_ms = world->now.wall_ms,
		.seen_ms = sim_time(world),
	};
	assert(records->n_pending < PENDING_MAX);
	records->pending[records->n_pending++] = record;
}

/* Changes of the plan. */

static bool
is_heard_to_its_end(
	const struct sim_world *world, const struct sim_record *one, int who)
{
	char key[UUID_TEXT_SIZE + 16];
	snprintf(key, sizeof(key), "%s:%u:0", one->uuid, last_seq(one));
	return sim_record_is_closed(one)
		&& sim_receiver_heard(world->receivers[who], key);
}

/* Who is not to hear any more need not, unless it was told already. */
static void
replan_one(void *cookie, struct sim_record *record)
{
	const struct sim_records *records = cookie;
	const struct sim_world *world = records->world;
	const struct plan_endpoint *now =
		&world->plan.endpoints[record->target];
	bool same = now->present && str_eq(now->name, record->endpoint.name);
	unsigned audience =
		plan_audience(&world->plan, same ? now : &record->endpoint);
	for (int who = 0; who < PLAN_RECEIVERS; who++)
		if (!(audience & 1u << who)
			&& !is_heard_to_its_end(world, record, who))
			record->audience &= ~(1u << who);
}

void
sim_records_replan(struct sim_records *records)
{
	sim_records_each(records, replan_one, records);
}

/* Looking. */

struct sim_record *
sim_records_find(const struct sim_records *records, const char *uuid)
{
	return map_get(records->by_uuid, uuid);
}

struct sim_record *
sim_records_said(const struct sim_records *records, const char *message)
{
	char first[RECORD_MESSAGE_SIZE];
	str_copy(first, sizeof(first), message);
	first[strcspn(first, "\n")] = '\0';
	return map_get(records->by_message, first);
}

bool
sim_record_is_closed(const struct sim_record *record)
{
	return record->n > 0
		&& record->events[record->n - 1].kind == EVENT_CLOSED;
}

unsigned
sim_record_place(const struct sim_record *record, unsigned seq)
{
	for (unsigned i = 0; i < record->n; i++)
		if (record->events[i].seq == seq)
			return i + 1;
	return 0;
}

struct each {
	sim_record_fn *each;
	void *cookie;
};

static void
on_each(void *cookie, const char *uuid, void *thing)
{
	(void)uuid;
	struct each *each = cookie;
	each->each(each->cookie, thing);
}

void
sim_records_each(
	const struct sim_records *records, sim_record_fn *each, void *cookie)
{
	struct each call = { each, cookie };
	map_each(records->by_uuid, on_each, &call);
}
