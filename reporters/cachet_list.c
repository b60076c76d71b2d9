/*
 * All that Cachet shows: its components, then the incidents that are open, then
 * one by one those of ours that are not among them, then metrics, if somebody
 * asks for them.
 *
 *     components, page 1, 2, ... --> incidents --> one, another, ...
 *                                      metrics, page 1, 2, ... --> done
 *
 * The address of the next page is made by ourselves: what Cachet says of it
 * lacks our filters, or has a name of the server that nobody else knows.
 * Cachet 2 takes every other parameter for a filter and cannot have one beside
 * `page`: there, incidents are asked for by their status, the newest first, and
 * as many as there are at once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

enum {
	PAGES_MAX = 40, /* of one list */
	PER_PAGE = 100, /* as many as Cachet 3 gives */
	AT_ONCE_MAX = 1000, /* where there are no pages */
	STATUSES = 3, /* of open incidents, from CACHET_INVESTIGATING */
};

enum stage {
	LIST_COMPONENTS = 0,
	LIST_INCIDENTS,
	LIST_ONE,
	LIST_METRICS,
};

static const char *const words[] = {
	[LIST_COMPONENTS] = "components",
	[LIST_INCIDENTS] = "incidents",
	[LIST_ONE] = "one",
	[LIST_METRICS] = "metrics",
};

enum {
	STAGES = sizeof(words) / sizeof(words[0]),
};

/** One step; the last three are its carry: "incidents 2 100". */
struct list {
	const struct cachet *cachet;
	const struct reporter_context *context;
	const struct http_response *answer;
	struct reporter_view *view;
	struct reporter_step *step;

	enum stage stage;
	int64_t at; /* a page; a status, of Cachet 2; which of those wanted */
	int64_t how; /* per page; 0: without the filter it did not like */
};

static bool
is_3(const struct list *list)
{
	return list->cachet->generation == CACHET_3;
}

/* Asking. */

static const char *
path_of_components(const struct list *list)
{
	struct arena *arena = list->context->arena;
	if (!is_3(list))
		return arena_printf(arena,
			"/components?sort=id&per_page=%d&page=%" PRId64,
			PER_PAGE, list->at);
	/* Else those that are disabled are left out, also with a token. */
	const char *filter = list->how > 0 ? "&filter%5Benabled%5D=0,1" : "";
	return arena_printf(arena,
		"/components?sort=id&per_page=%d&page=%" PRId64 "%s", PER_PAGE,
		list->at, filter);
}

static const char *
path_of_incidents(const struct list *list)
{
	struct arena *arena = list->context->arena;
	if (!is_3(list))
		return arena_printf(arena,
			"/incidents?status=%" PRId64
			"&sort=id&order=desc&per_page=%" PRId64,
			list->at, list->how);
	return arena_printf(arena,
		"/incidents?filter%%5Bstatus%%5D=0,1,2,3&sort=-id&per_page=%d"
		"&page=%" PRId64 "%s",
		PER_PAGE, list->at, cachet_generation_include(list->cachet));
}

static const char *
path_of(const struct list *list)
{
	struct arena *arena = list->context->arena;
	if (list->stage == LIST_COMPONENTS)
		return path_of_components(list);
	if (list->stage == LIST_INCIDENTS)
		return path_of_incidents(list);
	if (list->stage == LIST_METRICS)
		return arena_printf(arena,
			"/metrics?sort=id&per_page=%d&page=%" PRId64, PER_PAGE,
			list->at);
	return arena_printf(
		arena, "/incidents/%" PRId64, list->view->wanted[list->at]);
}

static void
ask(struct list *list, enum stage stage, int64_t at, int64_t how)
{
	list->stage = stage;
	list->at = at;
	list->how = how;
	snprintf(list->context->carry, REPORTER_CARRY_MAX,
		"%s %" PRId64 " %" PRId64, words[stage], at, how);
	cachet_call_get(
		list->cachet, list->context->arena, path_of(list), list->step);
}

static void
end(struct list *list)
{
	view_sort(list->view);
	outcome_done(list->step, "");
}

/* Those that were not among the open ones. */
static void
ask_one(struct list *list, size_t from)
{
	const struct reporter_view *view = list->view;
	while (from < view->n_wanted
		&& view_has_incident(view, view->wanted[from]))
		from++;
	if (from < view->n_wanted)
		ask(list, LIST_ONE, (int64_t)from, 0);
	else if (view->with_metrics)
		ask(list, LIST_METRICS, 1, PER_PAGE);
	else
		end(list);
}

/* Reading. */

static int64_t
number_of(const json_t *json, const char *key, int64_t fallback)
{
	int64_t number;
	return payload_number(json_object_get(json, key), &number) ? number
								   : fallback;
}

