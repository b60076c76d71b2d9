/*
 * What `/metrics` says, line by line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/histogram.h"
#include "agent/monitor.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"
#include "conf/conf.h"

enum {
	OUT_MAX = 64 * 1024,
};

static struct buf out;

static int
start(void **state)
{
	(void)state;
	buf_init(&out, OUT_MAX);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	buf_finish(&out);
	return 0;
}

/* Labels. */

static const struct {
	const char *text, *written;
} labels[] = {
	{ "", "" },
	{ "shop", "shop" },
	{ "a \"quoted\" word", "a \\\"quoted\\\" word" },
	{ "C:\\new", "C:\\\\new" },
	{ "two\nlines\n", "two\\nlines\\n" },
	{ "\\\"\n", "\\\\\\\"\\n" },
	{ "{name=\"x\"} 1", "{name=\\\"x\\\"} 1" },
	{ "tab\tand\rreturn", "tab\tand\rreturn" },
	{ "Gr\xc3\xbc\xc3\x9f"
	  "e",
		"Gr\xc3\xbc\xc3\x9f"
		"e" },
	{ "bad \xff byte", "bad \xef\xbf\xbd byte" },
	{ "cut \xe2\x82", "cut \xef\xbf\xbd" },
	{ "\xc0\"", "\xef\xbf\xbd\\\"" },
};

static void
test_labels_are_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		char wanted[128];
		snprintf(wanted, sizeof wanted, "up{a=\"%s\"} 1\n",
			labels[i].written);
		buf_clear(&out);
		struct web_metrics_sample sample =
			web_metrics_sample(&out, "up");
		web_metrics_label(&sample, "a", labels[i].text);
		web_metrics_put(&sample, 1);
		assert_string_equal(out.data, wanted);
	}
}

static void
test_a_sample_has_no_label_or_several(void **state)
{
	(void)state;
	struct web_metrics_sample sample = web_metrics_sample(&out, "up");
	web_metrics_put(&sample, UINT64_MAX);
	sample = web_metrics_sample(&out, "up");
	web_metrics_label(&sample, "a", "1");
	web_metrics_label(&sample, "b", "2");
	web_metrics_put(&sample, 0);
	assert_string_equal(
		out.data, "up 18446744073709551615\nup{a=\"1\",b=\"2\"} 0\n");
}

static void
test_a_family_has_its_head(void **state)
{
	(void)state;
	web_metrics_family(&out, "up", "gauge", "A \"back\\slash\"\nand more.");
	assert_string_equal(out.data,
		"# HELP up A \"back\\\\slash\"\\nand more.\n"
		"# TYPE up gauge\n");
}

/* Not half of a line, and the next one that fits is there. */
static void
test_what_does_not_fit_is_left_out_whole(void **state)
{
	(void)state;
	struct buf little;
	buf_init(&little, 24);
	struct web_metrics_sample sample = web_metrics_sample(&little, "one");
	web_metrics_put(&sample, 1);
	sample = web_metrics_sample(&little, "two");
	web_metrics_label(&sample, "name", "longer than what is left");
	web_metrics_put(&sample, 2);
	assert_string_equal(little.data, "one 1\n");
	sample = web_metrics_sample(&little, "three");
	web_metrics_put(&sample, 3);
	assert_string_equal(little.data, "one 1\nthree 3\n");
	assert_false(little.full);
	buf_finish(&little);
}

/* Numbers. */

static const struct {
	int64_t us;
	const char *written;
} lengths[] = {
	{ 0, "0" },
	{ 1, "0.000001" },
	{ 10, "0.00001" },
	{ 1000, "0.001" },
	{ 999999, "0.999999" },
	{ 1000000, "1" },
	{ 10000000, "10" },
	{ 1500000, "1.5" },
	{ 100000000000, "100000" },
	{ -1500000, "-1.5" },
	{ INT64_MAX, "9223372036854.775807" },
	{ INT64_MIN, "-9223372036854.775808" },
};

static void
test_lengths_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		buf_clear(&out);
		struct web_metrics_sample sample =
			web_metrics_sample(&out, "t");
		web_metrics_put_us(&sample, lengths[i].us);
		out.data[--out.len] = '\0';
		assert_string_equal(out.data + 2, lengths[i].written);
	}
	buf_clear(&out);
	struct web_metrics_sample sample = web_metrics_sample(&out, "t");
	web_metrics_put_ms(&sample, 1795232942395);
	assert_string_equal(out.data, "t 1795232942.395\n");
}

/* Histograms: how many values of a kind, and what a bucket then has. */

