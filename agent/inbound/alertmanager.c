/*
 * Prometheus Alertmanager (webhook version 4), and Grafana, which sends more of
 * the same kind.
 */
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/hash.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"

static const char *
label(struct arena *arena, const json_t *alert, const char *name)
{
	const json_t *labels = json_object_get(alert, "labels");
	return inbound_text(arena, labels, name);
}

static const char *
note(struct arena *arena, const json_t *alert, const char *name)
{
	const json_t *notes = json_object_get(alert, "annotations");
	return inbound_text(arena, notes, name);
}

/* Alertmanager makes it of the labels as well. */
static const char *
fingerprint_of(struct arena *arena, const json_t *alert)
{
	const char *given = inbound_text(arena, alert, "fingerprint");
	if (*given != '\0')
		return given;
	char *text = json_dumps(json_object_get(alert, "labels"),
		JSON_COMPACT | JSON_SORT_KEYS);
	given = arena_printf(arena, "labels:%016llx",
		(unsigned long long)hash_text(text ? text : ""));
	free(text);
	return given;
}

static bool
is_resolved(struct arena *arena, const json_t *alert, const char *status)
{
	const char *own = inbound_text(arena, alert, "status");
	return str_ieq(*own != '\0' ? own : status, "resolved");
}

static void
describe(struct arena *arena, const json_t *alert, struct problem *problem)
{
	const char *name = label(arena, alert, "alertname");
	const char *summary = note(arena, alert, "summary");
	problem->title = INBOUND_FIRST(summary, note(arena, alert, "title"),
		note(arena, alert, "message"), name);
	problem->text = INBOUND_FIRST(note(arena, alert, "description"),
		note(arena, alert, "message"),
		inbound_text(arena, alert, "valueString"), summary);
	problem->link = INBOUND_FIRST(note(arena, alert, "runbook_url"),
		inbound_text(arena, alert, "panelURL"),
		inbound_text(arena, alert, "dashboardURL"),
		inbound_text(arena, alert, "generatorURL"));
	problem->service = INBOUND_FIRST(
		label(arena, alert, "service"), label(arena, alert, "job"));
	problem->category = name;
	problem->account = INBOUND_FIRST(label(arena, alert, "account"),
		label(arena, alert, "cluster"),
		label(arena, alert, "namespace"));
	problem->region = INBOUND_FIRST(
		label(arena, alert, "region"), label(arena, alert, "zone"));
}

static void
read_alert(struct inbound_answer *answer, struct problem *problem,
	const json_t *alert, const char *status)
{
	struct arena *arena = answer->arena;
	bool resolved = is_resolved(arena, alert, status);
	problem->state = resolved ? PROBLEM_UP : PROBLEM_DOWN;
	problem->severity = INBOUND_FIRST(label(arena, alert, "severity"),
		label(arena, alert, "priority"));
	problem->status = inbound_severity(problem->severity);
	problem->subject = INBOUND_FIRST(label(arena, alert, "instance"),
		label(arena, alert, "alertname"));
	problem->started_ms = inbound_time_at(arena, alert, "startsAt");
	/* While it fires it is a timeout to come, or the year 1. */
	if (resolved)
		problem->ended_ms = inbound_time_at(arena, alert, "endsAt");
	problem->at_ms = resolved ? problem->ended_ms : problem->started_ms;
	problem->identity = fingerprint_of(arena, alert);
	problem->delivery = arena_printf(arena, "%s|%s|%s", problem->identity,
		problem_state_name(problem->state),
		inbound_text(arena, alert, "startsAt"));
	describe(arena, alert, problem);
	inbound_labels(answer, problem, json_object_get(alert, "labels"));
}

/* False when they are too many. */
static bool
read_alerts(
	struct inbound_answer *answer, const json_t *alerts, const char *status)
{
	size_t i;
	const json_t *alert;
	json_array_foreach (alerts, i, alert) {
		if (!json_is_object(alert))
			continue;
		struct problem *problem = inbound_add(answer);
		if (!problem)
			return false;
		read_alert(answer, problem, alert, status);
	}
	return true;
}

void
inbound_alertmanager(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	json_t *json = inbound_json(request->body, request->body_len);
	const json_t *alerts = json_object_get(json, "alerts");
	inbound_accept(answer);
	if (!json_is_object(json))
		inbound_refuse(answer, 400, "expected a JSON object");
	else if (!json_is_array(alerts)) /* a template of their own */
		inbound_plain(answer, json, "", "");
	else if (!read_alerts(answer, alerts,
			 inbound_text(answer->arena, json, "status")))
		inbound_refuse(answer, 413, "too many alerts in one request");
	json_decref(json);
}
