/*
 * What a reload would do, or did.
 */
#include "agent/agent_internal.h"
#include "agent/agent_reload_internal.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/orders.h"
#include "conf/action.h"
#include "conf/chat.h"
#include "conf/conf.h"
#include "conf/inbound.h"
#include "conf/settings.h"
#include "probes/probe.h"
#include "reporters/payload.h"
#include "reporters/reporter.h"

static void
name(json_t *list, const char *text)
{
	json_array_append_new(list, payload_text(text));
}

static void
tell_change(json_t *list, const char *text, unsigned differs)
{
	json_t *json = json_object();
	json_object_set_new(json, "name", payload_text(text));
	json_object_set_new(json, "probed",
		json_boolean((differs & CONF_PROBED_OTHERWISE) != 0));
	json_array_append_new(list, json);
}

static void
tell_endpoints(const struct agent *agent,
	const struct reload_candidate *candidate, json_t *plan)
{
	json_t *added = json_array();
	json_t *removed = json_array();
	json_t *changed = json_array();
	json_int_t untouched = 0;
	const struct conf_endpoint *items = candidate->conf->endpoints.items;
	for (size_t i = 0; i < candidate->conf->endpoints.count; i++) {
		if (orders_removed(agent->orders, items[i].name))
			continue;
		const struct monitor *monitor =
			monitors_named(agent->monitors, items[i].name);
		unsigned differs = monitor
			? conf_endpoint_differs(monitor->conf, &items[i])
			: 0;
		if (!monitor)
			name(added, items[i].name);
		else if (differs)
			tell_change(changed, items[i].name, differs);
		else
			untouched++;
	}
	for (uint32_t i = 0; i < monitors_size(agent->monitors); i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		if (monitor && !map_get(candidate->names, monitor->conf->name))
			name(removed, monitor->conf->name);
	}
	json_object_set_new(plan, "added", added);
	json_object_set_new(plan, "removed", removed);
	json_object_set_new(plan, "changed", changed);
	json_object_set_new(plan, "untouched", json_integer(untouched));
}

static json_t *
reporters_json(const struct agent_reporters *before,
	const struct agent_reporters *after)
{
	json_t *added = json_array();
	json_t *removed = json_array();
	json_t *changed = json_array();
	for (size_t i = 0; i < after->count; i++) {
		const struct reporter *reporter = after->items[i];
		const struct reporter *former =
			agent_reporters_find(before, reporter->id);
		if (!former)
			name(added, reporter->id);
		else if (former != reporter)
			name(changed, reporter->id);
	}
	for (size_t i = 0; i < before->count; i++)
		if (!agent_reporters_find(after, before->items[i]->id))
			name(removed, before->items[i]->id);
	return json_pack("{s:o,s:o,s:o}", "added", added, "removed", removed,
		"changed", changed);
}

/* A list of the document whose items have names. */
struct named {
	const struct conf_section *section;
	const char *(*name)(const void *item);
};

static const void *
item_at(const struct named *named, const struct conf_list *list, size_t i)
{
	return (const char *)list->items + i * named->section->size;
}

/* NULL when there is none. */
static const void *
item_named(const struct named *named, const struct conf_list *list,
	const char *wanted)
{
	for (size_t i = 0; i < list->count; i++) {
		const void *item = item_at(named, list, i);
		if (str_eq(named->name(item), wanted))
			return item;
	}
	return NULL;
}

static json_t *
items_json(const struct named *named, const struct conf_list *before,
	const struct conf_list *after)
{
	json_t *added = json_array();
	json_t *removed = json_array();
	json_t *changed = json_array();
	for (size_t i = 0; i < after->count; i++) {
		const void *item = item_at(named, after, i);
		const void *former =
			item_named(named, before, named->name(item));
		if (!former)
			name(added, named->name(item));
		else if (!conf_settings_same(named->section, former, item))
			name(changed, named->name(item));
	}
	for (size_t i = 0; i < before->count; i++) {
		const char *former = named->name(item_at(named, before, i));
		if (!item_named(named, after, former))
			name(removed, former);
	}
	return json_pack("{s:o,s:o,s:o}", "added", added, "removed", removed,
		"changed", changed);
}

static const char *
name_of_source(const void *item)
{
	return ((const struct conf_inbound *)item)->name;
}

static const char *
name_of_chat(const void *item)
{
	return conf_chat_name(item);
}

static const char *
name_of_action(const void *item)
{
	return ((const struct conf_action *)item)->name;
}

static const struct named sources = { &conf_inbound_section, name_of_source };
static const struct named chats = { &conf_chat_section, name_of_chat };
static const struct named actions = { &conf_action_section, name_of_action };

static void
tell_items(const struct conf *before, const struct conf *after, json_t *plan)
{
	json_object_set_new(plan, "inbound",
		items_json(&sources, &before->inbound, &after->inbound));
	json_object_set_new(plan, "chat",
		items_json(&chats, &before->chats, &after->chats));
	json_object_set_new(plan, "actions",
		items_json(&actions, &before->actions, &after->actions));
}

static bool
listens_otherwise(const struct conf *a, const struct conf *b)
{
	if (!a->server || !b->server)
		return a->server != b->server;
	const struct conf_tls *tls = a->server->tls;
	const struct conf_tls *next = b->server->tls;
	if (!tls != !next || (tls && !tls->listen != !next->listen)
		|| (tls && tls->listen && !str_eq(tls->listen, next->listen)))
		return true;
	return !str_eq(a->server->listen, b->server->listen)
		|| a->server->timeout_ms != b->server->timeout_ms;
}

static json_t *
restart_json(const struct agent *agent, const struct conf *next)
{
	const struct conf *conf = agent->conf;
	json_t *list = json_array();
	if (!str_eq(conf->state, next->state))
		name(list, "state");
	if (listens_otherwise(conf, next))
		name(list, "server");
	if (conf->workers != next->workers)
		name(list, "workers");
	if (conf->resolver != next->resolver)
		name(list, "resolver");
	if (conf->sandbox != next->sandbox)
		name(list, "sandbox");
	return list;
}

json_t *
agent_reload_plan_json(
	const struct agent *agent, const struct reload_candidate *candidate)
{
	json_t *plan = json_object();
	tell_endpoints(agent, candidate, plan);
	json_object_set_new(plan, "reporters",
		reporters_json(&agent->reporters, &candidate->reporters));
	tell_items(agent->conf, candidate->conf, plan);
	json_object_set_new(
		plan, "restart", restart_json(agent, candidate->conf));
	return plan;
}
