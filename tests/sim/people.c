/*
 * People at the status page: they write incidents of their own, and edit,
 * close and delete those of the agent.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "agent/base/mem.h"
#include "agent/outbox.h"
#include "reporters/reporter.h"
#include "tests/sim/cachet.h"
#include "tests/sim/life.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

enum {
	TRIES = 10,
	FRESH_MS = SIM_MINUTE_MS * 45,
	LOOKED_MS = SIM_MINUTE_MS * 10, /* then it was looked at, twice */
	OLD_ENOUGH_MS = SIM_MINUTE_MS * 5, /* for people to have read it */
};

static void
write_own(struct sim_cachet *cachet, int64_t component)
{
	struct sim_world *world = cachet->world;
	json_t *body = json_pack("{s:s,s:s,s:i,s:I}", "name", "Maintenance",
		"message", "We change the disks.", "status",
		(int)sim_between(world, 1, CACHET_IS_FIXED + 1), "component_id",
		(json_int_t)component);
	struct sim_incident *incident = sim_cachet_create(cachet, body);
	incident->of_people = true;
	incident->visible = true;
	json_decref(body);
}

static struct sim_incident *
choose(struct sim_cachet *cachet)
{
	struct sim_world *world = cachet->world;
	for (int i = 0; i < TRIES && cachet->n > 0; i++) {
		/* Of the newest. */
		int64_t n = (int64_t)cachet->n;
		int64_t id = n - sim_between(world, 0, n < TRIES ? n : TRIES);
		struct sim_incident *incident = sim_cachet_incident(cachet, id);
		if (incident && !incident->of_people
			&& sim_time(world) - incident->made_ms > OLD_ENOUGH_MS)
			return incident;
	}
	return NULL;
}

static void
rewrite(struct sim_incident *incident)
{
	free(incident->message);
	incident->message = mem_dup("We are looking into it.");
}

/* One that the agent is still to find would be made again, and rightly, once it
 * is gone, or fixed and without a mark. */
static bool
is_known(const struct sim_world *world, size_t number,
	const struct sim_incident *incident)
{
	const struct sim_life *life = world->life;
	size_t n = 0;
	for (size_t i = 0; life && i < life->reporters.count; i++) {
		const struct reporter *one = life->reporters.items[i];
		const char *uuid = incident->record->uuid;
		if (one->type->look && ++n > number)
			return outbox_ref(life->outbox, one, uuid)
				|| outbox_is_over(life->outbox, one, uuid);
	}
	return false;
}

static void
touch(struct sim_cachet *cachet, struct sim_incident *incident)
{
	incident->edited = true;
	bool marked =
		cachet->generation != SIM_2_3 && incident->meta[0] != '\0';
	int64_t what = sim_between(cachet->world, 0, 5);
	if (what <= (marked ? 0 : 1)
		&& !is_known(cachet->world, cachet->number, incident))
		what = 4;
	switch (what) {
	case 0:
		sim_cachet_delete(incident);
		incident->deleted_by_people = true;
		break;
	case 1:
		incident->status = CACHET_IS_FIXED;
		break;
	case 2:
		incident->stickied = true;
		break;
	case 3:
		incident->visible = !incident->visible;
		break;
	default:
		rewrite(incident);
		break;
	}
	sim_say(cachet->world, "people touch incident %" PRId64 " of %zu",
		incident->id, cachet->number);
}

static void
set_component(struct sim_cachet *cachet)
{
	struct sim_world *world = cachet->world;
	struct sim_component *component =
		&cachet->components[sim_between(world, 1, PLAN_COMPONENTS + 1)];
	component->status = sim_between(world, 1, STATUS_COUNT);
	component->by_people = true;
	component->by_people_ms = 0;
	sim_say(world, "people set component %td of %zu to %" PRId64,
		component - cachet->components, cachet->number,
		component->status);
}

/* What an agent that lost its state file does not remember, and did not take up
 * when it was new, may as well be another agent's. */
static bool
is_remembered(const struct sim_record *record)
{
	return !record->lost || record->heir;
}

/* What people had set, and is the same in the backup, nobody can tell from what
 * they left. */
static void
restore_component(struct sim_cachet *cachet, int64_t id, int64_t status)
{
	if (cachet->components[id].status != status)
		sim_cachet_set_component(cachet, id, status);
}

