#include "tests/sim/plan.h"

#include <inttypes.h>
#include <stdio.h>

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

enum {
	FIRST_METRIC = 4, /* that endpoint, and the next */
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
draw_endpoint(struct sim_world *world, size_t i)
{
	struct plan_endpoint *endpoint = &world->plan.endpoints[i];
	*endpoint = (struct plan_endpoint){
		.present = sim_chance(world, 950),
		/* The last ones share those of the first. */
		.component = (int64_t)(i % PLAN_SHARED) + 1,
		.actions = draw_actions(world),
		.allowed_fails = (unsigned)sim_between(world, 0, 4),
		.recover_after = sim_chance(world, 800) ? 1 : 2,
		.period_ms = SIM_MINUTE_MS * (sim_chance(world, 100) ? 1 : 5),
		.is_public = sim_chance(world, 800),
		.only_hook = sim_chance(world, 100),
	};
	name_it(endpoint, i);
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
}

static enum plan_reconcile
draw_reconcile(struct sim_world *world)
{
	if (sim_chance(world, 200))
		return PLAN_STRICT;
	return sim_chance(world, 200) ? PLAN_UNWATCHED : PLAN_GENTLE;
}

void
plan_draw(struct sim_world *world)
{
	struct sim_plan *plan = &world->plan;
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		draw_endpoint(world, i);
	for (size_t i = PLAN_SHARED; i < PLAN_TARGETS; i++)
		pair_up(world, i);
	for (size_t i = 0; i < PLAN_RECEIVERS; i++)
		plan->has[i] = true;
	for (size_t i = FIRST_METRIC; i < FIRST_METRIC + 2; i++)
		plan->endpoints[i].has_metric = sim_chance(world, 200);
	plan->timeout_s = 10;
	plan->tells_changes = sim_chance(world, 500);
	plan->reconcile_min = (unsigned)sim_between(world, 30, 61);
	plan->reconcile = draw_reconcile(world);
}

/* Editing. */

static void
change_endpoint(struct sim_world *world, size_t i)
{
	struct plan_endpoint *endpoint = &world->plan.endpoints[i];
	int64_t what = sim_between(world, 0, 7);
	if (what < 4 && plan_has_status(endpoint))
		world->plan.abandoned[endpoint->component] = true;
	switch (what) {
	case 0:
		endpoint->present = !endpoint->present;
		break;
	case 1:
		endpoint->renamed++;
		name_it(endpoint, i);
		break;
	case 2:
		endpoint->component =
			sim_between(world, 1, PLAN_COMPONENTS + 1);
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
		plan->timeout_s = (unsigned)sim_between(world, 5, 16);
	if (sim_chance(world, 200)) {
		size_t i = (size_t)sim_between(world, 0, PLAN_RECEIVERS);
		plan->has[i] = !plan->has[i];
	}
	/* `report_to` names it. */
	plan->has[PLAN_HOOK] = true;
}

/* Writing. */

static void
write_endpoint(const struct plan_endpoint *endpoint, struct buf *text)
{
	buf_printf(text,
		"  - name: %s\n"
		"    url: http://target.test/\n"
		"    method: GET\n"
		"    timeout: 1\n"
		"    frequency: %" PRId64 "\n"
		"    expectation: [{type: HTTP_STATUS, status_range: "
		"200-300}]\n"
		"    component_id: %" PRId64 "\n"
		"    action: [%s%s]\n"
		"    metric_id: 1\n"
		"    allowed_fails: %u\n"
		"    recover_after: %u\n"
		"    public_incidents: %s\n%s",
		endpoint->name, endpoint->period_ms / SIM_SECOND_MS,
		endpoint->component, action_texts[endpoint->actions],
		!endpoint->has_metric ? ""
			: endpoint->actions == PLAN_NO_ACTIONS
			? "PUSH_METRICS"
			: ", PUSH_METRICS",
		endpoint->allowed_fails, endpoint->recover_after,
		endpoint->is_public ? "true" : "false",
		endpoint->only_hook ? "    report_to: [hook]\n" : "");
}

void
plan_write(const struct sim_plan *plan, struct buf *text)
{
	buf_add_text(text, "endpoints:\n");
	for (size_t i = 0; i < PLAN_TARGETS; i++)
		if (plan->endpoints[i].present)
			write_endpoint(&plan->endpoints[i], text);
	buf_printf(text,
		"cachet:\n"
		"  api_url: http://cachet.test/api/v1\n"
		"  token: sim-token\n"
		"  timeout: %u\n"
		"  severity_updates: %s\n"
		"  reconcile: %s\n"
		"  reconcile_every: %um\n",
		plan->timeout_s, plan->tells_changes ? "true" : "false",
		reconcile_texts[plan->reconcile], plan->reconcile_min);
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
