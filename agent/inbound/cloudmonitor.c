/*
 * Alibaba CloudMonitor: callbacks of metric rules (a form; in the first
 * generation JSON), of events (JSON), and what it puts into MNS.
 *
 * Their `signature` is documented nowhere: who sends is known by the secret in
 * the URL alone.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/inbound/decode.h"
#include "agent/inbound/parts.h"

enum {
	KEY_SIZE = 64,
};

/* The four letters are how a form of theirs says nothing. */
static const char *
text(struct arena *arena, const json_t *json, const char *key)
{
	const char *value = inbound_text(arena, json, key);
	return str_eq(value, "null") ? "" : value;
}

/* Some deliveries are encoded twice: then nothing but groups is there still,
 * where words and braces should be. */
static const char *
text_twice(struct arena *arena, const json_t *json, const char *key)
{
	const char *value = text(arena, json, key);
	bool some = false;
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == ' ' || *at == '{')
			return value;
		if (*at == '%' && !inbound_is_group(at, strlen(at)))
			return value;
		some = some || *at == '%';
	}
	if (!some)
		return value;
	struct buf out;
	buf_init(&out, strlen(value) + 1);
	inbound_unescape(value, strlen(value), ' ', &out);
	if (utf8_is_valid(out.data, out.len))
		value = arena_dup(arena, out.data);
	buf_finish(&out);
	return value;
}

/* Dimensions: `{k=v, k=v}`, which is no JSON; or JSON, as text or as it is. */

static void
add_pair(struct inbound_answer *answer, struct problem *problem, const char *at,
	size_t len)
{
	char name[KEY_SIZE];
	const char *equals = memchr(at, '=', len);
	size_t name_len = equals ? (size_t)(equals - at) : 0;
	if (name_len == 0 || name_len >= sizeof(name))
		return;
	memcpy(name, at, name_len);
	name[name_len] = '\0';
	inbound_label(answer, problem, name,
		arena_dup_n(answer->arena, equals + 1, len - name_len - 1));
}

static void
read_pairs(struct inbound_answer *answer, struct problem *problem,
	const char *pairs)
{
	size_t len = strlen(pairs);
	if (len < 2 || pairs[0] != '{' || pairs[len - 1] != '}')
		return;
	const char *at = pairs + 1;
	const char *end = pairs + len - 1;
	while (at < end) {
		const char *comma = strstr(at, ", ");
		const char *stop = comma && comma < end ? comma : end;
		add_pair(answer, problem, at, (size_t)(stop - at));
		at = stop + 2;
	}
}

static void
read_maps(struct inbound_answer *answer, struct problem *problem, json_t *json)
{
	size_t i;
	json_t *item;
	if (json_is_object(json))
		inbound_labels(answer, problem, json);
	json_array_foreach (json, i, item)
		inbound_labels(answer, problem, item);
}

/* Returns them as text, which is a part of the identity. */
static const char *
read_dimensions(
	struct inbound_answer *answer, struct problem *problem, json_t *given)
{
	if (json_is_object(given) || json_is_array(given)) {
		read_maps(answer, problem, given);
		char *dump = json_dumps(given, JSON_COMPACT | JSON_SORT_KEYS);
		const char *kept = arena_dup(answer->arena, dump ? dump : "");
		free(dump);
		return kept;
	}
	json_t *holder = json_object();
	json_object_set(holder, "it", given);
	const char *pairs = text_twice(answer->arena, holder, "it");
	json_decref(holder);
	json_t *json = inbound_json(pairs, strlen(pairs));
	if (json)
		read_maps(answer, problem, json);
	else
		read_pairs(answer, problem, pairs);
	json_decref(json);
	return pairs;
}

static const char *
label_of(const struct problem *problem, const char *name)
{
	for (size_t i = 0; i < problem->n_labels; i++)
		if (str_eq(problem->labels[i].name, name))
			return problem->labels[i].value;
	return "";
}

/* "name/ip" */
static const char *
host_of(struct arena *arena, const char *instance)
{
	size_t len = strcspn(instance, "/");
	return len > 0 ? arena_dup_n(arena, instance, len) : instance;
}

/* Metrics. */

static enum problem_state
metric_state(const char *state, const char *level)
{
	if (str_ieq(state, "OK"))
		return PROBLEM_UP;
	if (str_ieq(state, "INSUFFICIENT_DATA"))
		return PROBLEM_UNKNOWN;
	if (*state == '\0' && str_ieq(level, "OK"))
		return PROBLEM_UP;
	return PROBLEM_DOWN;
}

static const char *
metric_text(struct arena *arena, const json_t *json)
{
	const char *metric = INBOUND_FIRST(text(arena, json, "metricName"),
		text(arena, json, "rawMetricName"));
	const char *value = text(arena, json, "curValue");
	const char *rule = text(arena, json, "expression");
	const char *since = text(arena, json, "lastTime");
	return arena_printf(arena, "%s%s%s%s%s%s%s%s%s", metric,
		*metric && *value ? " is " : "", value,
		*value ? text(arena, json, "unit") : "", *rule ? " (" : "",
		rule, *rule ? ")" : "", *since ? ", for " : "", since);
}

static void
place(struct inbound_answer *answer, const json_t *json,
	struct problem *problem)
{
	struct arena *arena = answer->arena;
	problem->service = INBOUND_FIRST(text(arena, json, "namespace"),
		text(arena, json, "metricProject"));
	problem->category = INBOUND_FIRST(text(arena, json, "metricName"),
		text(arena, json, "rawMetricName"));
	problem->account = INBOUND_FIRST(
		text(arena, json, "userId"), label_of(problem, "userId"));
	problem->region = text(arena, json, "regionId");
	inbound_label(answer, problem, "productGroupName",
		text(arena, json, "productGroupName"));
	inbound_label(answer, problem, "groupId", text(arena, json, "groupId"));
}

