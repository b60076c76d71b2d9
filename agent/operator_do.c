#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_internal.h"
#include "agent/agent_roster.h"
#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/ledger.h"
#include "agent/operator_internal.h"
#include "conf/conf.h"
#include "reporters/payload.h"

enum {
	TEXT_SIZE = 600,
	RECORD_MAX = 300, /* bytes of a command, or of what a receiver says */
	KEPT_MAX = 4096,
};

/* Answers. */

void
operator_set(json_t *answer, const char *key, const char *text)
{
	json_object_set_new(answer, key, payload_text(text));
}

json_t *
operator_time(int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (wall_ms == 0)
		return json_null();
	clock_text(wall_ms, text);
	return json_string(text);
}

json_t *
operator_say(const struct operator_task *task, bool good, const char *outcome,
	const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_t *answer = json_object();
	operator_set(answer, "command", command_rows[task->command->verb].word);
	json_object_set_new(answer, "good", json_boolean(good));
	operator_set(answer, "outcome", outcome);
	operator_set(answer, "text", text);
	return answer;
}

/* The sentence is kept beside it, and what would be right is not. */
const char *
operator_keep(json_t *answer, struct arena *arena)
{
	json_t *kept = json_copy(answer);
	const char *result = json_string_value(json_object_get(kept, "result"));
	json_object_del(kept, "text");
	json_object_del(kept, "actions");
	json_object_del(kept, "lessons");
	if (result) {
		char cut[RECORD_MAX];
		str_copy(cut, sizeof(cut), result);
		operator_set(kept, "result", cut);
	}
	char *text = json_dumps(kept, JSON_COMPACT);
	const char *copy =
		text && strlen(text) <= KEPT_MAX ? arena_dup(arena, text) : "";
	free(text);
	json_decref(kept);
	return copy;
}

static json_t *
say_of(const struct operator_task *task, bool good, const char *outcome,
	const char *name, const char *rest)
{
	json_t *answer = operator_say(task, good, outcome, "%s %s", name, rest);
	operator_set(answer, "name", name);
	return answer;
}

/* Removing. */

static void
remove_found(
	const struct operator_task *task, const struct operator_found *found)
{
	struct agent *agent = task->desk->agent;
	orders_put(agent->orders,
		&(struct store_order){
			.kind = STORE_ORDER_REMOVED,
			.name = found->name,
			.endpoint = "",
			.who = task->asker->who,
			.at_ms = task->now.wall_ms,
		});
	if (found->monitor)
		agent_roster_take_out(agent, found->monitor, task->now);
	else
		externals_drop(agent->externals, found->name, task->now);

	/* Who was told that it is down, is to hear that no more will come. */
	orders_drop(agent->orders, STORE_ORDER_MUTED, found->name);
	operator_settle(task->desk, found->name, task->now);
}

static json_t *
do_remove(struct operator_task *task)
{
	const struct orders *orders = task->desk->agent->orders;
	const unsigned where = OPERATOR_MONITORED | OPERATOR_REMOVED;
	struct operator_found found;
	if (!operator_find(task, where, &found))
		return operator_not_found(task, where, &found);
	if (orders_removed(orders, found.name))
		return say_of(task, true, "already", found.name,
			"is removed already");
	if (orders_count(orders, STORE_ORDER_REMOVED) >= ORDERS_MAX)
		return operator_say(
			task, false, "full", "too much is removed already");
	remove_found(task, &found);
	return say_of(
		task, true, "removed", found.name, "is not monitored any more");
}

static const struct conf_endpoint *
configured(const struct conf *conf, const char *name)
{
	const struct conf_endpoint *items = conf->endpoints.items;
	for (size_t i = 0; i < conf->endpoints.count; i++)
		if (str_eq(items[i].name, name))
			return &items[i];
	return NULL;
}

static json_t *
do_restore(struct operator_task *task)
{
	struct agent *agent = task->desk->agent;
	struct operator_found found;
	struct operator_found there;
	if (!operator_find(task, OPERATOR_REMOVED, &found)) {
		if (operator_find(task, OPERATOR_MONITORED, &there))
			return say_of(task, true, "already", there.name,
				"is monitored already");
		return operator_not_found(task, OPERATOR_REMOVED, &found);
	}
	const struct conf_endpoint *endpoint =
		configured(agent->conf, found.name);
	orders_drop(agent->orders, STORE_ORDER_REMOVED, found.name);
	if (endpoint)
		agent_roster_put_in(agent, endpoint);
	json_t *answer = say_of(task, true, "restored", found.name,
		endpoint ? "is monitored again"
			 : "is restored: what is said of it counts again");
	json_object_set_new(answer, "configured", json_boolean(endpoint));
	return answer;
}

/* Acknowledging. */

struct taking {
	const struct operator_task *task;
	const char *endpoint;
	int64_t until_ms;
	size_t n;
};

static void
take_incident(struct taking *taking, const char *incident)
{
	const struct operator_task *task = taking->task;
	taking->n++;
	orders_put(task->desk->agent->orders,
		&(struct store_order){
			.kind = STORE_ORDER_TAKEN,
			.name = incident,
			.endpoint = taking->endpoint,
			.who = task->asker->who,
			.at_ms = task->now.wall_ms,
			.until_ms = taking->until_ms,
		});
}

static void
on_case(void *cookie, const struct external_case *found)
{
	take_incident(cookie, found->incident);
}

