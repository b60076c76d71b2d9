/*
 * A row reads: with these expectations, this answer is judged so.  What people
 * write goes through the reader of configurations, as in life.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/pattern.h"
#include "agent/model/result.h"
#include "probes/expect.h"
#include "probes/expect_conf.h"
#include "probes/probe.h"

struct document {
	struct conf_list expectation; /* struct expect_settings */
};

static const struct conf_field fields[] = {
	{ "expectation",
		CONF_LIST(struct document, expectation, expect_conf_section) },
	{ 0 },
};

static const struct conf_section section = {
	.name = "document",
	.size = sizeof(struct document),
	.fields = fields,
};

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	buf_printf(cookie, "%s %s\n",
		severity == CONF_ERROR ? "error" : "warning", message);
}

static const struct document *
read_text(const char *yaml, struct arena *arena, struct buf *complaints)
{
	static const struct conf_types no_types;
	char path[] = "/tmp/curlew-expect-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	close(fd);
	const struct document *document = conf_read(
		path, &section, &no_types, arena, on_complaint, complaints);
	unlink(path);
	return document;
}

struct row {
	const char *sentence;
	const char *yaml; /* items of the list, in flow style */
	int code;
	int64_t latency_us;
	const char *body;
	enum status status;
	enum cause cause;
	const char *message;
};

static const char unexpected_503[] = "Unexpected HTTP status (503)";
static const char no_match[] = "Regex did not match anything in the body";

#define STATUS_2XX "{type: HTTP_STATUS, status_range: 200-300}"
#define LATENCY "{type: LATENCY, threshold: 0.15}"
#define REGEX "{type: REGEX, regex: '.*ok'}"

static const struct row rows[] = {
	{ "no list asks for 2xx", "", 204, 0, "", STATUS_OPERATIONAL,
		CAUSE_NONE, "" },
	{ "no list does not like 503", "", 503, 0, "", STATUS_PARTIAL_OUTAGE,
		CAUSE_HTTP_STATUS, unexpected_503 },
	{ "the end of a range is not in it", STATUS_2XX, 300, 0, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS,
		"Unexpected HTTP status (300)" },
	{ "a third number is ignored",
		"{type: HTTP_STATUS, status_range: 200-300-400}", 250, 0, "",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "one number is that number", "{type: HTTP_STATUS, status_range: 200}",
		201, 0, "", STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS,
		"Unexpected HTTP status (201)" },
	{ "one number as a text, too",
		"{type: HTTP_STATUS, status_range: ' +200 '}", 200, 0, "",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "blanks around numbers are fine",
		"{type: HTTP_STATUS, status_range: ' 200 - 300 '}", 299, 0, "",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "2xx is short for 200-300", "{type: HTTP_STATUS, status_range: 2xx}",
		299, 0, "", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "one of several with commas",
		"{type: HTTP_STATUS, status_range: '200-204, 404,5XX'}", 503, 0,
		"", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "one of several in a list",
		"{type: HTTP_STATUS, status_range: [200, 301-303]}", 302, 0, "",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "none of several",
		"{type: HTTP_STATUS, status_range: [200, 301-303]}", 303, 0, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS,
		"Unexpected HTTP status (303)" },
	{ "ranges belong to their own rule",
		"{type: HTTP_STATUS, status_range: [200, 201]},"
		"{type: HTTP_STATUS, status_range: 503, incident: MAJOR}",
		201, 0, "", STATUS_MAJOR_OUTAGE, CAUSE_HTTP_STATUS,
		"Unexpected HTTP status (201)" },
	{ "as long as the threshold is in time", LATENCY, 200, 150000, "",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "a microsecond more is not", LATENCY, 200, 150001, "",
		STATUS_PERFORMANCE_ISSUES, CAUSE_LATENCY,
		"Latency above threshold: 0.1500 seconds" },
	{ "the latency is told to four places", LATENCY, 200, 151249, "",
		STATUS_PERFORMANCE_ISSUES, CAUSE_LATENCY,
		"Latency above threshold: 0.1512 seconds" },
	{ "a threshold in milliseconds", "{type: LATENCY, threshold: 150ms}",
		200, 150001, "", STATUS_PERFORMANCE_ISSUES, CAUSE_LATENCY,
		"Latency above threshold: 0.1500 seconds" },
	{ "a threshold of less than one", "{type: LATENCY, threshold: 0.0003}",
		200, 300, "", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "an infinite threshold", "{type: LATENCY, threshold: .inf}", 200,
		999999999, "", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "a threshold as Python writes it", "{type: LATENCY, threshold: 1e3}",
		200, 999999999, "", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "a regex that matches", REGEX, 200, 0, "all\nis ok",
		STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "a regex that does not", REGEX, 200, 0, "", STATUS_PARTIAL_OUTAGE,
		CAUSE_REGEX, no_match },
	{ "keys of another type are ignored",
		"{type: REGEX, regex: ok, threshold: x, status_range: y}", 200,
		0, "ok", STATUS_OPERATIONAL, CAUSE_NONE, "" },
	{ "incident in any case", "{type: REGEX, regex: ok, incident: major}",
		200, 0, "", STATUS_MAJOR_OUTAGE, CAUSE_REGEX, no_match },
	{ "incident PARTIAL of a latency",
		"{type: LATENCY, threshold: 0, incident: PARTIAL}", 200, 1, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_LATENCY,
		"Latency above threshold: 0.0000 seconds" },
	{ "among equals the first speaks", STATUS_2XX "," REGEX, 503, 0, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS, unexpected_503 },
	{ "the other way round", REGEX "," STATUS_2XX, 503, 0, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_REGEX, no_match },
	{ "a worse one later speaks", LATENCY "," STATUS_2XX, 503, 200000, "",
		STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS, unexpected_503 },
	{ "a milder one later does not", STATUS_2XX "," LATENCY, 503, 200000,
		"", STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS, unexpected_503 },
};

