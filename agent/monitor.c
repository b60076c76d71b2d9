#include "agent/monitor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/ledger.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

enum {
	REPORTERS_MAX = 256,
	COMPONENT_KEY_SIZE = 24,
};

/** The endpoints that share a component of Cachet's. */
struct sharers {
	struct monitor **items;
	size_t n;
};

struct monitors {
	struct monitors_settings settings;
	struct outbox *outbox;
	const struct reporter *const *reporters;
	size_t n_reporters;

	struct monitor **items; /* by number */
	size_t n;
	size_t size;
	struct map *by_name;
	struct map *by_component; /* struct sharers */

	uint32_t *unwritten; /* numbers */
	size_t n_unwritten;
	char **gone; /* names to be forgotten */
	size_t n_gone;
};

/* What the ledger makes durable. */

static bool
write_one(const struct monitor *monitor, struct store *store, struct err *err)
{
	struct store_endpoint row = {
		.name = monitor->conf->name,
		.verdict = monitor->verdict,
		.since_ms = monitor->since_ms,
		.incident = monitor->incident,
	};
	return store_put_endpoint(store, &row, err);
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	struct monitors *monitors = cookie;
	for (size_t i = 0; i < monitors->n_unwritten; i++) {
		uint32_t number = monitors->unwritten[i];
		if (!write_one(monitors->items[number], store, err))
			return false;
	}
	for (size_t i = 0; i < monitors->n_gone; i++)
		if (!store_drop_endpoint(store, monitors->gone[i], err))
			return false;
	return true;
}

static void
on_written(void *cookie)
{
	struct monitors *monitors = cookie;
	for (size_t i = 0; i < monitors->n_unwritten; i++)
		monitors->items[monitors->unwritten[i]]->unwritten = false;
	monitors->n_unwritten = 0;
	while (monitors->n_gone > 0)
		free(monitors->gone[--monitors->n_gone]);
}

static void
mark_unwritten(struct monitors *monitors, struct monitor *monitor)
{
	if (monitor->unwritten)
		return;
	monitor->unwritten = true;
	/* There is room for all of them: see monitors_add(). */
	monitors->unwritten[monitors->n_unwritten++] = monitor->number;
}

/* Making and freeing. */

struct monitors *
monitors_new(const struct monitors_settings *settings)
{
	struct monitors *monitors = mem_zalloc(sizeof(*monitors));
	monitors->settings = *settings;
	monitors->by_name = map_new();
	monitors->by_component = map_new();
	return monitors;
}

static void
free_sharers(void *cookie, const char *key, void *thing)
{
	(void)cookie;
	(void)key;
	struct sharers *sharers = thing;
	free(sharers->items);
	free(sharers);
}

void
monitors_free(struct monitors *monitors)
{
	if (!monitors)
		return;
	on_written(monitors); /* the rest is found again by the next process */
	for (size_t i = 0; i < monitors->n; i++) {
		free(monitors->items[i]->message);
		free(monitors->items[i]->detail);
		free(monitors->items[i]->evidence);
		free(monitors->items[i]);
	}
	map_each(monitors->by_component, free_sharers, NULL);
	map_free(monitors->by_component);
	map_free(monitors->by_name);
	free(monitors->items);
	free(monitors->unwritten);
	free(monitors->gone);
	free(monitors);
}

void
monitors_connect(struct monitors *monitors, struct outbox *outbox,
	const struct reporter *const *reporters, size_t n)
{
	assert(n <= REPORTERS_MAX);
	monitors->outbox = outbox;
	monitors->reporters = reporters;
	monitors->n_reporters = n;
	ledger_join(monitors->settings.ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = monitors,
		});
}

static void
component_key(int64_t component_id, char key[static COMPONENT_KEY_SIZE])
{
	snprintf(key, COMPONENT_KEY_SIZE, "%" PRId64, component_id);
}

