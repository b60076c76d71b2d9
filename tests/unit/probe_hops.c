/* What is asked for, and where one answer leads to the next question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/redirect.h"
#include "tests/support/probe_kit.h"

static const struct hop_row {
	const char *sentence;
	const char *yaml;
	struct kit_answer answers[4]; /* the first without anything ends them */
	const char *trace;
} hop_rows[] = {
	{ "a plain look", "{url: h/p}", { KIT_SAYS(200, "", "") },
		"GET http://h/p" },
	{ "the method is sent in upper case", "{url: h/, method: post}",
		{ KIT_SAYS(200, "", "") }, "POST http://h/" },
	{ "headers are sent, and taken away",
		"{url: h/, header: {X-A: b, X-N: 5, Accept: null}}",
		{ KIT_SAYS(200, "", "") },
		"GET http://h/ X-A=b X-N=5 Accept=(none)" },
	{ "there is no request without Host", "{url: h/, header: {host: null}}",
		{ KIT_SAYS(200, "", "") }, "GET http://h/" },
	{ "what Latin-1 has goes out in it",
		"{url: h/, header: {X-A: \"caf\\xe9 \\xff\"}}",
		{ KIT_SAYS(200, "", "") }, "GET http://h/ X-A=caf\xe9 \xff" },
	{ "the rest in UTF-8", "{url: h/, header: {X-A: \"\\xe9 \\u65e5\"}}",
		{ KIT_SAYS(200, "", "") },
		"GET http://h/ X-A=\xc3\xa9 \xe6\x97\xa5" },
	{ "of headers of one name the last one is sent",
		"{url: h/, header: {X-A: b, x-a: c}}",
		{ KIT_SAYS(200, "", "") }, "GET http://h/ x-a=c" },
	{ "addresses are for the host of the URL alone",
		"{url: h/, resolve: [192.0.2.1, '2001:db8::1']}",
		{ KIT_SAYS(302, "Location: http://h:81/b\r\n", ""),
			KIT_SAYS(302, "Location: http://i/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ @192.0.2.1 @2001:db8::1 ; "
		"GET http://h:81/b @192.0.2.1 @2001:db8::1 ; GET http://i/" },
	{ "one address will do", "{url: h/, resolve: 192.0.2.1}",
		{ KIT_SAYS(200, "", "") }, "GET http://h/ @192.0.2.1" },
	{ "the IP version is for every host", "{url: h/, ip_version: 6}",
		{ KIT_SAYS(302, "Location: http://i/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ v6 ; GET http://i/ v6" },
	{ "user and password become a header", "{url: 'https://me:a%20b@h/p'}",
		{ KIT_SAYS(200, "", "") },
		"GET https://h/p Authorization=Basic bWU6YSBi" },
	{ "they come before a configured one",
		"{url: 'http://me@h/', header: {Authorization: Bearer z}}",
		{ KIT_SAYS(200, "", "") },
		"GET http://h/ Authorization=Basic bWU6" },
	{ "a place on the same host", "{url: h/a/b}",
		{ KIT_SAYS(302, "Location: ../c?d\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/a/b ; GET http://h/c?d" },
	{ "without a place it is final", "{url: h/}", { KIT_SAYS(302, "", "") },
		"GET http://h/" },
	{ "304 leads nowhere", "{url: h/}",
		{ KIT_SAYS(304, "Location: /x\r\n", "") }, "GET http://h/" },
	{ "a broken body does not matter on the way", "{url: h/}",
		{ KIT_BREAKS(HTTP_FAIL_BODY, 301, "Location: /x\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ ; GET http://h/x" },
	{ "POST becomes GET", "{url: h/, method: POST}",
		{ KIT_SAYS(301, "Location: /x\r\n", ""),
			KIT_SAYS(200, "", "") },
		"POST http://h/ ; GET http://h/x" },
	{ "custom headers go anywhere", "{url: h/, header: {X-A: b}}",
		{ KIT_SAYS(302, "Location: http://other/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ X-A=b ; GET http://other/ X-A=b" },
	{ "Authorization stays on its host",
		"{url: h/, header: {Authorization: t}}",
		{ KIT_SAYS(302, "Location: /x\r\n", ""),
			KIT_SAYS(302, "Location: http://other/\r\n", ""),
			KIT_SAYS(302, "Location: http://h/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ Authorization=t"
		" ; GET http://h/x Authorization=t"
		" ; GET http://other/ ; GET http://h/" },
	{ "Authorization stays on its port",
		"{url: h/, header: {Authorization: t}}",
		{ KIT_SAYS(302, "Location: http://h:8080/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ Authorization=t ; GET http://h:8080/" },
	{ "Authorization goes from http to https",
		"{url: 'http://me:pw@h/', method: HEAD}",
		{ KIT_SAYS(301, "Location: https://h/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"HEAD http://h/ Authorization=Basic bWU6cHc="
		" ; HEAD https://h/ Authorization=Basic bWU6cHc=" },
	{ "and not back", "{url: 'https://me:pw@h/'}",
		{ KIT_SAYS(301, "Location: http://h/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET https://h/ Authorization=Basic bWU6cHc= ; GET http://h/" },
	{ "what a place has for a user is not sent", "{url: h/}",
		{ KIT_SAYS(301, "Location: http://me:pw@h/x\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ ; GET http://h/x" },
	{ "a configured Cookie is for the first hop",
		"{url: h/, header: {Cookie: a=b}}",
		{ KIT_SAYS(301, "Location: /x\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ Cookie=a=b ; GET http://h/x" },
	{ "what is set is sent back, the latest of a name", "{url: h/}",
		{ KIT_SAYS(301,
			  "Set-Cookie: s=1; Path=/; HttpOnly\r\n"
			  "set-cookie:t = 2 \r\nLocation: /x\r\n",
			  ""),
			KIT_SAYS(
				301, "Set-Cookie: s=3\r\nLocation: /y\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ ; GET http://h/x Cookie=s=1; t=2"
		" ; GET http://h/y Cookie=s=3; t=2" },
	{ "to the same host only", "{url: h/}",
		{ KIT_SAYS(301, "Set-Cookie: s=1\r\nLocation: http://o/\r\n",
			  ""),
			KIT_SAYS(301, "Location: http://h/y\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ ; GET http://o/ ; GET http://h/y Cookie=s=1" },
	{ "a user may have any letters, written as %XX",
		"{url: 'http://us:pw%40@h/p'}", { KIT_SAYS(200, "", "") },
		"GET http://h/p Authorization=Basic dXM6cHdA" },
	{ "an empty place is none", "{url: h/}",
		{ KIT_SAYS(302, "Location: \r\n", "") }, "GET http://h/" },
	{ "a place without a scheme is on another host", "{url: 'https://h/a'}",
		{ KIT_SAYS(302, "Location: //o/b\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET https://h/a ; GET https://o/b" },
	{ "a place loses its fragment", "{url: h/a}",
		{ KIT_SAYS(302, "Location: b#c\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/a ; GET http://h/b" },
	{ "307 keeps what speaks of a body, 302 does not",
		"{url: h/, method: PUT, header: {Content-Type: a/b, X: y}}",
		{ KIT_SAYS(307, "Location: /1\r\n", ""),
			KIT_SAYS(302, "Location: /2\r\n", ""),
			KIT_SAYS(308, "Location: /3\r\n", ""),
			KIT_SAYS(200, "", "") },
		"PUT http://h/ Content-Type=a/b X=y"
		" ; PUT http://h/1 Content-Type=a/b X=y"
		" ; GET http://h/2 X=y ; GET http://h/3 X=y" },
	{ "a header is taken away on every hop",
		"{url: h/, header: {Accept-Encoding: null}}",
		{ KIT_SAYS(302, "Location: /x\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ Accept-Encoding=(none)"
		" ; GET http://h/x Accept-Encoding=(none)" },
	{ "another port, another cookie: C167",
		"{url: 'h:1/', header: {X-Custom: c, Authorization: a,"
		" Cookie: b=c}}",
		{ KIT_SAYS(302,
			  "Set-Cookie: sid=1\r\nLocation: http://h:2/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h:1/ X-Custom=c Cookie=b=c Authorization=a"
		" ; GET http://h:2/ X-Custom=c Cookie=sid=1" },
	{ "a configured Host is for the first host",
		"{url: h/, header: {Host: v}}",
		{ KIT_SAYS(301, "Location: /x\r\n", ""),
			KIT_SAYS(301, "Location: http://o/\r\n", ""),
			KIT_SAYS(200, "", "") },
		"GET http://h/ Host=v ; GET http://h/x Host=v"
		" ; GET http://o/" },
};

static void
test_what_is_asked_for(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(hop_rows) / sizeof(hop_rows[0]); i++) {
		const struct hop_row *row = &hop_rows[i];
		struct kit_scene scene;
		kit_open(&scene, row->yaml);
		kit_look(&scene);
		for (size_t a = 0; a < 4 && row->answers[a].status > 0; a++)
			kit_answer(&row->answers[a]);
		if (scene.results != 1)
			fail_msg("%s: has no result", row->sentence);
		if (strcmp(kit_client.trace.data, row->trace) != 0)
			fail_msg(
				"%s: %s", row->sentence, kit_client.trace.data);
		kit_close(&scene);
	}
}

static void
test_methods_of_the_next_hop(void **unused)
{
	(void)unused;
	static const struct {
		int status;
		const char *get, *head, *post, *put;
	} rows[] = {
		{ 301, "GET", "HEAD", "GET", "PUT" },
		{ 302, "GET", "HEAD", "GET", "GET" },
		{ 303, "GET", "HEAD", "GET", "GET" },
		{ 307, "GET", "HEAD", "POST", "PUT" },
		{ 308, "GET", "HEAD", "POST", "PUT" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status = rows[i].status;
		assert_string_equal(
			redirect_method(status, "GET"), rows[i].get);
		assert_string_equal(
			redirect_method(status, "HEAD"), rows[i].head);
		assert_string_equal(
			redirect_method(status, "POST"), rows[i].post);
		assert_string_equal(
			redirect_method(status, "PUT"), rows[i].put);
	}
}

static void
test_hops_share_the_time_in_all(void **unused)
{
	(void)unused;
	static const struct kit_answer slow =
		KIT_TAKES(16000000, 302, "Location: /x\r\n", "");
	struct kit_scene scene;
	kit_open(&scene, "{url: h/, timeout: 1}");
	kit_look(&scene);
	kit_answer(&slow);
	assert_in_range(kit_client.request.total_ms, 13000, 14000);
	kit_answer(&slow);
	assert_int_equal(scene.results, 1);
	assert_int_equal(scene.result.cause, CAUSE_BODY_TIMEOUT);
	kit_close(&scene);
}

static void
test_thirty_hops_and_no_more(void **unused)
{
	(void)unused;
	struct kit_scene scene;
	kit_open(&scene, "{url: h/}");
	kit_look(&scene);
	for (int i = 0; i < 31; i++) {
		assert_int_equal(scene.results, 0);
		kit_answer(&(struct kit_answer)KIT_SAYS(
			307, "Location: /x\r\n", ""));
	}
	assert_int_equal(scene.results, 1);
	assert_int_equal(scene.result.status, STATUS_PARTIAL_OUTAGE);
	assert_int_equal(scene.result.cause, CAUSE_REDIRECT);
	assert_string_equal(scene.result.message, "Unexpected HTTP response");
	kit_close(&scene);
}

static void
on_hop(void *cookie, const struct probe_hop *hop)
{
	buf_printf(cookie, "%s %s %d ; ", hop->method, hop->url,
		hop->response->status);
}

static void
on_finding(void *cookie, const struct probe_finding *finding)
{
	buf_printf(cookie, "%s %d ; ", finding->type, (int)finding->outcome);
}

static void
test_who_looks_on_sees_all_of_it(void **unused)
{
	(void)unused;
	static const struct {
		const char *yaml;
		struct kit_answer answers[3];
		const char *seen; /* 0 met, 1 unmet, 2 not judged */
	} rows[] = {
		{ "{url: 'http://me:secret@h/a', method: post}",
			{ KIT_SAYS(302, "Location: /b\r\n", ""),
				KIT_SAYS(200, "", "") },
			"POST http://h/a 302 ; GET http://h/b 200 ; "
			"HTTP_STATUS 0 ; " },
		{ "{url: h/, expectation: [{type: REGEX, regex: a},"
		  " {type: HTTP_STATUS, status_range: 200}]}",
			{ KIT_SAYS(500, "", "a") },
			"GET http://h/ 500 ; REGEX 0 ; HTTP_STATUS 1 ; " },
		{ "{url: h/}", { KIT_FAILS(HTTP_FAIL_REFUSED) },
			"GET http://h/ 0 ; HTTP_STATUS 2 ; " },
		{ "{url: h/}", { KIT_SAYS(301, "Location: ftp://x/\r\n", "") },
			"GET http://h/ 301 ; HTTP_STATUS 2 ; " },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_scene scene;
		struct buf seen;
		buf_init(&seen, 1024);
		struct probe_watch watch = { on_hop, on_finding, &seen };
		kit_open(&scene, rows[i].yaml);
		scene.env.watch = &watch;
		kit_look(&scene);
		for (size_t at = 0; scene.results == 0; at++)
			kit_answer(&rows[i].answers[at]);
		assert_string_equal(seen.data, rows[i].seen);
		kit_close(&scene);
		buf_finish(&seen);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for),
		cmocka_unit_test(test_methods_of_the_next_hop),
		cmocka_unit_test(test_hops_share_the_time_in_all),
		cmocka_unit_test(test_thirty_hops_and_no_more),
		cmocka_unit_test(test_who_looks_on_sees_all_of_it),
	};
	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
