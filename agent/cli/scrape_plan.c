/* What becomes of each component. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/cli/scrape.h"
#include "agent/http/url.h"
#include "conf/conf.h"

/* Order: as Cachet's page shows them, those of no group at the end. */

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_place(const void *left, const void *right)
{
	const struct scrape_component *a = left, *b = right;
	int order = compare(a->group == NULL, b->group == NULL);
	if (order == 0 && a->group && a->group != b->group) {
		order = compare(a->group->order, b->group->order);
		if (order == 0)
			order = compare(a->group->id, b->group->id);
	}
	if (order == 0)
		order = compare(a->order, b->order);
	return order != 0 ? order : compare(a->id, b->id);
}

static void
find_groups(struct scrape *scrape)
{
	for (size_t i = 0; i < scrape->n_components; i++) {
		struct scrape_component *component = &scrape->components[i];
		for (size_t k = 0; k < scrape->n_groups && !component->group;
			k++)
			if (scrape->groups[k].id == component->group_id)
				component->group = &scrape->groups[k];
	}
	qsort(scrape->components, scrape->n_components,
		sizeof(*scrape->components), by_place);
}

static bool
choose_group(struct scrape *scrape, const char *wanted, struct err *err)
{
	int64_t id = 0;
	const struct scrape_group *chosen = NULL;
	if (!str_int(wanted, &id))
		id = 0;
	for (size_t i = 0; i < scrape->n_groups; i++)
		if (scrape->groups[i].id == id
			|| str_eq(scrape->groups[i].name, wanted))
			chosen = &scrape->groups[i];
	if (!chosen)
		return err_set(
			err, "there is no group \"%.80s\" in Cachet", wanted);
	for (size_t i = 0; i < scrape->n_components; i++)
		scrape->components[i].left_out =
			scrape->components[i].group != chosen;
	return true;
}

/* URLs */

/* "mailto:me", where "host:80" may be meant otherwise. */
static bool
is_foreign(const char *link)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+.-";
	const char *rest = link + strspn(link, letters);
	return *rest == ':' && !str_starts(rest, "://")
		&& !(rest[1] >= '0' && rest[1] <= '9');
}

/* "//shop.test/" of a page is of the scheme that the page has. */
static const char *
whole_link(const struct scrape *scrape, const char *link)
{
	const char *api = scrape->api_url;
	if (!str_starts(link, "//"))
		return link;
	return arena_printf(scrape->arena, "%s:%s",
		api && str_starts(api, "https:") ? "https" : "http", link);
}

static const char *
trouble_of(const struct scrape_component *component, struct arena *arena)
{
	struct err err;
	const char *url;
	if (*component->link == '\0')
		return "it has no link";
	if (is_foreign(component->link))
		return arena_printf(
			arena, "its link %.100s is not http", component->link);
	if (url_normalise(component->link, arena, &url, &err))
		return NULL;
	return arena_printf(arena, "its link %.100s: %s",
		url_public(component->link, arena), err.text);
}

/* Names: no two are alike in Cachet's groups, but Cachet does not mind. */

static const char *
plain_name(const struct scrape_component *component, struct arena *arena)
{
	if (*component->name != '\0')
		return component->name;
	return arena_printf(arena, "Component %" PRId64, component->id);
}

/* Those that several have. */
static struct map *
shared_names(struct scrape *scrape)
{
	struct map *seen = map_new(), *shared = map_new();
	for (size_t i = 0; i < scrape->n_components; i++) {
		const char *name =
			plain_name(&scrape->components[i], scrape->arena);
		if (map_put(seen, name, seen))
			map_put(shared, name, shared);
	}
	map_free(seen);
	return shared;
}

static const char *
choose_name(const struct scrape_component *component, bool is_shared,
	const struct map *taken, struct arena *arena)
{
	const char *name = plain_name(component, arena);
	if (is_shared && component->group && *component->group->name != '\0')
		name = arena_printf(
			arena, "%s / %s", component->group->name, name);
	if (!map_get(taken, name))
		return name;
	const char *numbered =
		arena_printf(arena, "%s (%" PRId64 ")", name, component->id);
	for (unsigned n = 2; map_get(taken, numbered); n++)
		numbered = arena_printf(
			arena, "%s (%" PRId64 ", %u)", name, component->id, n);
	return numbered;
}