static void
share_component(struct monitors *monitors, struct monitor *monitor)
{
	if (monitor->facts.component_id == 0 || monitor->facts.n_actions == 0)
		return;
	char key[COMPONENT_KEY_SIZE];
	component_key(monitor->facts.component_id, key);
	struct sharers *sharers = map_get(monitors->by_component, key);
	if (!sharers) {
		sharers = mem_zalloc(sizeof(*sharers));
		map_put(monitors->by_component, key, sharers);
	}
	/* Grown by doubling: n is a power of two when it is full. */
	if ((sharers->n & (sharers->n - 1)) == 0)
		sharers->items = mem_grow(sharers->items,
			sharers->n > 0 ? sharers->n * 2 : 1,
			sizeof(struct monitor *));
	sharers->items[sharers->n++] = monitor;
}

static const int64_t unit_us[] = {
	[CONF_UNIT_MILLISECONDS] = INT64_C(1000),
	[CONF_UNIT_SECONDS] = INT64_C(1000) * 1000,
	[CONF_UNIT_MINUTES] = INT64_C(60) * 1000 * 1000,
	[CONF_UNIT_HOURS] = INT64_C(60) * 60 * 1000 * 1000,
};

static struct event_endpoint
facts_of(const struct conf_endpoint *conf, const struct probe_target *target)
{
	struct event_endpoint facts = {
		.name = conf->name,
		.url = target->url,
		.method = target->method,
		.component_id = conf->component_id,
		.metric_id = conf->metric_id,
		.latency_unit_us = unit_us[conf->latency_unit],
		.is_public = conf->public_incidents,
		.titles = conf->titles,
	};
	const int *actions = conf->action.items;
	for (size_t i = 0; i < conf->action.count; i++)
		facts.actions[facts.n_actions++] =
			(enum event_action)actions[i];
	return facts;
}

static void
make_room(struct monitors *monitors)
{
	if (monitors->n < monitors->size)
		return;
	monitors->size = monitors->size > 0 ? monitors->size * 2 : 16;
	monitors->items = mem_grow(
		monitors->items, monitors->size, sizeof(struct monitor *));
	monitors->unwritten =
		mem_grow(monitors->unwritten, monitors->size, sizeof(uint32_t));
}

struct monitor *
monitors_add(struct monitors *monitors, const struct conf_endpoint *conf,
	const struct probe_target *target)
{
	make_room(monitors);
	struct monitor *monitor = mem_zalloc(sizeof(*monitor));
	monitor->number = (uint32_t)monitors->n;
	monitor->conf = conf;
	monitor->facts = facts_of(conf, target);
	monitor->policy = (struct verdict_policy){
		.allowed_fails = (unsigned)conf->allowed_fails,
		.recover_after = (unsigned)conf->recover_after,
	};
	monitors->items[monitors->n++] = monitor;
	map_put(monitors->by_name, conf->name, monitor);
	share_component(monitors, monitor);
	return monitor;
}

/* Announcing. */

static bool
is_chosen(const struct conf_endpoint *conf, const struct reporter *reporter)
{
	if (!conf || conf->report_to_all || !reporter->name)
		return true;
	const char *const *names = conf->report_to.items;
	for (size_t i = 0; i < conf->report_to.count; i++)
		if (str_eq(names[i], reporter->name))
			return true;
	return false;
}

/* `conf` is NULL for an endpoint that is no longer there. */
static void
announce(struct monitors *monitors, const struct conf_endpoint *conf,
	const struct event *event, struct moment now)
{
	const struct reporter *to[REPORTERS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (route_wants(reporter->audience, is_chosen(conf, reporter),
			    event))
			to[n++] = reporter;
	}
	outbox_announce(monitors->outbox, event, to, n, now);
	if (monitors->settings.on_event && event->kind != EVENT_POINT)
		monitors->settings.on_event(monitors->settings.cookie, event);
}

