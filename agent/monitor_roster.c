#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "agent/monitor_internal.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "probes/probe.h"

/* Facts. */

static const int64_t unit_us[] = {
	[CONF_UNIT_MILLISECONDS] = INT64_C(1000),
	[CONF_UNIT_SECONDS] = INT64_C(1000) * 1000,
	[CONF_UNIT_MINUTES] = INT64_C(60) * 1000 * 1000,
	[CONF_UNIT_HOURS] = INT64_C(60) * 60 * 1000 * 1000,
};

struct event_endpoint
monitor_facts(const struct monitor *monitor)
{
	const struct conf_endpoint *conf = monitor->conf;
	struct event_endpoint facts = {
		.name = conf->name,
		.url = monitor->url,
		.method = monitor->method,
		.component_id = conf->component_id,
		.metric_id = conf->metric_id,
		.latency_unit_us = unit_us[conf->latency_unit],
		.is_public = conf->public_incidents,
		.titles = conf->titles,
		.places = monitor->places,
		.n_places = monitor->n_places,
		.tags = conf->tags.items,
		.n_tags = conf->tags.count,
	};
	const int *actions = conf->action.items;
	for (size_t i = 0; i < conf->action.count; i++)
		facts.actions[facts.n_actions++] =
			(enum event_action)actions[i];
	return facts;
}

static void
take_settings(struct monitor *monitor, const struct conf_endpoint *conf,
	struct conf *document, const struct probe_target *target)
{
	conf_hold(document);
	conf_free(monitor->document);
	monitor->document = document;
	monitor->conf = conf;
	monitor->url = target->url;
	monitor->method = target->method;
	monitor->policy = (struct verdict_policy){
		.allowed_fails = (unsigned)conf->allowed_fails,
		.recover_after = (unsigned)conf->recover_after,
	};
}

/* Names. */

static const char *
name_of(const void *cookie, uint32_t number)
{
	const struct monitors *monitors = cookie;
	return monitors->items[number]->conf->name;
}

void
monitor_name_all(struct monitors *monitors)
{
	monitors->by_name = (struct index){
		.name = name_of,
		.cookie = monitors,
	};
}

/* Coming. */

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
	monitors->spare =
		mem_grow(monitors->spare, monitors->size, sizeof(uint32_t));
}

static uint32_t
take_number(struct monitors *monitors)
{
	if (monitors->n_spare_now == 0) {
		make_room(monitors);
		return (uint32_t)monitors->n++;
	}
	/* Those that are not to be had yet stand behind. */
	uint32_t number = monitors->spare[--monitors->n_spare_now];
	monitors->spare[monitors->n_spare_now] =
		monitors->spare[--monitors->n_spare];
	return number;
}

struct monitor *
monitors_add(struct monitors *monitors, const struct conf_endpoint *conf,
	struct conf *document, const struct probe_target *target)
{
	struct monitor *monitor = mem_zalloc(sizeof(*monitor));
	monitor->number = take_number(monitors);
	monitor->generation = ++monitors->generation;
	take_settings(monitor, conf, document, target);
	monitors->items[monitor->number] = monitor;
	monitors->count++;
	index_put(&monitors->by_name, monitor->number);
	monitor_place(monitors, monitor, monitor_places_of(monitors, conf));
	return monitor;
}

/* Going. */

static void
forget(struct monitors *monitors, const char *name)
{
	monitors->gone =
		mem_grow(monitors->gone, monitors->n_gone + 1, sizeof(char *));
	monitors->gone[monitors->n_gone++] = mem_dup(name);
	ledger_wake(monitors->settings.ledger);
}

static const char *
gone_text(const char *name, struct arena *arena)
{
	return arena_printf(arena, "%s is no longer monitored", name);
}

/* What is open is closed; it is as if nothing had been announced before.  The
 * monitor counts for none of its places any more. */