/* Metrics: of the one name that only they and one component have. */

static const char *
unit_of(const char *suffix)
{
	static const struct {
		const char *suffix, *unit;
	} units[] = { { "ms", "ms" }, { "msec", "ms" }, { "millis", "ms" },
		{ "millisecond", "ms" }, { "milliseconds", "ms" }, { "s", "s" },
		{ "sec", "s" }, { "secs", "s" }, { "second", "s" },
		{ "seconds", "s" }, { "m", "m" }, { "min", "m" },
		{ "minutes", "m" }, { "h", "h" }, { "hours", "h" } };
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_ieq(suffix, units[i].suffix))
			return units[i].unit;
	return NULL;
}

static struct scrape_metric *
only_metric(const struct scrape *scrape, const char *name)
{
	struct scrape_metric *found = NULL;
	for (size_t i = 0; i < scrape->n_metrics; i++) {
		if (!str_ieq(scrape->metrics[i].name, name))
			continue;
		if (found)
			return NULL;
		found = &scrape->metrics[i];
	}
	return found;
}

static bool
is_only_one(const struct scrape *scrape, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < scrape->n_components; i++)
		count += str_ieq(scrape->components[i].name, name);
	return count == 1;
}

static void
match_metric(const struct scrape *scrape, struct scrape_component *component)
{
	const char *name = component->name;
	struct scrape_metric *metric =
		*name != '\0' ? only_metric(scrape, name) : NULL;
	if (!metric || !is_only_one(scrape, name))
		return;
	component->unit = unit_of(metric->suffix);
	if (component->unit)
		component->metric = metric;
	else
		component->other = metric;
	metric->taken = true;
}

/* Together */

size_t
cli_scrape_usable(const struct scrape *scrape)
{
	size_t count = 0;
	for (size_t i = 0; i < scrape->n_components; i++)
		count += scrape->components[i].enabled
			&& !scrape->components[i].left_out
			&& !scrape->components[i].trouble;
	return count;
}

static void
name_all(struct scrape *scrape, struct map *taken)
{
	struct map *shared = shared_names(scrape);
	for (size_t i = 0; i < scrape->n_components; i++) {
		struct scrape_component *component = &scrape->components[i];
		const char *name = plain_name(component, scrape->arena);
		component->endpoint = choose_name(component,
			map_get(shared, name) != NULL, taken, scrape->arena);
		map_put(taken, component->endpoint, component);
	}
	map_free(shared);
}

bool
cli_scrape_plan(struct scrape *scrape, const struct scrape_defaults *defaults,
	const struct conf *conf, struct err *err)
{
	find_groups(scrape);
	struct map *taken = map_new();
	for (size_t i = 0; conf && i < conf->endpoints.count; i++) {
		const struct conf_endpoint *endpoints = conf->endpoints.items;
		map_put(taken, endpoints[i].name, taken);
	}
	name_all(scrape, taken);
	map_free(taken);
	for (size_t i = 0; i < scrape->n_components; i++) {
		struct scrape_component *component = &scrape->components[i];
		component->link = whole_link(scrape, component->link);
		component->trouble = trouble_of(component, scrape->arena);
		if (defaults->metrics)
			match_metric(scrape, component);
	}
	return !defaults->group || choose_group(scrape, defaults->group, err);
}

void
cli_scrape_endpoint(const struct scrape *scrape,
	const struct scrape_component *component,
	const struct scrape_defaults *defaults,
	struct conf_draft_endpoint *endpoint)
{
	const struct scrape_metric *metric = component->metric;
	*endpoint = (struct conf_draft_endpoint){
		.name = component->endpoint,
		.url = component->link,
		.method = defaults->method,
		.timeout = defaults->timeout,
		.rules = { {
			.type = "HTTP_STATUS",
			.key = "status_range",
			.value = defaults->status_range,
			.incident = defaults->incident,
		} },
		.n_rules = 1,
		.allowed_fails = defaults->allowed_fails,
		.component_id = component->id,
		.metric_id = metric ? metric->id : 0,
		.action = metric ? arena_printf(scrape->arena,
				  "%s, PUSH_METRICS", defaults->action)
				 : defaults->action,
		.public_incidents = defaults->public_incidents,
		.latency_unit = component->unit,
		.frequency = defaults->frequency,
	};
}
