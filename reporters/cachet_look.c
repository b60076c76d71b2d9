#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	LIST_OF_ALL = 100, /* where a component cannot be asked for */
};

void
cachet_look_ask(const struct cachet *cachet, const struct event *event,
	bool plainly, struct arena *arena, struct reporter_step *step)
{
	if (cachet->generation == CACHET_3) {
		cachet_call_get(cachet, arena,
			arena_printf(arena, "/incidents?%ssort=-id&per_page=%d",
				plainly ? "" : "include=components,meta&",
				LIST_OF_ALL),
			step);
		return;
	}
	/* Filters cannot be combined with `page`. */
	const char *order = "sort=id&order=desc";
	int64_t component = event->endpoint.component_id;
	const char *path = component > 0
		? arena_printf(arena,
			"/incidents?component_id=%" PRId64 "&%s&per_page=%d",
			component, order, CACHET_LIST)
		: arena_printf(
			arena, "/incidents?%s&per_page=%d", order, CACHET_LIST);
	cachet_call_get(cachet, arena, path, step);
}

/* The latest status is that of the latest update, and stays behind a change of
 * the incident itself; before 2.4 was done, it was the other way about. */
bool
cachet_look_status(const json_t *incident, int64_t *status)
{
	int64_t latest;
	bool has_latest = payload_number(
		json_object_get(incident, "latest_status"), &latest);
	bool has_own =
		payload_number(json_object_get(incident, "status"), status);
	if (has_latest && (!has_own || latest == CACHET_FIXED))
		*status = latest;
	return has_own || has_latest;
}

json_t *
cachet_look_meta(const json_t *incident)
{
	json_t *meta = json_object_get(incident, "meta");
	if (json_is_string(meta))
		return json_loads(json_string_value(meta), 0, NULL);
	return json_incref(meta);
}

static bool
is_text(const json_t *json, const char *text)
{
	return json_is_string(json) && str_eq(json_string_value(json), text);
}

bool
cachet_look_is_titled(
	const struct cachet *cachet, const json_t *incident, const char *title)
{
	json_t *ours = cachet_text_name(cachet, title);
	const json_t *name = json_object_get(incident, "name");
	bool same =
		is_text(name, json_string_value(ours)) || is_text(name, title);
	json_decref(ours);
	return same;
}

bool
cachet_look_is_open(const json_t *incident)
{
	int64_t status;
	return cachet_look_status(incident, &status)
		&& status >= CACHET_INVESTIGATING && status < CACHET_FIXED;
}

/* Of Cachet 3: there may be several. */
static bool
is_among(const json_t *components, int64_t component)
{
	size_t i;
	const json_t *one;
	json_array_foreach (components, i, one) {
		int64_t id;
		if (payload_number(json_object_get(one, "id"), &id)
			&& id == component)
			return true;
	}
	return false;
}

static bool
is_of_component(const json_t *incident, int64_t component)
{
	const json_t *related = json_object_get(
		json_object_get(json_object_get(incident, "relationships"),
			"components"),
		"data");
	int64_t found;
	if (component > 0 && json_array_size(related) > 0)
		return is_among(related, component);
	return component <= 0
		|| !payload_number(
			json_object_get(incident, "component_id"), &found)
		|| found == component;
}

static bool
is_named(const struct cachet *cachet, const json_t *mark, const char *name)
{
	json_t *ours = cachet_text(cachet, name);
	bool same =
		is_text(mark, json_string_value(ours)) || is_text(mark, name);
	json_decref(ours);
	return same;
}

static bool
is_of_endpoint(const struct cachet *cachet, const json_t *incident,
	const json_t *meta, const struct event_endpoint *endpoint)
{
	if (!is_of_component(incident, endpoint->component_id))
		return false;
	const json_t *name = json_object_get(meta, "endpoint");
	if (name)
		return is_named(cachet, name, endpoint->name);
	return cachet_look_is_titled(cachet, incident, endpoint->titles.outage)
		|| cachet_look_is_titled(
			cachet, incident, endpoint->titles.performance);
}

static bool
says(const struct cachet *cachet, const json_t *incident,
	const struct event *event)
{
	const json_t *message = json_object_get(incident, "message");
	json_t *ours = cachet_text(cachet, event_text(event));
	bool same = is_text(message, json_string_value(ours))
		|| is_text(message, event_text(event));
	json_decref(ours);
	return same;
}

/* Where `id` belongs among `ids`, which are in order. */
static void
insert(int64_t *ids, size_t *n, int64_t id, bool oldest_first)
{
	if (*n == CACHET_LIST)
		return;
	size_t at = *n;
	while (at > 0 && (ids[at - 1] > id) == oldest_first) {
		ids[at] = ids[at - 1];
		at--;
	}
	ids[at] = id;
	(*n)++;
}

static void
look_at(const struct cachet *cachet, const json_t *incident,
	const struct event *event, struct cachet_look *look)
{
	int64_t id;
	if (!payload_number(json_object_get(incident, "id"), &id) || id <= 0)
		return;
	if (json_object_get(incident, "meta"))
		look->has_marks = true;

	json_t *meta = cachet_look_meta(incident);
	if (*event->incident != '\0'
		&& is_text(json_object_get(meta, "curlew"), event->incident)) {
		insert(look->marked, &look->n_marked, id, true);
		look->has_open_mark |= cachet_look_is_open(incident);
	}
	if (cachet_look_is_open(incident)
		&& is_of_endpoint(cachet, incident, meta, &event->endpoint)) {
		insert(look->open, &look->n_open, id, false);
		if (!json_object_get(meta, "curlew")
			&& says(cachet, incident, event))
			insert(look->alike, &look->n_alike, id, false);
	}
	json_decref(meta);
}

bool
cachet_look_read(const struct cachet *cachet,
	const struct http_response *answer, const struct event *event,
	struct cachet_look *look)
{
	*look = (struct cachet_look){ 0 };
	json_t *data = cachet_call_data(answer);
	bool is_list = json_is_array(data);
	size_t i;
	json_t *incident;
	json_array_foreach (data, i, incident)
		look_at(cachet, incident, event, look);
	json_decref(data);
	return is_list;
}
