/* What is made of what came back, and what may be configured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/http.h"
#include "tests/support/probe_kit.h"

#define UNREACHABLE "The URL is unreachable: gEt http://h/p"

static const struct verdict_row {
	const char *sentence;
	struct kit_answer answer;
	enum status status;
	enum cause cause;
	const char *message;
} verdict_rows[] = {
	{ "good", KIT_TAKES(100, 200, "", "ok"), STATUS_OPERATIONAL, CAUSE_NONE,
		"" },
	{ "another status", KIT_SAYS(503, "", "oh"), STATUS_PARTIAL_OUTAGE,
		CAUSE_HTTP_STATUS, "Unexpected HTTP status (503)" },
	{ "slow", KIT_TAKES(2000001, 200, "", "ok"), STATUS_PERFORMANCE_ISSUES,
		CAUSE_LATENCY, "Latency above threshold: 2.0000 seconds" },
	{ "another body", KIT_SAYS(200, "", "no"), STATUS_MAJOR_OUTAGE,
		CAUSE_REGEX, "Regex did not match anything in the body" },
	{ "refused", KIT_FAILS(HTTP_FAIL_REFUSED), STATUS_PARTIAL_OUTAGE,
		CAUSE_REFUSED, UNREACHABLE },
	{ "no such name", KIT_FAILS(HTTP_FAIL_NAME_NOT_FOUND),
		STATUS_PARTIAL_OUTAGE, CAUSE_NAME_NOT_FOUND, UNREACHABLE },
	{ "no look-up", KIT_FAILS(HTTP_FAIL_NAME_LOOKUP), STATUS_PARTIAL_OUTAGE,
		CAUSE_NAME_LOOKUP, UNREACHABLE },
	{ "no way", KIT_FAILS(HTTP_FAIL_UNREACHABLE), STATUS_PARTIAL_OUTAGE,
		CAUSE_UNREACHABLE, UNREACHABLE },
	{ "no connection in time", KIT_FAILS(HTTP_FAIL_CONNECT_TIMEOUT),
		STATUS_PARTIAL_OUTAGE, CAUSE_CONNECT_TIMEOUT, UNREACHABLE },
	{ "no TLS", KIT_FAILS(HTTP_FAIL_TLS), STATUS_PARTIAL_OUTAGE, CAUSE_TLS,
		UNREACHABLE },
	{ "a bad certificate", KIT_FAILS(HTTP_FAIL_CERTIFICATE),
		STATUS_PARTIAL_OUTAGE, CAUSE_CERTIFICATE, UNREACHABLE },
	{ "closed", KIT_FAILS(HTTP_FAIL_CLOSED), STATUS_PARTIAL_OUTAGE,
		CAUSE_CLOSED, UNREACHABLE },
	{ "no headers in time", KIT_FAILS(HTTP_FAIL_TIMEOUT),
		STATUS_PERFORMANCE_ISSUES, CAUSE_TIMEOUT, "Request timed out" },
	{ "no body in time", KIT_BREAKS(HTTP_FAIL_BODY_TIMEOUT, 200, "", "o"),
		STATUS_PARTIAL_OUTAGE, CAUSE_BODY_TIMEOUT, UNREACHABLE },
	{ "a short body", KIT_BREAKS(HTTP_FAIL_BODY, 200, "", "o"),
		STATUS_PARTIAL_OUTAGE, CAUSE_BODY, "Unexpected HTTP response" },
	{ "not HTTP", KIT_FAILS(HTTP_FAIL_PROTOCOL), STATUS_PARTIAL_OUTAGE,
		CAUSE_PROTOCOL, UNREACHABLE },
	{ "to where we do not go", KIT_SAYS(302, "Location: ftp://h/\r\n", ""),
		STATUS_PARTIAL_OUTAGE, CAUSE_REDIRECT,
		"Unexpected HTTP response" },
	{ "no route", KIT_FAILS(HTTP_FAIL_NO_ROUTE), STATUS_UNKNOWN,
		CAUSE_NO_ROUTE,
		"The agent could not look: there is no way there" },
	{ "no descriptors", KIT_FAILS(HTTP_FAIL_NO_DESCRIPTORS), STATUS_UNKNOWN,
		CAUSE_NO_DESCRIPTORS,
		"The agent could not look: there is no way there" },
	{ "no ports", KIT_FAILS(HTTP_FAIL_NO_PORTS), STATUS_UNKNOWN,
		CAUSE_NO_PORTS,
		"The agent could not look: there is no way there" },
	{ "a dead resolver", KIT_FAILS(HTTP_FAIL_RESOLVER), STATUS_UNKNOWN,
		CAUSE_RESOLVER,
		"The agent could not look: there is no way there" },
};

static const char judged_yaml[] =
	"url: ' me:pw@h/p '\n"
	"method: gEt\n"
	"expectation:\n"
	"  - {type: HTTP_STATUS, status_range: 200-300}\n"
	"  - {type: LATENCY, threshold: 2}\n"
	"  - {type: REGEX, regex: o, incident: MAJOR}\n";

static void
test_what_is_made_of_it(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(verdict_rows) / sizeof(verdict_rows[0]);
		i++) {
		const struct verdict_row *row = &verdict_rows[i];
		struct kit_scene scene;
		kit_open(&scene, judged_yaml);
		kit_look(&scene);
		kit_answer(&row->answer);
		assert_int_equal(scene.results, 1);
		const struct result *result = &scene.result;
		if (result->status != row->status || result->cause != row->cause
			|| strcmp(result->message, row->message) != 0
			|| result->code != row->answer.status)
			fail_msg("%s: %s, %s, %d, \"%s\"", row->sentence,
				status_name(result->status),
				cause_name(result->cause), result->code,
				result->message);
		assert_int_equal(result->at_ms, KIT_AT_MS);
		bool has_evidence =
			status_is_bad(row->status) && row->answer.status > 0;
		assert_int_equal(result->evidence != NULL, has_evidence);
		assert_int_equal(result->detail != NULL, row->answer.fail != 0);
		kit_close(&scene);
	}
}

static void
test_how_bad_it_is_may_be_said(void **unused)
{
	(void)unused;
	static const char yaml[] =
		"{url: h/, on_unreachable: MAJOR, on_timeout: PARTIAL}";
	static const struct {
		const char *yaml;
		struct kit_answer answer;
		enum status status;
	} rows[] = {
		{ yaml, KIT_FAILS(HTTP_FAIL_REFUSED), STATUS_MAJOR_OUTAGE },
		{ yaml, KIT_FAILS(HTTP_FAIL_CONNECT_TIMEOUT),
			STATUS_MAJOR_OUTAGE },
		{ yaml, KIT_BREAKS(HTTP_FAIL_BODY_TIMEOUT, 200, "", "o"),
			STATUS_MAJOR_OUTAGE },
		{ yaml, KIT_FAILS(HTTP_FAIL_TIMEOUT), STATUS_PARTIAL_OUTAGE },
		{ yaml, KIT_BREAKS(HTTP_FAIL_BODY, 200, "", "o"),
			STATUS_PARTIAL_OUTAGE },
		{ yaml, KIT_FAILS(HTTP_FAIL_NO_ROUTE), STATUS_UNKNOWN },
		{ yaml, KIT_SAYS(500, "", ""), STATUS_PARTIAL_OUTAGE },
		{ "{url: h/, on_timeout: MAJOR}", KIT_FAILS(HTTP_FAIL_TIMEOUT),
			STATUS_MAJOR_OUTAGE },
		{ "{url: h/, on_timeout: MAJOR}", KIT_FAILS(HTTP_FAIL_REFUSED),
			STATUS_PARTIAL_OUTAGE },
		{ "{url: h/, on_unreachable: PERFORMANCE}",
			KIT_FAILS(HTTP_FAIL_TLS), STATUS_PERFORMANCE_ISSUES },
		{ "{url: h/, on_unreachable: PERFORMANCE}",
			KIT_FAILS(HTTP_FAIL_TIMEOUT),
			STATUS_PERFORMANCE_ISSUES },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		kit_open(&scene, rows[i].yaml);
		kit_look(&scene);
		kit_answer(&rows[i].answer);
		if (scene.result.status != rows[i].status)
			fail_msg("row %zu: %s", i,
				status_name(scene.result.status));
		kit_close(&scene);
	}
}

static void
test_times_are_of_the_last_hop(void **unused)
{
	(void)unused;
	struct kit_scene scene;
	kit_open(&scene, "{url: h/}");
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_TAKES(
		5000000, 302, "Location: /x\r\n", ""));
	kit_answer(&(struct kit_answer)KIT_TAKES(150, 200, "", ""));
	const struct result *result = &scene.result;
	assert_int_equal(result->latency_us, 150);
	assert_int_equal(result->phases.dns_us, 10);
	assert_int_equal(result->phases.connect_us, 20);
	assert_int_equal(result->phases.tls_us, 30);
	assert_int_equal(result->phases.wait_us, 40);
	assert_int_equal(result->phases.transfer_us, 550);
	kit_close(&scene);
}

static void
test_what_is_allowed_to_take(void **unused)
{
	(void)unused;
	static const struct {
		const char *yaml;
		int64_t timeout_ms, total_ms;
		size_t body_max;
		bool insecure;
	} rows[] = {
		{ "{url: h/}", 10000, 100000, 4096, false },
		{ "{url: h/, timeout: 0}", 1000, 30000, 4096, false },
		{ "{url: h/, timeout: 0.3, insecure: true}", 300, 30000, 4096,
			true },
		{ "{url: h/, expectation: [{type: REGEX, regex: a}]}", 10000,
			100000, 8388608, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		kit_open(&scene, rows[i].yaml);
		kit_look(&scene);
		const struct http_request *request = &kit_client.request;
		assert_int_equal(request->connect_ms, rows[i].timeout_ms);
		assert_int_equal(request->headers_ms, rows[i].timeout_ms);
		assert_int_equal(request->idle_ms, rows[i].timeout_ms);
		assert_int_equal(request->total_ms, rows[i].total_ms);
		assert_int_equal(request->body_max, rows[i].body_max);
		assert_int_equal(request->insecure, rows[i].insecure);
		assert_true(request->fresh);
		assert_true(request->cut_body);
		kit_close(&scene);
		assert_int_equal(kit_client.cancelled, 1);
	}
}

static void
test_our_own_lateness_is_not_blamed_on_it(void **unused)
{
	(void)unused;
	static const struct {
		struct kit_answer answer;
		enum status status;
		enum cause cause;
	} rows[] = {
		{ KIT_FAILS(HTTP_FAIL_TIMEOUT), STATUS_UNKNOWN, CAUSE_LAG },
		{ KIT_FAILS(HTTP_FAIL_CONNECT_TIMEOUT), STATUS_UNKNOWN,
			CAUSE_LAG },
		{ KIT_BREAKS(HTTP_FAIL_BODY_TIMEOUT, 200, "", "o"),
			STATUS_UNKNOWN, CAUSE_LAG },
		{ KIT_TAKES(3000000, 200, "", "o"), STATUS_UNKNOWN, CAUSE_LAG },
		{ KIT_FAILS(HTTP_FAIL_REFUSED), STATUS_PARTIAL_OUTAGE,
			CAUSE_REFUSED },
		{ KIT_TAKES(3000000, 500, "", "o"), STATUS_PARTIAL_OUTAGE,
			CAUSE_HTTP_STATUS },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		kit_open(&scene, judged_yaml);
		scene.stalls = 7; /* before it began: no matter */
		kit_look(&scene);
		scene.stalls++;
		kit_answer(&rows[i].answer);
		assert_int_equal(scene.result.status, rows[i].status);
		assert_int_equal(scene.result.cause, rows[i].cause);
		kit_close(&scene);
	}
}

