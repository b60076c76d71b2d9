#include "agent/agent_log.h"

#include "agent/base/duration.h"
#include "agent/base/log.h"
#include "conf/conf.h"

enum {
	BLIND_EVERY_MS = 60 * 1000,
};

static const char *
event_line(const struct event *event)
{
	if (event->cause == CAUSE_BLIND)
		return event->kind == EVENT_OPENED
			? "most endpoints cannot be looked at"
			: "endpoints can be looked at again";
	switch (event->kind) {
	case EVENT_BASELINE:
	case EVENT_POINT:
	case EVENT_DIGEST:
	case EVENT_ANSWER:
	case EVENT_REMINDER:
		break;
	case EVENT_OPENED:
		return "endpoint is in trouble";
	case EVENT_NOTICE:
		return "notice of another monitor";
	case EVENT_CHANGED:
		return "endpoint's trouble changed";
	case EVENT_CLOSED:
		return event->cause == CAUSE_REMOVED
			? "endpoint is no longer monitored"
			: "endpoint recovered";
	}
	return "endpoint is good at first sight";
}

/* How long the trouble has been there; the end of the line at its beginning. */
static struct log_field
lasted(const struct event *event, char text[static DURATION_TEXT_SIZE])
{
	if (event->kind != EVENT_CHANGED && event->kind != EVENT_CLOSED)
		return (struct log_field){ 0 };
	duration_text(event->at_ms - event->opened_ms, text);
	return log_text("lasted", text);
}

void
agent_log_event(const struct event *event)
{
	char text[DURATION_TEXT_SIZE];
	log_say(event->kind == EVENT_BASELINE ? LOG_DEBUG : LOG_INFO,
		event_line(event), log_text("endpoint", event->endpoint.name),
		log_text("status", status_name(event->to)),
		log_text("was", status_name(event->from)),
		log_text("cause", cause_name(event->cause)),
		log_text("message", event->message),
		log_text("incident", event->incident), lasted(event, text));
}

void
agent_log_result(struct agent_log_blind *blind, const struct monitor *monitor,
	int64_t mono_ms)
{
	if (monitor->seen == STATUS_OPERATIONAL)
		return;
	log_say(LOG_DEBUG, "probe found trouble",
		log_text("endpoint", monitor->conf->name),
		log_text("seen", status_name(monitor->seen)),
		log_text("cause", cause_name(monitor->cause)),
		log_text("message", monitor->message),
		log_int("fails", monitor->verdict.fails));
	if (monitor->seen != STATUS_UNKNOWN)
		return;

	blind->since++;
	if (blind->said_ms != 0 && mono_ms - blind->said_ms < BLIND_EVERY_MS)
		return;
	log_say(LOG_WARN, "could not look, and judges nothing by it",
		log_text("endpoint", monitor->conf->name),
		log_text("cause", cause_name(monitor->cause)),
		log_text("message", monitor->message),
		log_int("probes", blind->since));
	*blind = (struct agent_log_blind){ .said_ms = mono_ms };
}
