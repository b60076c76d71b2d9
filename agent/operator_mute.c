/*
 * An incident that is open when a mute begins is one that people know: it is
 * noted, with how bad they think it is.  When nothing mutes it any more,
 *
 *     noted, open      and worse or better than they think: that
 *     noted, closed    its closing, to those who were told the opening
 *     not noted, open  its opening, as it is by now
 *
 * and what was neither noted nor is open is nobody's business.
 */
#include "agent/agent_internal.h"
#include "agent/base/arena.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/operator_internal.h"
#include "conf/conf.h"

/* Open incidents, of our own and of others. */

typedef void case_fn(void *cookie, const char *endpoint, const char *incident,
	enum status status, const struct external_case *external);

struct walk {
	case_fn *each;
	void *cookie;
};

static void
on_external(void *cookie, const struct external_case *found)
{
	const struct walk *walk = cookie;
	walk->each(walk->cookie, found->name, found->incident, found->status,
		found);
}

static void
walk_monitor(const struct monitor *monitor, const struct walk *walk)
{
	if (monitor && monitor->incident)
		walk->each(walk->cookie, monitor->conf->name, monitor->incident,
			monitor->verdict.announced, NULL);
}

/* `name` NULL: of all. */
static void
each_case(const struct agent *agent, const char *name, case_fn *each,
	void *cookie)
{
	struct walk walk = { each, cookie };
	uint32_t size = (uint32_t)monitors_size(agent->monitors);
	if (name)
		walk_monitor(monitors_named(agent->monitors, name), &walk);
	for (uint32_t i = 0; !name && i < size; i++)
		walk_monitor(monitors_at(agent->monitors, i), &walk);
	externals_cases(agent->externals, name, on_external, &walk);
}

/* It begins. */

static void
hush(void *cookie, const char *endpoint, const char *incident,
	enum status status, const struct external_case *external)
{
	(void)external;
	const struct operator_task *task = cookie;
	struct orders *orders = task->desk->agent->orders;
	if (orders_muted(orders, endpoint))
		return;
	orders_put(orders,
		&(struct store_order){
			.kind = STORE_ORDER_HUSHED,
			.name = incident,
			.endpoint = endpoint,
			.who = "",
			.at_ms = task->now.wall_ms,
			.status = status,
		});
}

static const char *
until_words(const struct operator_task *task, int64_t for_ms)
{
	if (for_ms <= 0)
		return "until it is unmuted";
	return arena_printf(task->arena, "for %s", task->command->time);
}

static json_t *
begin(const struct operator_task *task, const char *name, int64_t for_ms)
{
	const struct agent *agent = task->desk->agent;
	int64_t until_ms = for_ms > 0 ? task->now.wall_ms + for_ms : 0;
	each_case(agent, *name == '\0' ? NULL : name, hush,
		&(struct operator_task){
			.desk = task->desk, .now = task->now });
	orders_put(agent->orders,
		&(struct store_order){
			.kind = STORE_ORDER_MUTED,
			.name = name,
			.endpoint = "",
			.who = task->asker->who,
			.at_ms = task->now.wall_ms,
			.until_ms = until_ms,
		});
	json_t *answer = operator_say(task, true, "muted", "%s is muted %s",
		*name == '\0' ? "everything" : name, until_words(task, for_ms));
	operator_set(answer, "name", name);
	json_object_set_new(answer, "until", operator_time(until_ms));
	return answer;
}

/* Nothing in particular is meant. */
static bool
means_all(const struct operator_task *task)
{
	const struct command *command = task->command;
	const struct agent *agent = task->desk->agent;
	if (*command->name == '\0')
		return !monitors_named(agent->monitors, command->whole);
	return str_ieq(command->name, "all")
		&& !monitors_named(agent->monitors, command->name);
}

json_t *
operator_mute(struct operator_task *task)
{
	struct operator_found found;
	int64_t for_ms = task->command->for_ms;
	if (means_all(task) && for_ms != COMMAND_TIME_BAD)
		return begin(task, "", for_ms);
	if (means_all(task))
		return operator_no_time(task);
	if (!operator_find(task, OPERATOR_MONITORED, &found))
		return operator_not_found(task, OPERATOR_MONITORED, &found);
	return begin(task, found.name, found.whole ? 0 : for_ms);
}