static void
test_evidence_covers_secrets(void **unused)
{
	(void)unused;
	struct kit_scene scene;
	kit_open(&scene, "{url: h/}");
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_SAYS(500,
		"Server: s\r\nSet-Cookie: id=secret\r\n secret too\r\n"
		"x-api-KEY: secret\r\nProxy-X: secret\r\n"
		"X-Auth: secret\r\nEmpty:\r\nno colon\r\n",
		"oh\xff no"));
	assert_string_equal(scene.result.evidence,
		"HTTP/1.1 500 X\r\nServer: s\r\nSet-Cookie: ***\r\n\r\n"
		"x-api-KEY: ***\r\nProxy-X: ***\r\nX-Auth: ***\r\nEmpty:\r\n"
		"no colon\r\n\r\noh\xc3\xbf no"); /* as ISO-8859-1 */
	kit_close(&scene);
}

#define GZIP_HELLO \
	"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\x57\x28\x2a\x4d" \
	"\xaa\x04\0\xe6\xeb\x61\x29\x0a\0\0\0"

#define WITH \
	"{url: h/, expectation: [{type: REGEX," \
	" regex: 'h\xc3\xa9llo'}]}"
#define WITHOUT "{url: h/}"
#define ASCII \
	"{url: h/, expectation: [{type: REGEX," \
	" regex: 'hello ruby$'}]}"

