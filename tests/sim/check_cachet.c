/*
 * What the status page shows is the truth.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/mem.h"
#include "tests/sim/cachet.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

/* Components. */

/* What the endpoints that share one are, and what they say of it. */
struct share {
	enum status worst;
	bool has_status, has_incidents;
};

static struct share
share_of(const struct sim_world *world, const struct sim_cachet *cachet,
	int64_t component)
{
	struct share share = { .worst = STATUS_OPERATIONAL };
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		const struct plan_endpoint *one = &world->plan.endpoints[i];
		if (!one->present
			|| one->components[cachet->number] != component
			|| one->actions == PLAN_NO_ACTIONS)
			continue;
		enum status is = sim_target_status(world, &world->targets[i]);
		if (is > share.worst)
			share.worst = is;
		share.has_status |= plan_has_status(one);
		share.has_incidents |= plan_has_incidents(one);
	}
	return share;
}

static const struct plan_cachet *
plan_of(const struct sim_cachet *cachet)
{
	return &cachet->world->plan.cachets[cachet->number];
}

static void
check_component(const struct sim_cachet *cachet, int64_t id)
{
	struct sim_world *world = cachet->world;
	const struct plan_cachet *plan = plan_of(cachet);
	const struct sim_component *one = &cachet->components[id];
	struct share share = share_of(world, cachet, id);
	bool good = share.worst == STATUS_OPERATIONAL;
	if (one->enabled == cachet->was_disabled[id])
		sim_fail(world, "component %" PRId64 " of %zu was switched %s",
			id, cachet->number, one->enabled ? "on" : "off");
	if (!plan->used[id] && !one->by_people
		&& one->status != STATUS_OPERATIONAL)
		sim_fail(world, "component %" PRId64 " of %zu is nobody's", id,
			cachet->number);
	/* Nobody puts back what no endpoint mirrors. */
	bool is_put_back = plan->reconcile == PLAN_STRICT && share.has_status;
	/* Nor does anybody know how it was given up; a look would tell. */
	bool is_known = !plan->abandoned[id]
		|| (share.has_status && plan->reconcile != PLAN_UNWATCHED);
	if ((one->by_people && !is_put_back) || !is_known
		|| (!share.has_status && !share.has_incidents))
		return;
	/* Who has only incidents does not follow changes of severity. */
	if (share.has_status ? one->status != share.worst
			     : good && one->status != STATUS_OPERATIONAL)
		sim_fail(world,
			"component %" PRId64 " of %zu is %s and shows %" PRId64,
			id, cachet->number, status_name(share.worst),
			one->status);
}

void
sim_check_components(struct sim_world *world)
{
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		for (int64_t id = 1; id <= PLAN_COMPONENTS; id++)
			check_component(world->cachets[c], id);
}

/* Incidents. */

/* As it was made, but for what people did to it. */
static void
check_content(const struct sim_cachet *cachet, const struct sim_incident *one)
{
	struct sim_world *world = cachet->world;
	const struct sim_record *record = one->record;
	const struct plan_endpoint *endpoint = &record->endpoint;
	if (one->component != endpoint->components[cachet->number])
		sim_fail(world, "incident %" PRId64 " is of component %" PRId64,
			one->id, one->component);
	if (one->impact < STATUS_PERFORMANCE_ISSUES
		&& !sim_record_is_closed(record))
		sim_fail(world, "incident %" PRId64 " says %" PRId64, one->id,
			one->impact);
	if (one->edited)
		return;
	if (one->visible != endpoint->is_public || one->stickied)
		sim_fail(world, "incident %" PRId64 " of %s is for %s", one->id,
			endpoint->name, one->visible ? "all" : "some");
}

/* That it became better or worse is said there, once. */
static void
check_change(const struct sim_cachet *cachet, const struct sim_incident *one,
	const struct sim_announced *event)
{
	struct sim_world *world = cachet->world;
	char words[RECORD_MESSAGE_SIZE], text[RECORD_MESSAGE_SIZE + 32];
	sim_target_words(
		words, sizeof(words), one->record->target, event->seen_ms);
	snprintf(text, sizeof(text), "Now %s: %s", status_words(event->to),
		words);
	unsigned n = sim_cachet_count(one, text, false);
	unsigned late = sim_cachet_count(one, text, true);
	bool due = plan_of(cachet)->tells_changes && event->for_incident
		&& !one->made_fixed;
	bool whole = !one->edited && !one->rewound;
	if (n > due || (n + late < due && whole))
		sim_fail(world, "incident %" PRId64 " says %u times: %s",
			one->id, n, text);
}

