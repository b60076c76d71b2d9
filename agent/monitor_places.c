/*
 * In which Cachets an endpoint is, and as which of their components: what
 * several endpoints share shows the worst of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/monitor_internal.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

enum {
	COMPONENT_KEY_SIZE = 48,
};

/* Cachets. */

/* Ids outlive the reporters that have them; n_cachets when it is new. */
static size_t
number_of(const struct monitors *monitors, const char *id)
{
	size_t i = 0;
	while (i < monitors->n_cachets && !str_eq(monitors->cachets[i], id))
		i++;
	return i;
}

static const char *
keep_id(struct monitors *monitors, const char *id)
{
	size_t i = number_of(monitors, id);
	if (i == monitors->n_cachets) {
		monitors->cachets =
			mem_grow(monitors->cachets, i + 1, sizeof(char *));
		monitors->cachets[monitors->n_cachets++] = mem_dup(id);
	}
	return monitors->cachets[i];
}

static const struct reporter *
cachet_named(const struct monitors *monitors, const char *name)
{
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (reporter->audience == AUDIENCE_ACTIONS && reporter->name
			&& str_eq(reporter->name, name))
			return reporter;
	}
	return NULL;
}

/* NULL also when there are several. */
static const struct reporter *
only_cachet(const struct monitors *monitors)
{
	const struct reporter *only = NULL;
	for (size_t i = 0; i < monitors->n_reporters; i++) {
		const struct reporter *reporter = monitors->reporters[i];
		if (reporter->audience != AUDIENCE_ACTIONS)
			continue;
		if (only)
			return NULL;
		only = reporter;
	}
	return only;
}

/* Places. */

static void
add(struct monitors *monitors, struct monitor_places *places,
	const struct reporter *cachet, const struct conf_cachet_place *from)
{
	places->items[places->n++] = (struct event_place){
		.reporter = keep_id(monitors, cachet->id),
		.component_id = from->component_id,
		.metric_id = from->metric_id,
	};
}

struct monitor_places
monitor_places_of(struct monitors *monitors, const struct conf_endpoint *conf)
{
	struct conf_cachet_place usual = {
		.component_id = conf->component_id,
		.metric_id = conf->metric_id,
	};
	const struct reporter *only =
		conf->places.count == 0 ? only_cachet(monitors) : NULL;
	struct monitor_places places = { 0 };
	if (!only && conf->places.count == 0)
		return places;
	size_t n = only ? 1 : conf->places.count;
	places.items = mem_grow(NULL, n, sizeof(struct event_place));
	if (only)
		add(monitors, &places, only, &usual);
	const struct conf_cachet_place *given = conf->places.items;
	for (size_t i = 0; i < conf->places.count; i++) {
		const struct reporter *cachet =
			cachet_named(monitors, given[i].cachet);
		if (cachet)
			add(monitors, &places, cachet, &given[i]);
	}
	return places;
}

static const struct event_place *
find(struct monitor_places places, const char *reporter)
{
	for (size_t i = 0; i < places.n; i++)
		if (str_eq(places.items[i].reporter, reporter))
			return &places.items[i];
	return NULL;
}

static bool
is_still_there(const struct monitors *monitors, const char *id)
{
	for (size_t i = 0; i < monitors->n_reporters; i++)
		if (str_eq(monitors->reporters[i]->id, id))
			return true;
	return false;
}

bool
monitor_places_move(const struct monitors *monitors,
	struct monitor_places before, struct monitor_places after)
{
	for (size_t i = 0; i < before.n; i++) {
		const struct event_place *was = &before.items[i];
		const struct event_place *is = find(after, was->reporter);
		if (is ? is->component_id != was->component_id
		       : is_still_there(monitors, was->reporter))
			return true;
	}
	return false;
}

bool
monitor_places_differ(struct monitor_places before, struct monitor_places after)
{
	if (before.n != after.n)
		return true;
	for (size_t i = 0; i < before.n; i++) {
		const struct event_place *was = &before.items[i];
		const struct event_place *is = find(after, was->reporter);
		if (!is || is->component_id != was->component_id)
			return true;
	}
	return false;
}

/* Components. */

static void
component_key(const struct monitors *monitors, const char *cachet,
	int64_t component_id, char key[static COMPONENT_KEY_SIZE])
{
	snprintf(key, COMPONENT_KEY_SIZE, "%zu/%" PRId64,
		number_of(monitors, cachet), component_id);
}