static const char *
text_of(struct list *list, const json_t *json, const char *key)
{
	const json_t *text = json_object_get(json, key);
	if (!json_is_string(text))
		return "";
	size_t len = json_string_length(text);
	return arena_dup_n(list->view->arena, json_string_value(text),
		len < VIEW_TEXT_MAX ? len : VIEW_TEXT_MAX);
}

static void
add_component(struct list *list, const json_t *json)
{
	int64_t id = number_of(json, "id", 0);
	int64_t status = number_of(json, "status", -1);
	if (id <= 0 || status < 0)
		return;
	struct view_component *row = view_add_component(list->view);
	if (!row)
		return;
	row->id = id;
	row->status = status;
	row->shown = number_of(json, "latest_status", status);
}

static void
add_related(struct view_incident *row, int64_t component)
{
	if (component > 0 && row->n_components < VIEW_SHARED_MAX)
		row->components[row->n_components++] = component;
}

static void
read_related(struct view_incident *row, const json_t *json)
{
	const json_t *related = json_object_get(
		json_object_get(
			json_object_get(json, "relationships"), "components"),
		"data");
	size_t i;
	const json_t *one;
	json_array_foreach (related, i, one)
		add_related(row, number_of(one, "id", 0));
	if (row->n_components == 0)
		add_related(row, number_of(json, "component_id", 0));
}

static void
add_incident(struct list *list, const json_t *json)
{
	int64_t id = number_of(json, "id", 0);
	int64_t status;
	if (id <= 0 || !cachet_look_status(json, &status))
		return;
	struct view_incident *row = view_add_incident(list->view);
	if (!row)
		return;
	row->id = id;
	row->state = status == CACHET_FIXED ? VIEW_FIXED : VIEW_OPEN;
	row->name = text_of(list, json, "name");
	read_related(row, json);
	json_t *meta = cachet_look_meta(json);
	row->mark = text_of(list, meta, "curlew");
	row->endpoint = text_of(list, meta, "endpoint");
	json_decref(meta);
}

static void
add_metric(struct list *list, const json_t *json)
{
	int64_t id = number_of(json, "id", 0);
	if (id > 0)
		view_add_metric(list->view, id);
}

/** What an answer says of the list as a whole. */
struct extent {
	bool good;
	size_t count; /* in this answer */
	int64_t total; /* in all; -1: it does not say */
	bool more; /* there are more pages */
};

static bool
has_more(const struct list *list, const json_t *root, size_t count)
{
	const json_t *links = json_object_get(root, "links");
	const json_t *pagination =
		json_object_get(json_object_get(root, "meta"), "pagination");
	if (count == 0)
		return false;
	if (is_3(list) && links)
		return json_is_string(json_object_get(links, "next"));
	if (!is_3(list) && pagination)
		return number_of(pagination, "total_pages", 0) > list->at;
	return count >= PER_PAGE;
}

static struct extent
read_list(struct list *list,
	void (*add)(struct list *list, const json_t *resource))
{
	json_t *data = cachet_call_data(list->answer);
	json_t *root = payload_read(list->answer);
	const json_t *pagination =
		json_object_get(json_object_get(root, "meta"), "pagination");
	struct extent extent = {
		.good = json_is_array(data),
		.count = json_array_size(data),
		.total = number_of(pagination, "total", -1),
		.more = has_more(list, root, json_array_size(data)),
	};
	size_t i;
	const json_t *resource;
	json_array_foreach (data, i, resource)
		add(list, resource);
	json_decref(root);
	json_decref(data);
	return extent;
}

/* Going on. */

/* A list that cannot be had is no reason to hold back what is to be told. */
static void
trouble(struct list *list)
{
	cachet_call_trouble(
		list->cachet, list->answer, list->context, list->step);
	cachet_generation_doubt(list->cachet, list->answer, list->step);
	if (list->step->kind != STEP_SUSPENDED || !list->step->refused)
		list->step->kind = STEP_RETRY;
	list->context->carry[0] = '\0';
}

/* False when that was the last page that we want. */
static bool
next_page(struct list *list, const struct extent *extent)
{
	if (!extent->more)
		return false;
	if (list->at >= PAGES_MAX) {
		list->view->cut = true;
		return false;
	}
	ask(list, list->stage, list->at + 1, list->how);
	return true;
}

static void
begin_incidents(struct list *list)
{
	ask(list, LIST_INCIDENTS, is_3(list) ? 1 : CACHET_INVESTIGATING,
		PER_PAGE);
}

static void
on_components(struct list *list)
{
	if (is_3(list) && list->answer->status == 400 && list->how > 0) {
		ask(list, LIST_COMPONENTS, list->at, 0);
		return;
	}
	struct extent extent = read_list(list, add_component);
	if (!extent.good)
		trouble(list);
	else if (!next_page(list, &extent))
		begin_incidents(list);
}

