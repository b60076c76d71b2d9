#include "agent/model/event.h"

#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/model/event_json.h"

static const char *const kind_names[] = {
	[EVENT_BASELINE] = "baseline",
	[EVENT_OPENED] = "opened",
	[EVENT_CHANGED] = "changed",
	[EVENT_CLOSED] = "closed",
	[EVENT_NOTICE] = "notice",
	[EVENT_POINT] = "point",
	[EVENT_DIGEST] = "digest",
	[EVENT_ANSWER] = "answer",
	[EVENT_REMINDER] = "reminder",
};

static const char *const action_names[] = {
	[ACTION_CREATE_INCIDENT] = "CREATE_INCIDENT",
	[ACTION_UPDATE_STATUS] = "UPDATE_STATUS",
	[ACTION_PUSH_METRICS] = "PUSH_METRICS",
};

const char *
event_title(const struct event *event)
{
	const struct event_titles *titles = &event->endpoint.titles;
	if (event->to == STATUS_OPERATIONAL)
		return titles->operational;
	if (event->to == STATUS_PERFORMANCE_ISSUES)
		return titles->performance;
	return titles->outage;
}

const char *
event_text(const struct event *event)
{
	return *event->message != '\0' ? event->message : event_title(event);
}

const struct event_place *
event_place_of(const struct event_endpoint *endpoint, const char *reporter)
{
	for (size_t i = 0; i < endpoint->n_places; i++)
		if (strcmp(endpoint->places[i].reporter, reporter) == 0)
			return &endpoint->places[i];
	return NULL;
}

void
event_copy_places(struct event_endpoint *endpoint, struct arena *arena)
{
	if (endpoint->n_places == 0)
		return;
	size_t size = endpoint->n_places * sizeof(struct event_place);
	struct event_place *places = arena_alloc(arena, size);
	memcpy(places, endpoint->places, size);
	for (size_t i = 0; i < endpoint->n_places; i++)
		places[i].reporter = arena_dup(arena, places[i].reporter);
	endpoint->places = places;
}

struct event
event_for(const struct event *event, const char *reporter)
{
	struct event seen = *event;
	const struct event_place *place =
		event_place_of(&event->endpoint, reporter);
	if (place) {
		seen.endpoint.component_id = place->component_id;
		seen.endpoint.metric_id = place->metric_id;
	}
	return seen;
}

const char *
event_kind_name(enum event_kind kind)
{
	return kind_names[kind];
}

bool
event_has_action(const struct event *event, enum event_action action)
{
	const struct event_endpoint *endpoint = &event->endpoint;
	for (size_t i = 0; i < endpoint->n_actions; i++)
		if (endpoint->actions[i] == action)
			return true;
	return false;
}

bool
event_has_point(const struct event *event)
{
	return event->latency_us > 0 && event->endpoint.metric_id > 0
		&& event->endpoint.latency_unit_us > 0
		&& event_has_action(event, ACTION_PUSH_METRICS);
}

const char *
event_action_name(enum event_action action)
{
	return action_names[action];
}

