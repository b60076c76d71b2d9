#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/scrape.h"
#include "agent/http/url.h"
#include "conf/conf.h"
#include "conf/extend.h"
#include "conf/quote.h"
#include "conf/settings.h"

enum {
	SECTION_MAX = 16 * 1024,
};

/* Of the Cachet that was read; 0 for none. */
static int64_t
component_of(
	const struct scrape_merge *merge, const struct conf_endpoint *endpoint)
{
	const struct conf_cachet_place *places = endpoint->places.items;
	for (size_t i = 0; i < endpoint->places.count; i++)
		if (!merge->cachet || str_eq(places[i].cachet, merge->cachet))
			return places[i].component_id;
	return merge->cachet ? 0 : endpoint->component_id;
}

static bool
is_watched(const struct scrape_merge *merge, int64_t component)
{
	const struct conf_endpoint *endpoints = merge->conf->endpoints.items;
	for (size_t i = 0; i < merge->conf->endpoints.count; i++)
		if (component_of(merge, &endpoints[i]) == component)
			return true;
	return false;
}

static const struct scrape_component *
find(const struct scrape *scrape, int64_t component)
{
	for (size_t i = 0; i < scrape->n_components; i++)
		if (scrape->components[i].id == component)
			return &scrape->components[i];
	return NULL;
}

static void
tell(struct scrape_merge *merge, const char *what, const char *name,
	int64_t component, const char *why)
{
	struct buf *told = merge->told;
	buf_printf(told, "%s: ", what);
	conf_quote_comment(told, name);
	buf_printf(
		told, " (component %" PRId64 ")%s", component, why ? ", " : "");
	conf_quote_comment(told, why ? why : "");
	buf_add_char(told, '\n');
}

static bool
is_same_url(const char *left, const char *right, struct arena *arena)
{
	struct err err;
	struct url a, b;
	const char *text;
	return url_normalise(left, arena, &text, &err)
		&& url_parse(text, arena, &a, &err)
		&& url_normalise(right, arena, &text, &err)
		&& url_parse(text, arena, &b, &err)
		&& str_eq(a.scheme, b.scheme) && str_eq(a.host, b.host)
		&& a.port == b.port && str_eq(a.target, b.target);
}

static void
tell_changed(struct scrape_merge *merge, const struct scrape *scrape,
	const struct conf_endpoint *endpoint,
	const struct scrape_component *component)
{
	const char *url = conf_chosen_text(&endpoint->probe, "url");
	if (!component->enabled)
		tell(merge, "disabled", endpoint->name, component->id,
			"in Cachet; it stays as it is");
	if (url && !component->trouble
		&& !is_same_url(component->link, url, scrape->arena))
		tell(merge, "another link", endpoint->name, component->id,
			arena_printf(scrape->arena,
				"Cachet has %s, and %s is watched; it stays as "
				"it is",
				url_public(component->link, scrape->arena),
				url_public(url, scrape->arena)));
}

static void
tell_gone(struct scrape_merge *merge, const struct conf_endpoint *endpoint,
	int64_t component)
{
	tell(merge, "gone", endpoint->name, component,
		merge->sees_all ? "which Cachet has no more; it stays as it is"
				: "or hidden from who has no token; it stays "
				  "as it is");
	merge->gone++;
}

static void
tell_of_watched(struct scrape_merge *merge, const struct scrape *scrape)
{
	const struct conf_endpoint *endpoints = merge->conf->endpoints.items;
	for (size_t i = 0; i < merge->conf->endpoints.count; i++) {
		int64_t id = component_of(merge, &endpoints[i]);
		const struct scrape_component *component = find(scrape, id);
		if (component)
			tell_changed(merge, scrape, &endpoints[i], component);
		else if (id != 0)
			tell_gone(merge, &endpoints[i], id);
	}
}

static size_t
choose(struct scrape_merge *merge, const struct scrape *scrape,
	const struct scrape_defaults *defaults,
	struct conf_draft_endpoint *endpoints)
{
	size_t n = 0;
	for (size_t i = 0; i < scrape->n_components; i++) {
		const struct scrape_component *component =
			&scrape->components[i];
		if (component->left_out || is_watched(merge, component->id))
			continue;
		if (component->trouble || !component->enabled) {
			tell(merge, "left out", component->endpoint,
				component->id,
				component->trouble ? component->trouble
						   : "which is disabled");
			continue;
		}
		cli_scrape_endpoint(scrape, component, defaults, &endpoints[n]);
		endpoints[n++].cachet = merge->cachet;
		tell(merge, "added", component->endpoint, component->id, NULL);
	}
	return n;
}

bool
cli_scrape_merge(struct scrape_merge *merge, const struct scrape *scrape,
	const struct scrape_defaults *defaults, struct conf_text *text,
	struct err *err)
{
	struct conf_draft_endpoint *endpoints = arena_alloc(
		scrape->arena, (scrape->n_components + 1) * sizeof(*endpoints));
	merge->added = choose(merge, scrape, defaults, endpoints);
	tell_of_watched(merge, scrape);
	if (merge->added == 0) {
		*text = *merge->old;
		return true;
	}
	struct buf section;
	buf_init(&section, SECTION_MAX);
	cli_scrape_cachet_section(&section, scrape, merge->access);
	bool has_cachet = merge->conf->cachets.count > 0;
	bool good = conf_extend(merge->old, endpoints, merge->added,
		has_cachet ? NULL : section.data, scrape->arena, text, err);
	buf_finish(&section);
	return good;
}