static enum event_kind
kind_of(const struct verdict *verdict)
{
	if (verdict->change == VERDICT_BASELINE)
		return EVENT_BASELINE;
	if (verdict->change == VERDICT_RECOVERED)
		return EVENT_CLOSED;
	return status_is_bad(verdict->from) ? EVENT_CHANGED : EVENT_OPENED;
}

static void
open_incident(struct monitors *monitors, struct monitor *monitor, int64_t at_ms,
	struct moment now)
{
	uuid_make(now.wall_ms, monitors->settings.rng, monitor->incident);
	monitor->opened_ms = at_ms;
	monitor->seq = 0;
}

static void
announce_verdict(struct monitors *monitors, struct monitor *monitor,
	const struct verdict *verdict, const struct result *result,
	struct moment now)
{
	enum event_kind kind = kind_of(verdict);
	if (kind == EVENT_OPENED)
		open_incident(monitors, monitor, result->at_ms, now);

	struct event event = {
		.kind = kind,
		.incident = kind == EVENT_BASELINE ? "" : monitor->incident,
		.seq = ++monitor->seq,
		.first = verdict->from == STATUS_UNKNOWN,
		.at_ms = result->at_ms,
		.opened_ms = monitor->opened_ms,
		.from = verdict->from,
		.to = verdict->to,
		.cause = result->cause,
		.message = result->message,
		.latency_us = result->whole ? result->latency_us : 0,
		.endpoint = monitor->facts,
	};
	announce(monitors, monitor->conf, &event, now);

	monitor->since_ms = result->at_ms;
	if (!status_is_bad(verdict->to)) {
		monitor->incident[0] = '\0';
		monitor->opened_ms = 0;
		monitor->seq = 0;
	}
}

/* What was measured goes out though there is no news. */
static void
announce_point(struct monitors *monitors, const struct monitor *monitor,
	const struct result *result, struct moment now)
{
	struct event event = {
		.kind = EVENT_POINT,
		.incident = "",
		.at_ms = result->at_ms,
		.from = monitor->verdict.announced,
		.to = monitor->verdict.announced,
		.message = "",
		.latency_us = result->whole ? result->latency_us : 0,
		.endpoint = monitor->facts,
	};
	if (result->status != STATUS_UNKNOWN && event_has_point(&event))
		announce(monitors, monitor->conf, &event, now);
}

/* Results. */

static void
remember_seen(struct monitor *monitor, struct result *result)
{
	monitor->seen = result->status;
	monitor->cause = result->cause;
	monitor->code = result->code;
	monitor->at_ms = result->at_ms;
	monitor->latency_us = result->latency_us;
	monitor->phases = result->phases;
	monitor->missed = result->missed;

	free(monitor->message);
	monitor->message =
		result->message[0] != '\0' ? mem_dup(result->message) : NULL;
	free(monitor->detail);
	monitor->detail = result->detail, result->detail = NULL;
	if (result->evidence) {
		free(monitor->evidence);
		monitor->evidence = result->evidence;
		result->evidence = NULL;
	}
}

static bool
is_same(struct verdict_state a, struct verdict_state b)
{
	return a.announced == b.announced && a.fails == b.fails
		&& a.goods == b.goods;
}

/* A failure that is forgotten in a crash delays an announcement by one probe; a
 * good result that is forgotten would let failures speak too soon. */
static void
remember_verdict(struct monitors *monitors, struct monitor *monitor,
	struct verdict_state before, struct moment now)
{
	mark_unwritten(monitors, monitor);
	if (monitor->verdict.fails < before.fails)
		ledger_wake(monitors->settings.ledger);
	else
		ledger_wake_later(monitors->settings.ledger, now);
}

