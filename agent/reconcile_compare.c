#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/reconcile_internal.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

enum {
	STATUS_TEXT_SIZE = 24,
};

/* Our open incidents there. */

/* The id that it has there; 0 when it was not told there. */
static int64_t
id_there(const struct desk *desk, const struct monitor *monitor)
{
	int64_t id;
	const char *ref = monitor->incident
		? outbox_ref(desk->reconcile->settings.outbox, desk->reporter,
			monitor->incident)
		: NULL;
	return ref && str_int(ref, &id) && id > 0 ? id : 0;
}

void
reconcile_want(const struct desk *desk, struct reporter_view *view)
{
	const struct monitors *monitors = desk->reconcile->settings.monitors;
	size_t size = monitors_size(monitors);
	view->n_wanted = 0;
	for (uint32_t i = 0; i < size && view->n_wanted < VIEW_WANTED_MAX;
		i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		int64_t id = monitor ? id_there(desk, monitor) : 0;
		if (id > 0)
			view->wanted[view->n_wanted++] = id;
	}
}

/* Components. */

/** One that an endpoint mirrors. */
struct mirrored {
	int64_t id;
	const struct monitor *monitor;
	bool known; /* how the endpoint is */
};

struct mirrored_list {
	struct mirrored *items;
	size_t n;
};

static int
by_id(const void *a, const void *b)
{
	const struct mirrored *left = a;
	const struct mirrored *right = b;
	if (left->id != right->id)
		return left->id > right->id ? 1 : -1;
	return (left->monitor->number > right->monitor->number)
		- (left->monitor->number < right->monitor->number);
}

static bool
mirrors(const struct conf_endpoint *conf)
{
	const int *actions = conf->action.items;
	for (size_t i = 0; i < conf->action.count; i++)
		if (actions[i] == ACTION_UPDATE_STATUS)
			return true;
	return false;
}

static struct mirrored_list
list_mirrored(struct comparison *comparison)
{
	const struct desk *desk = comparison->desk;
	const struct monitors *monitors = desk->reconcile->settings.monitors;
	size_t size = monitors_size(monitors);
	struct mirrored_list list = { 0 };
	list.items = mem_grow(NULL, size + 1, sizeof(*list.items));
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (!monitor || !mirrors(monitor->conf))
			continue;
		struct event event =
			monitor_mirror_event(monitor, comparison->now);
		if (!monitor_tells(monitor, desk->reporter, &event))
			continue;
		event = event_for(&event, desk->reporter->id);
		if (event.endpoint.component_id == 0)
			continue;
		if (monitor->at_ms == 0)
			comparison->unsure = true;
		list.items[list.n++] = (struct mirrored){
			.id = event.endpoint.component_id,
			.monitor = monitor,
			.known = monitor->at_ms > 0
				&& monitor->verdict.announced != STATUS_UNKNOWN,
		};
	}
	qsort(list.items, list.n, sizeof(*list.items), by_id);
	return list;
}

static const char *
status_text(int64_t status, char text[static STATUS_TEXT_SIZE])
{
	if (status > STATUS_UNKNOWN && status < STATUS_COUNT)
		return status_words((enum status)status);
	snprintf(text, STATUS_TEXT_SIZE, "status %" PRId64, status);
	return text;
}

/* `first` stands for all endpoints that share it. */
static void
compare_component(
	struct comparison *comparison, const struct mirrored *first, bool known)
{
	struct desk *desk = comparison->desk;
	const struct reconcile_settings *settings = &desk->reconcile->settings;
	const struct view_component *there =
		view_component(comparison->view, first->id);
	if (!there)
		return; /* what is told of it says so */
	struct event event =
		monitor_mirror_event(first->monitor, comparison->now);
	struct drift_component component = {
		.truth = known ? monitors_mirror(settings->monitors,
				 desk->reporter, first->id, false)
			       : STATUS_UNKNOWN,
		.there = there->status,
		.still = outbox_is_still(
			settings->outbox, desk->reporter, &event),
		.left = reconcile_left(desk, "component", first->id),
	};
	char text[STATUS_TEXT_SIZE];
	struct finding finding = {
		.what = "component",
		.id = first->id,
		.there = status_text(there->status, text),
		.truth = status_words(component.truth),
		.act = drift_component(&component, comparison->terms),
		.deed = "set",
		.mark = there->status,
		.event = event,
	};
	reconcile_act(comparison, &finding);
}

static void
compare_components(struct comparison *comparison)
{
	struct mirrored_list list = list_mirrored(comparison);
	for (size_t i = 0; i < list.n;) {
		size_t first = i;
		bool known = true;
		for (; i < list.n && list.items[i].id == list.items[first].id;
			i++)
			known = known && list.items[i].known;
		compare_component(comparison, &list.items[first], known);
	}
	free(list.items);
}

/* Incidents. */

static const char *const words[] = {
	[VIEW_OPEN] = "open",
	[VIEW_FIXED] = "fixed",
	[VIEW_GONE] = "gone",
};

static const enum drift_there states[] = {
	[VIEW_OPEN] = DRIFT_OPEN,
	[VIEW_FIXED] = DRIFT_FIXED,
	[VIEW_GONE] = DRIFT_GONE,
};

