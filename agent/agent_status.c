#include "agent/agent_status.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/ledger.h"
#include "agent/orders.h"
#include "agent/reconcile.h"
#include "agent/sight.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "conf/suggest.h"
#include "reporters/payload.h"

enum {
	PIECE_SIZE = 48 * 1024, /* of the list: that much, then it is sent */
	PER_PIECE = 200,
};

static json_t *
text_json(const char *text)
{
	return payload_text(text ? text : "");
}

static json_t *
time_json(int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	char text[CLOCK_TEXT_SIZE];
	clock_text(wall_ms, text);
	return json_string(text);
}

/* How long ago; null for a moment that never was. */
static json_t *
ago_json(int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	return json_integer(clock_wall_ms() - wall_ms);
}

static json_t *
ms_json(int64_t us)
{
	return json_real((double)us / 1000.);
}

static void
set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void
add_json(struct buf *out, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	buf_add_text(out, text ? text : "null");
	free(text);
	json_decref(json);
}

json_t *
agent_status_counts(const struct agent *agent)
{
	const struct monitors *monitors = agent_view(agent).monitors;
	const struct externals *externals = agent_view(agent).externals;
	json_int_t counts[STATUS_COUNT] = { 0 };
	json_int_t total = 0;
	size_t n = monitors_size(monitors);
	for (uint32_t i = 0; i < n; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (!monitor)
			continue;
		counts[monitor->verdict.announced]++;
		total++;
	}
	for (size_t i = 0; i < externals_count(externals); i++) {
		counts[externals_at(externals, i).status]++;
		total++;
	}
	json_t *json = json_object();
	set(json, "total", json_integer(total));
	for (int i = 0; i < STATUS_COUNT; i++)
		set(json, status_name((enum status)i), json_integer(counts[i]));
	return json;
}

static json_t *
workers_json(struct workers *workers)
{
	if (!workers)
		return json_null();
	struct worker_stats stats = { 0 };
	workers_stats(workers, &stats);
	json_t *json = json_object();
	set(json, "workers", json_integer((json_int_t)workers_count(workers)));
	set(json, "probes", json_integer((json_int_t)stats.probes));
	set(json, "missed", json_integer((json_int_t)stats.missed));
	set(json, "busy", json_integer((json_int_t)stats.busy));
	set(json, "late_p50_ms", ms_json(stats.late_p50_us));
	set(json, "late_p99_ms", ms_json(stats.late_p99_us));
	set(json, "late_max_ms", ms_json(stats.late_max_us));
	return json;
}

static void
on_reporter(void *cookie, const struct outbox_stats *stats)
{
	json_t *json = json_object();
	set(json, "id", text_json(stats->reporter));
	set(json, "name", text_json(stats->label));
	set(json, "waiting", json_integer((json_int_t)stats->waiting));
	set(json, "oldest", time_json(stats->oldest_ms));
	set(json, "told", json_integer((json_int_t)stats->told));
	set(json, "retried", json_integer((json_int_t)stats->retried));
	set(json, "rejected", json_integer((json_int_t)stats->rejected));
	set(json, "expired", json_integer((json_int_t)stats->expired));
	set(json, "points", json_integer((json_int_t)stats->points));
	set(json, "points_lost", json_integer((json_int_t)stats->points_lost));
	set(json, "suspended", json_boolean(stats->suspended));
	set(json, "trouble", text_json(stats->trouble));
	json_array_append_new(cookie, json);
}

static void
on_compared(void *cookie, const struct reconcile_stats *stats)
{
	json_t *json = json_object();
	set(json, "id", text_json(stats->reporter));
	set(json, "name", text_json(stats->label));
	set(json, "done", json_integer((json_int_t)stats->looks));
	set(json, "failed", json_integer((json_int_t)stats->failures));
	set(json, "mended", json_integer((json_int_t)stats->mended));
	set(json, "left", json_integer((json_int_t)stats->left));
	set(json, "taken_up", json_integer((json_int_t)stats->adopted));
	json_array_append_new(cookie, json);
}

/* Null as long as at least half of the endpoints can be looked at. */
static json_t *
blind_json(const struct sight *sight)
{
	struct sight_view view = sight_view(sight);
	bool told = *view.incident != '\0';
	if (!view.most && !told)
		return json_null();
	json_t *json = json_object();
	set(json, "unseen", json_integer((json_int_t)view.unseen));
	set(json, "of", json_integer((json_int_t)view.endpoints));
	set(json, "why", text_json(view.why));
	set(json, "incident", told ? json_string(view.incident) : json_null());
	set(json, "since", time_json(view.since_ms));
	set(json, "for_ms", ago_json(view.since_ms));
	return json;
}

