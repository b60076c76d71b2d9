/*
 * With an empty state file, incidents that are open at a receiver for our
 * endpoints are of a past that was forgotten: they are taken up, neither told
 * again nor made twice, and closed when it is over.
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/reconcile_internal.h"
#include "agent/store/store.h"
#include "reporters/reporter.h"

enum {
	TOLD_MAX = 256, /* reporters */
	REF_SIZE = 24,
};

/** What is found for one endpoint. */
struct past {
	struct reconcile *reconcile;
	const struct monitor *monitor;
	struct event event; /* an opening of it */
	struct moment now;

	struct monitor_past found;
	const struct desk *desk; /* that has the one by which it is known */
	struct outbox_adopter to[TOLD_MAX];
	char refs[TOLD_MAX][REF_SIZE];
	size_t n;
};

static const struct desk *
desk_of(const struct reconcile *reconcile, const struct reporter *reporter)
{
	for (size_t i = 0; i < reconcile->n_desks; i++)
		if (reconcile->desks[i]->reporter == reporter)
			return reconcile->desks[i];
	return NULL;
}

/* The one that it was made for, by its mark or by the id that we were given; ""
 * when that is forgotten. */
static const char *
made_for(const struct desk *desk, const struct view_incident *incident,
	struct arena *arena)
{
	struct store *store = desk->reconcile->settings.store;
	const char *ref = arena_printf(arena, "%" PRId64, incident->id);
	struct store_incident known;
	struct err err;
	int64_t ignored;
	if (uuid_read(incident->mark, &ignored))
		return incident->mark;
	if (!store_incident_of_ref(
		    store, desk->reporter->id, ref, arena, &known, &err))
		return "";
	return known.found ? known.event.incident : "";
}

/* Not forgotten at all: that it is over is on its way there.  Of what was just
 * taken up it is a twin. */
static bool
is_being_told(const struct past *past, const struct desk *desk,
	const struct view_incident *incident)
{
	const struct outbox *outbox = desk->reconcile->settings.outbox;
	const char *taken_up = past->monitor->incident;
	struct arena *arena = arena_new_small();
	const char *uuid = made_for(desk, incident, arena);
	bool is_twin = taken_up && str_eq(uuid, taken_up);
	bool being_told =
		!is_twin && !outbox_is_over(outbox, desk->reporter, uuid);
	arena_free(arena);
	return being_told;
}

static bool
is_of(const struct past *past, const struct desk *desk,
	const struct view_incident *incident)
{
	struct event seen = event_for(&past->event, desk->reporter->id);
	return incident->state == VIEW_OPEN
		&& desk->reporter->type->owns(
			desk->reporter, incident, &seen.endpoint)
		&& !is_being_told(past, desk, incident);
}

/* The newest that is open there. */
static const struct view_incident *
find(const struct past *past, const struct desk *desk)
{
	const struct reporter_view *view = desk->listed;
	for (size_t i = view ? view->n_incidents : 0; i > 0; i--)
		if (is_of(past, desk, &view->incidents[i - 1]))
			return &view->incidents[i - 1];
	return NULL;
}

static enum status
severity_of(const struct past *past, const struct desk *desk)
{
	struct event seen = event_for(&past->event, desk->reporter->id);
	const struct view_component *component =
		view_component(desk->listed, seen.endpoint.component_id);
	int64_t worst = component ? component->status : 0;
	if (component && component->shown > worst)
		worst = component->shown;
	bool ours = worst > STATUS_OPERATIONAL && worst < STATUS_COUNT;
	return ours ? (enum status)worst : STATUS_PARTIAL_OUTAGE;
}

static void
note_found(struct past *past, const struct desk *desk,
	const struct view_incident *incident)
{
	if (past->desk)
		return;
	int64_t made_ms;
	bool marked = uuid_read(incident->mark, &made_ms)
		&& made_ms <= past->now.wall_ms;
	past->desk = desk;
	past->found = (struct monitor_past){
		.incident = marked ? incident->mark : "",
		.status = severity_of(past, desk),
		.opened_ms = marked ? made_ms : past->now.wall_ms,
	};
}