static void
compare_incident(struct comparison *comparison,
	const struct view_incident *there, const struct event *event, bool open)
{
	struct desk *desk = comparison->desk;
	struct drift_incident incident = {
		.open = open,
		.there = states[there->state],
		.still = open
			|| outbox_is_over(desk->reconcile->settings.outbox,
				desk->reporter, event->incident),
		.left = reconcile_left(desk, "incident", there->id)
			== (int64_t)there->state,
	};
	struct finding finding = {
		.what = "incident",
		.id = there->id,
		.there = words[there->state],
		.truth = open ? "open" : "over",
		.act = drift_incident(&incident, comparison->terms),
		.deed = open ? "opened again" : "closed",
		.mark = there->state,
		.event = *event,
		.incident = true,
		.reopen = open,
	};
	finding.event.kind = EVENT_BASELINE;
	finding.event.incident = "";
	finding.event.first = false;
	finding.event.at_ms = comparison->now.wall_ms;
	reconcile_act(comparison, &finding);
}

/* What an opening of this endpoint would be. */
static struct event
opening_of(const struct monitor *monitor, struct moment now)
{
	struct event event = monitor_mirror_event(monitor, now);
	event.kind = EVENT_OPENED;
	event.from = STATUS_OPERATIONAL;
	if (monitor->message)
		event.message = monitor->message;
	return event;
}

/* Those that are open for us. */
static void
compare_open(struct comparison *comparison)
{
	const struct desk *desk = comparison->desk;
	const struct monitors *monitors = desk->reconcile->settings.monitors;
	size_t size = monitors_size(monitors);
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		int64_t id = monitor ? id_there(desk, monitor) : 0;
		const struct view_incident *there =
			id > 0 ? view_incident(comparison->view, id) : NULL;
		if (!there)
			continue;
		struct event event = opening_of(monitor, comparison->now);
		compare_incident(comparison, there, &event, true);
	}
}

static void
log_store(const struct err *err)
{
	log_say(LOG_WARN, "could not look up a former incident",
		log_text("reason", err->text));
}

/* It bears our mark, but not the id that we were given: a creation arrived so
 * late that it was made once more, and nobody but us can have done that. */
static bool
is_late(const struct desk *desk, const struct view_incident *there,
	struct arena *arena)
{
	struct store *store = desk->reconcile->settings.store;
	const char *ref = arena_printf(arena, "%" PRId64, there->id);
	struct store_incident known;
	struct err err;
	return *there->mark != '\0'
		&& store_incident_of_ref(
			store, desk->reporter->id, ref, arena, &known, &err)
		&& !(known.found && str_eq(known.event.incident, there->mark));
}

static bool
owns(const struct reporter *reporter, const struct view_incident *there,
	const struct event *event)
{
	struct event seen = event_for(event, reporter->id);
	return reporter->type->owns(reporter, there, &seen.endpoint);
}

/* By our mark. */
static bool
remember(const struct desk *desk, const struct view_incident *there,
	struct arena *arena, struct store_incident *past)
{
	struct store *store = desk->reconcile->settings.store;
	struct err err;
	int64_t ignored;
	if (!uuid_read(there->mark, &ignored))
		return false;
	bool good = store_incident(store, there->mark, arena, past, &err);
	if (!good)
		log_store(&err);
	return good && past->found;
}

/* By the id that we were given when we opened it, or took it up: then it may
 * bear a mark of a past that was forgotten. */
static bool
remember_id(const struct desk *desk, const struct view_incident *there,
	struct arena *arena, struct store_incident *past)
{
	struct store *store = desk->reconcile->settings.store;
	const struct reporter *reporter = desk->reporter;
	const char *ref = arena_printf(arena, "%" PRId64, there->id);
	struct err err;
	if (!store_incident_of_ref(
		    store, reporter->id, ref, arena, past, &err)) {
		log_store(&err);
		return false;
	}
	/* Ids are given anew when a server begins with an empty database. */
	return past->found && owns(reporter, there, &past->event);
}

/* One that is open there: is it one of ours that is over? */
static void
compare_over(struct comparison *comparison, const struct view_incident *there)
{
	struct arena *arena = arena_new_small();
	struct store_incident past = { 0 };
	const struct desk *desk = comparison->desk;
	bool marked = remember(desk, there, arena, &past);
	bool known = marked || remember_id(desk, there, arena, &past);
	if (known && !past.open) {
		struct event event = past.event;
		event.from = event.to = STATUS_OPERATIONAL;
		event.message = "";
		event.latency_us = 0;
		struct drift_terms terms = comparison->terms;
		comparison->terms.owed |= marked && is_late(desk, there, arena);
		compare_incident(comparison, there, &event, false);
		comparison->terms = terms;
	}
	arena_free(arena);
}

void
reconcile_compare(struct comparison *comparison)
{
	const struct reporter_view *view = comparison->view;
	compare_open(comparison);
	for (size_t i = 0; i < view->n_incidents; i++)
		if (view->incidents[i].state == VIEW_OPEN)
			compare_over(comparison, &view->incidents[i]);
	compare_components(comparison);
}
