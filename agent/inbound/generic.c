/*
 * For anything else: a small JSON of our own, and what UptimeRobot and uptime-
 * kuma send, as JSON, as a form or in a query.
 */

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"

/* Ours. */

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (str_ieq(word, *words))
			return true;
	return false;
}

static bool
read_state(const char *word, struct problem *problem)
{
	static const char *const down[] = { "down", "critical", "error", "open",
		"firing", "alert", "alarm", "problem", "failing", "failed",
		NULL };
	static const char *const warn[] = { "warn", "warning", "degraded",
		NULL };
	static const char *const up[] = { "up", "ok", "closed", "resolved",
		"recovered", "normal", "operational", NULL };
	static const char *const info[] = { "info", "notice", "test", NULL };
	if (is_one_of(word, up))
		problem->state = PROBLEM_UP;
	else if (is_one_of(word, info))
		problem->state = PROBLEM_NOTICE;
	else if (is_one_of(word, warn))
		problem->status = STATUS_PERFORMANCE_ISSUES;
	else
		return is_one_of(word, down);
	return true;
}

static void
describe(struct inbound_answer *answer, const json_t *json,
	struct problem *problem)
{
	struct arena *arena = answer->arena;
	const char *key = inbound_text(arena, json, "key");
	const char *message = inbound_text(arena, json, "message");
	const char *name = inbound_text(arena, json, "name");
	const char *title = inbound_text(arena, json, "title");
	const char *text = inbound_text(arena, json, "text");
	const char *url = inbound_text(arena, json, "url");
	problem->identity = key;
	problem->subject = INBOUND_FIRST(name, key);
	problem->title = INBOUND_FIRST(title, message, name, key);
	problem->text = INBOUND_FIRST(message, text);
	problem->link = INBOUND_FIRST(url, inbound_text(arena, json, "link"));
	problem->service = inbound_text(arena, json, "service");
	problem->category = INBOUND_FIRST(inbound_text(arena, json, "category"),
		inbound_text(arena, json, "source"));
	problem->account = inbound_text(arena, json, "account");
	problem->region = inbound_text(arena, json, "region");
	problem->delivery = inbound_text(arena, json, "id");
	inbound_labels(answer, problem, json_object_get(json, "labels"));
}

static void
read_ours(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	const char *state = inbound_text(arena, json, "state");
	if (*state == '\0')
		state = inbound_text(arena, json, "status");
	if (*inbound_text(arena, json, "key") == '\0') {
		inbound_refuse(answer, 400,
			"expected a \"key\", the same for a problem and its "
			"end");
		return;
	}
	struct problem *problem = inbound_add(answer);
	problem->severity = inbound_text(arena, json, "severity");
	problem->status = inbound_severity(problem->severity);
	if (!read_state(state, problem)) {
		inbound_refuse(answer, 400,
			"expected a \"state\": down, up, warn or info");
		return;
	}
	describe(answer, json, problem);
	problem->at_ms = inbound_time_at(arena, json, "timestamp");
	if (problem->state == PROBLEM_UP)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
}

/* UptimeRobot. */

static void
read_robot(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	const char *id = inbound_text(arena, json, "monitorID");
	const char *type = inbound_text(arena, json, "alertType");
	const char *type_name =
		inbound_text(arena, json, "alertTypeFriendlyName");
	const char *at = inbound_text(arena, json, "alertDateTime");
	const char *url = inbound_text(arena, json, "monitorURL");
	bool is_up = str_eq(type, "2")
		|| (*type == '\0' && str_ieq(type_name, "up"));
	problem->subject = INBOUND_FIRST(
		inbound_text(arena, json, "monitorFriendlyName"), url, id);
	problem->identity = INBOUND_FIRST(id, url, problem->subject);
	/* A certificate that will expire: no outage, and no end is told. */
	problem->state = str_eq(type, "3") ? PROBLEM_NOTICE
		: is_up			   ? PROBLEM_UP
					   : PROBLEM_DOWN;
	problem->title = arena_printf(arena, "%s%s%s", problem->subject,
		*type_name ? ": " : "", type_name);
	problem->text = inbound_text(arena, json, "alertDetails");
	problem->link = url;
	problem->at_ms = inbound_time(at);
	if (is_up)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
	if (*at != '\0')
		problem->delivery = arena_printf(
			arena, "%s|%s|%s", problem->identity, type, at);
}

/* uptime-kuma. */

static enum problem_state
kuma_state(const char *status)
{
	if (str_eq(status, "1"))
		return PROBLEM_UP;
	if (str_eq(status, "2")) /* it looks again before it is sure */
		return PROBLEM_UNKNOWN;
	return str_eq(status, "3") ? PROBLEM_SCHEDULED : PROBLEM_DOWN;
}

static void
read_kuma(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	const json_t *beat = json_object_get(json, "heartbeat");
	const json_t *monitor = json_object_get(json, "monitor");
	struct problem *problem = inbound_add(answer);
	const char *id = INBOUND_FIRST(inbound_text(arena, monitor, "id"),
		inbound_text(arena, beat, "monitorID"));
	const char *message = inbound_text(arena, json, "msg");
	problem->title = message;
	problem->text =
		INBOUND_FIRST(inbound_text(arena, beat, "msg"), message);
	if (!json_is_object(beat) && !json_is_object(monitor)) {
		problem->state = PROBLEM_TEST;
		problem->subject = "uptime-kuma";
		return;
	}
	const char *status = inbound_text(arena, beat, "status");
	const char *time = inbound_text(arena, beat, "time");
	problem->state = *status != '\0' ? kuma_state(status) : PROBLEM_NOTICE;
	problem->link = inbound_text(arena, monitor, "url");
	problem->subject = INBOUND_FIRST(
		inbound_text(arena, monitor, "name"), problem->link, id);
	problem->identity = INBOUND_FIRST(id, problem->subject);
	problem->at_ms = inbound_time(time);
	if (problem->state == PROBLEM_UP)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
	problem->category = inbound_text(arena, monitor, "type");
	if (*time != '\0')
		problem->delivery = arena_printf(
			arena, "%s|%s|%s", problem->identity, status, time);
}

static bool
is_kuma(const json_t *json)
{
	return json_object_get(json, "heartbeat")
		|| (json_object_get(json, "monitor")
			&& json_object_get(json, "msg"));
}

/* As a form it stands in one field. */
static json_t *
unwrapped(json_t *json)
{
	const json_t *data = json_object_get(json, "data");
	if (!json_is_string(data) || json_object_get(json, "key"))
		return json;
	json_t *inner =
		inbound_json(json_string_value(data), json_string_length(data));
	if (!json_is_object(inner)) {
		json_decref(inner);
		return json;
	}
	json_decref(json);
	return inner;
}

void
inbound_generic(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	inbound_accept(answer);
	json_t *json = inbound_map(request, answer);
	if (!json)
		return;
	json = unwrapped(json);
	if (json_object_get(json, "monitorID")
		|| json_object_get(json, "alertType"))
		read_robot(answer, json);
	else if (is_kuma(json))
		read_kuma(answer, json);
	else
		read_ours(answer, json);
	json_decref(json);
}