static void
share(struct monitors *monitors, struct monitor *monitor,
	const struct event_place *place)
{
	char key[COMPONENT_KEY_SIZE];
	component_key(monitors, place->reporter, place->component_id, key);
	struct sharers *sharers = map_get(monitors->by_component, key);
	if (!sharers) {
		sharers = mem_zalloc(sizeof(*sharers));
		map_put(monitors->by_component, key, sharers);
	}
	/* Grown by doubling: n is a power of two when it is full. */
	if ((sharers->n & (sharers->n - 1)) == 0)
		sharers->items = mem_grow(sharers->items,
			sharers->n > 0 ? sharers->n * 2 : 1,
			sizeof(struct monitor *));
	sharers->items[sharers->n++] = monitor;
}

static void
unshare(struct monitors *monitors, const struct monitor *monitor,
	const struct event_place *place)
{
	char key[COMPONENT_KEY_SIZE];
	component_key(monitors, place->reporter, place->component_id, key);
	struct sharers *sharers = map_get(monitors->by_component, key);
	for (size_t i = 0; sharers && i < sharers->n; i++) {
		if (sharers->items[i] != monitor)
			continue;
		sharers->items[i] = sharers->items[--sharers->n];
		break;
	}
	if (sharers && sharers->n == 0) {
		map_remove(monitors->by_component, key);
		free(sharers->items);
		free(sharers);
	}
}

static bool
has_action(const struct monitor *monitor, enum event_action action)
{
	const int *actions = monitor->conf->action.items;
	for (size_t i = 0; i < monitor->conf->action.count; i++)
		if (actions[i] == (int)action)
			return true;
	return false;
}

/* Both set the component; points say nothing of it. */
static bool
counts(const struct monitor *monitor)
{
	return has_action(monitor, ACTION_CREATE_INCIDENT)
		|| has_action(monitor, ACTION_UPDATE_STATUS);
}

void
monitor_place(struct monitors *monitors, struct monitor *monitor,
	struct monitor_places places)
{
	monitor->places = places.items;
	monitor->n_places = places.n;
	for (size_t i = 0; i < places.n; i++)
		if (places.items[i].component_id > 0 && counts(monitor))
			share(monitors, monitor, &places.items[i]);
}

struct monitor_places
monitor_unplace(struct monitors *monitors, struct monitor *monitor)
{
	struct monitor_places places = { monitor->places, monitor->n_places };
	for (size_t i = 0; i < places.n; i++)
		unshare(monitors, monitor, &places.items[i]);
	monitor->places = NULL;
	monitor->n_places = 0;
	return places;
}

static bool
mirrors(const struct monitor *monitor)
{
	return has_action(monitor, ACTION_UPDATE_STATUS)
		&& monitor->verdict.announced != STATUS_UNKNOWN;
}

const struct monitor *
monitor_mirroring(
	const struct monitors *monitors, const struct event_place *place)
{
	char key[COMPONENT_KEY_SIZE];
	component_key(monitors, place->reporter, place->component_id, key);
	const struct sharers *sharers = map_get(monitors->by_component, key);
	for (size_t i = 0; sharers && i < sharers->n; i++)
		if (mirrors(sharers->items[i]))
			return sharers->items[i];
	return NULL;
}

enum status
monitors_mirror(void *cookie, const struct reporter *reporter,
	int64_t component_id, bool only_setters)
{
	const struct monitors *monitors = cookie;
	char key[COMPONENT_KEY_SIZE];
	component_key(monitors, reporter->id, component_id, key);
	const struct sharers *sharers = map_get(monitors->by_component, key);

	enum status worst = only_setters ? STATUS_UNKNOWN : STATUS_OPERATIONAL;
	for (size_t i = 0; sharers && i < sharers->n; i++) {
		const struct monitor *sharer = sharers->items[i];
		enum status announced = sharer->verdict.announced;
		if (announced > worst && (mirrors(sharer) || !only_setters))
			worst = announced;
	}
	return worst;
}

static void
free_sharers(void *cookie, const char *key, void *thing)
{
	(void)cookie;
	(void)key;
	struct sharers *sharers = thing;
	free(sharers->items);
	free(sharers);
}

void
monitor_free_places(struct monitors *monitors)
{
	map_each(monitors->by_component, free_sharers, NULL);
	map_free(monitors->by_component);
	for (size_t i = 0; i < monitors->n_cachets; i++)
		free(monitors->cachets[i]);
	free(monitors->cachets);
}
