/*
 * What AWS puts into EventBridge: Health events, CloudWatch alarms, and all
 * else as notices.  It comes by an API destination, or through SNS.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"

static const char *
first_resource(struct arena *arena, const json_t *event)
{
	const json_t *first =
		json_array_get(json_object_get(event, "resources"), 0);
	return json_is_string(first)
		? arena_dup(arena, json_string_value(first))
		: "";
}

/* Health. */

static const char *
description_of(struct arena *arena, const json_t *detail)
{
	const json_t *given = json_object_get(detail, "eventDescription");
	const json_t *first =
		json_is_array(given) ? json_array_get(given, 0) : given;
	if (json_is_string(first))
		return arena_dup(arena, json_string_value(first));
	/* AHA sends an object, too. */
	return INBOUND_FIRST(inbound_text(arena, first, "latestDescription"),
		inbound_text(arena, first, "description"));
}

static const char *
entities_of(struct arena *arena, const json_t *detail)
{
	struct buf buf;
	buf_init(&buf, INBOUND_TEXT_MAX / 2);
	size_t i;
	const json_t *entity;
	json_array_foreach (
		json_object_get(detail, "affectedEntities"), i, entity) {
		const char *value = inbound_text(arena, entity, "entityValue");
		const char *status =
			INBOUND_FIRST(inbound_text(arena, entity, "status"),
				inbound_text(arena, entity, "statusCode"));
		if (*value == '\0')
			continue;
		buf_printf(&buf, "%s%s%s%s%s", buf.len > 0 ? ", " : "", value,
			*status ? " (" : "", status, *status ? ")" : "");
	}
	const char *text = arena_dup(arena, buf.data);
	buf_finish(&buf);
	return text;
}

static enum problem_state
health_state(const char *category, const char *status, int64_t ended_ms,
	int64_t at_ms)
{
	bool closed = str_ieq(status, "closed")
		|| (*status == '\0' && ended_ms > 0 && ended_ms <= at_ms);
	if (str_ieq(category, "scheduledChange")
		|| str_ieq(category, "plannedChange"))
		return closed ? PROBLEM_FINISHED : PROBLEM_SCHEDULED;
	if (str_ieq(category, "issue") || str_ieq(category, "investigation"))
		return closed ? PROBLEM_UP : PROBLEM_DOWN;
	return PROBLEM_NOTICE;
}

static const char *
health_identity(struct arena *arena, const json_t *detail,
	const struct problem *problem)
{
	const char *arn = INBOUND_FIRST(inbound_text(arena, detail, "eventArn"),
		inbound_text(arena, detail, "arn"));
	if (*arn == '\0')
		arn = arena_printf(arena, "%s/%s/%s/%s", problem->service,
			inbound_text(arena, detail, "eventTypeCode"),
			problem->region,
			inbound_text(arena, detail, "startTime"));
	return arena_printf(arena, "%s|%s", arn, problem->account);
}

static void
label_health(struct inbound_answer *answer, const json_t *detail,
	struct problem *problem)
{
	static const char *const keys[] = { "eventTypeCode", "eventScopeCode",
		"statusCode", "availabilityZone", "actionability", "page",
		"totalPages" };
	struct arena *arena = answer->arena;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		inbound_label(answer, problem, keys[i],
			inbound_text(arena, detail, keys[i]));
	size_t i;
	const json_t *persona;
	json_array_foreach (json_object_get(detail, "personas"), i, persona)
		if (json_is_string(persona))
			inbound_label(answer, problem, "persona",
				arena_dup(arena, json_string_value(persona)));
	inbound_labels(
		answer, problem, json_object_get(detail, "eventMetadata"));
}

static void
time_health(struct arena *arena, const json_t *event, const json_t *detail,
	struct problem *problem)
{
	problem->started_ms = inbound_time_at(arena, detail, "startTime");
	problem->ended_ms = inbound_time_at(arena, detail, "endTime");
	problem->at_ms = inbound_time_at(arena, detail, "lastUpdatedTime");
	if (problem->at_ms == 0)
		problem->at_ms = inbound_time_at(arena, event, "time");
}