/* A backup: some components are as they were, and some incidents not over. */
void
sim_cachet_restore(struct sim_cachet *cachet, bool is_unseen)
{
	struct sim_world *world = cachet->world;
	const struct plan_cachet *plan = &world->plan.cachets[cachet->number];
	if (plan->reconcile == PLAN_UNWATCHED
		|| (!is_unseen && plan->reconcile_min > PLAN_OFTEN_MIN))
		return; /* nobody would see it, or not soon */
	sim_say(world, "status page %zu is restored", cachet->number);
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		const struct plan_endpoint *endpoint =
			&world->plan.endpoints[i];
		int64_t component = endpoint->components[cachet->number];
		if (endpoint->present && component > 0
			&& plan_has_status(endpoint) && sim_chance(world, 500))
			restore_component(cachet, component,
				sim_between(world, 1, STATUS_COUNT));
	}
	/* Without marks, one that is open may be the one that was lost. */
	if (cachet->generation == SIM_2_3)
		return;
	size_t from = cachet->n > TRIES ? cachet->n - TRIES : 0;
	for (size_t i = from; i < cachet->n; i++) {
		struct sim_incident *incident = &cachet->incidents[i];
		if (incident->record && !incident->edited
			&& is_remembered(incident->record)
			&& incident->status == CACHET_IS_FIXED
			&& sim_chance(world, 200)) {
			sim_say(world, "  incident %" PRId64 " is open again",
				incident->id);
			incident->status = 1;
		}
	}
}

void
sim_cachet_visit(struct sim_cachet *cachet)
{
	struct sim_incident *incident = choose(cachet);
	if (sim_chance(cachet->world, 250))
		write_own(cachet,
			sim_between(cachet->world, 0, PLAN_COMPONENTS + 1));
	else if (sim_chance(cachet->world, 150))
		set_component(cachet);
	else if (incident)
		touch(cachet, incident);
}

void
sim_cachet_write(struct sim_cachet *cachet, const char *creation)
{
	json_t *body = json_loads(creation, 0, NULL);
	write_own(cachet,
		json_integer_value(json_object_get(body, "component_id")));
	json_decref(body);
}

/* Whoever takes it up does not know what it has done to its component. */
static bool
is_from_before_3(const struct sim_cachet *cachet, size_t i)
{
	return i < cachet->n_before_3
		&& cachet->incidents[i].status != CACHET_IS_FIXED;
}

void
sim_cachet_forgotten(struct sim_cachet *cachet)
{
	struct plan_cachet *plan = &cachet->world->plan.cachets[cachet->number];
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one = &cachet->incidents[i];
		bool over_by_people = one->record && one->edited
			&& !sim_record_is_closed(one->record)
			&& (one->deleted || one->status == CACHET_IS_FIXED);
		if (over_by_people || is_from_before_3(cachet, i))
			plan->abandoned[one->component] = true;
	}
}

/* In a calm. */

bool
sim_cachet_is_fresh(const struct sim_cachet *cachet, int64_t by_people_ms)
{
	const struct sim_world *world = cachet->world;
	int64_t time = sim_time(world);
	return by_people_ms > 0 && world->forgot_ms < by_people_ms
		&& time - by_people_ms < FRESH_MS
		&& sim_into_lull(world, time) >= 0;
}

static void
set_calmly(struct sim_cachet *cachet)
{
	struct sim_world *world = cachet->world;
	const struct plan_endpoint *endpoint =
		&world->plan.endpoints[sim_between(world, 0, PLAN_TARGETS)];
	int64_t id = endpoint->components[cachet->number];
	struct sim_component *component = &cachet->components[id];
	int64_t status = sim_between(world, 1, STATUS_COUNT);
	if (id == 0 || status == component->status)
		return;
	component->status = status;
	component->by_people = true;
	component->by_people_ms = sim_time(world);
	sim_say(world,
		"people calmly set component %" PRId64 " of %zu to %" PRId64,
		id, cachet->number, status);
}

/* One whose outage lasts. */
static void
fix_calmly(struct sim_cachet *cachet)
{
	struct sim_world *world = cachet->world;
	for (size_t i = cachet->n; i > 0; i--) {
		struct sim_incident *one = &cachet->incidents[i - 1];
		if (one->deleted || !one->record
			|| one->status == CACHET_IS_FIXED
			|| sim_record_is_closed(one->record)
			|| !is_known(world, cachet->number, one))
			continue;
		one->status = CACHET_IS_FIXED;
		one->edited = true;
		one->fixed_ms = sim_time(world);
		sim_say(world, "people calmly fix incident %" PRId64 " of %zu",
			one->id, cachet->number);
		return;
	}
}

/* What was owed before is so until it is looked at; and who has just forgotten
 * everything believes nothing. */
void
sim_cachet_visit_calm(struct sim_cachet *cachet)
{
	const struct sim_world *world = cachet->world;
	int64_t time = sim_time(world);
	if (cachet->looked_ms == 0 || time - cachet->looked_ms < LOOKED_MS
		|| (world->forgot_ms > 0 && time - world->forgot_ms < FRESH_MS))
		return;
	set_calmly(cachet);
	set_calmly(cachet);
	if (sim_chance(cachet->world, 500))
		fix_calmly(cachet);
}
