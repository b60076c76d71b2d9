#include "tests/sim/cachet.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/sim/metric.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

enum {
	QUERY_SIZE = 256, /* of one parameter */
	LIMIT = 300,
	LIMIT_OF_2024 = 60,
	UPDATES_MAX = 1000, /* of an incident: so their ids are in order */
};

struct sim_cachet *
sim_cachet_new(struct sim_world *world, size_t number)
{
	struct sim_cachet *cachet = mem_zalloc(sizeof(*cachet));
	cachet->world = world;
	cachet->number = number;
	cachet->metric = sim_metric_new(world);
	for (size_t i = 1; i <= PLAN_COMPONENTS; i++)
		cachet->components[i] = (struct sim_component){
			.status = STATUS_OPERATIONAL,
			.enabled = true,
		};
	return cachet;
}

static void
free_updates(struct sim_incident *incident)
{
	for (size_t i = 0; i < incident->n_updates; i++)
		free(incident->updates[i].message);
	free(incident->updates);
}

void
sim_cachet_free(struct sim_cachet *cachet)
{
	for (size_t i = 0; i < cachet->n; i++) {
		free(cachet->incidents[i].name);
		free(cachet->incidents[i].message);
		free(cachet->incidents[i].meta);
		free_updates(&cachet->incidents[i]);
	}
	sim_metric_free(cachet->metric);
	free(cachet->incidents);
	free(cachet);
}

void
sim_cachet_draw(struct sim_cachet *cachet)
{
	struct sim_world *world = cachet->world;
	cachet->generation =
		(enum sim_generation)sim_between(world, 0, SIM_GENERATIONS);
	cachet->limit = sim_chance(world, 500) ? LIMIT : LIMIT_OF_2024;
	for (size_t i = 1; i <= PLAN_COMPONENTS; i++) {
		cachet->components[i].enabled = !sim_chance(world, 100);
		cachet->was_disabled[i] = !cachet->components[i].enabled;
	}
}

void
sim_cachet_upgrade(struct sim_cachet *cachet)
{
	struct plan_cachet *plan = &cachet->world->plan.cachets[cachet->number];
	if (cachet->generation == SIM_3)
		return;
	if (cachet->generation == SIM_2_3) {
		cachet->generation = SIM_2_4;
		sim_say(cachet->world, "the status page is a Cachet 2.4 now");
		return;
	}
	cachet->generation = SIM_3;
	cachet->n_before_3 = cachet->n;
	/* What incidents of a past that was forgotten have done to components,
	 * nobody undoes there. */
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one = &cachet->incidents[i];
		if (one->status != CACHET_IS_FIXED
			&& (!one->record || one->record->lost))
			plan->abandoned[one->component] = true;
	}
	sim_say(cachet->world, "the status page is a Cachet 3 now");
}

/* Incidents and components. */

struct sim_incident *
sim_cachet_incident(struct sim_cachet *cachet, int64_t id)
{
	if (id < 1 || id > (int64_t)cachet->n
		|| cachet->incidents[id - 1].deleted)
		return NULL;
	return &cachet->incidents[id - 1];
}

void
sim_cachet_set_component(struct sim_cachet *cachet, int64_t id, int64_t status)
{
	struct sim_component *component = &cachet->components[id];
	if (component->by_people
		&& sim_cachet_is_fresh(cachet, component->by_people_ms)
		&& cachet->world->plan.cachets[cachet->number].reconcile
			!= PLAN_STRICT)
		sim_fail(cachet->world,
			"component %" PRId64 " of %zu is put back", id,
			cachet->number);
	component->status = status;
	component->by_people = false;
	component->by_people_ms = 0;
	sim_say(cachet->world, "  component %" PRId64 " of %zu is %" PRId64, id,
		cachet->number, status);
}

static void
take_text(char **to, const json_t *body, const char *key)
{
	const char *text = json_string_value(json_object_get(body, key));
	if (!text)
		return;
	free(*to);
	*to = mem_dup(text);
}

static void
take_number(int64_t *to, const json_t *body, const char *key)
{
	const json_t *number = json_object_get(body, key);
	if (json_is_integer(number))
		*to = json_integer_value(number);
	if (json_is_boolean(number))
		*to = json_is_true(number);
}

