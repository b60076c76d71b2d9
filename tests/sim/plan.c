#include "tests/sim/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "tests/sim/sim.h"

static const char *const action_texts[PLAN_ACTIONS] = {
	[PLAN_INCIDENT_FIRST] = "CREATE_INCIDENT, UPDATE_STATUS",
	[PLAN_STATUS_FIRST] = "UPDATE_STATUS, CREATE_INCIDENT",
	[PLAN_ONLY_STATUS] = "UPDATE_STATUS",
	[PLAN_ONLY_INCIDENT] = "CREATE_INCIDENT",
	[PLAN_NO_ACTIONS] = "",
};

static const char *const reconcile_texts[] = {
	[PLAN_GENTLE] = "gentle",
	[PLAN_STRICT] = "strict",
	[PLAN_UNWATCHED] = "off",
};

static const char *const cachet_names[PLAN_CACHETS] = { "public", "inside" };
static const char *const cachet_hosts[PLAN_CACHETS] = { "cachet.test",
	"inside.test" };

enum {
	FIRST_METRIC = 4, /* that endpoint, and the next */
	APART = 5, /* so different are the components of the second Cachet */
};

/* Drawing. */

static void
name_it(struct plan_endpoint *endpoint, size_t i)
{
	snprintf(endpoint->name, sizeof(endpoint->name), "shop-%02zu-%u", i,
		endpoint->renamed);
}

static enum plan_actions
draw_actions(struct sim_world *world)
{
	/* Most have both. */
	if (sim_chance(world, 600))
		return sim_chance(world, 500) ? PLAN_INCIDENT_FIRST
					      : PLAN_STATUS_FIRST;
	return (enum plan_actions)sim_between(
		world, PLAN_ONLY_STATUS, PLAN_ACTIONS);
}

static void
use(struct sim_plan *plan, const struct plan_endpoint *endpoint)
{
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		plan->cachets[c].used[endpoint->components[c]] = true;
}

/* The last ones share those of the first. */
static void
draw_places(struct sim_world *world, size_t i)
{
	struct sim_plan *plan = &world->plan;
	struct plan_endpoint *endpoint = &plan->endpoints[i];
	int64_t component = (int64_t)(i % PLAN_SHARED) + 1;
	int64_t where = sim_between(world, 0, 4);
	if (plan->n_cachets == 1 || where != 0)
		endpoint->components[0] = component;
	if (plan->n_cachets > 1 && where < 2)
		endpoint->components[1] = component + APART;
}

static void
draw_endpoint(struct sim_world *world, size_t i)
{
	struct plan_endpoint *endpoint = &world->plan.endpoints[i];
	*endpoint = (struct plan_endpoint){
		.present = sim_chance(world, 950),
		.actions = draw_actions(world),
		.allowed_fails = (unsigned)sim_between(world, 0, 4),
		.recover_after = sim_chance(world, 800) ? 1 : 2,
		.period_ms = SIM_MINUTE_MS * (sim_chance(world, 100) ? 1 : 5),
		.is_public = sim_chance(world, 800),
		.only_hook = sim_chance(world, 100),
	};
	name_it(endpoint, i);
	draw_places(world, i);
}

/* As the one that it shares with, so that they change together. */
static void
pair_up(struct sim_world *world, size_t i)
{
	struct plan_endpoint *endpoint = &world->plan.endpoints[i];
	const struct plan_endpoint *other =
		&world->plan.endpoints[i - PLAN_SHARED];
	if (sim_chance(world, 300))
		return;
	endpoint->allowed_fails = other->allowed_fails;
	endpoint->recover_after = other->recover_after;
	endpoint->period_ms = other->period_ms;
	endpoint->actions = other->actions;
	memcpy(endpoint->components, other->components,
		sizeof(endpoint->components));
}

static enum plan_reconcile
draw_reconcile(struct sim_world *world)
{
	if (sim_chance(world, 200))
		return PLAN_STRICT;
	return sim_chance(world, 200) ? PLAN_UNWATCHED : PLAN_GENTLE;
}

/* What is strict puts back what people did within a lull; what is not does so
 * only where it is owed, and then soon. */
static void
draw_interval(struct sim_world *world, struct plan_cachet *cachet)
{
	cachet->reconcile_min = (unsigned)(cachet->reconcile == PLAN_STRICT
			? sim_between(world, 20, 35)
			: sim_chance(world, 500)
			? sim_between(world, 30, PLAN_OFTEN_MIN + 1)
			: sim_between(world, 240, 480));
}

