#include "reporters/view.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"

enum {
	FIRST_ROOM = 16,
};

struct reporter_view *
view_new(void)
{
	struct reporter_view *view = mem_zalloc(sizeof(*view));
	view->arena = arena_new_small();
	return view;
}

void
view_free(struct reporter_view *view)
{
	if (!view)
		return;
	free(view->components);
	free(view->incidents);
	free(view->metrics);
	arena_free(view->arena);
	free(view);
}

void
view_clear(struct reporter_view *view)
{
	view->n_components = 0;
	view->n_incidents = 0;
	view->n_metrics = 0;
	view->cut = false;
	arena_reset(view->arena);
}

/* Room for one more, by doubling: a power of two is full. */
static void *
with_room(void *rows, size_t n, size_t size)
{
	if (n == 0)
		return mem_grow(rows, FIRST_ROOM, size);
	if (n < FIRST_ROOM || (n & (n - 1)) != 0)
		return rows;
	return mem_grow(rows, n * 2, size);
}

struct view_component *
view_add_component(struct reporter_view *view)
{
	if (view->n_components >= VIEW_COMPONENTS_MAX) {
		view->cut = true;
		return NULL;
	}
	view->components = with_room(view->components, view->n_components,
		sizeof(*view->components));
	struct view_component *row = &view->components[view->n_components++];
	*row = (struct view_component){ 0 };
	return row;
}

struct view_incident *
view_add_incident(struct reporter_view *view)
{
	if (view->n_incidents >= VIEW_INCIDENTS_MAX) {
		view->cut = true;
		return NULL;
	}
	view->incidents = with_room(
		view->incidents, view->n_incidents, sizeof(*view->incidents));
	struct view_incident *row = &view->incidents[view->n_incidents++];
	*row = (struct view_incident){ .name = "", .mark = "", .endpoint = "" };
	return row;
}

void
view_add_metric(struct reporter_view *view, int64_t id)
{
	if (view->n_metrics >= VIEW_METRICS_MAX)
		return;
	view->metrics = with_room(
		view->metrics, view->n_metrics, sizeof(*view->metrics));
	view->metrics[view->n_metrics++] = id;
}

static int
by_id(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_components(const void *a, const void *b)
{
	const struct view_component *left = a;
	const struct view_component *right = b;
	return by_id(left->id, right->id);
}

static int
compare_incidents(const void *a, const void *b)
{
	const struct view_incident *left = a;
	const struct view_incident *right = b;
	return by_id(left->id, right->id);
}

static int
compare_metrics(const void *a, const void *b)
{
	const int64_t *left = a;
	const int64_t *right = b;
	return by_id(*left, *right);
}

/* Rows that move while pages are read may come twice. */
static void
drop_twins(struct reporter_view *view)
{
	size_t kept = 0;
	for (size_t i = 0; i < view->n_incidents; i++)
		if (kept == 0
			|| view->incidents[kept - 1].id
				!= view->incidents[i].id)
			view->incidents[kept++] = view->incidents[i];
	view->n_incidents = kept;
	kept = 0;
	for (size_t i = 0; i < view->n_components; i++)
		if (kept == 0
			|| view->components[kept - 1].id
				!= view->components[i].id)
			view->components[kept++] = view->components[i];
	view->n_components = kept;
}

void
view_sort(struct reporter_view *view)
{
	if (view->n_components > 0)
		qsort(view->components, view->n_components,
			sizeof(*view->components), compare_components);
	if (view->n_incidents > 0)
		qsort(view->incidents, view->n_incidents,
			sizeof(*view->incidents), compare_incidents);
	if (view->n_metrics > 0)
		qsort(view->metrics, view->n_metrics, sizeof(*view->metrics),
			compare_metrics);
	drop_twins(view);
}

const struct view_component *
view_component(const struct reporter_view *view, int64_t id)
{
	struct view_component key = { .id = id };
	if (view->n_components == 0)
		return NULL;
	return bsearch(&key, view->components, view->n_components,
		sizeof(*view->components), compare_components);
}

const struct view_incident *
view_incident(const struct reporter_view *view, int64_t id)
{
	struct view_incident key = { .id = id };
	if (view->n_incidents == 0)
		return NULL;
	return bsearch(&key, view->incidents, view->n_incidents,
		sizeof(*view->incidents), compare_incidents);
}

bool
view_has_metric(const struct reporter_view *view, int64_t id)
{
	return view->n_metrics > 0
		&& bsearch(&id, view->metrics, view->n_metrics,
			sizeof(*view->metrics), compare_metrics);
}

bool
view_has_incident(const struct reporter_view *view, int64_t id)
{
	for (size_t i = 0; i < view->n_incidents; i++)
		if (view->incidents[i].id == id)
			return true;
	return false;
}