struct judged {
	size_t n_rules;
	struct result result;
};

static struct judged
judge(const struct row *row, bool stalled)
{
	struct buf yaml;
	struct buf complaints;
	buf_init(&yaml, 4096);
	buf_init(&complaints, 4096);
	struct arena *arena = arena_new();
	struct document empty = { 0 };
	const struct document *document = &empty;
	if (row->yaml[0] != '\0') {
		buf_printf(&yaml, "expectation: [%s]\n", row->yaml);
		document = read_text(yaml.data, arena, &complaints);
	}
	if (!document)
		fail_msg("%s: %s", row->sentence, complaints.data);

	struct pattern_cache *patterns = pattern_cache_new();
	struct judged judged = {
		.n_rules = expect_conf_count(&document->expectation),
	};
	struct expect_rule *rules = mem_zalloc(judged.n_rules * sizeof(*rules));
	expect_conf_compile(&document->expectation, patterns, rules);
	struct expect_seen seen = {
		.status = row->code,
		.latency_us = row->latency_us,
		.stalled = stalled,
		.body = row->body,
		.body_len = strlen(row->body),
	};
	expect_judge(rules, judged.n_rules, &seen, &judged.result);
	expect_finish(rules, judged.n_rules);
	free(rules);
	pattern_cache_free(patterns);
	arena_free(arena);
	buf_finish(&yaml);
	buf_finish(&complaints);
	return judged;
}

static void
test_answers_are_judged(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct result result = judge(row, false).result;
		if (result.status != row->status || result.cause != row->cause
			|| strcmp(result.message, row->message) != 0)
			fail_msg("%s: %s, %s, \"%s\"", row->sentence,
				status_name(result.status),
				cause_name(result.cause), result.message);
	}
}

