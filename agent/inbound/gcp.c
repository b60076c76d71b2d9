/*
 * Google Cloud Monitoring: schemas 1.0 (Stackdriver's) to 1.2, the message of
 * the button that tries the channel, and what other products of Google's send
 * through the same channel.
 */
#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"

static enum problem_state
state_of(const char *version, const char *state, int64_t ended_ms)
{
	if (str_ieq(version, "test"))
		return PROBLEM_TEST;
	if (str_ieq(state, "open"))
		return PROBLEM_DOWN;
	if (str_ieq(state, "closed"))
		return PROBLEM_UP;
	if (str_ieq(state, "acknowledged"))
		return PROBLEM_ACKNOWLEDGED;
	return ended_ms > 0 ? PROBLEM_UP : PROBLEM_DOWN;
}

/* An object, or in the message of the button a text. */
static const char *
documentation_of(struct arena *arena, const json_t *incident)
{
	const char *content =
		inbound_text(arena, incident, "documentation.content");
	return INBOUND_FIRST(
		content, inbound_text(arena, incident, "documentation"));
}

static const char *
subject_of(struct arena *arena, const json_t *incident)
{
	return INBOUND_FIRST(
		inbound_text(arena, incident, "resource.labels.host"),
		inbound_text(arena, incident, "metric.labels.instance"),
		inbound_text(arena, incident, "resource_display_name"),
		inbound_text(arena, incident, "resource_name"),
		inbound_text(arena, incident, "condition_name"),
		inbound_text(arena, incident, "policy_name"));
}

static const char *
project_of(struct arena *arena, const json_t *incident)
{
	return INBOUND_FIRST(
		inbound_text(arena, incident, "scoping_project_id"),
		inbound_text(arena, incident, "resource.labels.project_id"));
}

static const char *
region_of(struct arena *arena, const json_t *incident)
{
	return INBOUND_FIRST(
		inbound_text(arena, incident, "resource.labels.region"),
		inbound_text(arena, incident, "resource.labels.location"),
		inbound_text(arena, incident, "resource.labels.zone"));
}

static const char *
text_of(struct arena *arena, const json_t *incident)
{
	const char *summary = inbound_text(arena, incident, "summary");
	const char *more = documentation_of(arena, incident);
	if (*summary == '\0' || *more == '\0')
		return INBOUND_FIRST(summary, more);
	return arena_printf(arena, "%s\n%s", summary, more);
}

/* Of a delivery: the same incident in the same state. */
static void
identify(struct arena *arena, const json_t *incident, struct problem *problem)
{
	const char *id = inbound_text(arena, incident, "incident_id");
	problem->identity = INBOUND_FIRST(id,
		arena_printf(arena, "%s|%s|%s", problem->subject,
			problem->category,
			inbound_text(arena, incident, "condition_name")));
	/* Without its number it may be another one with the same names; and
	 * whoever tries the button twice wants to see it twice. */
	if (*id != '\0' && problem->state != PROBLEM_TEST)
		problem->delivery = arena_printf(
			arena, "%s|%s", id, problem_state_name(problem->state));
}

static void
read_incident(struct inbound_answer *answer, const json_t *json,
	const json_t *incident)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	problem->started_ms = inbound_time_at(arena, incident, "started_at");
	problem->ended_ms = inbound_time_at(arena, incident, "ended_at");
	problem->state = state_of(inbound_text(arena, json, "version"),
		inbound_text(arena, incident, "state"), problem->ended_ms);
	problem->at_ms = problem->state == PROBLEM_UP ? problem->ended_ms
						      : problem->started_ms;
	problem->subject = subject_of(arena, incident);
	problem->severity = inbound_text(arena, incident, "severity");
	problem->status = inbound_severity(problem->severity);
	problem->category = inbound_text(arena, incident, "policy_name");
	problem->title = INBOUND_FIRST(
		inbound_text(arena, incident, "condition_name"),
		problem->category, inbound_text(arena, incident, "summary"));
	problem->text = text_of(arena, incident);
	problem->link = inbound_text(arena, incident, "url");
	problem->service = INBOUND_FIRST(
		inbound_text(arena, incident, "resource.type"),
		inbound_text(arena, incident, "resource_type_display_name"));
	problem->account = project_of(arena, incident);
	problem->region = region_of(arena, incident);
	identify(arena, incident, problem);
	inbound_labels(
		answer, problem, inbound_at(incident, "policy_user_labels"));
	inbound_labels(answer, problem, inbound_at(incident, "metric.labels"));
	inbound_labels(
		answer, problem, inbound_at(incident, "resource.labels"));
}

/* Error Reporting, and what may come after it. */
static void
read_other(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	inbound_plain(answer, json, inbound_text(arena, json, "subject"),
		INBOUND_FIRST(
			inbound_text(arena, json, "exception_info.message"),
			inbound_text(arena, json, "event_info.log_message")));
	struct problem *problem = &answer->problems[0];
	const char *service = inbound_text(arena, json, "event_info.service");
	problem->service = service;
	problem->subject = INBOUND_FIRST(service, problem->subject);
	problem->category = inbound_text(arena, json, "exception_info.type");
	problem->account = inbound_text(arena, json, "group_info.project_id");
	problem->link = INBOUND_FIRST(
		inbound_text(arena, json, "group_info.detail_link"),
		problem->link);
}

void
inbound_gcp(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	json_t *json = inbound_json(request->body, request->body_len);
	const json_t *incident = json_object_get(json, "incident");
	inbound_accept(answer);
	if (!json_is_object(json))
		inbound_refuse(answer, 400, "expected a JSON object");
	else if (json_is_object(incident))
		read_incident(answer, json, incident);
	else
		read_other(answer, json);
	json_decref(json);
}