static void
check_changes(const struct sim_cachet *cachet, const struct sim_incident *one)
{
	const struct sim_record *record = one->record;
	for (unsigned i = 0; i < record->durable; i++)
		if (record->events[i].kind == EVENT_CHANGED)
			check_change(cachet, one, &record->events[i]);
}

/* Nobody remembers the opening; the one who took it up closes it, or the first
 * good look does. */
static bool
is_to_be_fixed(const struct sim_record *record)
{
	if (!record->forgotten || sim_record_is_closed(record))
		return sim_record_is_closed(record);
	return !record->heir || sim_record_is_closed(record->heir);
}

/* The endpoint is not what it was, and nobody knows that it was. */
static bool
is_nobodys(const struct sim_cachet *cachet, const struct sim_record *record)
{
	const struct sim_world *world = cachet->world;
	size_t number = cachet->number;
	size_t target = plan_find(&world->plan, record->endpoint.name);
	return record->forgotten && !record->heir
		&& (target == SIZE_MAX
			|| world->plan.endpoints[target].components[number]
				!= record->endpoint.components[number]
			|| !plan_has_incidents(&world->plan.endpoints[target]));
}

static void
check_incident(const struct sim_cachet *cachet, const struct sim_incident *one)
{
	struct sim_world *world = cachet->world;
	const struct sim_record *record = one->record;
	if (record->durable == 0) {
		sim_fail(world, "incident %" PRId64 " is of nothing durable",
			one->id);
		return;
	}
	bool fixed = one->status == CACHET_IS_FIXED;
	bool to_be = is_to_be_fixed(record);
	if (is_nobodys(cachet, record))
		return;
	if (to_be && !fixed)
		sim_fail(world, "incident %" PRId64 " of %s is not closed",
			one->id, record->endpoint.name);
	/* Who has forgotten it cannot know that it was open. */
	bool is_reopened = plan_of(cachet)->reconcile == PLAN_STRICT
		&& !record->events[0].lost;
	if (!to_be && fixed && (!one->edited || is_reopened))
		sim_fail(world, "incident %" PRId64 " of %s is closed", one->id,
			record->endpoint.name);
	if (!fixed && sim_cachet_is_fresh(cachet, one->fixed_ms)
		&& plan_of(cachet)->reconcile != PLAN_STRICT)
		sim_fail(world, "incident %" PRId64 " of %s is opened again",
			one->id, record->endpoint.name);
	check_content(cachet, one);
	check_changes(cachet, one);
}

/* How many there are of each; one that was taken up may be made once more where
 * people had closed or deleted it, as nobody remembers that. */
static void
count_there(const struct sim_cachet *cachet, const struct sim_record *record)
{
	unsigned n = 0, edited = 0;
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one = &cachet->incidents[i];
		if (one->record != record
			|| (one->deleted && !one->deleted_by_people))
			continue;
		n++;
		edited += one->edited;
	}
	unsigned due = record->durable > 0 && !record->adopts[cachet->number]
		&& record->endpoint.components[cachet->number] > 0
		&& plan_has_incidents(&record->endpoint);
	unsigned most = due + (record->taken_up ? edited : 0);
	if (n < due || n > most)
		sim_fail(cachet->world, "there are %u incidents of %s, %s", n,
			record->uuid, record->endpoint.name);
}

static void
count_one(void *cookie, struct sim_record *record)
{
	struct sim_world *world = cookie;
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		count_there(world->cachets[c], record);
}

void
sim_check_incidents(struct sim_world *world)
{
	for (size_t c = 0; c < PLAN_CACHETS; c++) {
		const struct sim_cachet *cachet = world->cachets[c];
		for (size_t i = 0; i < cachet->n; i++) {
			const struct sim_incident *one = &cachet->incidents[i];
			if (!one->deleted && !one->of_people)
				check_incident(cachet, one);
		}
	}
	sim_records_each(world->records, count_one, world);
}