static const struct {
	int64_t value_us;
	int times;
} values[] = {
	{ -3, 1 },
	{ 0, 2 },
	{ 99, 3 },
	{ 3000, 10 },
	{ 2000000, 1 },
	{ 60000000, 4 },
};

static const struct {
	const char *line;
} lines[] = {
	{ "t_bucket{loop=\"main\",le=\"0.0001\"} 6\n" },
	{ "t_bucket{loop=\"main\",le=\"0.001\"} 6\n" },
	{ "t_bucket{loop=\"main\",le=\"0.0025\"} 6\n" },
	{ "t_bucket{loop=\"main\",le=\"0.005\"} 16\n" },
	{ "t_bucket{loop=\"main\",le=\"1\"} 16\n" },
	{ "t_bucket{loop=\"main\",le=\"2.5\"} 17\n" },
	{ "t_bucket{loop=\"main\",le=\"10\"} 17\n" },
	{ "t_bucket{loop=\"main\",le=\"+Inf\"} 21\n" },
	{ "t_sum{loop=\"main\"} 242.030297\n" },
	{ "t_count{loop=\"main\"} 21\n" },
};

static void
test_histograms_add_up(void **state)
{
	(void)state;
	struct histogram histogram = { 0 };
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		for (int k = 0; k < values[i].times; k++)
			histogram_add(&histogram, values[i].value_us);
	web_metrics_histogram(&out, "t", "loop", "main", &histogram);
	const char *at = out.data;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		at = strstr(at, lines[i].line);
		if (!at)
			fail_msg("%s is not in its place of:\n%s",
				lines[i].line, out.data);
	}
	buf_clear(&out);
	web_metrics_histogram(&out, "t", NULL, NULL, &histogram);
	assert_non_null(strstr(out.data, "t_bucket{le=\"+Inf\"} 21\n"));
	assert_non_null(strstr(out.data, "t_count 21\n"));
}

/* Endpoints: a monitor, a family, its samples. */

static const struct conf_endpoint shop = { .name = "shop" };

static const struct {
	const char *family;
	struct monitor monitor;
	const char *samples;
} endpoints[] = {
	{ "curlew_endpoint_info",
		{ .url = "https://a.test/x?key=secret#y", .method = "GET" },
		"{name=\"shop\",url=\"https://a.test/x\",method=\"GET\"} 1\n" },
	{ "curlew_endpoint_info", { .at_ms = 0 },
		"{name=\"shop\",url=\"\",method=\"\"} 1\n" },
	{ "curlew_endpoint_status",
		{ .verdict = { .announced = STATUS_MAJOR_OUTAGE } },
		"{name=\"shop\"} 4\n" },
	{ "curlew_endpoint_last_probe_timestamp_seconds", { .at_ms = 0 }, "" },
	{ "curlew_endpoint_last_probe_timestamp_seconds", { .at_ms = 1500 },
		"{name=\"shop\"} 1.5\n" },

	{ "probe_success", { .at_ms = 0, .seen = STATUS_OPERATIONAL }, "" },
	{ "probe_success", { .at_ms = 1, .seen = STATUS_UNKNOWN }, "" },
	{ "probe_success", { .at_ms = 1, .seen = STATUS_OPERATIONAL },
		"{name=\"shop\"} 1\n" },
	{ "probe_success", { .at_ms = 1, .seen = STATUS_PERFORMANCE_ISSUES },
		"{name=\"shop\"} 0\n" },
	{ "probe_success", { .at_ms = 1, .seen = STATUS_MAJOR_OUTAGE },
		"{name=\"shop\"} 0\n" },

	{ "probe_duration_seconds",
		{ .at_ms = 1, .seen = STATUS_UNKNOWN, .took_us = 5 }, "" },
	{ "probe_duration_seconds",
		{ .at_ms = 1, .seen = STATUS_OPERATIONAL, .took_us = 250000 },
		"{name=\"shop\"} 0.25\n" },
	{ "probe_dns_lookup_time_seconds",
		{ .at_ms = 1,
			.seen = STATUS_OPERATIONAL,
			.phases = { .dns_us = 7 } },
		"{name=\"shop\"} 0.000007\n" },
	{ "probe_http_status_code",
		{ .at_ms = 1, .seen = STATUS_PARTIAL_OUTAGE, .code = 503 },
		"{name=\"shop\"} 503\n" },
	{ "probe_http_status_code",
		{ .at_ms = 1, .seen = STATUS_PARTIAL_OUTAGE },
		"{name=\"shop\"} 0\n" },
	{ "probe_failed_due_to_regex",
		{ .at_ms = 1,
			.seen = STATUS_PARTIAL_OUTAGE,
			.cause = CAUSE_REGEX },
		"{name=\"shop\"} 1\n" },
	{ "probe_failed_due_to_regex",
		{ .at_ms = 1,
			.seen = STATUS_PARTIAL_OUTAGE,
			.cause = CAUSE_HTTP_STATUS },
		"{name=\"shop\"} 0\n" },
	{ "probe_http_ssl", { .at_ms = 1, .seen = STATUS_OPERATIONAL },
		"{name=\"shop\"} 0\n" },
	{ "probe_http_ssl",
		{ .at_ms = 1,
			.seen = STATUS_OPERATIONAL,
			.certificate_ends_ms = 1 },
		"{name=\"shop\"} 1\n" },
	{ "probe_ssl_earliest_cert_expiry",
		{ .at_ms = 1, .seen = STATUS_OPERATIONAL }, "" },
	{ "probe_ssl_earliest_cert_expiry",
		{ .at_ms = 1,
			.seen = STATUS_PARTIAL_OUTAGE,
			.certificate_ends_ms = 1795232942000 },
		"{name=\"shop\"} 1795232942\n" },
};

