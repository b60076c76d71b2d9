/* What a look saw, as text: made up here, so that every number is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/probe_advice.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/probe_text.h"
#include "agent/cli/probe_waterfall.h"

static void
assert_text(const char *sentence, struct buf *text, const char *expected)
{
	if (strcmp(text->data, expected) != 0)
		fail_msg("%s:\n%s\ninstead of\n%s", sentence, text->data,
			expected);
	buf_finish(text);
}

static const struct waterfall_row {
	const char *sentence;
	struct cli_bar bars[3]; /* up to the first without a label */
	struct cli_waterfall how;
	const char *text;
} waterfall_rows[] = {
	{ "numbers alone where there is no terminal",
		{ { "DNS", 1500, false }, { "connect", 0, false },
			{ "TLS", 10000000, false } },
		{ 80, false, false, NULL },
		"  DNS                1.5 ms\n"
		"  connect              -\n"
		"  TLS            10000.0 ms\n"
		"  total          10001.5 ms\n" },
	{ "numbers alone on a narrow one", { { "DNS", 1500, false } },
		{ 48, true, true, NULL },
		"  DNS                1.5 ms\n"
		"  total              1.5 ms\n" },
	{ "a bar begins where the one above ends",
		{ { "DNS", 5000, false }, { "connect", 10000, false },
			{ "TLS", 5000, false } },
		{ 49, true, false, NULL },
		"  DNS                5.0 ms  =====\n"
		"  connect           10.0 ms       ==========\n"
		"  TLS                5.0 ms                 =====\n"
		"  total             20.0 ms\n" },
	{ "the shortest is seen, at the end, too",
		{ { "DNS", 1, false }, { "connect", 1000000, false },
			{ "TLS", 1, false } },
		{ 49, true, false, NULL },
		"  DNS                0.0 ms  =\n"
		"  connect         1000.0 ms  ===================\n"
		"  TLS                0.0 ms                     =\n"
		"  total           1000.0 ms\n" },
	{ "bars do not grow for ever", { { "DNS", 1000, false } },
		{ 500, true, false, NULL },
		"  DNS                1.0 ms  "
		"============================================================\n"
		"  total              1.0 ms\n" },
	{ "what failed looks otherwise",
		{ { "DNS", 1000, false }, { "connect", 1000, true } },
		{ 49, true, false, NULL },
		"  DNS                1.0 ms  ==========\n"
		"  connect            1.0 ms            xxxxxxxxxx\n"
		"  total              2.0 ms\n" },
	{ "and is said without bars",
		{ { "DNS", 1000, false }, { "connect", 0, true } },
		{ 80, false, false, NULL },
		"  DNS                1.0 ms\n"
		"  connect            0.0 ms  failed\n"
		"  total              1.0 ms\n" },
	{ "in colours", { { "DNS", 1000, false }, { "connect", 1000, true } },
		{ 49, true, true, NULL },
		"  DNS                1.0 ms\033[36m  ==========\033[0m\n"
		"  connect            1.0 ms\033[31m            xxxxxxxxxx"
		"\033[0m\n"
		"  total              2.0 ms\n" },
	{ "nothing at all", { { "DNS", 0, false } }, { 80, true, true, NULL },
		"  DNS                  -\n"
		"  total                -\n" },
};

static void
test_bars_stand_one_below_the_other(void **unused)
{
	(void)unused;
	const size_t n = sizeof(waterfall_rows) / sizeof(waterfall_rows[0]);
	for (size_t i = 0; i < n; i++) {
		const struct waterfall_row *row = &waterfall_rows[i];
		size_t bars = 0;
		while (bars < 3 && row->bars[bars].label)
			bars++;
		struct buf text;
		buf_init(&text, 4096);
		cli_waterfall(&text, row->bars, bars, &row->how);
		assert_text(row->sentence, &text, row->text);
	}
}