static void
draw_cachets(struct sim_world *world)
{
	struct sim_plan *plan = &world->plan;
	plan->n_cachets = sim_chance(world, 500) ? 1 : PLAN_CACHETS;
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		plan->cachets[c] = (struct plan_cachet){
			.timeout_s = 10,
			.tells_changes = sim_chance(world, 500),
			.reconcile = draw_reconcile(world),
		};
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		draw_interval(world, &plan->cachets[c]);
}

void
plan_draw(struct sim_world *world)
{
	struct sim_plan *plan = &world->plan;
	draw_cachets(world);
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		draw_endpoint(world, i);
	for (size_t i = PLAN_SHARED; i < PLAN_TARGETS; i++)
		pair_up(world, i);
	for (size_t i = 0; i < PLAN_RECEIVERS; i++)
		plan->has[i] = true;
	for (size_t i = FIRST_METRIC; i < FIRST_METRIC + 2; i++)
		plan->endpoints[i].has_metric = sim_chance(world, 200);
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		use(plan, &plan->endpoints[i]);
}

/* Editing. */

/* Another component, or no more in a Cachet, or in one more. */
static void
change_place(struct sim_world *world, struct plan_endpoint *endpoint)
{
	size_t n = world->plan.n_cachets;
	size_t which = (size_t)sim_between(world, 0, (int64_t)n);
	bool elsewhere = false;
	for (size_t c = 0; c < n; c++)
		elsewhere |= c != which && endpoint->components[c] > 0;
	endpoint->components[which] = elsewhere
			&& endpoint->components[which] > 0
			&& sim_chance(world, 500)
		? 0
		: sim_between(world, 1, PLAN_COMPONENTS + 1);
}

static void
abandon(struct sim_plan *plan, const struct plan_endpoint *endpoint)
{
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		plan->cachets[c].abandoned[endpoint->components[c]] = true;
}

static void
change_endpoint(struct sim_world *world, size_t i)
{
	struct plan_endpoint *endpoint = &world->plan.endpoints[i];
	int64_t what = sim_between(world, 0, 7);
	if (what < 4 && plan_has_status(endpoint))
		abandon(&world->plan, endpoint);
	switch (what) {
	case 0:
		endpoint->present = !endpoint->present;
		break;
	case 1:
		endpoint->renamed++;
		name_it(endpoint, i);
		break;
	case 2:
		change_place(world, endpoint);
		use(&world->plan, endpoint);
		break;
	case 3:
		endpoint->actions = draw_actions(world);
		break;
	case 4:
		endpoint->period_ms = SIM_MINUTE_MS * sim_between(world, 3, 6);
		break;
	case 5:
		endpoint->only_hook = !endpoint->only_hook;
		break;
	default:
		endpoint->allowed_fails = (unsigned)sim_between(world, 0, 4);
		endpoint->recover_after = (unsigned)sim_between(world, 1, 3);
		break;
	}
}

void
plan_change(struct sim_world *world)
{
	struct sim_plan *plan = &world->plan;
	int64_t n = sim_between(world, 0, 4);
	for (int64_t i = 0; i < n; i++)
		change_endpoint(
			world, (size_t)sim_between(world, 0, PLAN_TARGETS));
	if (sim_chance(world, 150))
		plan->wording++;
	if (sim_chance(world, 300))
		plan->endpoints[FIRST_METRIC].has_metric = false;
	if (sim_chance(world, 150))
		plan->cachets[0].timeout_s =
			(unsigned)sim_between(world, 5, 16);
	if (sim_chance(world, 200)) {
		size_t i = (size_t)sim_between(world, 0, PLAN_RECEIVERS);
		plan->has[i] = !plan->has[i];
	}
	/* `report_to` names it. */
	plan->has[PLAN_HOOK] = true;
}

/* Writing. */

/* In one it needs no name. */
static void
write_places(const struct sim_plan *plan, const struct plan_endpoint *endpoint,
	struct buf *text)
{
	if (plan->n_cachets == 1) {
		buf_printf(text,
			"    component_id: %" PRId64 "\n"
			"    metric_id: 1\n",
			endpoint->components[0]);
		return;
	}
	buf_add_text(text, "    cachet:\n");
	for (size_t c = 0; c < PLAN_CACHETS; c++)
		if (endpoint->components[c] > 0)
			buf_printf(text,
				"      %s: {component_id: %" PRId64
				", metric_id: 1}\n",
				cachet_names[c], endpoint->components[c]);
}

