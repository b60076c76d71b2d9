/*
 * A creation whose answer was lost is repeated, and both may have their effect.
 * Where Cachet keeps no marks, as 2.3, the other incident is known by what the
 * repetition says again: its name, which names the endpoint, its component and
 * its text; and it was made at about the same time.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	APART_MAX_MS = 15 * 60 * 1000,
	STAMP_LEN = 19, /* 2026-11-20 21:46:08 */
};

static const char *
text_of(const json_t *incident, const char *key)
{
	const char *text = json_string_value(json_object_get(incident, key));
	return text ? text : "";
}

/* In Cachet's own zone, which is that of both. */
static bool
created_ms(const json_t *incident, int64_t *ms)
{
	const char *stamp = text_of(incident, "created_at");
	if (*stamp == '\0')
		stamp = text_of(json_object_get(incident, "created"), "string");
	if (strlen(stamp) != STAMP_LEN)
		return false;
	char text[STAMP_LEN + 2];
	str_copy(text, sizeof(text), stamp);
	text[10] = 'T';
	text[STAMP_LEN] = 'Z';
	text[STAMP_LEN + 1] = '\0';
	return clock_read(text, ms);
}

static int64_t
number_of(const json_t *incident, const char *key)
{
	int64_t number = 0;
	payload_number(json_object_get(incident, key), &number);
	return number;
}

/* Ours may be fixed by now: then more stands behind what it said.  What was
 * told as one, when it was over, is fixed from the beginning, and says when. */
static bool
says_the_same(const json_t *ours, const json_t *other)
{
	const char *text = text_of(other, "message");
	if (cachet_look_is_open(other))
		return *text != '\0'
			&& str_starts(text_of(ours, "message"), text);
	return strstr(text, CACHET_LATE_FROM)
		&& str_eq(text_of(ours, "message"), text);
}

static bool
is_twin(const json_t *ours, const json_t *other)
{
	int64_t made, also;
	return number_of(other, "id") != number_of(ours, "id")
		&& says_the_same(ours, other)
		&& str_eq(text_of(other, "name"), text_of(ours, "name"))
		&& number_of(other, "component_id")
		== number_of(ours, "component_id")
		&& !json_object_get(json_object_get(other, "meta"), "curlew")
		&& created_ms(ours, &made) && created_ms(other, &also)
		&& llabs(made - also) <= APART_MAX_MS;
}

static bool
names_endpoint(const struct cachet *cachet, const json_t *incident,
	const struct event *event)
{
	json_t *name = cachet_text(cachet, event->endpoint.name);
	bool names = strstr(text_of(incident, "name"), json_string_value(name));
	json_decref(name);
	return names;
}

static const json_t *
by_id(const json_t *incidents, int64_t id)
{
	size_t i;
	const json_t *incident;
	json_array_foreach (incidents, i, incident)
		if (number_of(incident, "id") == id)
			return incident;
	return NULL;
}

size_t
cachet_twin_read(const struct cachet *cachet,
	const struct http_response *answer, const struct event *event,
	int64_t id, int64_t twins[static CACHET_LIST])
{
	json_t *data = cachet_call_data(answer);
	const json_t *ours = by_id(data, id);
	bool known = ours && names_endpoint(cachet, ours, event)
		&& !json_object_get(json_object_get(ours, "meta"), "curlew");
	size_t n = 0;
	size_t i;
	const json_t *other;
	json_array_foreach (data, i, other)
		if (known && n < CACHET_LIST && is_twin(ours, other))
			twins[n++] = number_of(other, "id");
	json_decref(data);
	return n;
}
