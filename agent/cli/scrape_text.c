#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/places.h"
#include "agent/cli/scrape.h"
#include "agent/http/url.h"
#include "conf/quote.h"

static void
add_quoted(struct buf *out, const char *text)
{
	buf_add_char(out, '"');
	conf_quote_comment(out, text);
	buf_add_char(out, '"');
}

static void
add_head(struct buf *out, const struct scrape *scrape)
{
	buf_printf(out,
		"# yaml-language-server: $schema=%s\n"
		"#\n"
		"# The components of ",
		cli_schema_place);
	conf_quote_comment(out, url_public(scrape->api_url, scrape->arena));
	buf_add_text(out,
		",\n"
		"# by `curlew scrape`.  `curlew check` tells mistakes, `curlew "
		"explain KEY` what a\n"
		"# key means; `curlew scrape URL --update FILE` adds what is "
		"new there.\n\n");
}

void
cli_scrape_cachet_section(struct buf *out, const struct scrape *scrape,
	const struct scrape_access *access)
{
	buf_add_text(out, "cachet:\n  api_url: ");
	conf_quote_text(out, scrape->api_url);
	if (access->inline_token) {
		buf_add_text(out, "\n  token: ");
		conf_quote_text(out, access->inline_token);
		buf_add_char(out, '\n');
	} else {
		buf_add_text(out,
			"\n  token: # of the first that has one\n"
			"    - {type: ENVIRONMENT_VARIABLE, value: "
			"CACHET_TOKEN}\n");
	}
	if (access->ca_file) {
		buf_add_text(out, "  ca_file: ");
		conf_quote_text(out, access->ca_file);
		buf_add_char(out, '\n');
	}
	if (access->insecure)
		buf_add_text(out, "  insecure: true\n");
}

static void
add_group(struct buf *out, const struct scrape_group *group)
{
	buf_add_text(out, "  # Group ");
	if (group)
		add_quoted(out, group->name);
	else
		buf_add_text(out, "of none");
	buf_add_text(out, ":\n");
}

static void
add_component(struct buf *out, const struct scrape *scrape,
	const struct scrape_component *component,
	const struct scrape_defaults *defaults)
{
	struct conf_draft_endpoint endpoint;
	cli_scrape_endpoint(scrape, component, defaults, &endpoint);
	if (component->other) {
		buf_printf(out,
			"  # Metric %" PRId64
			" has the name of this one, but no time as its unit: ",
			component->other->id);
		add_quoted(out, component->other->suffix);
		buf_add_text(out, ".\n");
	}
	if (!component->enabled)
		buf_add_text(out, "  # Disabled in Cachet:\n");
	conf_draft_lines(out, component->enabled ? "  " : "  # ", &endpoint);
}

static void
add_endpoints(struct buf *out, const struct scrape *scrape,
	const struct scrape_defaults *defaults)
{
	const struct scrape_component *before = NULL;
	buf_add_text(out, "\nendpoints:\n");
	for (size_t i = 0; i < scrape->n_components; i++) {
		const struct scrape_component *component =
			&scrape->components[i];
		if (component->trouble || component->left_out)
			continue;
		if (before)
			buf_add_char(out, '\n');
		if (scrape->n_groups > 0
			&& (!before || before->group != component->group))
			add_group(out, component->group);
		add_component(out, scrape, component, defaults);
		before = component;
	}
}

static void
add_unusable(struct buf *out, const struct scrape *scrape)
{
	bool begun = false;
	for (size_t i = 0; i < scrape->n_components; i++) {
		const struct scrape_component *component =
			&scrape->components[i];
		if (!component->trouble || component->left_out)
			continue;
		if (!begun)
			buf_add_text(out,
				"\n# Components that cannot be probed as they "
				"are:\n");
		begun = true;
		buf_printf(out, "#   %" PRId64 " ", component->id);
		add_quoted(out, component->name);
		buf_add_text(out, component->enabled ? ": " : ", disabled: ");
		conf_quote_comment(out, component->trouble);
		buf_add_char(out, '\n');
	}
}

static void
add_metrics(struct buf *out, const struct scrape *scrape)
{
	bool begun = false;
	for (size_t i = 0; i < scrape->n_metrics; i++) {
		const struct scrape_metric *metric = &scrape->metrics[i];
		if (metric->taken)
			continue;
		if (!begun)
			buf_add_text(out,
				"\n# Metrics of which it is not certain whose "
				"they are; `metric_id` with\n"
				"# PUSH_METRICS among the actions feeds "
				"them:\n");
		begun = true;
		buf_printf(out, "#   %" PRId64 " ", metric->id);
		add_quoted(out, metric->name);
		buf_add_text(out, " in ");
		add_quoted(out, metric->suffix);
		buf_add_char(out, '\n');
	}
}

void
cli_scrape_text(struct buf *out, const struct scrape *scrape,
	const struct scrape_defaults *defaults,
	const struct scrape_access *access)
{
	add_head(out, scrape);
	cli_scrape_cachet_section(out, scrape, access);
	add_endpoints(out, scrape, defaults);
	add_unusable(out, scrape);
	if (defaults->metrics && !defaults->group)
		add_metrics(out, scrape);
}