static void
close_case(struct monitors *monitors, struct monitor *monitor,
	struct monitor_places places, const char *message, struct moment now)
{
	if (monitor->incident) {
		struct event last = {
			.incident = monitor->incident,
			.seq = monitor->seq,
			.opened_ms = monitor->opened_ms,
			.from = monitor->verdict.announced,
			.endpoint = monitor_facts(monitor),
		};
		last.endpoint.places = places.items;
		last.endpoint.n_places = places.n;
		monitor_announce_removal(monitors, &last, message, now);
	}
	monitor->verdict = (struct verdict_state){ 0 };
	monitor_set_incident(monitor, NULL);
	monitor->since_ms = monitor->opened_ms = 0;
	monitor->seq = 0;
}

static void
free_monitor(struct monitor *monitor)
{
	conf_free(monitor->document);
	free(monitor->places);
	free(monitor->incident);
	free(monitor->message);
	free(monitor->detail);
	free(monitor->evidence);
	free(monitor);
}

void
monitors_remove(
	struct monitors *monitors, struct monitor *monitor, struct moment now)
{
	struct arena *arena = arena_new_small();
	struct monitor_places places = monitor_unplace(monitors, monitor);
	close_case(monitors, monitor, places,
		gone_text(monitor->conf->name, arena), now);
	free(places.items);
	index_remove(&monitors->by_name, monitor->conf->name);
	forget(monitors, monitor->conf->name);
	monitors->items[monitor->number] = NULL;
	monitors->spare[monitors->n_spare++] = monitor->number;
	monitors->count--;
	monitor_keep_evidence(monitors, monitor, NULL);
	free_monitor(monitor);
	arena_free(arena);
}

void
monitor_disband(struct monitors *monitors)
{
	for (size_t i = 0; i < monitors->n; i++)
		if (monitors->items[i])
			free_monitor(monitors->items[i]);
}

/* Changing. */

static bool
has_same_actions(const struct conf_endpoint *a, const struct conf_endpoint *b)
{
	const int *of_a = a->action.items;
	const int *of_b = b->action.items;
	if (a->action.count != b->action.count)
		return false;
	for (size_t i = 0; i < a->action.count; i++)
		if (of_a[i] != of_b[i])
			return false;
	return true;
}

/* A bit each. */
static unsigned
actions_of(const struct conf_endpoint *conf)
{
	unsigned bits = 0;
	const int *actions = conf->action.items;
	for (size_t i = 0; i < conf->action.count; i++)
		bits |= 1U << actions[i];
	return bits;
}

static unsigned
actions_then(const struct event *last)
{
	unsigned bits = 0;
	for (size_t i = 0; i < last->endpoint.n_actions; i++)
		bits |= 1U << last->endpoint.actions[i];
	return bits;
}

/* Why an open incident cannot go on with other settings; NULL when it can.
 * What is shown of it would stay for ever, as nobody would take it back. */
static const char *
why_closed(const struct monitors *monitors, struct monitor_places before,
	unsigned actions, struct monitor_places after,
	const struct conf_endpoint *to)
{
	unsigned lost = actions & ~actions_of(to);
	if (monitor_places_move(monitors, before, after))
		return "its place in Cachet is another one from now on";
	if (lost & (1U << ACTION_CREATE_INCIDENT))
		return "it has no incidents from now on";
	if (lost & (1U << ACTION_UPDATE_STATUS))
		return "it sets no component from now on";
	return NULL;
}

