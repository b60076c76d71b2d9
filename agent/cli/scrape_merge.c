#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/scrape.h"
#include "conf/conf.h"
#include "conf/extend.h"
#include "conf/quote.h"

enum {
	SECTION_MAX = 16 * 1024,
};

static bool
is_watched(const struct conf *conf, int64_t component)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	for (size_t i = 0; i < conf->endpoints.count; i++)
		if (endpoints[i].component_id == component)
			return true;
	return false;
}

static bool
is_there(const struct scrape *scrape, int64_t component)
{
	for (size_t i = 0; i < scrape->n_components; i++)
		if (scrape->components[i].id == component)
			return true;
	return false;
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

static void
tell_gone(struct scrape_merge *merge, const struct scrape *scrape)
{
	const struct conf_endpoint *endpoints = merge->conf->endpoints.items;
	for (size_t i = 0; i < merge->conf->endpoints.count; i++) {
		int64_t component = endpoints[i].component_id;
		if (component == 0 || is_there(scrape, component))
			continue;
		tell(merge, "gone", endpoints[i].name, component,
			merge->sees_all ? "which Cachet has no more; it stays "
					  "as it is"
					: "or hidden from who has no token; it "
					  "stays as it is");
		merge->gone++;
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
		if (component->left_out
			|| is_watched(merge->conf, component->id))
			continue;
		if (component->trouble || !component->enabled) {
			tell(merge, "left out", component->endpoint,
				component->id,
				component->trouble ? component->trouble
						   : "which is disabled");
			continue;
		}
		cli_scrape_endpoint(
			scrape, component, defaults, &endpoints[n++]);
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
	tell_gone(merge, scrape);
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