static void
read_metric(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	const char *name = text_twice(arena, json, "alertName");
	const char *state = text(arena, json, "alertState");
	const char *dimensions = read_dimensions(
		answer, problem, json_object_get(json, "dimensions"));
	const char *rule = INBOUND_FIRST(text(arena, json, "ruleId"), name);
	problem->severity = text(arena, json, "triggerLevel");
	problem->state = metric_state(state, problem->severity);
	problem->status = inbound_severity(problem->severity);
	problem->subject =
		INBOUND_FIRST(host_of(arena, text(arena, json, "instanceName")),
			label_of(problem, "instanceId"), name, rule);
	problem->identity = arena_printf(arena, "%s|%s", rule, dimensions);
	problem->at_ms = inbound_time(text(arena, json, "timestamp"));
	if (problem->state == PROBLEM_UP)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
	if (problem->at_ms > 0)
		problem->delivery = arena_printf(arena, "%s|%s|%s|%s",
			problem->identity, text(arena, json, "timestamp"),
			state, problem->severity);
	problem->title = INBOUND_FIRST(name, rule);
	problem->text = metric_text(arena, json);
	place(answer, json, problem);
}

/* Events. */

static enum problem_state
event_state(const char *level)
{
	return str_ieq(level, "CRITICAL") ? PROBLEM_DOWN : PROBLEM_NOTICE;
}

/* acs:ecs:cn-hangzhou:1234567890123456:instance/i-bp1 -> i-bp1 */
static const char *
resource_of(const char *resource)
{
	const char *slash = strrchr(resource, '/');
	return slash ? slash + 1 : resource;
}

/* An object, or such an object as text. */
static void
read_content(
	struct inbound_answer *answer, struct problem *problem, json_t *content)
{
	struct arena *arena = answer->arena;
	json_t *inner = json_is_string(content)
		? inbound_json(
			json_string_value(content), json_string_length(content))
		: json_incref(content);
	if (json_is_object(inner)) {
		char *dump = json_dumps(inner, JSON_COMPACT | JSON_SORT_KEYS);
		problem->text = arena_dup(arena, dump ? dump : "");
		free(dump);
		inbound_labels(answer, problem, inner);
	} else if (json_is_string(content)) {
		problem->text = arena_dup(arena, json_string_value(content));
	}
	json_decref(inner);
}

static void
read_event(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	const char *product = text(arena, json, "product");
	const char *name = text(arena, json, "name");
	const char *resource = text(arena, json, "resourceId");
	const char *status = text(arena, json, "status");
	problem->severity = text(arena, json, "level");
	problem->state = event_state(problem->severity);
	problem->is_for_ever = true;
	problem->subject =
		INBOUND_FIRST(host_of(arena, text(arena, json, "instanceName")),
			resource_of(resource), product, name);
	problem->identity =
		arena_printf(arena, "%s|%s|%s", product, name, resource);
	problem->delivery = INBOUND_FIRST(
		text(arena, json, "id"), text(arena, json, "traceId"));
	problem->title = arena_printf(
		arena, "%s %s%s%s", product, name, *status ? ": " : "", status);
	problem->at_ms = inbound_time(text(arena, json, "eventTime"));
	problem->started_ms = problem->at_ms;
	problem->service = product;
	problem->category = name;
	problem->account = text(arena, json, "userId");
	problem->region = text(arena, json, "regionId");
	read_content(answer, problem, json_object_get(json, "content"));
}

/* MNS. */

static void
read_queued(struct inbound_answer *answer, const json_t *json)
{
	struct arena *arena = answer->arena;
	struct problem *problem = inbound_add(answer);
	const char *resources = read_dimensions(
		answer, problem, json_object_get(json, "resources"));
	const char *name = text(arena, json, "ruleName");
	const char *rule = INBOUND_FIRST(text(arena, json, "ruleId"), name);
	problem->severity = text(arena, json, "curLevel");
	problem->state = str_ieq(problem->severity, "OK")
			|| str_ieq(text(arena, json, "eventName"), "AlertOk")
		? PROBLEM_UP
		: PROBLEM_DOWN;
	problem->status = inbound_severity(problem->severity);
	problem->subject =
		INBOUND_FIRST(label_of(problem, "instanceId"), name, rule);
	problem->identity = arena_printf(arena, "%s|%s", rule, resources);
	problem->delivery = text(arena, json, "batchId");
	problem->title = INBOUND_FIRST(name, rule);
	problem->at_ms = inbound_time(text(arena, json, "time"));
	if (problem->state == PROBLEM_UP)
		problem->ended_ms = problem->at_ms;
	else
		problem->started_ms = problem->at_ms;
	problem->text =
		arena_printf(arena, "%s %s", text(arena, json, "metricName"),
			text(arena, json, "escalation.statistics"));
	place(answer, json, problem);
}

void
inbound_cloudmonitor(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	inbound_accept(answer);
	if (str_eq(request->method, "GET"))
		return;
	json_t *json = inbound_map(request, answer);
	if (!json)
		return;
	if (json_object_get(json, "alertState")
		|| json_object_get(json, "alertName")
		|| json_object_get(json, "triggerLevel"))
		read_metric(answer, json);
	else if (json_object_get(json, "curLevel")
		|| json_object_get(json, "ruleId"))
		read_queued(answer, json);
	else if (json_object_get(json, "product")
		|| json_object_get(json, "name"))
		read_event(answer, json);
	else
		inbound_plain(answer, json, "", "");
	json_decref(json);
}