static void
add(struct past *past, const struct reporter *reporter)
{
	struct outbox_adopter *to = &past->to[past->n];
	char *ref = past->refs[past->n++];
	*to = (struct outbox_adopter){ .reporter = reporter, .ref = ref };
	*ref = '\0';
	const struct desk *desk = desk_of(past->reconcile, reporter);
	const struct view_incident *incident = desk ? find(past, desk) : NULL;
	/* One that did not answer looks by itself before it is told. */
	to->untold = desk && !desk->listed;
	if (!incident)
		return;
	snprintf(ref, REF_SIZE, "%" PRId64, incident->id);
	note_found(past, desk, incident);
}

/* Others of the same endpoint that were left open. */
static void
close_others(const struct past *past, size_t of)
{
	const struct desk *desk =
		desk_of(past->reconcile, past->to[of].reporter);
	const struct reporter_view *view = desk ? desk->listed : NULL;
	struct event event = monitor_mirror_event(past->monitor, past->now);
	event.from = event.to = STATUS_OPERATIONAL;
	int64_t kept;
	if (!view || !str_int(past->to[of].ref, &kept))
		return;
	for (size_t i = 0; i < view->n_incidents; i++)
		if (view->incidents[i].id != kept
			&& is_of(past, desk, &view->incidents[i]))
			outbox_mend(past->reconcile->settings.outbox, &event,
				desk->reporter, MEND_CLOSE,
				view->incidents[i].id, past->now);
}

static void
say(const struct past *past)
{
	log_say(LOG_INFO, "took up an open incident of a forgotten past",
		log_text("endpoint", past->event.endpoint.name),
		log_text("reporter", reporter_label(past->desk->reporter)),
		log_text("incident", past->monitor->incident),
		log_text("status", status_name(past->found.status)));
}

static void
adopt(struct past *past)
{
	struct reconcile *reconcile = past->reconcile;
	struct monitors *monitors = reconcile->settings.monitors;
	struct monitor *monitor =
		monitors_named(monitors, past->event.endpoint.name);
	monitors_adopt(
		monitors, monitor, &past->found, past->to, past->n, past->now);
	say(past);
	for (size_t i = 0; i < past->n; i++)
		close_others(past, i);
	for (size_t i = 0; i < reconcile->n_desks; i++)
		if (reconcile->desks[i] == past->desk)
			reconcile->desks[i]->stats.adopted++;
}

static void
look_back(struct reconcile *reconcile, const struct monitor *monitor,
	const struct reporter *const *reporters, size_t n, struct moment now)
{
	static const struct monitor_past nothing = {
		.incident = "",
		.status = STATUS_PARTIAL_OUTAGE,
	};
	struct past past = {
		.reconcile = reconcile,
		.monitor = monitor,
		.event = monitor_past_event(monitor, &nothing, now),
		.now = now,
	};
	if (!event_has_action(&past.event, ACTION_CREATE_INCIDENT))
		return;
	for (size_t i = 0; i < n && past.n < TOLD_MAX; i++)
		if (monitor_tells(monitor, reporters[i], &past.event))
			add(&past, reporters[i]);
	if (past.desk)
		adopt(&past);
}

void
reconcile_adopt(struct reconcile *reconcile, struct moment now)
{
	const struct monitors *monitors = reconcile->settings.monitors;
	bool all = true;
	bool any = false;
	for (size_t i = 0; i < reconcile->n_desks; i++) {
		const struct reporter_view *view = reconcile->desks[i]->listed;
		all = all && view && !view->cut;
		any = any || (view && view->n_incidents > 0);
	}
	size_t size = monitors_size(monitors);
	for (uint32_t i = 0; any && i < size; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (monitor && monitor->verdict.announced == STATUS_UNKNOWN)
			look_back(reconcile, monitor, reconcile->reporters,
				reconcile->n_reporters, now);
	}
	if (all)
		monitors_asked(reconcile->settings.monitors);
}