static json_t *
orders_json(const struct orders *orders)
{
	static const struct {
		const char *key;
		enum store_order_kind kind;
	} counts[] = {
		{ "removed", STORE_ORDER_REMOVED },
		{ "muted", STORE_ORDER_MUTED },
		{ "acknowledged", STORE_ORDER_TAKEN },
	};
	json_t *json = json_object();
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		set(json, counts[i].key,
			json_integer((json_int_t)orders_count(
				orders, counts[i].kind)));
	const struct store_order *all =
		orders_find(orders, STORE_ORDER_MUTED, "");
	set(json, "all_muted",
		all ? json_pack("{s:o,s:o,s:o}", "by", text_json(all->who),
			"at", time_json(all->at_ms), "until",
			time_json(all->until_ms))
		    : json_null());
	return json;
}

static json_t *
summary_json(const struct agent *agent)
{
	struct agent_view view = agent_view(agent);
	const char *unready = agent_unready(agent);
	int64_t since_ms;
	const char *trouble = ledger_trouble(view.ledger, &since_ms);

	json_t *json = json_object();
	set(json, "version", json_string(CURLEW_VERSION));
	set(json, "pid", json_integer(getpid()));
	set(json, "started", time_json(view.started_ms));
	set(json, "up_ms", json_integer(clock_wall_ms() - view.started_ms));
	set(json, "ready", json_boolean(!unready));
	set(json, "unready", unready ? text_json(unready) : json_null());
	set(json, "state", text_json(view.state));
	set(json, "state_trouble", trouble ? text_json(trouble) : json_null());
	set(json, "counts", agent_status_counts(agent));
	set(json, "orders", orders_json(view.orders));
	set(json, "blind", blind_json(view.sight));
	set(json, "worker", workers_json(view.workers));
	json_t *reporters = json_array();
	outbox_each(view.outbox, on_reporter, reporters);
	set(json, "reporters", reporters);
	json_t *compared = json_array();
	reconcile_each(view.reconcile, on_compared, compared);
	set(json, "reconcile", compared);
	return json;
}

/* What people ordered of it. */
static void
add_orders(const struct agent *agent, const char *name, const char *incident,
	json_t *json)
{
	const struct orders *orders = agent_view(agent).orders;
	const struct store_order *taken =
		*incident != '\0' ? orders_taken(orders, incident) : NULL;
	set(json, "muted", json_boolean(orders_muted(orders, name)));
	set(json, "acknowledged",
		taken ? json_pack("{s:o,s:o,s:o}", "by", text_json(taken->who),
			"at", time_json(taken->at_ms), "until",
			time_json(taken->until_ms))
		      : json_null());
}

json_t *
agent_status_endpoint(const struct agent *agent, const struct monitor *monitor)
{
	json_t *json = json_object();
	set(json, "name", text_json(monitor->conf->name));
	set(json, "kind", json_string(monitor->conf->probe.variant->name));
	set(json, "url", text_json(monitor->url));
	set(json, "status",
		json_string(status_name(monitor->verdict.announced)));
	set(json, "since", time_json(monitor->since_ms));
	set(json, "for_ms", ago_json(monitor->since_ms));
	set(json, "seen", json_string(status_name(monitor->seen)));
	set(json, "probed", time_json(monitor->at_ms));
	set(json, "probed_ago_ms", ago_json(monitor->at_ms));
	set(json, "latency_ms",
		monitor->latency_us > 0 ? ms_json(monitor->latency_us)
					: json_null());
	set(json, "code",
		monitor->code ? json_integer(monitor->code) : json_null());
	set(json, "cause",
		monitor->cause ? json_string(cause_name(monitor->cause))
			       : json_null());
	set(json, "message", text_json(monitor->message));
	set(json, "incident",
		monitor->incident ? json_string(monitor->incident)
				  : json_null());
	set(json, "fails", json_integer(monitor->verdict.fails));
	set(json, "missed", json_integer((json_int_t)monitor->missed));
	add_orders(agent, monitor->conf->name,
		monitor->incident ? monitor->incident : "", json);
	return json;
}

/* Of what another monitor watches: nothing is probed. */
json_t *
agent_status_subject(
	const struct agent *agent, const struct external_subject *subject)
{
	static const char *const lacks[] = { "probed", "probed_ago_ms",
		"latency_ms", "code", "cause" };
	json_t *json = json_object();
	set(json, "name", text_json(subject->name));
	set(json, "kind", json_string("external"));
	set(json, "url", text_json(subject->link));
	set(json, "status", json_string(status_name(subject->status)));
	set(json, "since", time_json(subject->since_ms));
	set(json, "for_ms", ago_json(subject->since_ms));
	set(json, "seen", json_string(status_name(subject->status)));
	for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
		set(json, lacks[i], json_null());
	set(json, "message", text_json(subject->title));
	set(json, "incident",
		*subject->incident ? json_string(subject->incident)
				   : json_null());
	set(json, "problems", json_integer((json_int_t)subject->problems));
	set(json, "fails", json_integer(0));
	set(json, "missed", json_integer(0));
	add_orders(agent, subject->name, subject->incident, json);
	return json;
}

static json_t *
external_named(const struct agent *agent, const char *name)
{
	struct external_subject subject;
	return externals_named(agent_view(agent).externals, name, &subject)
		? agent_status_subject(agent, &subject)
		: NULL;
}