static const char *
health_text(struct arena *arena, const json_t *detail)
{
	const char *text = description_of(arena, detail);
	const char *entities = entities_of(arena, detail);
	if (*entities == '\0')
		return text;
	return arena_printf(
		arena, "%s%sAffected: %s", text, *text ? "\n\n" : "", entities);
}

static void
read_health(struct inbound_answer *answer, const json_t *event)
{
	struct arena *arena = answer->arena;
	const json_t *detail = json_object_get(event, "detail");
	const char *type = inbound_text(arena, detail, "eventTypeCode");
	const char *message = inbound_text(arena, detail, "communicationId");
	struct problem *problem = inbound_add(answer);
	problem->service = inbound_text(arena, detail, "service");
	problem->category = inbound_text(arena, detail, "eventTypeCategory");
	problem->account =
		INBOUND_FIRST(inbound_text(arena, detail, "affectedAccount"),
			inbound_text(arena, event, "account"));
	problem->region =
		INBOUND_FIRST(inbound_text(arena, detail, "eventRegion"),
			inbound_text(arena, detail, "region"),
			inbound_text(arena, event, "region"));
	time_health(arena, event, detail, problem);
	problem->severity = inbound_text(arena, detail, "actionability");
	problem->state = health_state(problem->category,
		inbound_text(arena, detail, "statusCode"), problem->ended_ms,
		problem->at_ms);
	problem->subject = arena_printf(arena, "%s%s%s",
		INBOUND_FIRST(problem->service, "AWS Health"),
		*problem->region ? " " : "", problem->region);
	problem->identity = health_identity(arena, detail, problem);
	/* Another region says it once more, with the same number. */
	problem->delivery = arena_printf(arena, "%s|%s|%s",
		*message != '\0' ? message : inbound_text(arena, event, "id"),
		problem->account, problem_state_name(problem->state));
	problem->title = INBOUND_FIRST(type, problem->subject);
	problem->text = health_text(arena, detail);
	problem->is_news = true; /* what they found out since */
	label_health(answer, detail, problem);
}

/* CloudWatch. */

static enum problem_state
alarm_state(const char *state)
{
	if (str_ieq(state, "OK"))
		return PROBLEM_UP;
	return str_ieq(state, "INSUFFICIENT_DATA") ? PROBLEM_UNKNOWN
						   : PROBLEM_DOWN;
}

/* arn:aws:cloudwatch:us-east-1:111122223333:alarm:name */
static const char *
arn_part(struct arena *arena, const char *arn, int part)
{
	for (; part > 0; part--) {
		arn = strchr(arn, ':');
		if (!arn)
			return "";
		arn++;
	}
	return arena_dup_n(arena, arn, strcspn(arn, ":"));
}

static void
settle_alarm(struct arena *arena, struct problem *problem, const char *arn,
	const char *when)
{
	enum {
		ARN_REGION = 3,
		ARN_ACCOUNT = 4,
	};
	if (*arn != '\0') {
		problem->region = arn_part(arena, arn, ARN_REGION);
		problem->account = arn_part(arena, arn, ARN_ACCOUNT);
	}
	problem->identity = *arn != '\0'
		? arn
		: arena_printf(arena, "%s|%s|%s", problem->account,
			problem->region, problem->subject);
	if (*when != '\0')
		problem->delivery =
			arena_printf(arena, "%s|%s", problem->identity, when);
	problem->at_ms = inbound_time(when);
	if (problem->state == PROBLEM_UP)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
	problem->title = problem->subject;
}

bool
inbound_cloudwatch_is(const json_t *message)
{
	return json_object_get(message, "AlarmName")
		|| (json_object_get(message, "AlarmArn")
			&& json_object_get(message, "NewStateValue"));
}

