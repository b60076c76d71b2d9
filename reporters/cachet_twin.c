/*
 * A creation whose answer was lost is repeated, and both may have their effect.
 * Where Cachet keeps no marks, as 2.3, the other incident is known by what the
 * repetition says again: its name, which names the endpoint, its component and
 * its text; and it was made at about the same time.  So is one that was made
 * before Cachet was known to keep marks, beside one that bears ours; they may
 * be of different Cachets, each of which has its way with times and texts.
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
read_stamp(const json_t *incident, const char *flat, const char *object,
	int64_t *ms)
{
	const char *stamp = text_of(incident, flat);
	if (*stamp == '\0')
		stamp = text_of(json_object_get(incident, object), "string");
	if (strlen(stamp) != STAMP_LEN)
		return false;
	char text[STAMP_LEN + 2];
	str_copy(text, sizeof(text), stamp);
	text[10] = 'T';
	text[STAMP_LEN] = 'Z';
	text[STAMP_LEN + 1] = '\0';
	return clock_read(text, ms);
}

static bool
made_ms(const json_t *incident, int64_t *ms)
{
	return read_stamp(incident, "created_at", "created", ms);
}

/* 2.3 says so where others say when it was made. */
static bool
began_ms(const json_t *incident, int64_t *ms)
{
	return read_stamp(incident, "occurred_at", "occurred", ms)
		|| made_ms(incident, ms);
}

static bool
at_the_same_time(const json_t *ours, const json_t *other)
{
	int64_t our_ms, its_ms;
	return (made_ms(ours, &our_ms) && made_ms(other, &its_ms)
		       && llabs(our_ms - its_ms) <= APART_MAX_MS)
		|| (began_ms(ours, &our_ms) && began_ms(other, &its_ms)
			&& llabs(our_ms - its_ms) <= APART_MAX_MS);
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
			&& cachet_text_begins(
				text_of(ours, "message"), text, false);
	return strstr(text, CACHET_LATE_FROM)
		&& cachet_text_begins(text_of(ours, "message"), text, true);
}

/* "" for none. */
static bool
bears_mark(const json_t *incident, const char *mark)
{
	json_t *meta = cachet_look_meta(incident);
	const json_t *its = json_object_get(meta, "curlew");
	bool same = its
		? json_is_string(its) && str_eq(json_string_value(its), mark)
		: *mark == '\0';
	json_decref(meta);
	return same;
}

static bool
is_twin(const json_t *ours, const json_t *other)
{
	return number_of(other, "id") != number_of(ours, "id")
		&& says_the_same(ours, other)
		&& cachet_text_begins(
			text_of(ours, "name"), text_of(other, "name"), true)
		&& number_of(other, "component_id")
		== number_of(ours, "component_id")
		&& bears_mark(other, "") && at_the_same_time(ours, other);
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
		&& (bears_mark(ours, "") || bears_mark(ours, event->incident));
	size_t n = 0;
	size_t i;
	const json_t *other;
	json_array_foreach (data, i, other)
		if (known && n < CACHET_LIST && is_twin(ours, other))
			twins[n++] = number_of(other, "id");
	json_decref(data);
	return n;
}
