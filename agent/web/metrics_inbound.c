/* Of other monitors: what they send, and how what they watch is. */
#include "agent/agent.h"
#include "agent/external.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

static void
put(const struct web_metrics_family *family, struct buf *out,
	const char *outcome, uint64_t value)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	if (outcome)
		web_metrics_label(&sample, "outcome", outcome);
	web_metrics_put(&sample, value);
}

static void
add_requests(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct external_stats stats =
		externals_stats(agent_view(agent).externals);
	put(family, out, "taken", stats.taken);
	put(family, out, "refused", stats.refused);
	put(family, out, "deferred", stats.deferred);
}

static void
add_messages(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct external_stats stats =
		externals_stats(agent_view(agent).externals);
	put(family, out, "opened", stats.opened);
	put(family, out, "closed", stats.closed);
	put(family, out, "notice", stats.notices);
	put(family, out, "repeated", stats.repeated);
	put(family, out, "dropped", stats.dropped);
	put(family, out, "expired", stats.expired);
}

static void
add_problems(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, NULL,
		externals_stats(agent_view(agent).externals).problems);
}

static void
add_status(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	const struct externals *externals = agent_view(agent).externals;
	for (size_t i = 0; i < externals_count(externals); i++) {
		struct external_subject subject = externals_at(externals, i);
		struct web_metrics_sample sample =
			web_metrics_sample(out, family->name);
		web_metrics_label(&sample, "name", subject.name);
		web_metrics_put(&sample, (uint64_t)subject.status);
	}
}

const struct web_metrics_family web_metrics_of_inbound[] = {
	{ "curlew_inbound_requests_total", "counter",
		"Requests of other monitors, by outcome; what is deferred is "
		"to come again.",
		.of_agent = add_requests },
	{ "curlew_inbound_messages_total", "counter",
		"What other monitors said, by what came of it.",
		.of_agent = add_messages },
	{ "curlew_inbound_problems", "gauge",
		"Problems of other monitors that are open.",
		.of_agent = add_problems },
	{ "curlew_external_status", "gauge",
		"How what other monitors watch is: 1 operational, 2 "
		"performance issues, 3 partial outage, 4 major outage.",
		.of_agent = add_status },
	{ 0 },
};
