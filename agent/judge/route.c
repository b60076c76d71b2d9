#include "agent/judge/route.h"

static bool
wants_incidents(const struct event *event)
{
	return event_has_action(event, ACTION_CREATE_INCIDENT)
		&& (event->kind == EVENT_OPENED || event->kind == EVENT_CLOSED);
}

static bool
wants_actions(const struct event *event)
{
	return event_has_action(event, ACTION_CREATE_INCIDENT)
		|| event_has_action(event, ACTION_UPDATE_STATUS)
		|| event_has_point(event);
}

bool
route_wants(
	enum route_audience audience, bool chosen, const struct event *event)
{
	if (event->cause == CAUSE_BLIND)
		return audience != AUDIENCE_ACTIONS;
	if (event->kind == EVENT_POINT)
		return audience == AUDIENCE_ACTIONS && event_has_point(event);
	switch (audience) {
	case AUDIENCE_ALL:
		return chosen && event->kind != EVENT_BASELINE;
	case AUDIENCE_INCIDENTS:
		return wants_incidents(event);
	case AUDIENCE_ACTIONS:
		return wants_actions(event);
	}
	return false;
}

bool
route_is_for_people(enum route_audience audience)
{
	return audience != AUDIENCE_ACTIONS;
}
