/*
 *     agent_reload -> load -> prepare -> tell_plan
 *                                     -> swap: reporters, endpoints, workers
 */
#include "agent/agent_reload.h"

#include <stdlib.h>

#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/agent_reload_internal.h"
#include "agent/agent_roster.h"
#include "agent/agent_tokens.h"
#include "agent/agent_watch.h"
#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/digests.h"
#include "agent/external.h"
#include "agent/orders.h"
#include "agent/reconcile.h"
#include "agent/reminders.h"
#include "agent/sight.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/payload.h"
#include "reporters/reporter.h"

/* Loading. */

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	struct reload_candidate *candidate = cookie;
	json_array_append_new(severity == CONF_ERROR ? candidate->errors
						     : candidate->warnings,
		payload_text(message));
}

static void
name_endpoints(struct reload_candidate *candidate)
{
	const struct conf_endpoint *endpoints =
		candidate->conf->endpoints.items;
	for (size_t i = 0; i < candidate->conf->endpoints.count; i++) {
		union {
			const void *closed;
			void *open;
		} endpoint = { .closed = &endpoints[i] };
		map_put(candidate->names, endpoints[i].name, endpoint.open);
	}
}

/* False: the errors say why not. */
static bool
prepare(const struct agent *agent, const char *path,
	struct reload_candidate *candidate)
{
	*candidate = (struct reload_candidate){
		.names = map_new(),
		.errors = json_array(),
		.warnings = json_array(),
	};
	candidate->conf =
		conf_load(path, agent->options.types, on_complaint, candidate);
	if (!candidate->conf)
		return false;
	struct err err;
	if (!agent_reporters_succeed(&candidate->reporters, &agent->reporters,
		    candidate->conf, &err)) {
		json_array_append_new(
			candidate->errors, payload_text(err.text));
		return false;
	}
	name_endpoints(candidate);
	return true;
}

/* What of it was taken over is the agent's. */
static void
finish(struct agent *agent, struct reload_candidate *candidate)
{
	agent_reporters_leave(&candidate->reporters, &agent->reporters);
	conf_free(candidate->conf);
	map_free(candidate->names);
	json_decref(candidate->errors);
	json_decref(candidate->warnings);
}

/* The swap. */

static void
swap_reporters(struct agent *agent, struct reload_candidate *candidate,
	struct moment now)
{
	struct agent_reporters *before = &agent->reporters;
	struct agent_reporters *after = &candidate->reporters;
	for (size_t i = 0; i < before->count; i++)
		if (!agent_reporters_find(after, before->items[i]->id))
			outbox_remove(agent->outbox, before->items[i]);
	for (size_t i = 0; i < after->count; i++) {
		struct reporter *reporter = after->items[i];
		struct reporter *former =
			agent_reporters_find(before, reporter->id);
		if (!former)
			outbox_add(agent->outbox, reporter);
		else if (former != reporter)
			outbox_replace(agent->outbox, reporter);
		else
			outbox_wake(agent->outbox, reporter);
		if (!former)
			monitors_mirror_to(agent->monitors, reporter, now);
	}
	agent_tokens_change(agent->tokens, after->items, after->count);
	agent_reporters_take_over(before, after);
	const struct reporter *const *reporters =
		(const struct reporter *const *)before->items;
	monitors_tell(agent->monitors, reporters, before->count);
	reconcile_set_reporters(
		agent->reconcile, reporters, before->count, now);
}

/* What the workers are told. */
struct tasks {
	struct worker_task *items;
	size_t n;
};

static struct tasks
tasks_new(size_t size)
{
	return (struct tasks){
		.items = mem_grow(NULL, size + 1, sizeof(struct worker_task)),
	};
}

/* So many of them are probed anew, at the same time. */
static void
spread_over(struct tasks *tasks, size_t together)
{
	for (size_t i = 0; i < tasks->n; i++)
		tasks->items[i].together = (uint32_t)together;
}

static void
add_task(struct tasks *tasks, const struct monitor *monitor)
{
	tasks->items[tasks->n++] = agent_run_task(monitor);
}

static void
remove_endpoints(
	struct agent *agent, const struct map *names, struct moment now)
{
	size_t size = monitors_size(agent->monitors);
	struct tasks tasks = tasks_new(size);
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		if (!monitor || map_get(names, monitor->conf->name))
			continue;
		add_task(&tasks, monitor);
		sight_forget(agent->sight, i);
		monitors_remove(agent->monitors,
			monitors_named(agent->monitors, monitor->conf->name),
			now);
	}
	workers_remove(agent->workers, tasks.items, tasks.n);
	free(tasks.items);
}

/* Those that were there before, and those that were not. */
static void
put_endpoints(struct agent *agent, struct conf *conf, struct moment now)
{
	size_t count = conf->endpoints.count;
	struct tasks kept = tasks_new(count);
	struct tasks added = tasks_new(count);
	size_t anew = 0;
	const struct conf_endpoint *items = conf->endpoints.items;
	for (size_t i = 0; i < count; i++) {
		if (orders_removed(agent->orders, items[i].name))
			continue;
		struct probe_target target =
			agent_target_of(&items[i], conf->arena);
		struct monitor *monitor =
			monitors_named(agent->monitors, items[i].name);
		if (monitor) {
			uint32_t before = monitor->generation;
			monitors_change(agent->monitors, monitor, &items[i],
				conf, &target, now);
			add_task(&kept, monitor);
			anew += monitor->generation != before;
		} else {
			add_task(&added,
				monitors_add(agent->monitors, &items[i], conf,
					&target));
		}
	}
	spread_over(&kept, anew + added.n);
	spread_over(&added, anew + added.n);
	workers_replace(agent->workers, kept.items, kept.n);
	workers_add(agent->workers, added.items, added.n);
	free(kept.items);
	free(added.items);
}

