/*
 * Of the agent: whether it probes on time, whether it can write down what it
 * sees, and what it works with.
 */
#include "agent/agent.h"
#include "agent/agent_reload.h"
#include "agent/base/histogram.h"
#include "agent/http/client.h"
#include "agent/ledger.h"
#include "agent/reconcile.h"
#include "agent/sight.h"
#include "agent/stall.h"
#include "agent/store/store.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"
#include "agent/workers.h"

/* Of a family with one sample. */
static void
put(const struct web_metrics_family *family, struct buf *out, uint64_t value)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put(&sample, value);
}

static void
put_for(const struct web_metrics_family *family, struct buf *out,
	const char *label, const char *of, uint64_t value)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_label(&sample, label, of);
	web_metrics_put(&sample, value);
}

static void
add_build(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_label(&sample, "version", CURLEW_VERSION);
	web_metrics_label(&sample, "http", http_library_version());
	web_metrics_label(&sample, "sqlite", store_library_version());
	web_metrics_put(&sample, 1);
}

static void
add_ready(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, agent_unready(agent) == NULL);
}

static void
add_trouble(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	int64_t since_ms;
	put(family, out,
		ledger_trouble(agent_view(agent).ledger, &since_ms) != NULL);
}

/* No sample where there is no certificate. */
static void
add_certificate(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	int64_t ends_ms = agent_view(agent).certificate_ends_ms;
	if (ends_ms <= 0)
		return;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put_ms(&sample, ends_ms);
}

static void
add_endpoints(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	const struct monitors *monitors = agent_view(agent).monitors;
	uint64_t counts[STATUS_COUNT] = { 0 };
	for (uint32_t i = 0; i < monitors_size(monitors); i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (monitor)
			counts[monitor->verdict.announced]++;
	}
	for (int i = 0; i < STATUS_COUNT; i++)
		put_for(family, out, "status", status_name((enum status)i),
			counts[i]);
}

static void
add_unseen(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, sight_view(agent_view(agent).sight).unseen);
}

static void
add_blind(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, *sight_view(agent_view(agent).sight).incident != '\0');
}

/* All 0 while nothing is probed. */
static struct worker_stats
stats_of(const struct agent *agent)
{
	struct workers *workers = agent_view(agent).workers;
	struct worker_stats stats = { 0 };
	if (workers)
		workers_stats(workers, &stats);
	return stats;
}

static void
add_workers(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	const struct workers *workers = agent_view(agent).workers;
	put(family, out, workers ? workers_count(workers) : 0);
}

static void
add_probes(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, stats_of(agent).probes);
}

static void
add_busy(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, stats_of(agent).busy);
}

static void
add_missed(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put(family, out, stats_of(agent).missed);
}

static void
add_lateness(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct workers *workers = agent_view(agent).workers;
	struct histogram late = { 0 };
	if (workers)
		workers_lateness(workers, &late);
	web_metrics_histogram(out, family->name, NULL, NULL, &late);
}

static void
add_turns(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct agent_view view = agent_view(agent);
	struct histogram turns = { 0 };
	if (view.workers)
		workers_turns(view.workers, &turns);
	web_metrics_histogram(
		out, family->name, "loop", "main", &view.stall->turns);
	web_metrics_histogram(out, family->name, "loop", "workers", &turns);
}

static void
add_stalls(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	put_for(family, out, "loop", "main", agent_view(agent).stall->count);
	put_for(family, out, "loop", "workers", stats_of(agent).stalls);
}

static void
add_reload_good(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	const struct agent_reload_outcome *reload = agent_view(agent).reload;
	put(family, out, reload->at_ms == 0 || reload->good);
}

/* The start counts: it loaded the file as well. */
static void
add_reload_at(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	struct agent_view view = agent_view(agent);
	int64_t at_ms = view.reload->good_at_ms;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put_ms(&sample, at_ms > 0 ? at_ms : view.started_ms);
}

static void
add_reloads(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	const struct agent_reload_outcome *reload = agent_view(agent).reload;
	put_for(family, out, "outcome", "done", reload->done);
	put_for(family, out, "outcome", "failed", reload->failed);
}

