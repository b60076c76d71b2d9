#include <stdlib.h>

#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/agent_status.h"
#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/operator_internal.h"
#include "conf/conf.h"
#include "reporters/payload.h"

enum {
	LIST_MAX = 200, /* endpoints in an answer */
	HISTORY_MAX = 20,
	AUDIT_MAX = 30,
};

#define NO_MONITOR UINT32_MAX

/* Endpoints, the worst first, and those that are so for the longest time. */

struct row {
	enum status status;
	int64_t since_ms;
	size_t place;
	uint32_t monitor; /* number; NO_MONITOR for one of another monitor */
	size_t external;
};

struct rows {
	struct row *items;
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	const struct row *left = a;
	const struct row *right = b;
	if (left->status != right->status)
		return left->status > right->status ? -1 : 1;
	if (status_is_bad(left->status) && left->since_ms != right->since_ms)
		return left->since_ms < right->since_ms ? -1 : 1;
	return left->place < right->place ? -1 : 1;
}

static void
add_row(struct rows *rows, const struct row *row, bool bad_only)
{
	if (bad_only && !status_is_bad(row->status))
		return;
	rows->items[rows->n] = *row;
	rows->items[rows->n].place = rows->n;
	rows->n++;
}

static struct rows
collect(const struct agent *agent, bool bad_only)
{
	uint32_t size = (uint32_t)monitors_size(agent->monitors);
	size_t others = externals_count(agent->externals);
	struct rows rows = {
		.items = mem_alloc((size + others + 1) * sizeof(struct row)),
	};
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		struct row row = { .monitor = i };
		if (!monitor)
			continue;
		row.status = monitor->verdict.announced;
		row.since_ms = monitor->since_ms;
		add_row(&rows, &row, bad_only);
	}
	for (size_t i = 0; i < others; i++) {
		struct external_subject subject =
			externals_at(agent->externals, i);
		struct row row = {
			.status = subject.status,
			.since_ms = subject.since_ms,
			.monitor = NO_MONITOR,
			.external = i,
		};
		add_row(&rows, &row, bad_only);
	}
	if (rows.n > 0)
		qsort(rows.items, rows.n, sizeof(*rows.items), compare);
	return rows;
}

static json_t *
row_json(const struct agent *agent, const struct row *row)
{
	if (row->monitor != NO_MONITOR)
		return agent_status_endpoint(
			agent, monitors_at(agent->monitors, row->monitor));
	struct external_subject subject =
		externals_at(agent->externals, row->external);
	return agent_status_subject(agent, &subject);
}

static void
add_endpoints(const struct agent *agent, bool bad_only, json_t *answer)
{
	struct rows rows = collect(agent, bad_only);
	json_t *list = json_array();
	size_t most = rows.n < LIST_MAX ? rows.n : LIST_MAX;
	for (size_t i = 0; i < most; i++)
		json_array_append_new(list, row_json(agent, &rows.items[i]));
	json_object_set_new(answer, "endpoints", list);
	json_object_set_new(
		answer, "more", json_integer((json_int_t)(rows.n - most)));
	json_object_set_new(answer, "counts", agent_status_counts(agent));
	free(rows.items);
}

static json_t *
list(const struct operator_task *task, bool bad_only)
{
	const struct agent *agent = task->desk->agent;
	json_t *counts = agent_status_counts(agent);
	long long total =
		(long long)json_integer_value(json_object_get(counts, "total"));
	long long bad = 0;
	for (int i = STATUS_PERFORMANCE_ISSUES; i < STATUS_COUNT; i++)
		bad += (long long)json_integer_value(
			json_object_get(counts, status_name((enum status)i)));
	json_decref(counts);
	json_t *answer = bad > 0
		? operator_say(task, true, "bad",
			"%lld of %lld endpoints %s not well", bad, total,
			bad == 1 ? "is" : "are")
		: operator_say(task, true, "well",
			"none of %lld endpoints is known to be down", total);
	add_endpoints(agent, bad_only, answer);
	return answer;
}

/* One endpoint. */

static json_t *
check_one(struct operator_task *task)
{
	const struct agent *agent = task->desk->agent;
	struct operator_found found;
	struct external_subject subject;
	if (!operator_find(task, OPERATOR_MONITORED, &found))
		return operator_not_found(task, OPERATOR_MONITORED, &found);
	json_t *answer;
	if (found.monitor) {
		task->probe = found.monitor;
		answer = operator_say(
			task, true, "looked", "%s was looked at", found.name);
	} else {
		answer = operator_say(task, true, "told",
			"%s is watched by another monitor: this is what it "
			"said",
			found.name);
		if (externals_named(agent->externals, found.name, &subject))
			json_object_set_new(answer, "endpoint",
				agent_status_subject(agent, &subject));
	}
	operator_set(answer, "name", found.name);
	return answer;
}

static json_t *
unreadable(const struct operator_task *task, const struct err *err)
{
	json_t *answer = operator_say(task, false, "trouble", "%s", err->text);
	operator_set(answer, "why", err->text);
	return answer;
}

struct pasts {
	json_t *list;
	struct arena *arena;
	int64_t now_ms;
};

static void
on_past(void *cookie, const struct store_past *past)
{
	const struct pasts *pasts = cookie;
	struct event first = { .message = "" };
	struct err ignored;
	if (*past->event != '\0'
		&& !event_decode(past->event, pasts->arena, &first, &ignored))
		first = (struct event){ .message = "" };
	int64_t end_ms = past->closed_ms > 0 ? past->closed_ms : pasts->now_ms;
	json_t *json = json_object();
	operator_set(json, "incident", past->incident);
	json_object_set_new(json, "opened", operator_time(past->opened_ms));
	json_object_set_new(json, "closed", operator_time(past->closed_ms));
	json_object_set_new(
		json, "for_ms", json_integer(end_ms - past->opened_ms));
	operator_set(json, "worst", status_name(past->worst));
	operator_set(json, "message", first.message);
	json_array_append_new(pasts->list, json);
}