static void
swap(struct agent *agent, struct reload_candidate *candidate)
{
	struct moment now = clock_now();
	struct conf *conf = candidate->conf;
	swap_reporters(agent, candidate, now);
	remove_endpoints(agent, candidate->names, now);
	put_endpoints(agent, conf, now);
	const struct reporter *const *reporters =
		(const struct reporter *const *)agent->reporters.items;
	size_t n_reporters = agent->reporters.count;
	externals_set_scope(
		agent->externals, conf, reporters, n_reporters, now);
	digests_set_scope(agent->digests, conf, reporters, n_reporters, now);
	actions_set_conf(agent->actions, conf);
	reminders_set_scope(agent->reminders, conf);
	conf_free(agent->conf);
	agent->conf = conf_hold(conf);
	agent_roster_count(agent);
	workers_settle(agent->workers);
}

/* Saying so. */

static void
log_swap(const json_t *plan)
{
	const json_t *restart = json_object_get(plan, "restart");
	log_say(LOG_INFO, "reloaded",
		log_int("added",
			(int64_t)json_array_size(
				json_object_get(plan, "added"))),
		log_int("removed",
			(int64_t)json_array_size(
				json_object_get(plan, "removed"))),
		log_int("changed",
			(int64_t)json_array_size(
				json_object_get(plan, "changed"))),
		log_int("untouched",
			json_integer_value(
				json_object_get(plan, "untouched"))));
	size_t i;
	const json_t *key;
	json_array_foreach (restart, i, key)
		log_say(LOG_WARN, "a change takes effect at the next start",
			log_text("key", json_string_value(key)));
}

static void
log_complaints(const json_t *complaints, enum log_level level, const char *msg)
{
	size_t i;
	const json_t *complaint;
	json_array_foreach (complaints, i, complaint)
		log_say(level, msg,
			log_text("reason", json_string_value(complaint)));
}

static void
note(struct agent *agent, const struct reload_candidate *candidate,
	const json_t *plan)
{
	struct agent_reload_outcome *outcome = &agent->reload;
	outcome->at_ms = clock_wall_ms();
	outcome->good = plan != NULL;
	if (plan)
		outcome->done++, outcome->good_at_ms = outcome->at_ms;
	else
		outcome->failed++;
	log_complaints(candidate->warnings, LOG_WARN, "configuration");
	log_complaints(candidate->errors, LOG_ERROR,
		"not reloaded, going on with what there is");
	if (plan)
		log_swap(plan);
}

static json_t *
answer(const struct reload_candidate *candidate, json_t *plan)
{
	json_t *json = json_object();
	if (plan)
		json_object_set_new(json, "plan", plan);
	else
		json_object_set(json, "errors", candidate->errors);
	if (json_array_size(candidate->warnings) > 0)
		json_object_set(json, "warnings", candidate->warnings);
	return json;
}

static json_t *
refusal(const char *why)
{
	return json_pack("{s:[s]}", "errors", why);
}

json_t *
agent_reload(struct agent *agent)
{
	if (!agent->options.types || !agent->options.config)
		return refusal("there is no file to load it from");
	if (agent->phase == PHASE_STOPPING)
		return refusal("the agent is stopping");
	if (agent->phase == PHASE_STARTING) {
		agent->reload_later = true;
		return json_pack("{s:b}", "later", true);
	}
	agent_pulse_reloading(agent->pulse);
	struct reload_candidate candidate;
	json_t *plan = NULL;
	if (prepare(agent, agent->options.config, &candidate)) {
		plan = agent_reload_plan_json(agent, &candidate);
		swap(agent, &candidate);
	}
	note(agent, &candidate, plan);
	json_t *json = answer(&candidate, plan);
	finish(agent, &candidate);
	agent_reload_watch(agent);
	agent_pulse_reloaded(agent->pulse);
	if (agent->on_reloaded)
		agent->on_reloaded(agent->on_reloaded_cookie);
	return json;
}

void
agent_reload_hear(
	struct agent *agent, agent_reloaded_fn *on_reloaded, void *cookie)
{
	agent->on_reloaded = on_reloaded;
	agent->on_reloaded_cookie = cookie;
}

json_t *
agent_reload_plan(struct agent *agent, const char *path)
{
	if (!agent->options.types)
		return refusal("this agent cannot reload");
	struct reload_candidate candidate;
	json_t *plan = NULL;
	if (prepare(agent, path, &candidate))
		plan = agent_reload_plan_json(agent, &candidate);
	json_t *json = answer(&candidate, plan);
	finish(agent, &candidate);
	return json;
}

static void
on_change(void *cookie)
{
	json_decref(agent_reload(cookie));
}

void
agent_reload_watch(struct agent *agent)
{
	bool wanted = agent->conf->watch && agent->options.types;
	if (!wanted) {
		agent_watch_free(agent->watch), agent->watch = NULL;
		return;
	}
	struct err err;
	if (agent->watch)
		return;
	agent->watch = agent_watch_new(
		agent->loop, agent->options.config, on_change, agent, &err);
	if (!agent->watch)
		log_say(LOG_WARN, "a change of the file will not be noticed",
			log_text("reason", err.text));
}