/* Of each reporter that can be looked at. */

static void
put_compared(const struct web_metrics_place *place,
	const struct reconcile_stats *stats, const char *outcome,
	uint64_t value)
{
	struct web_metrics_sample sample =
		web_metrics_sample(place->out, place->family->name);
	web_metrics_label(&sample, "reporter", stats->reporter);
	web_metrics_label(&sample, "outcome", outcome);
	web_metrics_put(&sample, value);
}

static void
on_looks(void *cookie, const struct reconcile_stats *stats)
{
	put_compared(cookie, stats, "done", stats->looks);
	put_compared(cookie, stats, "failed", stats->failures);
}

static void
on_differences(void *cookie, const struct reconcile_stats *stats)
{
	put_compared(cookie, stats, "mended", stats->mended);
	put_compared(cookie, stats, "left", stats->left);
	put_compared(cookie, stats, "taken_up", stats->adopted);
}

static void
add_compared(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct web_metrics_place place = { family, out };
	reconcile_each(agent_view(agent).reconcile, on_looks, &place);
}

static void
add_differences(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	struct web_metrics_place place = { family, out };
	reconcile_each(agent_view(agent).reconcile, on_differences, &place);
}

const struct web_metrics_family web_metrics_of_agent[] = {
	{ "curlew_build_info", "gauge", "Always 1.", .of_agent = add_build },
	{ "curlew_ready", "gauge", "Whether /-/ready says so.",
		.of_agent = add_ready },
	{ "curlew_state_trouble", "gauge",
		"1 while nothing can be written to the state file, and so "
		"nothing is told.",
		.of_agent = add_trouble },
	{ "curlew_endpoints", "gauge", "Endpoints, by announced status.",
		.of_agent = add_endpoints },
	{ "curlew_endpoints_unseen", "gauge",
		"Endpoints that could not be looked at the last time.",
		.of_agent = add_unseen },
	{ "curlew_blind", "gauge",
		"1 while the agent's own alert is open: more than half of the "
		"endpoints cannot be looked at.",
		.of_agent = add_blind },
	{ "curlew_workers", "gauge", "Threads that probe.",
		.of_agent = add_workers },
	{ "curlew_probes_total", "counter", "Probes that came to an end.",
		.of_agent = add_probes },
	{ "curlew_probes_in_progress", "gauge", "Probes under way.",
		.of_agent = add_busy },
	{ "curlew_ticks_missed_total", "counter",
		"Probes that were left out, because the one before was under "
		"way, or the agent was late.",
		.of_agent = add_missed },
	{ "curlew_probe_lateness_seconds", "histogram",
		"How late probes began after their deadlines; bounds are "
		"within three percent.",
		.of_agent = add_lateness },
	{ "curlew_loop_turn_seconds", "histogram",
		"How long one turn of a loop took, which is what anything "
		"else there had to wait; bounds are within three percent.",
		.of_agent = add_turns },
	{ "curlew_loop_stalls_total", "counter",
		"How often a loop was late by more than 100 ms.",
		.of_agent = add_stalls },
	{ "curlew_listener_certificate_expiry_timestamp_seconds", "gauge",
		"When the certificate that the agent itself listens with ends; "
		"nothing without one.",
		.of_agent = add_certificate },
	{ "curlew_config_last_reload_successful", "gauge",
		"0 when the last reload was refused; the former configuration "
		"is then in use.",
		.of_agent = add_reload_good },
	{ "curlew_config_last_reload_success_timestamp_seconds", "gauge",
		"When a configuration was last taken over, at the start or by "
		"a reload.",
		.of_agent = add_reload_at },
	{ "curlew_config_reloads_total", "counter", "Reloads, by outcome.",
		.of_agent = add_reloads },
	{ "curlew_reconciliations_total", "counter",
		"How often what a receiver shows was compared with the truth.",
		.of_agent = add_compared },
	{ "curlew_reconcile_differences_total", "counter",
		"Differences that were mended, that were left to who made "
		"them, and open incidents of a forgotten past.",
		.of_agent = add_differences },
	{ 0 },
};