static void
test_a_late_loop_voids_the_latency_alone(void **unused)
{
	(void)unused;
	static const char late[] = "The agent was late itself, so the latency"
				   " was not judged";
	static const struct row late_rows[] = {
		{ "nothing else is amiss", LATENCY "," STATUS_2XX, 200, 200000,
			"", STATUS_UNKNOWN, CAUSE_LAG, late },
		{ "the status is", LATENCY "," STATUS_2XX, 503, 200000, "",
			STATUS_PARTIAL_OUTAGE, CAUSE_HTTP_STATUS,
			unexpected_503 },
		{ "it was fast enough all the same", LATENCY, 200, 150000, "",
			STATUS_OPERATIONAL, CAUSE_NONE, "" },
		{ "no latency is asked for", STATUS_2XX, 200, 999999, "",
			STATUS_OPERATIONAL, CAUSE_NONE, "" },
	};
	for (size_t i = 0; i < sizeof(late_rows) / sizeof(late_rows[0]); i++) {
		const struct row *row = &late_rows[i];
		struct result result = judge(row, true).result;
		if (result.status != row->status || result.cause != row->cause
			|| strcmp(result.message, row->message) != 0)
			fail_msg("%s: %s, %s, \"%s\"", row->sentence,
				status_name(result.status),
				cause_name(result.cause), result.message);
	}
}

static void
test_rules_are_small(void **unused)
{
	(void)unused;
	static const struct row three = { "three",
		STATUS_2XX "," LATENCY "," REGEX, 200, 0, "ok",
		STATUS_OPERATIONAL, CAUSE_NONE, "" };
	size_t size = judge(&three, false).n_rules * sizeof(struct expect_rule);
	assert_true(size <= 48);
}

static const struct {
	const char *yaml;
	const char *complaint; /* the end of a line */
} bad[] = {
	{ "{type: STATUS}",
		"Invalid type: STATUS; expected HTTP_STATUS, LATENCY"
		" or REGEX" },
	{ "{type: HTTP_STATUS}",
		"HTTP_STATUS needs a status_range: a status such as"
		" 200, or a range such as 200-300 (300 itself is not"
		" in it)" },
	{ "{type: HTTP_STATUS, status_range: 200-}",
		"expected a status such as 200, or a range such as"
		" 200-300 (300 itself is not in it)" },
	{ "{type: HTTP_STATUS, status_range: 200.5}",
		"expected a status such as 200, or a range such as"
		" 200-300 (300 itself is not in it)" },
	{ "{type: HTTP_STATUS, status_range: [200, ok]}",
		"expected a status such as 200, or a range such as"
		" 200-300 (300 itself is not in it)" },
	{ "{type: HTTP_STATUS, status_range: 300-200}",
		"no answer has a status in the range from 300 to"
		" before 200" },
	{ "{type: LATENCY}",
		"LATENCY needs a threshold: a length of time such as"
		" 0.5 (seconds) or 500ms" },
	{ "{type: LATENCY, threshold: fast}",
		"expected a length of time such as 0.5 (seconds) or"
		" 500ms" },
	{ "{type: LATENCY, threshold: -1}", "no answer is that fast" },
	{ "{type: REGEX}", "REGEX needs a regex, such as .*<body>.*" },
	{ "{type: REGEX, regex: 'a('}",
		"not a regular expression: missing closing"
		" parenthesis, at offset 2" },
	{ "{type: REGEX, regex: a, incident: HUGE}",
		"expected PARTIAL, MAJOR or PERFORMANCE, not"
		" \"HUGE\"; taken as PARTIAL" },
	{ "{type: LATENCY, threshold: 1, incident: major}",
		"write it in upper case: cachet-url-monitor took \"major\" as"
		" PERFORMANCE" },
	{ "{type: REGEX, regex: 'a(?i)b'}",
		"flags such as (?i) are for the pattern as a whole; write"
		" them at its start" },
	{ "{type: REGEX, regex: '[[:alpha:]]'}",
		"[:alpha:] and such are taken as classes, where"
		" cachet-url-monitor took their letters" },
	{ "{type: REGEX, regex: '(?a)b'}",
		"not a regular expression: classes are of Unicode, so (?a) is"
		" not possible, at offset 2" },
};