void
inbound_cloudwatch(struct inbound_answer *answer, const json_t *message)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	const char *arn = inbound_text(arena, message, "AlarmArn");
	const char *about = inbound_text(arena, message, "AlarmDescription");
	const char *reason = inbound_text(arena, message, "NewStateReason");
	size_t i;
	const json_t *dimension;
	problem->state =
		alarm_state(inbound_text(arena, message, "NewStateValue"));
	problem->severity = inbound_text(arena, message, "NewStateValue");
	problem->subject =
		INBOUND_FIRST(inbound_text(arena, message, "AlarmName"), arn);
	problem->text = arena_printf(
		arena, "%s%s%s", about, *about && *reason ? "\n" : "", reason);
	problem->account = inbound_text(arena, message, "AWSAccountId");
	problem->region = inbound_text(arena, message, "Region");
	problem->service = inbound_text(arena, message, "Trigger.Namespace");
	problem->category = inbound_text(arena, message, "Trigger.MetricName");
	settle_alarm(arena, problem, arn,
		inbound_text(arena, message, "StateChangeTime"));
	json_array_foreach (
		inbound_at(message, "Trigger.Dimensions"), i, dimension)
		inbound_label(answer, problem,
			inbound_text(arena, dimension, "name"),
			inbound_text(arena, dimension, "value"));
}

static void
read_alarm(struct inbound_answer *answer, const json_t *event)
{
	struct arena *arena = answer->arena;
	const json_t *detail = json_object_get(event, "detail");
	const json_t *metric = inbound_at(
		json_array_get(inbound_at(detail, "configuration.metrics"), 0),
		"metricStat.metric");
	const char *arn = first_resource(arena, event);
	const char *about =
		inbound_text(arena, detail, "configuration.description");
	const char *reason = inbound_text(arena, detail, "state.reason");
	struct problem *problem = inbound_add(answer);
	problem->severity = inbound_text(arena, detail, "state.value");
	problem->state = alarm_state(problem->severity);
	problem->subject = INBOUND_FIRST(
		inbound_text(arena, detail, "alarmName"), arn, "CloudWatch");
	problem->text = arena_printf(
		arena, "%s%s%s", about, *about && *reason ? "\n" : "", reason);
	problem->account = inbound_text(arena, event, "account");
	problem->region = inbound_text(arena, event, "region");
	problem->service = inbound_text(arena, metric, "namespace");
	problem->category = inbound_text(arena, metric, "name");
	settle_alarm(arena, problem, arn,
		INBOUND_FIRST(inbound_text(arena, detail, "state.timestamp"),
			inbound_text(arena, event, "time")));
	inbound_labels(answer, problem, json_object_get(metric, "dimensions"));
}

/* All. */

static bool
is_health(struct arena *arena, const json_t *event)
{
	const char *source = inbound_text(arena, event, "source");
	const char *type = inbound_text(arena, event, "detail-type");
	return str_eq(source, "aws.health")
		|| str_starts(type, "AWS Health")
		/* The documented way to try it. */
		|| (*inbound_text(arena, event, "detail.eventTypeCode") != '\0'
			&& *inbound_text(
				   arena, event, "detail.eventTypeCategory")
				!= '\0');
}

static void
read_custom(struct inbound_answer *answer, const json_t *event)
{
	struct arena *arena = answer->arena;
	const char *type = inbound_text(arena, event, "detail-type");
	const json_t *detail = json_object_get(event, "detail");
	inbound_plain(
		answer, json_is_object(detail) ? detail : event, type, "");
	struct problem *problem = &answer->problems[answer->n_problems - 1];
	problem->category = type;
	problem->service = inbound_text(arena, event, "source");
	problem->account = inbound_text(arena, event, "account");
	problem->region = inbound_text(arena, event, "region");
	problem->at_ms = inbound_time_at(arena, event, "time");
	problem->delivery = inbound_text(arena, event, "id");
	problem->subject = INBOUND_FIRST(problem->service, problem->subject);
}

bool
inbound_aws_is(const json_t *event)
{
	return json_is_object(json_object_get(event, "detail"))
		&& (json_is_string(json_object_get(event, "detail-type"))
			|| json_is_string(json_object_get(event, "source")));
}

void
inbound_aws(struct inbound_answer *answer, const json_t *event)
{
	struct arena *arena = answer->arena;
	const char *type = inbound_text(arena, event, "detail-type");
	if (is_health(arena, event))
		read_health(answer, event);
	else if (str_eq(type, "CloudWatch Alarm State Change"))
		read_alarm(answer, event);
	else
		read_custom(answer, event);
}
