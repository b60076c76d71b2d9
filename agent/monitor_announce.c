#include <assert.h>

#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/monitor_internal.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

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

/* Which Cachet was meant before events said so, is sure of one only. */
static bool
is_only_cachet(const struct monitors *monitors, const struct reporter *reporter)
{
	for (size_t i = 0; i < monitors->n_reporters; i++)
		if (monitors->reporters[i] != reporter
			&& monitors->reporters[i]->audience == AUDIENCE_ACTIONS)
			return false;
	return true;
}

/* An endpoint is not in every Cachet. */
static bool
is_there(const struct monitors *monitors, const struct event *event,
	const struct reporter *reporter)
{
	if (reporter->audience != AUDIENCE_ACTIONS)
		return true;
	if (event->endpoint.n_places == 0)
		return is_only_cachet(monitors, reporter);
	return event_place_of(&event->endpoint, reporter->id) != NULL;
}

static bool
is_to_hear(const struct monitors *monitors, const struct conf_endpoint *conf,
	const struct event *event, const struct reporter *reporter)
{
	struct event seen = event_for(event, reporter->id);
	return is_there(monitors, event, reporter)
		&& route_wants(
			reporter->audience, is_chosen(conf, reporter), &seen);
}

/* `conf` is NULL for an endpoint that is no longer there. */
static void
announce(struct monitors *monitors, const struct conf_endpoint *conf,
	const struct event *event, struct moment now)
{
	const struct reporter **to = monitors->to;
	bool muted =
		orders_muted(monitors->settings.orders, event->endpoint.name);
	size_t n = 0;
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (is_to_hear(monitors, conf, event, reporter)
			&& !(muted && route_is_for_people(reporter->audience)))
			to[n++] = reporter;
	}
	if (n > 0 || event->kind != EVENT_POINT)
		outbox_announce(monitors->outbox, event, to, n, now);
	if (monitors->settings.on_event && event->kind != EVENT_POINT)
		monitors->settings.on_event(monitors->settings.cookie, event);
}

/* No news; but what mirrors it may not be in line. */
struct event
monitor_mirror_event(const struct monitor *monitor, struct moment now)
{
	return (struct event){
		.kind = EVENT_BASELINE,
		.incident = "",
		.at_ms = now.wall_ms,
		.from = monitor->verdict.announced,
		.to = monitor->verdict.announced,
		.message = "",
		.endpoint = monitor_facts(monitor),
	};
}

void
monitor_announce_mirror(struct monitors *monitors,
	const struct monitor *monitor, struct moment now)
{
	struct event event = monitor_mirror_event(monitor, now);
	if (monitor->verdict.announced != STATUS_UNKNOWN)
		announce(monitors, monitor->conf, &event, now);
}

/* An endpoint that has only incidents says nothing to its component; but one
 * that shares it speaks for both. */
static void
announce_sharer(
	struct monitors *monitors, const struct event *event, struct moment now)
{
	if (!event_has_action(event, ACTION_CREATE_INCIDENT)
		|| event_has_action(event, ACTION_UPDATE_STATUS))
		return;
	for (size_t i = 0; i < event->endpoint.n_places; i++) {
		const struct monitor *sharer =
			monitor_mirroring(monitors, &event->endpoint.places[i]);
		if (sharer)
			monitor_announce_mirror(monitors, sharer, now);
	}
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
	char incident[UUID_TEXT_SIZE];
	uuid_make(now.wall_ms, monitors->settings.rng, incident);
	monitor_set_incident(monitor, incident);
	monitor->opened_ms = at_ms;
	monitor->seq = 0;
}

void
monitor_announce_verdict(struct monitors *monitors, struct monitor *monitor,
	const struct verdict *verdict, const struct result *result,
	struct moment now)
{
	enum event_kind kind = kind_of(verdict);
	if (kind == EVENT_OPENED)
		open_incident(monitors, monitor, result->at_ms, now);

	struct event event = {
		.kind = kind,
		.incident =
			kind == EVENT_BASELINE ? "" : monitor_incident(monitor),
		.seq = ++monitor->seq,
		.first = verdict->from == STATUS_UNKNOWN && !monitor->asked,
		.at_ms = result->at_ms,
		.opened_ms = monitor->opened_ms,
		.from = verdict->from,
		.to = verdict->to,
		.cause = result->cause,
		.message = result->message,
		.latency_us = result->whole ? result->latency_us : 0,
		.phases = result->phases,
		.endpoint = monitor_facts(monitor),
	};
	announce(monitors, monitor->conf, &event, now);
	announce_sharer(monitors, &event, now);

	monitor->since_ms = result->at_ms;
	if (!status_is_bad(verdict->to)) {
		monitor_set_incident(monitor, NULL);
		monitor->opened_ms = 0;
		monitor->seq = 0;
	}
}

static bool
has_metric(const struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->n_places; i++)
		if (monitor->places[i].metric_id > 0)
			return true;
	return false;
}

void
monitor_announce_point(struct monitors *monitors, const struct monitor *monitor,
	const struct result *result, struct moment now)
{
	/* Of most endpoints there is none, and this runs for each probe. */
	if (!has_metric(monitor) || !result->whole
		|| result->status == STATUS_UNKNOWN)
		return;
	struct event event = {
		.kind = EVENT_POINT,
		.incident = "",
		.at_ms = result->at_ms,
		.from = monitor->verdict.announced,
		.to = monitor->verdict.announced,
		.message = "",
		.latency_us = result->latency_us,
		.endpoint = monitor_facts(monitor),
	};
	announce(monitors, monitor->conf, &event, now);
}