static void
test_mistakes_are_named(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf yaml;
		struct buf complaints;
		buf_init(&yaml, 4096);
		buf_init(&complaints, 4096);
		buf_printf(&yaml, "expectation: [%s]\n", bad[i].yaml);
		struct arena *arena = arena_new();
		read_text(yaml.data, arena, &complaints);
		const char *at = strstr(complaints.data, bad[i].complaint);
		if (!at || at[strlen(bad[i].complaint)] != '\n')
			fail_msg("%s: %s", bad[i].yaml, complaints.data);
		arena_free(arena);
		buf_finish(&yaml);
		buf_finish(&complaints);
	}
}

static void
on_finding(void *cookie, const struct probe_finding *finding)
{
	static const char *const outcomes[] = {
		[PROBE_MET] = "met",
		[PROBE_UNMET] = "unmet",
		[PROBE_UNJUDGED] = "unjudged",
	};
	buf_printf(cookie, "%s %s %s", finding->type, finding->wanted,
		outcomes[finding->outcome]);
	if (finding->outcome != PROBE_MET)
		buf_printf(cookie, " (%s: %s)", status_name(finding->incident),
			finding->why);
	if (finding->limit_us != 0)
		buf_printf(cookie, " %lld us", (long long)finding->limit_us);
	buf_add_char(cookie, '\n');
}

static const struct {
	const char *sentence;
	struct expect_seen seen;
	bool is_answer;
	const char *told;
} looks[] = {
	{ "all is well", { 204, 150000, false, "ok", 2 }, true,
		"LATENCY at most 0.15 s met 150000 us\n"
		"HTTP_STATUS 200 to 299, 404 met\n"
		"REGEX .*ok met\n" },
	{ "a worse one hides no milder one", { 503, 150001, false, "", 0 },
		true,
		"LATENCY at most 0.15 s unmet (performance_issues:"
		" Latency above threshold: 0.1500 seconds) 150000 us\n"
		"HTTP_STATUS 200 to 299, 404 unmet (major_outage:"
		" Unexpected HTTP status (503))\n"
		"REGEX .*ok unmet (partial_outage:"
		" Regex did not match anything in the body)\n" },
	{ "a late loop", { 404, 150001, true, "ok", 2 }, true,
		"LATENCY at most 0.15 s unjudged (performance_issues:"
		" the agent was late itself) 150000 us\n"
		"HTTP_STATUS 200 to 299, 404 met\n"
		"REGEX .*ok met\n" },
	{ "no answer", { 0, 0, false, "", 0 }, false,
		"LATENCY at most 0.15 s unjudged (performance_issues:"
		" there was nothing to judge) 150000 us\n"
		"HTTP_STATUS 200 to 299, 404 unjudged (major_outage:"
		" there was nothing to judge)\n"
		"REGEX .*ok unjudged (partial_outage:"
		" there was nothing to judge)\n" },
};

static void
test_each_is_told(void **unused)
{
	(void)unused;
	struct pattern_cache *patterns = pattern_cache_new();
	struct err err;
	struct expect_rule rules[] = {
		{ EXPECT_LATENCY, STATUS_PERFORMANCE_ISSUES,
			.threshold_us = 150000 },
		{ EXPECT_HTTP_STATUS, STATUS_MAJOR_OUTAGE, { { 200, 300 } } },
		{ EXPECT_OR_STATUS, STATUS_MAJOR_OUTAGE, { { 404, 405 } } },
		{ EXPECT_REGEX, STATUS_PARTIAL_OUTAGE,
			.pattern = pattern_get(patterns, ".*ok", &err) },
	};
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct buf told;
		buf_init(&told, 4096);
		struct probe_watch watch = {
			.on_finding = on_finding,
			.cookie = &told,
		};
		expect_each(rules, 4,
			looks[i].is_answer ? &looks[i].seen : NULL, &watch);
		if (strcmp(told.data, looks[i].told) != 0)
			fail_msg("%s:\n%s", looks[i].sentence, told.data);
		buf_finish(&told);
	}
	expect_finish(rules, 4);
	pattern_cache_free(patterns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_are_judged),
		cmocka_unit_test(test_a_late_loop_voids_the_latency_alone),
		cmocka_unit_test(test_rules_are_small),
		cmocka_unit_test(test_mistakes_are_named),
		cmocka_unit_test(test_each_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