/* Of what is no longer there, too. */
static json_t *
history(struct operator_task *task)
{
	const struct agent *agent = task->desk->agent;
	const unsigned where = OPERATOR_MONITORED | OPERATOR_REMOVED;
	struct operator_found found;
	struct err err;
	if (!operator_find(task, where, &found))
		return operator_not_found(task, where, &found);
	struct pasts pasts = { json_array(), task->arena, task->now.wall_ms };
	if (!store_history(agent->store, found.name, HISTORY_MAX, on_past,
		    &pasts, &err)) {
		json_decref(pasts.list);
		return unreadable(task, &err);
	}
	size_t n = json_array_size(pasts.list);
	json_t *answer = n > 0
		? operator_say(task, true, "history",
			"the latest incidents of %s", found.name)
		: operator_say(task, true, "none",
			"no incident of %s is remembered", found.name);
	operator_set(answer, "name", found.name);
	json_object_set_new(answer, "history", pasts.list);
	return answer;
}

/* Lists of orders and records. */

static void
on_removed(void *cookie, const struct store_order *order)
{
	json_t *json = json_object();
	if (json_array_size(cookie) >= LIST_MAX) {
		json_decref(json);
		return;
	}
	operator_set(json, "name", order->name);
	operator_set(json, "by", order->who);
	json_object_set_new(json, "at", operator_time(order->at_ms));
	json_array_append_new(cookie, json);
}

static json_t *
removed(const struct operator_task *task)
{
	const struct orders *orders = task->desk->agent->orders;
	json_t *names = json_array();
	size_t n = orders_count(orders, STORE_ORDER_REMOVED);
	orders_each(orders, STORE_ORDER_REMOVED, on_removed, names);
	json_t *answer = n > 0
		? operator_say(task, true, "removed",
			"%zu %s removed; `restore NAME` takes one back", n,
			n == 1 ? "is" : "are")
		: operator_say(task, true, "none", "nothing is removed");
	json_object_set_new(answer, "more",
		json_integer((json_int_t)(n - json_array_size(names))));
	json_object_set_new(answer, "removed", names);
	return answer;
}

static void
on_audit(void *cookie, const struct store_audit *audit)
{
	json_t *json = json_object();
	json_object_set_new(json, "at", operator_time(audit->at_ms));
	operator_set(json, "who", audit->who);
	operator_set(json, "source", audit->source);
	operator_set(json, "channel", audit->channel);
	operator_set(json, "said", audit->command);
	json_object_set_new(json, "good", json_boolean(audit->good));
	operator_set(json, "outcome", audit->outcome);
	json_t *answer = json_loads(audit->answer, 0, NULL);
	if (json_is_object(answer)) {
		operator_set(answer, "text", audit->outcome);
		json_object_set(json, "answer", answer);
	}
	json_decref(answer);
	json_array_append_new(cookie, json);
}

static json_t *
audit(const struct operator_task *task)
{
	struct err err;
	json_t *records = json_array();
	if (!store_audits(task->desk->agent->store, AUDIT_MAX, on_audit,
		    records, &err)) {
		json_decref(records);
		return unreadable(task, &err);
	}
	json_t *answer = json_array_size(records) > 0
		? operator_say(task, true, "audit", "who changed what")
		: operator_say(
			task, true, "none", "nobody changed anything yet");
	json_object_set_new(answer, "audit", records);
	return answer;
}

/* About the commands. */

static json_t *
help(const struct operator_task *task)
{
	const char *word = task->command->name;
	const struct command_row *only =
		*word != '\0' ? command_find(word) : NULL;
	json_t *rows = json_array();
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		if (only && only != row)
			continue;
		json_t *json = json_object();
		operator_set(json, "word", row->word);
		operator_set(json, "arguments", row->arguments);
		operator_set(json, "help", row->help);
		json_array_append_new(rows, json);
	}
	json_t *answer =
		operator_say(task, true, "help", "what can be said here");
	json_object_set_new(answer, "commands", rows);
	if (!only)
		json_object_set_new(answer, "actions",
			actions_ways(task->desk->agent->actions, task->asker));
	return answer;
}

static json_t *
echo(const struct operator_task *task)
{
	const struct operator_asker *asker = task->asker;
	json_t *answer = operator_say(task, true, "echo", "%s", "");
	operator_set(answer, "text", task->command->whole); /* all of it */
	operator_set(answer, "by", asker->who);
	operator_set(answer, "source", asker->source);
	operator_set(answer, "channel", asker->channel);
	if (asker->payload)
		json_object_set(answer, "payload", asker->payload);
	return answer;
}

json_t *
operator_show(struct operator_task *task)
{
	switch (task->command->verb) {
	case COMMAND_AUDIT:
		return audit(task);
	case COMMAND_CHECK:
		return *task->command->name != '\0' ? check_one(task)
						    : list(task, false);
	case COMMAND_DOWN:
		return list(task, true);
	case COMMAND_ECHO:
		return echo(task);
	case COMMAND_HISTORY:
		return history(task);
	case COMMAND_REMOVED:
		return removed(task);
	case COMMAND_RUNS:
		return operator_runs(task);
	default:
		return help(task);
	}
}