static void
write_endpoint(const struct sim_plan *plan,
	const struct plan_endpoint *endpoint, struct buf *text)
{
	buf_printf(text,
		"  - name: %s\n"
		"    url: http://target.test/\n"
		"    method: GET\n"
		"    timeout: 1\n"
		"    frequency: %" PRId64 "\n"
		"    expectation: [{type: HTTP_STATUS, status_range: "
		"200-300}]\n"
		"    action: [%s%s]\n"
		"    allowed_fails: %u\n"
		"    recover_after: %u\n"
		"    public_incidents: %s\n%s",
		endpoint->name, endpoint->period_ms / SIM_SECOND_MS,
		action_texts[endpoint->actions],
		!endpoint->has_metric ? ""
			: endpoint->actions == PLAN_NO_ACTIONS
			? "PUSH_METRICS"
			: ", PUSH_METRICS",
		endpoint->allowed_fails, endpoint->recover_after,
		endpoint->is_public ? "true" : "false",
		endpoint->only_hook ? "    report_to: [hook]\n" : "");
	write_places(plan, endpoint, text);
}

/* One stands alone, several are a list. */
static void
write_cachet(const struct sim_plan *plan, size_t c, struct buf *text)
{
	const struct plan_cachet *one = &plan->cachets[c];
	const char *dent = plan->n_cachets > 1 ? "    " : "  ";
	if (plan->n_cachets > 1)
		buf_printf(text, "  - name: %s\n", cachet_names[c]);
	buf_printf(text,
		"%sapi_url: http://%s/api/v1\n"
		"%stoken: sim-token-%zu\n"
		"%stimeout: %u\n"
		"%sseverity_updates: %s\n"
		"%sreconcile: %s\n"
		"%sreconcile_every: %um\n",
		dent, cachet_hosts[c], dent, c, dent, one->timeout_s, dent,
		one->tells_changes ? "true" : "false", dent,
		reconcile_texts[one->reconcile], dent, one->reconcile_min);
}

void
plan_write(const struct sim_plan *plan, struct buf *text)
{
	buf_add_text(text, "endpoints:\n");
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		if (plan->endpoints[i].present)
			write_endpoint(plan, &plan->endpoints[i], text);
	buf_add_text(text, "cachet:\n");
	for (size_t c = 0; c < plan->n_cachets; c++)
		write_cachet(plan, c, text);
	if (plan->has[PLAN_OLD])
		buf_add_text(text,
			"webhooks:\n"
			"  - url: http://old.test/h\n"
			"    params: {title: \"{title}\"}\n");
	buf_printf(text,
		"reporters:\n"
		"  - name: hook\n"
		"    type: webhook\n"
		"    url: http://hook.test/h\n"
		"    headers: {X-Wording: \"%u\"}\n"
		"    body: {is: \"{name} {kind} {status} {at} {incident}\"}\n",
		plan->wording);
	if (plan->has[PLAN_CHAT])
		buf_add_text(text,
			"  - name: chat\n"
			"    type: slack\n"
			"    url: http://chat.test/s\n");
}

/* Looking. */

bool
plan_has_incidents(const struct plan_endpoint *endpoint)
{
	return endpoint->actions != PLAN_ONLY_STATUS
		&& endpoint->actions != PLAN_NO_ACTIONS;
}

bool
plan_has_status(const struct plan_endpoint *endpoint)
{
	return endpoint->actions != PLAN_ONLY_INCIDENT
		&& endpoint->actions != PLAN_NO_ACTIONS;
}

size_t
plan_find(const struct sim_plan *plan, const char *name)
{
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		if (plan->endpoints[i].present
			&& str_eq(plan->endpoints[i].name, name))
			return i;
	return SIZE_MAX;
}

unsigned
plan_audience(const struct sim_plan *plan, const struct plan_endpoint *endpoint)
{
	unsigned audience = 1u << PLAN_HOOK;
	if (plan->has[PLAN_CHAT] && !endpoint->only_hook)
		audience |= 1u << PLAN_CHAT;
	if (plan->has[PLAN_OLD] && plan_has_incidents(endpoint))
		audience |= 1u << PLAN_OLD;
	return audience;
}