void
sim_cachet_edit(struct sim_incident *incident, const json_t *body)
{
	take_text(&incident->name, body, "name");
	take_text(&incident->message, body, "message");
	take_number(&incident->status, body, "status");
}

struct sim_incident *
sim_cachet_create(struct sim_cachet *cachet, const json_t *body)
{
	if ((cachet->n & (cachet->n - 1)) == 0)
		cachet->incidents = mem_grow(cachet->incidents,
			cachet->n > 0 ? 2 * cachet->n : 1,
			sizeof(*cachet->incidents));
	struct sim_incident *incident = &cachet->incidents[cachet->n++];
	*incident = (struct sim_incident){
		.id = (int64_t)cachet->n,
		.made_ms = sim_time(cachet->world),
	};
	sim_cachet_edit(incident, body);
	incident->made_fixed = incident->status == CACHET_IS_FIXED;
	take_number(&incident->component, body, "component_id");
	take_number(&incident->impact, body, "component_status");
	const json_t *meta = json_object_get(body, "meta");
	incident->meta = meta ? json_dumps(meta, JSON_COMPACT) : mem_dup("");
	incident->record =
		sim_records_said(cachet->world->records, incident->message);
	sim_say(cachet->world, "  incident %" PRId64 " of %zu is made, of %s",
		incident->id, cachet->number,
		incident->record ? incident->record->uuid : "people");
	return incident;
}

bool
sim_cachet_add_update(struct sim_incident *incident, const json_t *body,
	int64_t status_min, bool late)
{
	const char *message =
		json_string_value(json_object_get(body, "message"));
	const json_t *status = json_object_get(body, "status");
	if (!json_is_integer(status) || json_integer_value(status) < status_min
		|| json_integer_value(status) > CACHET_IS_FIXED || !message
		|| *message == '\0')
		return false;
	incident->updates = mem_grow(incident->updates, incident->n_updates + 1,
		sizeof(*incident->updates));
	incident->status = json_integer_value(status);
	incident->updates[incident->n_updates] = (struct sim_update){
		.id = incident->id * UPDATES_MAX
			+ (int64_t)++incident->n_updates,
		.status = incident->status,
		.message = mem_dup(message),
		.late = late,
	};
	return true;
}

unsigned
sim_cachet_count(
	const struct sim_incident *incident, const char *message, bool late)
{
	size_t len = strlen(message);
	unsigned n = 0;
	for (size_t i = 0; i < incident->n_updates; i++)
		n += incident->updates[i].late == late
			&& str_eq(incident->updates[i].message, message);
	const char *at = incident->message;
	while (!late && (at = strstr(at, message))) {
		at += len;
		n += *at == '\0' || *at == '\n';
	}
	return n;
}

bool
sim_cachet_has_open(
	const struct sim_cachet *cachet, const struct sim_record *record)
{
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one = &cachet->incidents[i];
		if (one->record == record && !one->deleted
			&& one->status != CACHET_IS_FIXED)
			return true;
	}
	return false;
}

void
sim_cachet_delete(struct sim_incident *incident)
{
	incident->deleted = true;
}

int64_t
sim_cachet_latest(const struct sim_cachet *cachet, int64_t id)
{
	int64_t worst = cachet->components[id].status;
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *incident = &cachet->incidents[i];
		if (!incident->deleted && incident->visible
			&& incident->component == id
			&& incident->status != CACHET_IS_FIXED
			&& incident->impact > worst)
			worst = incident->impact;
	}
	return worst;
}

bool
sim_cachet_metric(struct sim_cachet *cachet, const struct sim_request *request,
	const char *rest, const json_t *body, struct buf *buf)
{
	const struct sim_metric *metric = cachet->metric;
	bool is_3 = cachet->generation == SIM_3;
	char *end;
	if (*rest != '/' || strtoll(rest + 1, &end, 10) != METRIC_ID)
		return false;
	const char *open = is_3 ? "{\"id\":\"1\",\"attributes\":" : "";
	const char *close = is_3 ? "}" : "";
	if (str_eq(request->method, "GET") && *end == '\0') {
		buf_printf(buf, "{\"data\":%s{\"id\":1,\"threshold\":%d}%s}",
			open, METRIC_THRESHOLD_MIN, close);
		return true;
	}
	if (!str_eq(request->method, "POST") || !str_eq(end, "/points")
		|| !sim_metric_add(cachet->metric, body, is_3, request->late))
		return false;
	buf_printf(buf,
		"{\"data\":%s{\"id\":1,\"value\":%.6f,\"counter\":%u}%s}", open,
		metric->value, metric->counter, close);
	return true;
}

