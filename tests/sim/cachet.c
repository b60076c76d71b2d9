/*
 * A Cachet 2.4 as far as the agent speaks with it: components, incidents with
 * `meta`, incident updates.  Creating an incident sets its component; an
 * update never does.
 */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	COMPONENTS = 16,
	FIRST_INCIDENT = 100,
};

static const char TOKEN[] = "sim-token";

struct sim_cachet {
	int components[COMPONENTS]; /* status by id */
	json_t *incidents; /* array, in order of id */
	int64_t next_id;
};

struct sim_cachet *
sim_cachet_new(void)
{
	struct sim_cachet *cachet = mem_zalloc(sizeof(*cachet));
	for (size_t i = 0; i < COMPONENTS; i++)
		cachet->components[i] = STATUS_OPERATIONAL;
	cachet->incidents = json_array();
	cachet->next_id = FIRST_INCIDENT;
	return cachet;
}

void
sim_cachet_free(struct sim_cachet *cachet)
{
	json_decref(cachet->incidents);
	free(cachet);
}

static struct sim_answer
answer_json(int status, json_t *data)
{
	json_t *json = json_pack("{s:o}", "data", data);
	struct sim_answer answer = { status, json_dumps(json, JSON_COMPACT) };
	json_decref(json);
	return answer;
}

static struct sim_answer
answer_error(int status, const char *detail)
{
	json_t *json = json_pack("{s:[{s:i,s:s}]}", "errors", "status", status,
		"detail", detail);
	struct sim_answer answer = { status, json_dumps(json, JSON_COMPACT) };
	json_decref(json);
	return answer;
}

static json_t *
component_json(const struct sim_cachet *cachet, int64_t id)
{
	return json_pack("{s:I,s:i}", "id", (json_int_t)id, "status",
		cachet->components[id]);
}

static struct sim_answer
component(struct sim_cachet *cachet, const char *method, int64_t id,
	const json_t *body)
{
	if (id < 1 || id >= COMPONENTS)
		return answer_error(404, "No query results for model.");
	if (str_eq(method, "PUT")) {
		int64_t status =
			json_integer_value(json_object_get(body, "status"));
		if (status < 0 || status > STATUS_MAJOR_OUTAGE)
			return answer_error(400, "The status is wrong.");
		cachet->components[id] = (int)status;
	}
	return answer_json(200, component_json(cachet, id));
}

static int64_t
query_number(const char *target, const char *name, int64_t fallback)
{
	const char *query = strchr(target, '?');
	size_t len = strlen(name);
	while (query) {
		query++;
		if (strncmp(query, name, len) == 0 && query[len] == '=')
			return strtoll(query + len + 1, NULL, 10);
		query = strchr(query, '&');
	}
	return fallback;
}

static struct sim_answer
list_incidents(struct sim_cachet *cachet, const char *target)
{
	int64_t component_id = query_number(target, "component_id", -1);
	int64_t most = query_number(target, "per_page", 20);
	bool newest_first = strstr(target, "order=desc") != NULL;

	json_t *list = json_array();
	size_t n = json_array_size(cachet->incidents);
	for (size_t i = 0; i < n && json_array_size(list) < (size_t)most; i++) {
		json_t *incident = json_array_get(
			cachet->incidents, newest_first ? n - 1 - i : i);
		int64_t of = json_integer_value(
			json_object_get(incident, "component_id"));
		if (component_id < 0 || of == component_id)
			json_array_append(list, incident);
	}
	return answer_json(200, list);
}

static struct sim_answer
create_incident(struct sim_cachet *cachet, const json_t *body)
{
	if (!json_is_string(json_object_get(body, "name"))
		|| !json_is_string(json_object_get(body, "message"))
		|| !json_is_integer(json_object_get(body, "status")))
		return answer_error(400, "Something required is missing.");

	json_t *incident = json_deep_copy(body);
	json_object_set_new(
		incident, "id", json_integer((json_int_t)cachet->next_id++));
	json_object_set(
		incident, "latest_status", json_object_get(body, "status"));
	if (!json_object_get(incident, "meta"))
		json_object_set_new(incident, "meta", json_array());
	json_array_append(cachet->incidents, incident);

	int64_t id = json_integer_value(json_object_get(body, "component_id"));
	if (id > 0 && id < COMPONENTS)
		cachet->components[id] = (int)json_integer_value(
			json_object_get(body, "component_status"));
	return answer_json(200, incident);
}