/* Lengths in ms; the one with an exclamation mark did not end. */
static const struct phases_row {
	const char *sentence;
	enum http_fail fail;
	const char *url;
	struct http_timing timing;
	bool is_sent;
	const char *phases;
} phases_rows[] = {
	{ "a whole answer", HTTP_FAIL_NONE, "https://h/",
		{ 1000, 2000, 3000, 4000, 10500, 15000 }, true, "1 2 3 4 5" },
	{ "the name took all of it", HTTP_FAIL_NAME_LOOKUP, "http://h/",
		{ 9000, 0, 0, 0, 0, 9000 }, false, "9! 0 0 0 0" },
	{ "refused after a look-up", HTTP_FAIL_REFUSED, "http://h/",
		{ 1000, 0, 0, 0, 0, 4000 }, false, "1 3! 0 0 0" },
	{ "no way to what was found", HTTP_FAIL_NO_ROUTE, "http://h/",
		{ 1000, 0, 0, 0, 0, 1000 }, false, "1! 0 0 0 0" },
	{ "the handshake", HTTP_FAIL_CERTIFICATE, "https://h/",
		{ 1000, 2000, 0, 0, 0, 6000 }, false, "1 2 3! 0 0" },
	{ "a handshake that hangs", HTTP_FAIL_TIMEOUT, "https://h/",
		{ 1000, 2000, 0, 0, 0, 6000 }, false, "1 2 3! 0 0" },
	{ "an answer that does not come", HTTP_FAIL_TIMEOUT, "https://h/",
		{ 1000, 2000, 3000, 0, 0, 10000 }, true, "1 2 3 4! 0" },
	{ "without TLS it is never the handshake", HTTP_FAIL_CLOSED,
		"http://h/", { 1000, 2000, 0, 0, 0, 6000 }, false,
		"1 2 0 3! 0" },
	{ "a body that stalls", HTTP_FAIL_BODY_TIMEOUT, "http://h/",
		{ 1000, 2000, 0, 3000, 6500, 9000 }, true, "1 2 0 3 3!" },
};

static void
test_time_goes_to_the_phase_that_did_not_end(void **unused)
{
	(void)unused;
	const size_t n = sizeof(phases_rows) / sizeof(phases_rows[0]);
	for (size_t i = 0; i < n; i++) {
		const struct phases_row *row = &phases_rows[i];
		struct cli_probe_hop hop = {
			.url = row->url,
			.fail = row->fail,
			.address = "",
			.is_sent = row->is_sent,
			.timing = row->timing,
		};
		struct cli_bar bars[CLI_PHASES];
		cli_probe_phases(&hop, bars);
		struct buf text;
		buf_init(&text, 256);
		for (size_t at = 0; at < CLI_PHASES; at++)
			buf_printf(&text, "%s%lld%s", at ? " " : "",
				(long long)bars[at].length_us / 1000,
				bars[at].is_broken ? "!" : "");
		assert_text(row->sentence, &text, row->phases);
	}
}

/* A look at a shop, by way of a redirection, that finds it broken. */
static void
make_up(struct cli_probe_seen *seen, struct cli_probe_finding *findings)
{
	*seen = (struct cli_probe_seen){
		.arena = arena_new(),
		.target = { .url = "http://h/a", .method = "get" },
		.n_hops = 2,
		.hops = {
			{ .method = "GET", .url = "http://h/a", .detail = "",
				.code = 302, .reason = "Found",
				.content_type = "", .address = "192.0.2.1",
				.timing = { .total_us = 10000 } },
			{ .method = "GET", .url = "https://h/b", .detail = "",
				.code = 500, .reason = "Oh \033[31m|",
				.content_type = "text/plain",
				.address = "192.0.2.1", .size = 5,
				.timing = { 1000, 2000, 3000, 4000, 10500,
					20000 } },
		},
		.findings = findings,
		.result = {
			.at_ms = 1700000000000,
			.status = STATUS_PARTIAL_OUTAGE,
			.cause = CAUSE_HTTP_STATUS,
			.code = 500,
			.latency_us = 10500,
			.message = "Unexpected HTTP status (500)",
			.evidence = mem_dup("HTTP/1.1 500 Oh\r\n"
				"Set-Cookie: ***\r\n\r\na|b\033c\n"),
		},
	};
	findings[0] = (struct cli_probe_finding){
		.finding = { "HTTP_STATUS", "200 to 299", STATUS_PARTIAL_OUTAGE,
			PROBE_UNMET, "Unexpected HTTP status (500)", 0 },
		.next = &findings[1],
	};
	findings[1] = (struct cli_probe_finding){
		.finding = { "LATENCY", "at most 0.5 s",
			STATUS_PERFORMANCE_ISSUES, PROBE_MET, "", 500000 },
		.next = &findings[2],
	};
	findings[2] = (struct cli_probe_finding){
		.finding = { "LATENCY", "at most 2 s", STATUS_MAJOR_OUTAGE,
			PROBE_MET, "", 2000000 },
	};
}