void
monitors_take(
	struct monitors *monitors, struct result *result, struct moment now)
{
	struct monitor *monitor = result->endpoint < monitors->n
		? monitors->items[result->endpoint]
		: NULL;
	if (!monitor || monitor->generation != result->generation) {
		result_finish(result);
		return;
	}
	struct verdict verdict =
		verdict_step(monitor->policy, monitor->verdict, result->status);
	struct verdict_state before = monitor->verdict;
	bool moved = !is_same(before, verdict.next);
	monitor->verdict = verdict.next;
	remember_seen(monitor, result);

	if (verdict.change != VERDICT_SAME)
		announce_verdict(monitors, monitor, &verdict, result, now);
	else
		announce_point(monitors, monitor, result, now);
	if (moved)
		remember_verdict(monitors, monitor, before, now);
	if (monitors->settings.on_result)
		monitors->settings.on_result(
			monitors->settings.cookie, monitor);
	result_finish(result);
}

/* What a former process knew. */

struct loading {
	struct monitors *monitors;
	struct moment now;
};

static void
take_up(struct monitor *monitor, const struct store_endpoint *row)
{
	monitor->verdict = row->verdict;
	monitor->since_ms = row->since_ms;
	monitor->opened_ms = row->opened_ms;
	monitor->seq = row->seq;
	str_copy(monitor->incident, sizeof(monitor->incident), row->incident);
}

static void
close_removed(struct loading *loading, const struct store_endpoint *row)
{
	struct arena *arena = arena_new();
	struct event event;
	struct err err;
	if (event_decode(row->event, arena, &event, &err)) {
		event.kind = EVENT_CLOSED;
		event.incident = row->incident;
		event.seq = row->seq + 1;
		event.first = false;
		event.at_ms = loading->now.wall_ms;
		event.opened_ms = row->opened_ms;
		event.from = row->verdict.announced;
		event.to = STATUS_OPERATIONAL;
		event.cause = CAUSE_REMOVED;
		event.latency_us = 0;
		event.message = arena_printf(arena, "%s is no longer monitored",
			event.endpoint.name);
		announce(loading->monitors, NULL, &event, loading->now);
	}
	arena_free(arena);
}

static void
forget(struct monitors *monitors, const char *name)
{
	monitors->gone =
		mem_grow(monitors->gone, monitors->n_gone + 1, sizeof(char *));
	monitors->gone[monitors->n_gone++] = mem_dup(name);
	ledger_wake(monitors->settings.ledger);
}

static void
on_endpoint(void *cookie, const struct store_endpoint *row)
{
	struct loading *loading = cookie;
	const struct monitors_settings *settings = &loading->monitors->settings;
	if (settings->on_own_row && str_eq(row->name, EVENT_OURS)) {
		settings->on_own_row(settings->cookie, row);
		return;
	}
	struct monitor *monitor =
		map_get(loading->monitors->by_name, row->name);
	if (monitor) {
		take_up(monitor, row);
		return;
	}
	if (*row->incident != '\0')
		close_removed(loading, row);
	forget(loading->monitors, row->name);
}

bool
monitors_load(struct monitors *monitors, struct moment now, struct err *err)
{
	struct loading loading = { .monitors = monitors, .now = now };
	return store_endpoints(
		monitors->settings.store, on_endpoint, &loading, err);
}

/* Looking. */

enum status
monitors_mirror(void *cookie, int64_t component_id)
{
	const struct monitors *monitors = cookie;
	char key[COMPONENT_KEY_SIZE];
	component_key(component_id, key);
	const struct sharers *sharers = map_get(monitors->by_component, key);

	enum status worst = STATUS_OPERATIONAL;
	for (size_t i = 0; sharers && i < sharers->n; i++) {
		enum status announced = sharers->items[i]->verdict.announced;
		if (announced > worst)
			worst = announced;
	}
	return worst;
}

size_t
monitors_count(const struct monitors *monitors)
{
	return monitors->n;
}

const struct monitor *
monitors_at(const struct monitors *monitors, uint32_t number)
{
	return number < monitors->n ? monitors->items[number] : NULL;
}