static json_t *
taken(const struct operator_task *task, const struct taking *taking,
	int64_t for_ms)
{
	json_t *answer = operator_say(task, true, "taken",
		"%s looks after %s%s%s", task->asker->who, taking->endpoint,
		for_ms > 0 ? " for " : " until it is over",
		for_ms > 0 ? task->command->time : "");
	operator_set(answer, "name", taking->endpoint);
	operator_set(answer, "by", task->asker->who);
	json_object_set_new(answer, "until", operator_time(taking->until_ms));
	return answer;
}

/* The one that is meant, if it is still open. */
static void
find_case(void *cookie, const struct external_case *found)
{
	struct taking *taking = cookie;
	if (taking->endpoint
		|| !str_eq(found->incident, taking->task->command->incident))
		return;
	taking->endpoint = found->name;
}

static json_t *
do_ack_incident(struct operator_task *task)
{
	const struct agent *agent = task->desk->agent;
	const char *incident = task->command->incident;
	struct taking taking = { .task = task };
	size_t size = monitors_size(agent->monitors);
	for (uint32_t i = 0; i < size && !taking.endpoint; i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		if (monitor && monitor->incident
			&& str_eq(monitor->incident, incident))
			taking.endpoint = monitor->conf->name;
	}
	if (!taking.endpoint)
		externals_cases(agent->externals, NULL, find_case, &taking);
	if (!taking.endpoint)
		return operator_say(task, false, "over",
			"that incident is over, or none that is known here");
	take_incident(&taking, incident);
	return taken(task, &taking, 0);
}

static json_t *
do_ack(struct operator_task *task)
{
	if (task->command->incident)
		return do_ack_incident(task);
	const struct agent *agent = task->desk->agent;
	struct operator_found found;
	if (!operator_find(task, OPERATOR_MONITORED, &found))
		return operator_not_found(task, OPERATOR_MONITORED, &found);
	int64_t for_ms = found.whole ? 0 : task->command->for_ms;
	struct taking taking = {
		.task = task,
		.endpoint = found.name,
		.until_ms = for_ms > 0 ? task->now.wall_ms + for_ms : 0,
	};
	if (!found.monitor)
		externals_cases(agent->externals, found.name, on_case, &taking);
	else if (found.monitor->incident)
		take_incident(&taking, found.monitor->incident);
	if (taking.n == 0)
		return say_of(task, false, "well", found.name,
			"has no open incident to look after");
	return taken(task, &taking, for_ms);
}

/* All of them. */

static json_t *
nothing_holds(const struct operator_task *task, const char *why)
{
	json_t *answer = operator_say(task, false, "trouble",
		"nothing can be recorded now, so nothing is changed: %s", why);
	operator_set(answer, "why", why);
	return answer;
}

static json_t *
change(struct operator_task *task)
{
	const struct agent *agent = task->desk->agent;
	int64_t since_ms;
	const char *trouble = ledger_trouble(agent->ledger, &since_ms);
	if (trouble)
		return nothing_holds(task, trouble);
	switch (task->command->verb) {
	case COMMAND_ACK:
		return do_ack(task);
	case COMMAND_MUTE:
		return operator_mute(task);
	case COMMAND_REMOVE:
		return do_remove(task);
	case COMMAND_RESTORE:
		return do_restore(task);
	case COMMAND_RUN:
		return operator_run(task);
	default:
		return operator_unmute(task);
	}
}

static void
record(const struct operator_task *task, json_t *answer)
{
	const struct command *command = task->command;
	const struct operator_asker *asker = task->asker;
	char said[RECORD_MAX];
	str_copy(said, sizeof(said),
		arena_printf(task->arena, "%s%s%s",
			command_rows[command->verb].word,
			*command->whole != '\0' ? " " : "", command->whole));
	const char *text = json_string_value(json_object_get(answer, "text"));
	bool good = json_is_true(json_object_get(answer, "good"));
	orders_record(task->desk->agent->orders,
		&(struct store_audit){
			.at_ms = task->now.wall_ms,
			.who = asker->who,
			.source = asker->source,
			.channel = asker->channel,
			.command = said,
			.good = good,
			.outcome = text,
			.answer = operator_keep(answer, task->arena),
		});
	log_say(LOG_INFO, "command", log_text("said", said),
		log_text("who", asker->who), log_text("source", asker->source),
		log_text("outcome", text));
}

static json_t *
forbid(const struct operator_task *task)
{
	if (task->asker->not_by_you)
		return operator_say(
			task, false, "not_by_you", "you may not do that");
	return operator_say(task, false, "not_here",
		"that may not be done in this channel");
}

json_t *
operator_do(struct operator_task *task)
{
	const struct agent *agent = task->desk->agent;
	const struct command_row *row = &command_rows[task->command->verb];
	if (agent->phase != PHASE_WORKING)
		return operator_say(task, false, "starting",
			"the agent is starting or stopping");
	if (!row->changes)
		return operator_show(task);
	/* Who may have an action done, it says itself. */
	bool forbidden = (task->asker->not_by_you || task->asker->not_here)
		&& task->command->verb != COMMAND_RUN;
	json_t *answer = forbidden ? forbid(task) : change(task);
	const char *word =
		json_string_value(json_object_get(answer, "command"));
	if (!str_eq(word, command_rows[COMMAND_HELP].word))
		record(task, answer);
	return answer;
}