static const struct reading {
	const char *sentence;
	const char *yaml;
	struct kit_answer answer;
	enum cause cause;
} readings[] = {
	{ "UTF-8 that says so", WITH,
		KIT_SAYS(200, "Content-Type: a; charset=UTF-8\r\n",
			"h\xc3\xa9llo"),
		CAUSE_NONE },
	{ "UTF-8 that does not", WITH,
		KIT_SAYS(200, "Content-Type: text/html\r\n", "h\xc3\xa9llo"),
		CAUSE_NONE },
	{ "what is not UTF-8", WITH, KIT_SAYS(200, "", "h\xe9llo"),
		CAUSE_NONE },
	{ "what says that it is something else", WITH,
		KIT_SAYS(200, "Content-Type: a; charset=cp1252\r\n",
			"h\xc3\xa9llo"),
		CAUSE_REGEX },
	{ "a coded one", ASCII,
		KIT_SENDS(200, "Content-Encoding: gzip\r\n", GZIP_HELLO),
		CAUSE_NONE },
	{ "one that is not coded as it says", ASCII,
		KIT_SAYS(200, "Content-Encoding: deflate\r\n", "hello ruby"),
		CAUSE_BODY },
	{ "nothing",
		"{url: h/, expectation: [{type: REGEX, regex:"
		" '$'}]}",
		KIT_SAYS(200, "Content-Encoding: gzip\r\n", ""), CAUSE_NONE },
	{ "one that is not, and nobody asks: C40", WITHOUT,
		KIT_SAYS(200, "Content-Encoding: gzip\r\n", "notgzip"),
		CAUSE_BODY },
	{ "one that may be, and nobody asks", WITHOUT,
		KIT_SAYS(200, "Content-Encoding: gzip\r\n",
			"\x1f\x8b\x08 and so on"),
		CAUSE_NONE },
	{ "nothing, and nobody asks", WITHOUT,
		KIT_SAYS(204, "Content-Encoding: gzip\r\n", ""), CAUSE_NONE },
};