static const struct web_metrics_family *
find(const char *name)
{
	const struct web_metrics_family *family = web_metrics_of_endpoints;
	while (family->name && strcmp(family->name, name) != 0)
		family++;
	assert_non_null(family->name);
	return family;
}

static void
test_endpoints_have_their_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
		struct monitor monitor = endpoints[i].monitor;
		const struct web_metrics_family *family =
			find(endpoints[i].family);
		char wanted[256] = "";
		monitor.conf = &shop;
		buf_clear(&out);
		family->of_endpoint(family, &monitor, &out);
		if (endpoints[i].samples[0] != '\0')
			snprintf(wanted, sizeof wanted, "%s%s", family->name,
				endpoints[i].samples);
		assert_string_equal(out.data, wanted);
	}
}

static void
test_phases_are_those_of_blackbox(void **state)
{
	(void)state;
	const struct web_metrics_family *family =
		find("probe_http_duration_seconds");
	struct monitor monitor = {
		.conf = &shop,
		.at_ms = 1,
		.seen = STATUS_OPERATIONAL,
		.phases = { 1000000, 2000000, 3000000, 4000000, 5000000 },
	};
	family->of_endpoint(family, &monitor, &out);
	assert_string_equal(out.data,
		"probe_http_duration_seconds{name=\"shop\",phase=\"resolve\"} "
		"1\n"
		"probe_http_duration_seconds{name=\"shop\",phase=\"connect\"} "
		"2\n"
		"probe_http_duration_seconds{name=\"shop\",phase=\"tls\"} 3\n"
		"probe_http_duration_seconds{name=\"shop\",phase="
		"\"processing\"} 4\n"
		"probe_http_duration_seconds{name=\"shop\",phase=\"transfer\"} "
		"5\n");
}

/* The tables. */

static void
check_table(const struct web_metrics_family *family)
{
	for (; family->name; family++) {
		size_t len = strlen(family->name);
		bool is_total = len > 6
			&& strcmp(family->name + len - 6, "_total") == 0;
		assert_int_equal(
			is_total, strcmp(family->type, "counter") == 0);
		assert_int_equal(1,
			!!family->of_agent + !!family->of_endpoint
				+ !!family->of_reporter);
		assert_true(family->help[strlen(family->help) - 1] == '.');
	}
}

static void
test_tables_are_as_they_should_be(void **state)
{
	(void)state;
	check_table(web_metrics_of_agent);
	check_table(web_metrics_of_reporters);
	check_table(web_metrics_of_process);
	check_table(web_metrics_of_endpoints);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_labels_are_escaped, start, stop),
		cmocka_unit_test_setup_teardown(
			test_a_sample_has_no_label_or_several, start, stop),
		cmocka_unit_test_setup_teardown(
			test_a_family_has_its_head, start, stop),
		cmocka_unit_test(test_what_does_not_fit_is_left_out_whole),
		cmocka_unit_test_setup_teardown(
			test_lengths_are_exact, start, stop),
		cmocka_unit_test_setup_teardown(
			test_histograms_add_up, start, stop),
		cmocka_unit_test_setup_teardown(
			test_endpoints_have_their_samples, start, stop),
		cmocka_unit_test_setup_teardown(
			test_phases_are_those_of_blackbox, start, stop),
		cmocka_unit_test(test_tables_are_as_they_should_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