/* It ends. */

struct settling {
	struct operator_desk *desk;
	struct moment now;
	struct map *scope; /* names; NULL for all */
	struct map *open; /* incident -> struct live */
	struct arena *arena;
	const char **rows; /* incidents that were noted, of this scope */
	size_t n_rows;
};

struct live {
	const char *endpoint;
	const char *incident;
	enum status status;
	bool external;
	struct external_case found;
	bool known; /* people do know it */
};

static void
take_live(void *cookie, const char *endpoint, const char *incident,
	enum status status, const struct external_case *external)
{
	struct settling *settling = cookie;
	if (orders_muted(settling->desk->agent->orders, endpoint))
		return;
	struct live *live = arena_alloc(settling->arena, sizeof(*live));
	live->endpoint = arena_dup(settling->arena, endpoint);
	live->incident = arena_dup(settling->arena, incident);
	live->status = status;
	live->external = external != NULL;
	if (external)
		live->found = *external;
	map_put(settling->open, live->incident, live);
}

static void
tell_present(
	const struct settling *settling, struct live *live, enum status told)
{
	const struct agent *agent = settling->desk->agent;
	if (live->external)
		externals_tell_present(
			agent->externals, &live->found, told, settling->now);
	else
		monitors_tell_present(agent->monitors,
			monitors_named(agent->monitors, live->endpoint), told,
			settling->now);
}

/* False: it is not durable yet that it is over. */
static bool
tell_closing(const struct settling *settling, const char *incident)
{
	const struct agent *agent = settling->desk->agent;
	struct store_incident kept;
	struct err err;
	if (!store_incident(
		    agent->store, incident, settling->arena, &kept, &err))
		return false;
	if (!kept.found)
		return true;
	if (kept.open)
		return false;
	struct event event = kept.event;
	event.seq++;
	monitors_tell_people(agent->monitors, NULL, &event, settling->now);
	return true;
}

static void
take_row(void *cookie, const struct store_order *order)
{
	struct settling *settling = cookie;
	if ((settling->scope && !map_get(settling->scope, order->endpoint))
		|| orders_muted(settling->desk->agent->orders, order->endpoint))
		return;
	settling->rows[settling->n_rows++] =
		arena_dup(settling->arena, order->name);
}

static void
settle_row(struct settling *settling, const char *incident)
{
	struct orders *orders = settling->desk->agent->orders;
	struct live *live = map_get(settling->open, incident);
	const struct store_order *row =
		orders_find(orders, STORE_ORDER_HUSHED, incident);
	if (live) {
		live->known = true;
		if (live->status != row->status)
			tell_present(settling, live, row->status);
	} else if (!tell_closing(settling, incident)) {
		settling->desk->unsettled = true;
		return;
	}
	orders_drop(orders, STORE_ORDER_HUSHED, incident);
}

static void
settle_live(void *cookie, const char *incident, void *thing)
{
	(void)incident;
	struct live *live = thing;
	if (!live->known)
		tell_present(cookie, live, STATUS_OPERATIONAL);
}

static void
settle_rows(struct settling *settling)
{
	const struct orders *orders = settling->desk->agent->orders;
	size_t most = orders_count(orders, STORE_ORDER_HUSHED);
	settling->rows = arena_alloc(
		settling->arena, (most + 1) * sizeof(*settling->rows));
	orders_each(orders, STORE_ORDER_HUSHED, take_row, settling);
	for (size_t i = 0; i < settling->n_rows; i++)
		settle_row(settling, settling->rows[i]);
}

