/*
 * What a receiver shows of the things that we mirror and open there, as one
 * look found them: values, which whoever knows the truth compares with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
	VIEW_COMPONENTS_MAX = 20000,
	VIEW_INCIDENTS_MAX = 5000,
	VIEW_METRICS_MAX = 20000,
	VIEW_WANTED_MAX = 50, /* that are asked for one by one */
	VIEW_SHARED_MAX = 4, /* components of one incident */
	VIEW_TEXT_MAX = 1024, /* of a name or a mark */
};

struct view_component {
	int64_t id;
	int64_t status; /* as the receiver counts; 1 to 4 are ours */
	int64_t shown; /* what visitors see; the same where that is so */
};

enum view_state {
	VIEW_OPEN = 0,
	VIEW_FIXED,
	VIEW_GONE, /* there is none with this id any more */
};

struct view_incident {
	int64_t id;
	enum view_state state;
	int64_t components[VIEW_SHARED_MAX];
	size_t n_components;
	const char *name; /* its title */
	const char *mark; /* UUID of the incident that it is for; "" for none */
	const char *endpoint; /* by its mark; "" for none */
};

/** Rows are in order of id once the look is done. */
struct reporter_view {
	struct arena *arena;
	struct view_component *components;
	size_t n_components;
	struct view_incident *incidents; /* that are open, and those wanted */
	size_t n_incidents;

	/** Ids of metrics, if they are to be listed, too: that is the caller's
	 * to say. */
	int64_t *metrics;
	size_t n_metrics;
	bool with_metrics;

	/** There was more than we wanted to read. */
	bool cut;

	/** Ids of incidents that are to be found, open or not; the caller's. */
	int64_t wanted[VIEW_WANTED_MAX];
	size_t n_wanted;
};

struct reporter_view *view_new(void);

/** NULL is allowed and does nothing. */
void view_free(struct reporter_view *view);

/** Begin anew; what is wanted stays. */
void view_clear(struct reporter_view *view);

/** NULL when there are too many; `cut` says so. */
struct view_component *view_add_component(struct reporter_view *view);
struct view_incident *view_add_incident(struct reporter_view *view);

/** One that is too many is left out. */
void view_add_metric(struct reporter_view *view, int64_t id);

/** Put the rows in order; of several with one id one stays. */
void view_sort(struct reporter_view *view);

/** Of a sorted view.  NULL when it has none. */
const struct view_component *view_component(
	const struct reporter_view *view, int64_t id);
const struct view_incident *view_incident(
	const struct reporter_view *view, int64_t id);
bool view_has_metric(const struct reporter_view *view, int64_t id);

/** Also of one that is not sorted yet. */
bool view_has_incident(const struct reporter_view *view, int64_t id);