static void
test_bodies_are_read_where_a_pattern_asks_for_it(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		const struct reading *row = &readings[i];
		struct kit_scene scene;
		kit_open(&scene, row->yaml);
		kit_look(&scene);
		assert_int_equal(kit_client.takes_coded, 1);
		kit_answer(&row->answer);
		const struct result *result = &scene.result;
		if (result->cause != row->cause)
			fail_msg("%s: %s", row->sentence,
				cause_name(result->cause));
		if (result->cause == CAUSE_BODY) {
			assert_int_equal(result->status, STATUS_PARTIAL_OUTAGE);
			assert_string_equal(
				result->message, "Unexpected HTTP response");
		}
		kit_close(&scene);
	}
}

static void
test_evidence_is_what_can_be_read(void **unused)
{
	(void)unused;
	static const struct {
		struct kit_answer answer;
		const char *shown;
	} rows[] = {
		{ KIT_SENDS(500, "Content-Encoding: gzip\r\n", GZIP_HELLO),
			"hello ruby" },
		{ KIT_SENDS(500, "Content-Type: a; charset=utf-16\r\n",
			  "\xff\xfeh\0i\0"),
			"hi" },
		{ KIT_SAYS(500, "Content-Encoding: gzip\r\n", "not\xff"),
			"not\xef\xbf\xbd" },
		{ KIT_SAYS(500, "Content-Encoding: br\r\n", "coded"), "coded" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		kit_open(&scene, "{url: h/}");
		kit_look(&scene);
		kit_answer(&rows[i].answer);
		const char *shown = strstr(scene.result.evidence, "\r\n\r\n");
		assert_non_null(shown);
		assert_string_equal(shown + 4, rows[i].shown);
		kit_close(&scene);
	}
}

static void
test_evidence_is_bounded(void **unused)
{
	(void)unused;
	char *body = malloc(10000);
	assert_non_null(body);
	memset(body, 'x', 9999);
	body[9999] = '\0';
	body[4095] = '\xc3'; /* a character that does not fit as a whole */
	body[4096] = '\xa9';
	struct kit_scene scene;
	kit_open(&scene, "{url: h/}");
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_SAYS(500, "A: b\r\n", body));
	const char *shown = strstr(scene.result.evidence, "\r\n\r\n");
	assert_non_null(shown);
	assert_int_equal(strlen(shown + 4), 4095);
	assert_int_equal(strspn(shown + 4, "x"), 4095);
	kit_close(&scene);
	free(body);
}

