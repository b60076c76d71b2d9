/*
 * The client against a server that says what it is asked to say.  What depends
 * on the network being in trouble is in http_trouble.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "tests/support/fetch.h"
#include "tests/support/loopback.h"

static const struct loopback_page pages[] = {
	{ "/ok",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		"X-Test: one\r\nX-Test: two\r\n\r\nhello",
		LOOPBACK_KEEP },
	{ "/head", "HTTP/1.1 204 No\r\nContent-Length: 70\r\n\r\n",
		LOOPBACK_CLOSE },
	{ "/echo", "", LOOPBACK_ECHO },
	{ "/chunked",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n",
		LOOPBACK_KEEP },
	{ "/until-close", "HTTP/1.0 200 OK\r\n\r\nall of it", LOOPBACK_CLOSE },
	{ "/interim",
		"HTTP/1.1 102 Processing\r\nX-Interim: y\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
		"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
		LOOPBACK_KEEP },
	{ "/bare", "HTTP/1.1 200 OK\nContent-Length: 2\nA: b\n\nok",
		LOOPBACK_CLOSE },
	{ "/moved",
		"HTTP/1.1 302 Found\r\nLocation: /ok\r\n"
		"Content-Length: 0\r\n\r\n",
		LOOPBACK_KEEP },
	{ "/twelve",
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
		"abcdefghijkl",
		LOOPBACK_KEEP },
	{ "/gzip",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		"Content-Length: 5\r\n\r\nplain",
		LOOPBACK_KEEP },
	{ "/short", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nabc",
		LOOPBACK_CLOSE },
	{ "/cut-chunk",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nab",
		LOOPBACK_CLOSE },
	{ "/bad-chunk",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\nzz\r\n",
		LOOPBACK_STALL },
	{ "/reset-body", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nabc",
		LOOPBACK_RESET },
	{ "/garbage", "SSH-2.0-OpenSSH_9.2\r\n", LOOPBACK_STALL },
	{ "/http-0.9", "<html>old", LOOPBACK_CLOSE },
	{ "/bad-length", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		LOOPBACK_CLOSE },
	{ "/nothing", "", LOOPBACK_CLOSE },
	{ "/reset", "", LOOPBACK_RESET },
	{ "/half", "HTTP/1.1 200 OK\r\nContent-Le", LOOPBACK_CLOSE },
	{ "/half-line", "HTTP/1.1 200 OK\r\nA: b\r\n", LOOPBACK_CLOSE },
	{ 0 },
};

static struct loopback *server;
static struct fetch_kit kit;
static struct fetch fetch;

static int
start(void **unused)
{
	struct err err;
	(void)unused;
	server = loopback_start(pages, LOOPBACK_PLAIN);
	return http_global_init(&err) ? 0 : -1;
}

static int
stop(void **unused)
{
	(void)unused;
	loopback_stop(server);
	http_global_finish();
	return 0;
}

static int
open_kit(void **unused)
{
	(void)unused;
	fetch_kit_open(&kit);
	return 0;
}

static int
close_kit(void **unused)
{
	(void)unused;
	fetch_kit_close(&kit);
	return 0;
}

static const char *
url(const char *path)
{
	return fetch_url("http", "127.0.0.1", loopback_port(server), path);
}

static void
test_answers(void **unused)
{
	(void)unused;
	static const struct {
		const char *path;
		int status;
		const char *headers, *body;
	} rows[] = {
		{ "/ok", 200,
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
			"X-Test: one\r\nX-Test: two\r\n",
			"hello" },
		{ "/chunked", 200,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
			"abcde" },
		{ "/until-close", 200, "HTTP/1.0 200 OK\r\n", "all of it" },
		{ "/interim", 201,
			"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n", "" },
		{ "/bare", 200,
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n",
			"ok" },
		{ "/moved", 302,
			"HTTP/1.1 302 Found\r\nLocation: /ok\r\n"
			"Content-Length: 0\r\n",
			"" },
		{ "/gzip", 200,
			"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
			"Content-Length: 5\r\n",
			"plain" },
		{ "/unknown", 404,
			"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n", "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request request = fetch_request(url(rows[i].path));
		fetch_expect(
			&kit, &fetch, &request, HTTP_FAIL_NONE, rows[i].status);
		const struct http_response *response = &fetch.response;
		assert_string_equal(response->headers, rows[i].headers);
		assert_string_equal(response->body, rows[i].body);
		assert_int_equal(response->body_len, strlen(rows[i].body));
		assert_string_equal(response->address, "127.0.0.1");
		assert_true(response->sent);
		assert_false(response->body_cut);
	}
	assert_int_equal(http_client_busy(kit.client), 0);
}

static void
test_broken_answers(void **unused)
{
	(void)unused;
	static const struct {
		const char *path;
		enum http_fail fail;
		int status;
		const char *body;
	} rows[] = {
		{ "/short", HTTP_FAIL_BODY, 200, "abc" },
		{ "/cut-chunk", HTTP_FAIL_BODY, 200, "ab" },
		{ "/bad-chunk", HTTP_FAIL_BODY, 200, "abc" },
		{ "/reset-body", HTTP_FAIL_BODY, 200, NULL },
		{ "/garbage", HTTP_FAIL_PROTOCOL, 0, "" },
		{ "/http-0.9", HTTP_FAIL_PROTOCOL, 0, "" },
		{ "/bad-length", HTTP_FAIL_PROTOCOL, 0, "" },
		{ "/nothing", HTTP_FAIL_CLOSED, 0, "" },
		{ "/reset", HTTP_FAIL_CLOSED, 0, "" },
		{ "/half", HTTP_FAIL_CLOSED, 0, "" },
		{ "/half-line", HTTP_FAIL_CLOSED, 0, "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request request = fetch_request(url(rows[i].path));
		fetch_expect(
			&kit, &fetch, &request, rows[i].fail, rows[i].status);
		if (rows[i].body)
			assert_string_equal(fetch.body, rows[i].body);
		assert_int_equal(
			strlen(fetch.headers) > 0, rows[i].status != 0);
		assert_true(fetch.response.sent);
	}
}

static void
test_bodies_have_a_ceiling(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(url("/twelve"));
	request.body_max = 12;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_false(fetch.response.body_cut);

	request.body_max = 11;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_TOO_LARGE, 200);
	assert_string_equal(fetch.detail, "the body is larger than 11 bytes");
	assert_string_equal(fetch.body, "abcdefghijk");
	assert_true(fetch.response.body_cut);

	request.cut_body = true;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(fetch.response.body_cut);
	assert_string_equal(fetch.body, "abcdefghijk");

	request.body_max = 0;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(fetch.response.body_cut);
	assert_int_equal(fetch.response.body_len, 0);
}

static void
test_headers_have_a_ceiling(void **unused)
{
	(void)unused;
	struct buf many, one;
	buf_init(&many, SIZE_MAX - 1);
	buf_add_text(&many, "HTTP/1.1 200 OK\r\n");
	while (many.len < (size_t)70 * 1024)
		buf_add_text(&many, "X-Much: 01234567890123456789012345\r\n");
	buf_add_text(&many, "\r\n");
	buf_init(&one, SIZE_MAX - 1);
	buf_add_text(&one, "HTTP/1.1 200 OK\r\nX-Long: ");
	while (one.len < (size_t)300 * 1024)
		buf_add_text(&one, "01234567890123456789012345");
	buf_add_text(&one, "\r\n\r\n");
	const struct loopback_page large[] = {
		{ "/many", many.data, LOOPBACK_CLOSE },
		{ "/one", one.data, LOOPBACK_CLOSE },
		{ 0 },
	};
	struct loopback *other = loopback_start(large, LOOPBACK_PLAIN);
	for (size_t i = 0; i < 2; i++) {
		struct http_request request = fetch_request(fetch_url("http",
			"127.0.0.1", loopback_port(other), large[i].path));
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_PROTOCOL, 0);
	}
	loopback_stop(other);
	buf_finish(&many);
	buf_finish(&one);
}

/* What the far side got, header by header. */
static bool
echoed(const char *line)
{
	return strstr(fetch.body, line) != NULL;
}

