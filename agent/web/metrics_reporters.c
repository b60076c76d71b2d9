/*
 * Of each reporter: what waits for it, and what became of what was to be told.
 */
#include "agent/base/clock.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

static struct web_metrics_sample
sample_of(
	const struct web_metrics_place *place, const struct outbox_stats *stats)
{
	struct web_metrics_sample sample =
		web_metrics_sample(place->out, place->family->name);
	web_metrics_label(&sample, "reporter", stats->reporter);
	return sample;
}

static void
put_outcome(const struct web_metrics_place *place,
	const struct outbox_stats *stats, const char *outcome, uint64_t value)
{
	struct web_metrics_sample sample = sample_of(place, stats);
	web_metrics_label(&sample, "outcome", outcome);
	web_metrics_put(&sample, value);
}

static void
on_waiting(void *cookie, const struct outbox_stats *stats)
{
	struct web_metrics_sample sample = sample_of(cookie, stats);
	web_metrics_put(&sample, stats->waiting);
}

/* The wall clock may have been set back meanwhile. */
static void
on_oldest(void *cookie, const struct outbox_stats *stats)
{
	struct web_metrics_sample sample = sample_of(cookie, stats);
	int64_t age_ms =
		stats->oldest_ms > 0 ? clock_wall_ms() - stats->oldest_ms : 0;
	web_metrics_put_ms(&sample, age_ms > 0 ? age_ms : 0);
}

static void
on_suspended(void *cookie, const struct outbox_stats *stats)
{
	struct web_metrics_sample sample = sample_of(cookie, stats);
	web_metrics_put(&sample, stats->suspended);
}

static void
on_deliveries(void *cookie, const struct outbox_stats *stats)
{
	put_outcome(cookie, stats, "told", stats->told);
	put_outcome(cookie, stats, "retried", stats->retried);
	put_outcome(cookie, stats, "rejected", stats->rejected);
	put_outcome(cookie, stats, "expired", stats->expired);
}

static void
on_points(void *cookie, const struct outbox_stats *stats)
{
	put_outcome(cookie, stats, "told", stats->points);
	put_outcome(cookie, stats, "lost", stats->points_lost);
}

const struct web_metrics_family web_metrics_of_reporters[] = {
	{ "curlew_outbox_waiting", "gauge",
		"Deliveries that are not settled yet.",
		.of_reporter = on_waiting },
	{ "curlew_outbox_oldest_age_seconds", "gauge",
		"For how long the oldest of them has waited; 0 when none does.",
		.of_reporter = on_oldest },
	{ "curlew_outbox_suspended", "gauge",
		"1 while the receiver is only tried now and then, because it "
		"refuses the credentials or is not there.",
		.of_reporter = on_suspended },
	{ "curlew_deliveries_total", "counter",
		"What became of deliveries; retried counts attempts.",
		.of_reporter = on_deliveries },
	{ "curlew_points_total", "counter", "Points of metrics, told and lost.",
		.of_reporter = on_points },
	{ 0 },
};