/* What is to be read and written. */

static void
decode(char *text)
{
	char *to = text;
	for (const char *at = text; *at != '\0'; at++) {
		char hex[3] = { 0 };
		if (*at == '%' && isxdigit((unsigned char)at[1])
			&& isxdigit((unsigned char)at[2])) {
			memcpy(hex, at + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

bool
sim_cachet_query(const char *path, const char *name, char *text, size_t size)
{
	char pair[QUERY_SIZE];
	const char *at = strchr(path, '?');
	while (at) {
		at++;
		str_copy(pair, sizeof(pair), at);
		pair[strcspn(pair, "&")] = '\0';
		decode(pair);
		size_t len = strlen(name);
		if (strncmp(pair, name, len) == 0 && pair[len] == '=')
			return str_copy(text, size, pair + len + 1);
		at = strchr(at, '&');
	}
	return false;
}

int64_t
sim_cachet_query_number(const char *path, const char *name, int64_t fallback)
{
	char text[64];
	return sim_cachet_query(path, name, text, sizeof(text))
		? strtoll(text, NULL, 10)
		: fallback;
}

void
sim_cachet_quote(struct buf *buf, const char *text)
{
	buf_add_char(buf, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\' || *text == '/')
			buf_add_char(buf, '\\');
		if (*text == '\n')
			buf_add_text(buf, "\\n");
		else
			buf_add_char(buf, *text);
	}
	buf_add_char(buf, '"');
}

/* Its own clock goes right. */
void
sim_cachet_date(
	const struct sim_cachet *cachet, int64_t made_ms, char text[static 32])
{
	char full[CLOCK_TEXT_SIZE];
	clock_text(cachet->world->wall_start_ms + made_ms, full);
	full[10] = ' ';
	full[19] = '\0';
	str_copy(text, 32, full);
}

bool
sim_cachet_knows(const struct sim_cachet *cachet, const char *token)
{
	char ours[24];
	snprintf(ours, sizeof(ours), "sim-token-%zu", cachet->number);
	return str_eq(token, ours);
}

struct sim_answer
sim_cachet_ask(struct sim_cachet *cachet, const struct sim_request *request)
{
	int64_t time = sim_time(cachet->world);
	if (sim_into_lull(cachet->world, time) < 0)
		cachet->looked_ms = 0;
	else if (cachet->looked_ms == 0
		&& strstr(request->path, "/components?"))
		cachet->looked_ms = time;
	return cachet->generation == SIM_3 ? sim_cachet_3(cachet, request)
					   : sim_cachet_2(cachet, request);
}

/* Watching. */

static void
watch_creation(struct sim_cachet *cachet, const char *text)
{
	json_t *body = json_loads(text, 0, NULL);
	const char *message =
		json_string_value(json_object_get(body, "message"));
	const struct sim_record *record = message
		? sim_records_said(cachet->world->records, message)
		: NULL;
	if (!record)
		sim_fail(cachet->world, "an incident without an outage: %s",
			text);
	else if (record->durable == 0)
		sim_fail(cachet->world, "%s is told before it is durable",
			record->uuid);
	else if (record->endpoint.components[cachet->number] == 0)
		sim_fail(cachet->world, "%s is told where it is not",
			record->endpoint.name);
	json_decref(body);
}

void
sim_cachet_watch(struct sim_cachet *cachet, const char *method,
	const char *path, const char *body)
{
	static const char at[] = "/incidents";
	const char *found = strstr(path, at);
	if (str_eq(method, "GET") || !found)
		return;
	const char *rest = found + strlen(at);
	if (*rest == '\0') {
		watch_creation(cachet, body);
		return;
	}
	const struct sim_incident *incident =
		sim_cachet_incident(cachet, strtoll(rest + 1, NULL, 10));
	if (incident && incident->of_people)
		sim_fail(cachet->world, "%s %s is of what people made", method,
			path);
}