/* All at once, as what is noted is not sorted by endpoint.  "" is all. */
static void
settle_names(struct operator_desk *desk, const char *const *names, size_t n,
	struct moment now)
{
	struct settling settling = {
		.desk = desk,
		.now = now,
		.scope = map_new(),
		.open = map_new(),
		.arena = arena_new(),
	};
	for (size_t i = 0; i < n; i++)
		map_put(settling.scope, names[i], &settling);
	bool is_all = map_get(settling.scope, "") != NULL;
	if (is_all)
		map_free(settling.scope), settling.scope = NULL;
	for (size_t i = 0; i < (is_all ? 1 : n); i++)
		each_case(desk->agent, is_all ? NULL : names[i], take_live,
			&settling);
	settle_rows(&settling);
	map_each(settling.open, settle_live, &settling);
	map_free(settling.scope);
	map_free(settling.open);
	arena_free(settling.arena);
}

void
operator_settle(struct operator_desk *desk, const char *name, struct moment now)
{
	settle_names(desk, &name, 1, now);
}

/* What is left is over; those that are open were told of. */
void
operator_settle_rest(struct operator_desk *desk, struct moment now)
{
	struct settling settling = { .desk = desk, .now = now };
	desk->unsettled = false;
	if (orders_count(desk->agent->orders, STORE_ORDER_HUSHED) == 0)
		return;
	settling.open = map_new();
	settling.arena = arena_new();
	settle_rows(&settling);
	map_free(settling.open);
	arena_free(settling.arena);
}

struct ending {
	struct operator_desk *desk;
	struct moment now;
	bool whatever; /* also what has no end yet */
	struct arena *arena;
	const char **names;
	size_t n;
};

static void
take_ended(void *cookie, const struct store_order *order)
{
	struct ending *ending = cookie;
	if (ending->whatever
		|| (order->until_ms > 0
			&& order->until_ms <= ending->now.wall_ms))
		ending->names[ending->n++] =
			arena_dup(ending->arena, order->name);
}

static size_t
end_mutes(struct operator_desk *desk, bool whatever, struct moment now)
{
	struct orders *orders = desk->agent->orders;
	struct ending ending = {
		.desk = desk,
		.now = now,
		.whatever = whatever,
		.arena = arena_new(),
	};
	ending.names = arena_alloc(ending.arena,
		(orders_count(orders, STORE_ORDER_MUTED) + 1)
			* sizeof(*ending.names));
	orders_each(orders, STORE_ORDER_MUTED, take_ended, &ending);
	for (size_t i = 0; i < ending.n; i++)
		orders_drop(orders, STORE_ORDER_MUTED, ending.names[i]);
	if (ending.n > 0)
		settle_names(desk, ending.names, ending.n, now);
	arena_free(ending.arena);
	return ending.n;
}

void
operator_end_mutes(struct operator_desk *desk, struct moment now)
{
	end_mutes(desk, false, now);
}

static json_t *
unmute_all(const struct operator_task *task)
{
	size_t n = end_mutes(task->desk, true, task->now);
	return operator_say(task, true, n > 0 ? "unmuted" : "already",
		"nothing %s", n > 0 ? "is muted any more" : "was muted");
}

static json_t *
unmute_one(const struct operator_task *task, const char *name)
{
	struct orders *orders = task->desk->agent->orders;
	bool was = orders_find(orders, STORE_ORDER_MUTED, name) != NULL;
	orders_drop(orders, STORE_ORDER_MUTED, name);
	if (was)
		operator_settle(task->desk, name, task->now);
	const char *rest = orders_muted(orders, name)
		? "; but everything is: `unmute` without a name ends that"
		: "";
	json_t *answer = operator_say(task, true, was ? "unmuted" : "already",
		"%s %s%s", name,
		was ? "is not muted any more" : "was not muted", rest);
	operator_set(answer, "name", name);
	json_object_set_new(
		answer, "all_muted", json_boolean(orders_muted(orders, name)));
	return answer;
}

json_t *
operator_unmute(struct operator_task *task)
{
	const unsigned where = OPERATOR_MONITORED | OPERATOR_MUTED;
	struct operator_found found;
	if (means_all(task))
		return unmute_all(task);
	if (!operator_find(task, where, &found))
		return operator_not_found(task, where, &found);
	return unmute_one(task, found.name);
}