static json_t *
encode_places(const struct event_endpoint *endpoint)
{
	json_t *json = json_array();
	for (size_t i = 0; i < endpoint->n_places; i++) {
		const struct event_place *place = &endpoint->places[i];
		json_t *item = json_object();
		json_object_set_new(
			item, "reporter", event_json_text(place->reporter));
		json_object_set_new(item, "component_id",
			json_integer(place->component_id));
		json_object_set_new(
			item, "metric_id", json_integer(place->metric_id));
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *
encode_endpoint(const struct event_endpoint *endpoint)
{
	json_t *actions = json_array();
	for (size_t i = 0; i < endpoint->n_actions; i++)
		json_array_append_new(actions,
			event_json_text(
				event_action_name(endpoint->actions[i])));

	json_t *json = json_object();
	json_object_set_new(json, "name", event_json_text(endpoint->name));
	json_object_set_new(json, "url", event_json_text(endpoint->url));
	json_object_set_new(json, "method", event_json_text(endpoint->method));
	json_object_set_new(
		json, "component_id", json_integer(endpoint->component_id));
	json_object_set_new(
		json, "metric_id", json_integer(endpoint->metric_id));
	json_object_set_new(json, "latency_unit_us",
		json_integer(endpoint->latency_unit_us));
	json_object_set_new(json, "actions", actions);
	json_object_set_new(json, "public", json_boolean(endpoint->is_public));
	json_object_set_new(
		json, "outage", event_json_text(endpoint->titles.outage));
	json_object_set_new(json, "performance",
		event_json_text(endpoint->titles.performance));
	json_object_set_new(json, "operational",
		event_json_text(endpoint->titles.operational));
	if (endpoint->n_places > 0)
		json_object_set_new(json, "places", encode_places(endpoint));
	event_json_add_known(json, endpoint);
	return json;
}

/* In their order; most of what is stored has none. */
static void
add_phases(json_t *json, const struct result_phases *phases)
{
	const int64_t lengths[] = { phases->dns_us, phases->connect_us,
		phases->tls_us, phases->wait_us, phases->transfer_us };
	int64_t sum = 0;
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		json_array_append_new(list, json_integer(lengths[i]));
		sum += lengths[i];
	}
	if (sum > 0)
		json_object_set(json, "phases_us", list);
	json_decref(list);
}

static void
read_phases(const json_t *json, struct result_phases *phases)
{
	int64_t *const lengths[] = { &phases->dns_us, &phases->connect_us,
		&phases->tls_us, &phases->wait_us, &phases->transfer_us };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		*lengths[i] = json_integer_value(json_array_get(json, i));
}

char *
event_encode(const struct event *event)
{
	json_t *json = json_object();
	json_object_set_new(
		json, "kind", event_json_text(event_kind_name(event->kind)));
	json_object_set_new(json, "incident", event_json_text(event->incident));
	json_object_set_new(json, "seq", json_integer(event->seq));
	json_object_set_new(json, "first", json_boolean(event->first));
	json_object_set_new(json, "at_ms", json_integer(event->at_ms));
	json_object_set_new(json, "opened_ms", json_integer(event->opened_ms));
	json_object_set_new(json, "from", json_integer(event->from));
	json_object_set_new(json, "to", json_integer(event->to));
	json_object_set_new(
		json, "cause", event_json_text(cause_name(event->cause)));
	json_object_set_new(json, "message", event_json_text(event->message));
	json_object_set_new(
		json, "latency_us", json_integer(event->latency_us));
	add_phases(json, &event->phases);
	json_object_set_new(
		json, "endpoint", encode_endpoint(&event->endpoint));

	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text ? text : mem_dup("{}");
}

/* Missing and strange members read as nothing: an event is never lost for a
 * detail. */

static int64_t
number_at(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static enum status
status_at(const json_t *json, const char *key)
{
	int64_t number = number_at(json, key);
	return number > 0 && number < STATUS_COUNT ? (enum status)number
						   : STATUS_UNKNOWN;
}

static size_t
index_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return n;
}

static void
decode_actions(const json_t *json, struct event_endpoint *endpoint)
{
	size_t i;
	json_t *item;
	json_array_foreach (json, i, item) {
		const char *name = json_string_value(item);
		size_t action = name
			? index_of(name, action_names, EVENT_ACTION_COUNT)
			: EVENT_ACTION_COUNT;
		if (action < EVENT_ACTION_COUNT
			&& endpoint->n_actions < EVENT_ACTION_COUNT)
			endpoint->actions[endpoint->n_actions++] =
				(enum event_action)action;
	}
}

static void
decode_places(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint)
{
	size_t n = json_array_size(json);
	if (n == 0)
		return;
	if (n > EVENT_PLACES_MAX)
		n = EVENT_PLACES_MAX;
	struct event_place *places = arena_alloc(arena, n * sizeof(*places));
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(json, i);
		places[i] = (struct event_place){
			.reporter = event_json_text_at(item, "reporter", arena),
			.component_id = number_at(item, "component_id"),
			.metric_id = number_at(item, "metric_id"),
		};
	}
	endpoint->places = places;
	endpoint->n_places = n;
}

static void
decode_endpoint(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint)
{
	endpoint->name = event_json_text_at(json, "name", arena);
	endpoint->url = event_json_text_at(json, "url", arena);
	endpoint->method = event_json_text_at(json, "method", arena);
	endpoint->component_id = number_at(json, "component_id");
	endpoint->metric_id = number_at(json, "metric_id");
	endpoint->latency_unit_us = number_at(json, "latency_unit_us");
	decode_actions(json_object_get(json, "actions"), endpoint);
	endpoint->is_public = json_is_true(json_object_get(json, "public"));
	endpoint->titles = (struct event_titles){
		.outage = event_json_text_at(json, "outage", arena),
		.performance = event_json_text_at(json, "performance", arena),
		.operational = event_json_text_at(json, "operational", arena),
	};
	decode_places(json_object_get(json, "places"), arena, endpoint);
	event_json_read_known(json, arena, endpoint);
}

bool
event_decode(const char *text, struct arena *arena, struct event *event,
	struct err *err)
{
	json_error_t where;
	json_t *json = json_loads(text, 0, &where);
	if (!json)
		return err_set(
			err, "a stored event is not JSON: %s", where.text);

	*event = (struct event){ 0 };
	size_t kinds = sizeof(kind_names) / sizeof(kind_names[0]);
	size_t kind = index_of(
		event_json_text_at(json, "kind", arena), kind_names, kinds);
	if (kind == kinds) {
		json_decref(json);
		return err_set(err, "a stored event is of an unknown kind");
	}
	event->kind = (enum event_kind)kind;
	event->incident = event_json_text_at(json, "incident", arena);
	event->seq = (unsigned)number_at(json, "seq");
	event->first = json_is_true(json_object_get(json, "first"));
	event->at_ms = number_at(json, "at_ms");
	event->opened_ms = number_at(json, "opened_ms");
	event->from = status_at(json, "from");
	event->to = status_at(json, "to");
	event->cause = cause_of_name(event_json_text_at(json, "cause", arena));
	event->message = event_json_text_at(json, "message", arena);
	event->latency_us = number_at(json, "latency_us");
	read_phases(json_object_get(json, "phases_us"), &event->phases);
	decode_endpoint(
		json_object_get(json, "endpoint"), arena, &event->endpoint);
	json_decref(json);
	return true;
}