static size_t
index_of(const struct sim_cachet *cachet, int64_t id)
{
	size_t i;
	json_t *incident;
	json_array_foreach (cachet->incidents, i, incident) {
		if (json_integer_value(json_object_get(incident, "id")) == id)
			return i;
	}
	return SIZE_MAX;
}

static struct sim_answer
incident(struct sim_cachet *cachet, const char *method, int64_t id,
	bool updates, const json_t *body)
{
	size_t i = index_of(cachet, id);
	if (i == SIZE_MAX)
		return answer_error(404, "No query results for model.");
	json_t *found = json_array_get(cachet->incidents, i);
	if (str_eq(method, "DELETE")) {
		json_array_remove(cachet->incidents, i);
		return (struct sim_answer){ 204, mem_dup("") };
	}
	if (updates && str_eq(method, "POST")) {
		json_t *status = json_object_get(body, "status");
		const char *message =
			json_string_value(json_object_get(body, "message"));
		if (!json_is_integer(status) || !message || *message == '\0')
			return answer_error(400, "The update is wrong.");
		json_object_set(found, "status", status);
		json_object_set(found, "latest_status", status);
	}
	return answer_json(200, json_incref(found));
}

static struct sim_answer
incidents(struct sim_cachet *cachet, const char *method, const char *rest,
	const json_t *body)
{
	if (*rest != '/')
		return str_eq(method, "POST") ? create_incident(cachet, body)
					      : list_incidents(cachet, rest);
	char *end;
	int64_t id = strtoll(rest + 1, &end, 10);
	return incident(cachet, method, id, str_eq(end, "/updates"), body);
}

/* By which it is known for a 2.4. */
static struct sim_answer
list_schedules(void)
{
	return (struct sim_answer){ 200,
		mem_dup("{\"meta\":{\"pagination\":{\"total\":0}},"
			"\"data\":[]}") };
}

struct sim_answer
sim_cachet_ask(struct sim_cachet *cachet, const char *method,
	const char *target, const char *token, const char *body)
{
	static const char COMPONENTS_AT[] = "/api/v1/components/";
	static const char INCIDENTS_AT[] = "/api/v1/incidents";

	if (!str_eq(method, "GET") && !str_eq(token, TOKEN))
		return answer_error(401, "Authentication is required.");
	json_t *json = json_loads(body, 0, NULL);
	struct sim_answer answer;
	if (str_starts(target, COMPONENTS_AT))
		answer = component(cachet, method,
			strtoll(target + strlen(COMPONENTS_AT), NULL, 10),
			json);
	else if (str_starts(target, INCIDENTS_AT))
		answer = incidents(
			cachet, method, target + strlen(INCIDENTS_AT), json);
	else if (str_eq(target, "/api/v1/schedules"))
		answer = list_schedules();
	else
		answer = answer_error(404, "There is no such route.");
	json_decref(json);
	return answer;
}

unsigned
sim_cachet_marked(
	const struct sim_cachet *cachet, const char *uuid, int *status)
{
	unsigned count = 0;
	size_t i;
	json_t *found;
	json_array_foreach (cachet->incidents, i, found) {
		const char *mark = json_string_value(json_object_get(
			json_object_get(found, "meta"), "curlew"));
		if (!mark || !str_eq(mark, uuid))
			continue;
		count++;
		*status = (int)json_integer_value(
			json_object_get(found, "latest_status"));
	}
	return count;
}

size_t
sim_cachet_incidents(const struct sim_cachet *cachet)
{
	return json_array_size(cachet->incidents);
}

int
sim_cachet_component(const struct sim_cachet *cachet, int64_t id)
{
	return cachet->components[id];
}