void
monitor_announce_removal(struct monitors *monitors, const struct event *last,
	const char *message, struct moment now)
{
	struct event event = *last;
	event.kind = EVENT_CLOSED;
	event.seq = last->seq + 1;
	event.first = false;
	event.at_ms = now.wall_ms;
	event.to = STATUS_OPERATIONAL;
	event.cause = CAUSE_REMOVED;
	event.latency_us = 0;
	event.phases = (struct result_phases){ 0 };
	event.message = message;
	announce(monitors, NULL, &event, now);
	announce_sharer(monitors, &event, now);
}

bool
monitor_tells(const struct monitor *monitor, const struct reporter *reporter,
	const struct event *event)
{
	struct event seen = event_for(event, reporter->id);
	if (reporter->audience == AUDIENCE_ACTIONS
		&& !event_place_of(&event->endpoint, reporter->id))
		return false;
	return route_wants(
		reporter->audience, is_chosen(monitor->conf, reporter), &seen);
}

void
monitors_mirror_to(struct monitors *monitors, const struct reporter *reporter,
	struct moment now)
{
	for (size_t i = 0; i < monitors->n; i++) {
		const struct monitor *monitor = monitors->items[i];
		if (!monitor || monitor->verdict.announced == STATUS_UNKNOWN)
			continue;
		struct event event = monitor_mirror_event(monitor, now);
		if (is_to_hear(monitors, NULL, &event, reporter))
			outbox_announce(
				monitors->outbox, &event, &reporter, 1, now);
	}
}

/* Openings of a past. */

void
monitors_asked(struct monitors *monitors)
{
	for (size_t i = 0; i < monitors->n; i++)
		if (monitors->items[i])
			monitors->items[i]->asked = true;
}

struct event
monitor_past_event(const struct monitor *monitor,
	const struct monitor_past *past, struct moment now)
{
	return (struct event){
		.kind = EVENT_OPENED,
		.incident = past->incident,
		/*
		 * The numbers of the past were given away to events that we do
		 * not know, and must not be given to others.
		 */
		.seq = (unsigned)(now.wall_ms / 1000),
		.first = true,
		.at_ms = now.wall_ms,
		.opened_ms = past->opened_ms,
		.from = STATUS_OPERATIONAL,
		.to = past->status,
		.message = "",
		.endpoint = monitor_facts(monitor),
	};
}

void
monitors_adopt(struct monitors *monitors, struct monitor *monitor,
	const struct monitor_past *past, const struct outbox_adopter *to,
	size_t n, struct moment now)
{
	struct event event = monitor_past_event(monitor, past, now);
	if (*past->incident == '\0')
		open_incident(monitors, monitor, past->opened_ms, now);
	else
		monitor_set_incident(monitor, past->incident);
	event.incident = monitor->incident;
	monitor->opened_ms = event.opened_ms;
	monitor->seq = event.seq;
	monitor->verdict = (struct verdict_state){ .announced = event.to };
	monitor->since_ms = now.wall_ms;
	monitor->adopted = true;
	monitor_mark_unwritten(monitors, monitor);
	outbox_adopt(monitors->outbox, &event, to, n, now);
}

/* After a mute. */

void
monitors_tell_people(struct monitors *monitors, const struct monitor *monitor,
	const struct event *event, struct moment now)
{
	const struct conf_endpoint *conf = monitor ? monitor->conf : NULL;
	size_t n = 0;
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (route_is_for_people(reporter->audience)
			&& is_to_hear(monitors, conf, event, reporter))
			monitors->to[n++] = reporter;
	}
	outbox_announce(monitors->outbox, event, monitors->to, n, now);
}

void
monitors_tell_present(struct monitors *monitors, struct monitor *monitor,
	enum status told, struct moment now)
{
	bool known = status_is_bad(told);
	struct event event = {
		.kind = known ? EVENT_CHANGED : EVENT_OPENED,
		.incident = monitor_incident(monitor),
		.seq = ++monitor->seq,
		.at_ms = now.wall_ms,
		.opened_ms = monitor->opened_ms,
		.from = told,
		.to = monitor->verdict.announced,
		.cause = monitor->cause,
		.message = monitor->message ? monitor->message : "",
		.endpoint = monitor_facts(monitor),
	};
	monitors_tell_people(monitors, monitor, &event, now);
}

/* What lasts. */

void
monitors_remind(struct monitors *monitors, uint32_t number,
	monitors_pick_fn *pick, void *cookie, struct moment now)
{
	struct monitor *monitor = monitors->items[number];
	struct event event = {
		.kind = EVENT_REMINDER,
		.incident = monitor_incident(monitor),
		.seq = monitor->seq + 1,
		.at_ms = now.wall_ms,
		.opened_ms = monitor->opened_ms,
		.from = monitor->verdict.announced,
		.to = monitor->verdict.announced,
		.cause = monitor->cause,
		.message = monitor->message ? monitor->message : "",
		.latency_us = monitor->latency_us,
		.phases = monitor->phases,
		.endpoint = monitor_facts(monitor),
	};
	size_t n = 0;
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (route_is_for_people(reporter->audience)
			&& is_to_hear(monitors, monitor->conf, &event, reporter)
			&& pick(cookie, reporter, &event))
			monitors->to[n++] = reporter;
	}
	if (n == 0)
		return;
	monitor->seq++;
	outbox_announce(monitors->outbox, &event, monitors->to, n, now);
}