void
monitors_change(struct monitors *monitors, struct monitor *monitor,
	const struct conf_endpoint *conf, struct conf *document,
	const struct probe_target *target, struct moment now)
{
	/* As long as the former settings are there. */
	struct conf *former = conf_hold(monitor->document);
	const struct conf_endpoint *was = monitor->conf;
	unsigned differs = conf_endpoint_differs(was, conf);
	struct monitor_places before = monitor_unplace(monitors, monitor);
	struct monitor_places after = monitor_places_of(monitors, conf);

	const char *why =
		why_closed(monitors, before, actions_of(was), after, conf);
	if (why && monitor->incident) {
		close_case(monitors, monitor, before, why, now);
		monitor_mark_unwritten(monitors, monitor);
		ledger_wake(monitors->settings.ledger);
	}
	take_settings(monitor, conf, document, target);
	monitor_place(monitors, monitor, after);
	if (differs & CONF_PROBED_OTHERWISE)
		monitor->generation = ++monitors->generation;
	if (monitor_places_differ(before, after)
		|| !has_same_actions(was, conf))
		monitor_announce_mirror(monitors, monitor, now);
	free(before.items);
	conf_free(former);
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
	monitor_set_incident(monitor, row->incident);
}

/* Its last event says what it was when it was told of. */
static void
close_row(struct loading *loading, const struct store_endpoint *row,
	struct event *last, const char *message)
{
	last->incident = row->incident;
	last->seq = row->seq;
	last->opened_ms = row->opened_ms;
	last->from = row->verdict.announced;
	monitor_announce_removal(
		loading->monitors, last, message, loading->now);
}

static void
close_removed(struct loading *loading, const struct store_endpoint *row)
{
	struct arena *arena = arena_new();
	struct event last;
	struct err err;
	if (event_decode(row->event, arena, &last, &err))
		close_row(loading, row, &last,
			gone_text(last.endpoint.name, arena));
	arena_free(arena);
}

/* Before events said in which Cachet it was, there was one only. */
static struct monitor_places
places_then(const struct event *last, const struct monitor *monitor,
	struct arena *arena)
{
	const struct event_endpoint *then = &last->endpoint;
	bool only = then->n_places == 0 && monitor->n_places == 1;
	size_t n = only ? 1 : then->n_places;
	struct monitor_places places = {
		.items = arena_alloc(arena, (n + 1) * sizeof(*places.items)),
		.n = n,
	};
	for (size_t i = 0; i < then->n_places; i++)
		places.items[i] = then->places[i];
	if (only) {
		places.items[0] = monitor->places[0];
		places.items[0].component_id = then->component_id;
	}
	return places;
}

/* As monitors_change() does; false when it is taken up as it was. */
static bool
close_changed(struct loading *loading, struct monitor *monitor,
	const struct store_endpoint *row)
{
	if (*row->incident == '\0')
		return false;
	struct arena *arena = arena_new();
	struct event last;
	struct err err;
	const char *why = NULL;
	if (event_decode(row->event, arena, &last, &err))
		why = why_closed(loading->monitors,
			places_then(&last, monitor, arena), actions_then(&last),
			(struct monitor_places){
				monitor->places, monitor->n_places },
			monitor->conf);
	if (why) {
		close_row(loading, row, &last, why);
		monitor_mark_unwritten(loading->monitors, monitor);
		ledger_wake(loading->monitors->settings.ledger);
	}
	arena_free(arena);
	return why != NULL;
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
	struct monitor *monitor = monitors_named(loading->monitors, row->name);
	if (monitor) {
		if (!close_changed(loading, monitor, row))
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

size_t
monitors_count(const struct monitors *monitors)
{
	return monitors->count;
}

size_t
monitors_count_down(const struct monitors *monitors)
{
	size_t down = 0;
	size_t size = monitors_size(monitors);
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		down += monitor
			&& monitor->verdict.announced > STATUS_OPERATIONAL;
	}
	return down;
}

size_t
monitors_size(const struct monitors *monitors)
{
	return monitors->n;
}

struct monitor *
monitors_named(const struct monitors *monitors, const char *name)
{
	uint32_t number;
	if (!index_find(&monitors->by_name, name, &number))
		return NULL;
	return monitors->items[number];
}

const struct monitor *
monitors_at(const struct monitors *monitors, uint32_t number)
{
	return number < monitors->n ? monitors->items[number] : NULL;
}
