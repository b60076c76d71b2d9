/* Of what people ordered and what still holds. */
#include "agent/agent.h"
#include "agent/orders.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

static void
add_orders(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	static const struct {
		const char *word;
		enum store_order_kind kind;
	} kinds[] = {
		{ "removed", STORE_ORDER_REMOVED },
		{ "muted", STORE_ORDER_MUTED },
		{ "acknowledged", STORE_ORDER_TAKEN },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct web_metrics_sample sample =
			web_metrics_sample(out, family->name);
		web_metrics_label(&sample, "kind", kinds[i].word);
		web_metrics_put(&sample,
			orders_count(agent_view(agent).orders, kinds[i].kind));
	}
}

static void
add_all_muted(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put(&sample,
		orders_find(agent_view(agent).orders, STORE_ORDER_MUTED, "")
			!= NULL);
}

const struct web_metrics_family web_metrics_of_orders[] = {
	{ "curlew_orders", "gauge",
		"What people ordered that still holds: endpoints that are "
		"removed or muted, incidents that are acknowledged.",
		.of_agent = add_orders },
	{ "curlew_all_muted", "gauge",
		"1 while people are told of nothing, whatever the endpoint.",
		.of_agent = add_all_muted },
	{ 0 },
};