json_t *
agent_status_detail(const struct agent *agent, const struct monitor *monitor)
{
	json_t *json = agent_status_endpoint(agent, monitor);
	set(json, "method", text_json(monitor->method));
	set(json, "frequency_ms", json_integer(monitor->conf->frequency_ms));
	set(json, "allowed_fails", json_integer(monitor->policy.allowed_fails));
	set(json, "recover_after", json_integer(monitor->policy.recover_after));
	set(json, "opened", time_json(monitor->opened_ms));

	const struct result_phases *phases = &monitor->phases;
	json_t *lengths = json_object();
	set(lengths, "dns_ms", ms_json(phases->dns_us));
	set(lengths, "connect_ms", ms_json(phases->connect_us));
	set(lengths, "tls_ms", ms_json(phases->tls_us));
	set(lengths, "wait_ms", ms_json(phases->wait_us));
	set(lengths, "transfer_ms", ms_json(phases->transfer_us));
	set(json, "phases", lengths);
	set(json, "detail",
		monitor->detail ? text_json(monitor->detail) : json_null());
	set(json, "evidence",
		monitor->evidence ? text_json(monitor->evidence) : json_null());
	return json;
}

bool
agent_status_summary(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)argument, (void)at;
	add_json(out, summary_json(cookie));
	buf_add_char(out, '\n');
	return false;
}

static const struct monitor *
find(const struct monitors *monitors, struct conf_suggestion *near)
{
	size_t n = monitors_size(monitors);
	for (uint32_t i = 0; i < n; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (!monitor)
			continue;
		if (str_eq(monitor->conf->name, near->word))
			return monitor;
		conf_suggest(near, monitor->conf->name);
	}
	return NULL;
}

static void
answer_one(const struct agent *agent, const char *name, struct buf *out)
{
	struct conf_suggestion near = { .word = name };
	const struct monitor *monitor = find(agent_view(agent).monitors, &near);
	json_t *json = json_object();
	json_t *external = external_named(agent, name);
	if (monitor) {
		set(json, "endpoint", agent_status_detail(agent, monitor));
		json_decref(external);
	} else if (external) {
		set(json, "endpoint", external);
	} else if (orders_removed(agent_view(agent).orders, name)) {
		struct err err;
		err_set(&err,
			"\"%s\" is removed; `curlew ctl restore` takes it back",
			name);
		set(json, "error", text_json(err.text));
	} else {
		struct err err;
		err_set(&err, "there is no endpoint \"%s\"%s%s%s", name,
			near.best ? "; did you mean \"" : "",
			near.best ? near.best : "", near.best ? "\"?" : "");
		set(json, "error", text_json(err.text));
	}
	add_json(out, json);
	buf_add_char(out, '\n');
}

static void
add_head(const struct agent *agent, struct buf *out)
{
	add_json(out, summary_json(agent));
	out->data[--out->len] = '\0'; /* its closing brace */
	buf_add_text(out, ",\"endpoints\":[\n");
}

/*
 * The list is made while it is sent, so that a hundred thousand endpoints
 * neither hold up the loop nor stand in memory at once.  `*at` is the number of
 * the next endpoint, and what has been written so far.
 */
enum {
	HEAD_WRITTEN = 1,
	ONE_WRITTEN = 2,
	NUMBER_SHIFT = 2,
};

/* Those of other monitors come behind; NULL where one was removed. */
static json_t *
numbered_json(const struct agent *agent, uint64_t number)
{
	struct agent_view view = agent_view(agent);
	size_t n = monitors_size(view.monitors);
	if (number < n) {
		const struct monitor *monitor =
			monitors_at(view.monitors, (uint32_t)number);
		return monitor ? agent_status_endpoint(agent, monitor) : NULL;
	}
	struct external_subject subject =
		externals_at(view.externals, (size_t)number - n);
	return agent_status_subject(agent, &subject);
}

bool
agent_status_all(
	void *cookie, const char *argument, uint64_t *at, struct buf *out)
{
	const struct agent *agent = cookie;
	if (argument[0] != '\0') {
		answer_one(agent, argument, out);
		return false;
	}
	if (*at == 0)
		add_head(agent, out), *at |= HEAD_WRITTEN;

	const struct monitors *monitors = agent_view(agent).monitors;
	uint64_t number = *at >> NUMBER_SHIFT;
	uint64_t end = number + PER_PIECE;
	const struct externals *externals = agent_view(agent).externals;
	size_t n = monitors_size(monitors) + externals_count(externals);
	for (; number < n && number < end && out->len < PIECE_SIZE; number++) {
		json_t *json = numbered_json(agent, number);
		if (!json)
			continue;
		if (*at & ONE_WRITTEN)
			buf_add_text(out, ",\n");
		add_json(out, json);
		*at |= ONE_WRITTEN;
	}
	*at = number << NUMBER_SHIFT | (*at & (HEAD_WRITTEN | ONE_WRITTEN));
	if (number < n)
		return true;
	buf_add_text(out, "]}\n");
	return false;
}
