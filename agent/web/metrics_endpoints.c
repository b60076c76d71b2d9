/*
 * Of each endpoint.  What blackbox_exporter has a name for has that name, so
 * that rules and pictures made for it go on working.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/monitor.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"
#include "conf/conf.h"

static struct web_metrics_sample
sample_of(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_label(&sample, "name", monitor->conf->name);
	return sample;
}

/* Who could not look has nothing to say of the target, not even that it is
 * down: those samples are left out. */
static bool
was_seen(const struct monitor *monitor)
{
	return monitor->at_ms > 0 && monitor->seen != STATUS_UNKNOWN;
}

/* In the query there may be what is not for everybody. */
static void
label_url(struct web_metrics_sample *sample, const char *url)
{
	char *plain = mem_dup(url ? url : "");
	plain[strcspn(plain, "?#")] = '\0';
	web_metrics_label(sample, "url", plain);
	free(plain);
}

static void
add_info(const struct web_metrics_family *family, const struct monitor *monitor,
	struct buf *out)
{
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	const char *method = monitor->method;
	label_url(&sample, monitor->url);
	web_metrics_label(&sample, "method", method ? method : "");
	web_metrics_put(&sample, 1);
}

static void
add_status(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put(&sample, (uint64_t)monitor->verdict.announced);
}

static void
add_probed(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (monitor->at_ms == 0)
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put_ms(&sample, monitor->at_ms);
}

static void
add_success(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put(&sample, monitor->seen == STATUS_OPERATIONAL);
}

static void
add_duration(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put_us(&sample, monitor->took_us);
}

static void
add_lookup(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put_us(&sample, monitor->phases.dns_us);
}

static void
add_phases(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor))
		return;
	const struct {
		const char *name;
		int64_t us;
	} phases[] = {
		{ "resolve", monitor->phases.dns_us },
		{ "connect", monitor->phases.connect_us },
		{ "tls", monitor->phases.tls_us },
		{ "processing", monitor->phases.wait_us },
		{ "transfer", monitor->phases.transfer_us },
	};
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		struct web_metrics_sample sample =
			sample_of(family, monitor, out);
		web_metrics_label(&sample, "phase", phases[i].name);
		web_metrics_put_us(&sample, phases[i].us);
	}
}

static void
add_code(const struct web_metrics_family *family, const struct monitor *monitor,
	struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put(&sample, (uint64_t)monitor->code);
}

static void
add_ssl(const struct web_metrics_family *family, const struct monitor *monitor,
	struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put(&sample, monitor->certificate_ends_ms != 0);
}

static void
add_regex(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor))
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put(&sample, monitor->cause == CAUSE_REGEX);
}

static void
add_expiry(const struct web_metrics_family *family,
	const struct monitor *monitor, struct buf *out)
{
	if (!was_seen(monitor) || monitor->certificate_ends_ms == 0)
		return;
	struct web_metrics_sample sample = sample_of(family, monitor, out);
	web_metrics_put_ms(&sample, monitor->certificate_ends_ms);
}

const struct web_metrics_family web_metrics_of_endpoints[] = {
	{ "curlew_endpoint_info", "gauge",
		"Always 1; the URL is shown without its query.",
		.of_endpoint = add_info },
	{ "curlew_endpoint_status", "gauge",
		"What is announced: 0 unknown, 1 operational, 2 performance "
		"issues, 3 partial outage, 4 major outage.",
		.of_endpoint = add_status },
	{ "curlew_endpoint_last_probe_timestamp_seconds", "gauge",
		"When the last probe began.", .of_endpoint = add_probed },
	{ "probe_success", "gauge",
		"1 when the last probe met all expectations, 0 when not; no "
		"sample when the agent itself could not look.",
		.of_endpoint = add_success },
	{ "probe_duration_seconds", "gauge",
		"How long the last probe took, with its redirects.",
		.of_endpoint = add_duration },
	{ "probe_dns_lookup_time_seconds", "gauge",
		"How long the look-up took, of the last hop.",
		.of_endpoint = add_lookup },
	{ "probe_http_duration_seconds", "gauge",
		"Where the time went, of the last hop.",
		.of_endpoint = add_phases },
	{ "probe_http_status_code", "gauge",
		"Status of the last answer; 0 when there was none.",
		.of_endpoint = add_code },
	{ "probe_http_ssl", "gauge",
		"1 when the last hop showed a certificate.",
		.of_endpoint = add_ssl },
	{ "probe_failed_due_to_regex", "gauge",
		"1 when the body was not as a REGEX wants it.",
		.of_endpoint = add_regex },
	{ "probe_ssl_earliest_cert_expiry", "gauge",
		"When the first of the certificates that the last hop showed "
		"ends, also when it is refused; in seconds since 1970.",
		.of_endpoint = add_expiry },
	{ 0 },
};