/* Those of one status, of Cachet 2, all at once. */
static void
next_status(struct list *list, const struct extent *extent)
{
	bool all = extent->total >= 0 ? extent->total <= (int64_t)extent->count
				      : (int64_t)extent->count < list->how;
	if (!all && list->how < AT_ONCE_MAX) {
		ask(list, LIST_INCIDENTS, list->at, AT_ONCE_MAX);
		return;
	}
	if (!all)
		list->view->cut = true;
	if (list->at < STATUSES)
		ask(list, LIST_INCIDENTS, list->at + 1, PER_PAGE);
	else
		ask_one(list, 0);
}

static void
on_incidents(struct list *list)
{
	if (cachet_generation_ask_less(list->cachet, list->answer)) {
		ask(list, LIST_INCIDENTS, list->at, list->how);
		return;
	}
	struct extent extent = read_list(list, add_incident);
	if (!extent.good)
		trouble(list);
	else if (!is_3(list))
		next_status(list, &extent);
	else if (!next_page(list, &extent))
		ask_one(list, 0);
}

static void
add_gone(struct list *list, int64_t id)
{
	struct view_incident *row = view_add_incident(list->view);
	if (!row)
		return;
	row->id = id;
	row->state = VIEW_GONE;
}

static void
on_one(struct list *list)
{
	json_t *data = cachet_call_data(list->answer);
	bool missing = list->answer->status == 404
		&& cachet_call_is_missing(list->answer);
	if (json_is_object(data))
		add_incident(list, data);
	else if (missing)
		add_gone(list, list->view->wanted[list->at]);
	if (json_is_object(data) || missing)
		ask_one(list, (size_t)list->at + 1);
	else
		trouble(list);
	json_decref(data);
}

/* One that is not in it may be there all the same. */
static void
on_metrics(struct list *list)
{
	struct extent extent = read_list(list, add_metric);
	if (!extent.good || !extent.more || list->at >= PAGES_MAX)
		end(list);
	else
		ask(list, LIST_METRICS, list->at + 1, list->how);
}

static bool
makes_sense(const struct list *list)
{
	if (list->stage == LIST_ONE)
		return list->at >= 0 && (size_t)list->at < list->view->n_wanted;
	return list->at > 0;
}

/* False: begin at the beginning. */
static bool
read_carry(struct list *list)
{
	const char *at = list->context->carry;
	for (size_t i = 0; i < STAGES; i++) {
		if (!str_starts(at, words[i]))
			continue;
		char *end;
		list->stage = (enum stage)i;
		list->at = strtoll(at + strlen(words[i]), &end, 10);
		list->how = strtoll(end, &end, 10);
		return *end == '\0' && makes_sense(list);
	}
	return false;
}

void
cachet_list_step(const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_view *view,
	struct reporter_step *step)
{
	struct list list = {
		.cachet = cachet,
		.context = context,
		.answer = answer,
		.view = view,
		.step = step,
	};
	if (!answer || !read_carry(&list)) {
		view_clear(view);
		ask(&list, LIST_COMPONENTS, 1, PER_PAGE);
	} else if (list.stage == LIST_COMPONENTS) {
		on_components(&list);
	} else if (list.stage == LIST_INCIDENTS) {
		on_incidents(&list);
	} else if (list.stage == LIST_ONE) {
		on_one(&list);
	} else {
		on_metrics(&list);
	}
}

static bool
is_of_component(const struct view_incident *incident, int64_t component)
{
	if (component <= 0 || incident->n_components == 0)
		return true;
	for (size_t i = 0; i < incident->n_components; i++)
		if (incident->components[i] == component)
			return true;
	return false;
}

/* As it is, also if this Cachet was another then, or as it would have it. */
static bool
is_same(const char *there, const char *text, json_t *ours)
{
	const char *as_ours = json_string_value(ours);
	bool same = str_eq(there, text) || (as_ours && str_eq(there, as_ours));
	json_decref(ours);
	return same;
}

static bool
is_titled(const struct cachet *cachet, const char *name, const char *title)
{
	return is_same(name, title, cachet_text_name(cachet, title));
}

bool
cachet_list_owns(const struct cachet *cachet,
	const struct view_incident *incident,
	const struct event_endpoint *endpoint)
{
	if (!is_of_component(incident, endpoint->component_id))
		return false;
	if (*incident->endpoint != '\0')
		return is_same(incident->endpoint, endpoint->name,
			cachet_text(cachet, endpoint->name));
	const struct event_titles *titles = &endpoint->titles;
	return is_titled(cachet, incident->name, titles->outage)
		|| is_titled(cachet, incident->name, titles->performance);
}
