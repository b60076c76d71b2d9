/*
 * Who is to be told of an event.  Pure.
 */
#pragma once

#include <stdbool.h>

#include "agent/model/event.h"

/** What a reporter wants to hear of. */
enum route_audience {
	AUDIENCE_ALL = 0, /* every announcement of the endpoints that name it */
	AUDIENCE_INCIDENTS, /* openings and closings of CREATE_INCIDENT */
	AUDIENCE_ACTIONS, /* all that the endpoint's `action` asks */
};

/**
 * True when a reporter with this audience is told of `event`.  `chosen` says
 * that the endpoint's `report_to` names the reporter, or is absent; it counts
 * for AUDIENCE_ALL only.
 *
 * That the agent itself is blind is for all but AUDIENCE_ACTIONS: who reads a
 * status page asks for what is watched, and not for what watches.
 */
bool route_wants(
	enum route_audience audience, bool chosen, const struct event *event);

/** They read messages, and may want to be left alone; a status page shows how
 * things are all the time. */
bool route_is_for_people(enum route_audience audience);