static void
test_a_page_for_people_and_nagios(void **unused)
{
	(void)unused;
	static const struct cli_probe_asked asked = {
		.name = "sh|op\n",
		.is_endpoint = true,
	};
	static const struct cli_probe_page paper = { false, false, 80 };
	struct cli_probe_finding findings[3];
	struct cli_probe_seen seen;
	make_up(&seen, findings);
	struct buf text;
	buf_init(&text, 8192);
	cli_probe_text(&text, &asked, &seen, &paper);
	cli_probe_forget(&seen);
	assert_text("the page", &text,
		"CRITICAL: sh\u00a6op : Unexpected HTTP status (500)"
		" | time=0.010500s;0.5;2;0 size=5B;;;0\n"
		"\n"
		"  endpoint    GET http://h/a\n"
		"  hop 1       302 Found from 192.0.2.1, to GET https://h/b\n"
		"  address     192.0.2.1\n"
		"  answer      500 Oh  [31m\u00a6, 5 bytes, text/plain\n"
		"\n"
		"  hop 1             10.0 ms\n"
		"  DNS                1.0 ms\n"
		"  connect            2.0 ms\n"
		"  TLS                3.0 ms\n"
		"  first byte         4.0 ms\n"
		"  transfer          10.0 ms\n"
		"  total             30.0 ms\n"
		"\n"
		"  HTTP_STATUS failed      200 to 299: Unexpected HTTP status"
		" (500); means partial outage\n"
		"  LATENCY     passed      at most 0.5 s\n"
		"  LATENCY     passed      at most 2 s\n"
		"\n"
		"  status      partial outage at 2023-11-14T22:13:20.000Z\n"
		"  cause       http_status\n"
		"  look at     what it said is below; its own log at that time"
		" knows more\n"
		"  it said\n"
		"    HTTP/1.1 500 Oh\n"
		"    Set-Cookie: ***\n"
		"\n"
		"    a\u00a6b c\n");
}

static void
test_what_it_said_is_cut(void **unused)
{
	(void)unused;
	static const struct cli_probe_asked asked = { .name = "shop" };
	static const struct cli_probe_page paper = { false, false, 80 };
	struct cli_probe_finding findings[3];
	struct cli_probe_seen seen;
	struct buf many;
	buf_init(&many, 65536);
	for (int i = 0; i < 100; i++)
		buf_printf(&many, "%0300d\n", i);
	make_up(&seen, findings);
	result_finish(&seen.result);
	seen.result.evidence = buf_steal(&many);
	buf_finish(&many);
	struct buf text;
	buf_init(&text, 65536);
	cli_probe_text(&text, &asked, &seen, &paper);
	cli_probe_forget(&seen);
	assert_true(str_ends(text.data, "    ... (--json has more of it)\n"));
	assert_true(text.len < 30 * 210 + 2000);
	buf_finish(&text);
}

static void
test_every_cause_has_advice(void **unused)
{
	(void)unused;
	for (int cause = CAUSE_NONE + 1; cause < CAUSE_REMOVED; cause++) {
		struct cli_probe_finding findings[3];
		struct cli_probe_seen seen;
		make_up(&seen, findings);
		seen.result.cause = (enum cause)cause;
		struct buf text;
		buf_init(&text, 1024);
		cli_probe_advice(&text, &seen);
		if (text.len < 20 || strpbrk(text.data, "{}"))
			fail_msg("%s: %s", cause_name((enum cause)cause),
				text.data);
		buf_finish(&text);
		cli_probe_forget(&seen);
	}
}

static void
test_states(void **unused)
{
	(void)unused;
	static const struct {
		enum status status;
		const char *name;
		int code;
	} rows[] = {
		{ STATUS_OPERATIONAL, "OK", 0 },
		{ STATUS_PERFORMANCE_ISSUES, "WARNING", 1 },
		{ STATUS_PARTIAL_OUTAGE, "CRITICAL", 2 },
		{ STATUS_MAJOR_OUTAGE, "CRITICAL", 2 },
		{ STATUS_UNKNOWN, "UNKNOWN", 3 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum cli_probe_state state = cli_probe_state_of(rows[i].status);
		assert_int_equal(state, rows[i].code);
		assert_string_equal(cli_probe_state_name(state), rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars_stand_one_below_the_other),
		cmocka_unit_test(test_time_goes_to_the_phase_that_did_not_end),
		cmocka_unit_test(test_a_page_for_people_and_nagios),
		cmocka_unit_test(test_what_it_said_is_cut),
		cmocka_unit_test(test_every_cause_has_advice),
		cmocka_unit_test(test_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
