#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	NAME_MAX_BYTES = 250, /* Cachet's column takes 255 */
};

void
cachet_look_ask(const struct cachet *cachet, const struct event *event,
	struct arena *arena, struct reporter_step *step)
{
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

json_t *
cachet_look_name(const char *title)
{
	return payload_text_cut(title, NAME_MAX_BYTES);
}

bool
cachet_look_status(const json_t *incident, int64_t *status)
{
	return payload_number(
		       json_object_get(incident, "latest_status"), status)
		|| payload_number(json_object_get(incident, "status"), status);
}

/* An empty map is [] in PHP, and some proxies' caches make it a text. */
static json_t *
meta_of(const json_t *incident)
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

static bool
bears_title(const json_t *incident, const char *title)
{
	json_t *ours = cachet_look_name(title);
	bool same = is_text(
		json_object_get(incident, "name"), json_string_value(ours));
	json_decref(ours);
	return same;
}

static bool
is_open(const json_t *incident)
{
	int64_t status;
	return cachet_look_status(incident, &status)
		&& status >= CACHET_INVESTIGATING && status < CACHET_FIXED;
}

static bool
is_of_component(const json_t *incident, int64_t component)
{
	int64_t found;
	return component <= 0
		|| !payload_number(
			json_object_get(incident, "component_id"), &found)
		|| found == component;
}

static bool
is_of_endpoint(const json_t *incident, const json_t *meta,
	const struct event_endpoint *endpoint)
{
	if (!is_of_component(incident, endpoint->component_id))
		return false;
	const json_t *name = json_object_get(meta, "endpoint");
	if (name)
		return is_text(name, endpoint->name);
	return bears_title(incident, endpoint->titles.outage)
		|| bears_title(incident, endpoint->titles.performance);
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
look_at(const json_t *incident, const struct event *event,
	struct cachet_look *look)
{
	int64_t id;
	if (!payload_number(json_object_get(incident, "id"), &id) || id <= 0)
		return;
	if (json_object_get(incident, "meta"))
		look->has_marks = true;

	json_t *meta = meta_of(incident);
	if (*event->incident != '\0'
		&& is_text(json_object_get(meta, "curlew"), event->incident))
		insert(look->marked, &look->n_marked, id, true);
	if (is_open(incident)
		&& is_of_endpoint(incident, meta, &event->endpoint))
		insert(look->open, &look->n_open, id, false);
	json_decref(meta);
}

bool
cachet_look_read(const struct http_response *answer, const struct event *event,
	struct cachet_look *look)
{
	*look = (struct cachet_look){ 0 };
	json_t *data = cachet_call_data(answer);
	bool is_list = json_is_array(data);
	size_t i;
	json_t *incident;
	json_array_foreach (data, i, incident)
		look_at(incident, event, look);
	json_decref(data);
	return is_list;
}