static void
test_one_probe_looks_again_and_can_be_stopped(void **unused)
{
	(void)unused;
	struct kit_scene scene;
	kit_open(&scene, "{url: h/, expectation: [{type: REGEX, regex: a}]}");
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_SAYS(200, "", "b"));
	assert_int_equal(scene.result.status, STATUS_PARTIAL_OUTAGE);
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_SAYS(302, "Location: /x\r\n", ""));
	probe_cancel(scene.probe);
	assert_int_equal(kit_client.cancelled, 1);
	probe_cancel(scene.probe); /* does nothing */
	kit_look(&scene);
	kit_answer(&(struct kit_answer)KIT_SAYS(200, "", "a"));
	assert_int_equal(scene.results, 2);
	assert_int_equal(scene.result.status, STATUS_OPERATIONAL);
	kit_close(&scene);
}

static void
test_the_target_shows_no_password(void **unused)
{
	(void)unused;
	struct kit_scene scene;
	kit_open(&scene, judged_yaml);
	const void *settings = kit_read(&scene, judged_yaml);
	struct probe_target target = http_probe.target(settings, scene.arena);
	assert_string_equal(target.url, "http://h/p");
	assert_string_equal(target.method, "gEt");
	assert_ptr_equal(probe_type_of(&http_probe.conf), &http_probe);
	kit_close(&scene);
}

static void
test_mistakes_are_named(void **unused)
{
	(void)unused;
	static const struct {
		const char *yaml;
		const char *complaint;
	} rows[] = {
		{ "{method: GET}", "url: is missing" },
		{ "{url: 'ftp://me:secret@h/'}", "url: " },
		{ "{url: h/, method: 'G T'}",
			"method: expected a method such as GET, HEAD or"
			" POST" },
		{ "{url: h/, header: {'X A': b}}",
			"header: \"X A\" cannot be the name of a header" },
		{ "{url: h/, header: {X-A: \"secret\\r\\nX: y\"}}",
			"header: the value of \"X-A\" has line ends or other"
			" control characters in it" },
		{ "{url: h/, timeout: -1}", "timeout: expected" },
		{ "{url: h/, timeout: 0}", "timeout: 0 is taken as 1s" },
		{ "{url: h/, timeout: null}",
			"timeout: is empty; 1s is taken" },
		{ "{url: h/, timeout: 2h}", "timeout: expected at most 1h" },
		{ "{url: h/, on_timeout: BAD}",
			"on_timeout: expected one of PERFORMANCE, PARTIAL," },
		{ "{url: h/, insecure: maybe}",
			"insecure: expected true or false" },
		{ "{url: h/, expectation: []}",
			"expectation: endpoint.expectation must be a list of"
			" at least one; without the key, the status must be"
			" 200-300" },
		{ "{url: h/, expectation: null}",
			"expectation: endpoint.expectation must be a list" },
		{ "{url: h/, expectation: {}}",
			"expectation: expected a list" },
		{ "{url: h/, expectation: [{type: A}]}",
			"expectation[0].type: Invalid type: A; expected" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		kit_open(&scene, "{url: h/}");
		buf_clear(&scene.complaints);
		kit_read(&scene, rows[i].yaml);
		if (!strstr(scene.complaints.data, rows[i].complaint)
			|| strstr(scene.complaints.data, "secret"))
			fail_msg("%s: %s", rows[i].yaml, scene.complaints.data);
		kit_close(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_made_of_it),
		cmocka_unit_test(test_how_bad_it_is_may_be_said),
		cmocka_unit_test(test_times_are_of_the_last_hop),
		cmocka_unit_test(test_what_is_allowed_to_take),
		cmocka_unit_test(test_our_own_lateness_is_not_blamed_on_it),
		cmocka_unit_test(test_evidence_covers_secrets),
		cmocka_unit_test(
			test_bodies_are_read_where_a_pattern_asks_for_it),
		cmocka_unit_test(test_evidence_is_what_can_be_read),
		cmocka_unit_test(test_evidence_is_bounded),
		cmocka_unit_test(test_one_probe_looks_again_and_can_be_stopped),
		cmocka_unit_test(test_the_target_shows_no_password),
		cmocka_unit_test(test_mistakes_are_named),
	};
	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