static void
test_what_is_sent(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(url("/echo?q=1"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(echoed("GET /echo?q=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
	assert_true(echoed("\r\nUser-Agent: curlew/" CURLEW_VERSION "\r\n"));
	assert_true(echoed("\r\nAccept: */*\r\n"));
	assert_false(echoed("Accept-Encoding"));
	assert_false(echoed("Content-"));

	const struct http_header headers[] = {
		{ "user-agent", "mine" },
		{ "Accept", NULL },
		{ "X-Empty", "" },
		{ "Host", "example.net" },
		{ "X-Two", "a: b" },
	};
	request.headers = headers;
	request.n_headers = 5;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(echoed("\r\nuser-agent: mine\r\n"));
	assert_false(echoed("curlew/"));
	assert_false(echoed("Accept:"));
	assert_true(echoed("\r\nX-Empty:\r\n"));
	assert_true(echoed("\r\nHost: example.net\r\n"));
	assert_true(echoed("\r\nX-Two: a: b\r\n"));
}

static void
test_methods_and_bodies(void **unused)
{
	(void)unused;
	static const struct {
		const char *method, *body;
		const char *line, *length; /* NULL: no Content-Length */
	} rows[] = {
		{ NULL, NULL, "GET /echo HTTP/1.1\r\n", NULL },
		{ "POST", "a=b", "POST /echo HTTP/1.1\r\n", "3" },
		{ "GET", NULL, "GET /echo HTTP/1.1\r\n", NULL },
		{ "POST", NULL, "POST /echo HTTP/1.1\r\n", "0" },
		{ "PUT", NULL, "PUT /echo HTTP/1.1\r\n", "0" },
		{ "PUT", "x", "PUT /echo HTTP/1.1\r\n", "1" },
		{ "DELETE", NULL, "DELETE /echo HTTP/1.1\r\n", "0" },
		{ "DELETE", "{}", "DELETE /echo HTTP/1.1\r\n", "2" },
		{ "PATCH", "{}", "PATCH /echo HTTP/1.1\r\n", "2" },
		{ "OPTIONS", NULL, "OPTIONS /echo HTTP/1.1\r\n", "0" },
		{ "GET", "x", "GET /echo HTTP/1.1\r\n", "1" },
		{ "QUERY", NULL, "QUERY /echo HTTP/1.1\r\n", "0" },
		{ "GET", NULL, "GET /echo HTTP/1.1\r\n", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request request = fetch_request(url("/echo"));
		request.method = rows[i].method;
		request.body = rows[i].body;
		request.body_len = rows[i].body ? strlen(rows[i].body) : 0;
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
		if (strncmp(fetch.body, rows[i].line, strlen(rows[i].line))
			!= 0)
			fail_msg("%s was %s", rows[i].line, fetch.body);
		const char *length = strstr(fetch.body, "Content-Length: ");
		assert_int_equal(length != NULL, rows[i].length != NULL);
		if (length)
			assert_memory_equal(length + 16, rows[i].length, 1);
		assert_false(echoed("Content-Type"));
		assert_false(echoed("Expect"));
		if (rows[i].body)
			assert_string_equal(strstr(fetch.body, "\r\n\r\n") + 4,
				rows[i].body);
	}
	struct http_request request = fetch_request(url("/head"));
	request.method = "HEAD";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 204);
	assert_int_equal(fetch.response.body_len, 0);
	request = fetch_request(url("/ok"));
	request.method = "HEAD";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_int_equal(fetch.response.body_len, 0);
	request.method = NULL;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_string_equal(fetch.body, "hello");
}

/* A handle is used again; what one request said in secret is not. */
static void
test_secrets_stay_with_their_request(void **unused)
{
	(void)unused;
	char text[100];
	snprintf(text, sizeof(text), "http://me:secret@127.0.0.1:%u/echo",
		loopback_port(server));
	struct http_request request = fetch_request(text);
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(echoed("\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));
	request.url = url("/echo");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_false(echoed("Authorization"));

	const struct http_header token = { "X-Token", "secret" };
	request.headers = &token;
	request.n_headers = 1;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(echoed("X-Token"));
	request.n_headers = 0;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_false(echoed("X-Token"));
}

static void
test_requests_that_cannot_be_sent(void **unused)
{
	(void)unused;
	const struct http_header bad[] = {
		{ "X-A", "b\r\nX-Injected: c" },
		{ "X A", "b" },
		{ "", "b" },
	};
	static const char *const urls[] = { "", "127.0.0.1", "ftp://h/",
		"file:///etc/passwd", "http://", "http://a b/",
		"http://h\r\n/" };
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_request request = fetch_request(urls[i]);
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_URL, 0);
		assert_false(fetch.response.sent);
		assert_string_equal(fetch.response.address, "");
	}
	for (size_t i = 0; i < 3; i++) {
		struct http_request request = fetch_request(url("/ok"));
		request.headers = &bad[i];
		request.n_headers = 1;
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_URL, 0);
	}
	struct http_request request = fetch_request(url("/ok"));
	request.method = "GET /x HTTP/1.1\r\nX:";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_URL, 0);
}

static void
test_connections_are_kept_or_not(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(url("/ok"));
	unsigned before = loopback_connections(server);
	for (int i = 0; i < 3; i++)
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_int_equal(loopback_connections(server), before + 3);
	assert_true(fetch.response.timing.connect_us > 0);

	request.fresh = false;
	for (int i = 0; i < 3; i++)
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_int_equal(loopback_connections(server), before + 4);
	assert_int_equal(fetch.response.timing.connect_us, 0);
	assert_true(fetch.response.sent);

	/* libcurl would send it twice if the connection were closed. */
	request.method = "POST";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_int_equal(loopback_connections(server), before + 5);
	request.method = "GET";
	request.fresh = true;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_int_equal(loopback_connections(server), before + 6);
}

static void
test_timing_adds_up(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(fetch_url(
		"http", "localhost", loopback_port(server), "/chunked"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	const struct http_timing *timing = &fetch.response.timing;
	assert_true(timing->dns_us > 0);
	assert_true(timing->connect_us > 0);
	assert_int_equal(timing->tls_us, 0);
	assert_true(timing->wait_us > 0);
	assert_true(timing->headers_us
		>= timing->dns_us + timing->connect_us + timing->wait_us);
	assert_true(timing->total_us >= timing->headers_us);
}

enum {
	CROWD = 300,
};

static void
test_a_crowd_at_once(void **unused)
{
	(void)unused;
	struct fetch *crowd = test_calloc(CROWD, sizeof(*crowd));
	struct http_request request = fetch_request(url("/ok"));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CROWD; i++)
			fetch_start(&kit, &crowd[i], &request);
		assert_int_equal(http_client_busy(kit.client), CROWD);
		for (int i = 0; i < CROWD; i++) {
			fetch_wait(&kit, &crowd[i]);
			assert_int_equal(crowd[i].response.status, 200);
		}
	}
	test_free(crowd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_answers, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_broken_answers, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_bodies_have_a_ceiling, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_headers_have_a_ceiling, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_what_is_sent, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_methods_and_bodies, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_secrets_stay_with_their_request, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_requests_that_cannot_be_sent, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_connections_are_kept_or_not, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_timing_adds_up, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_a_crowd_at_once, open_kit, close_kit),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
