/*
 * The client when the far side, the network or this machine is in trouble; and
 * callers who change their minds.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"
#include "tests/support/fetch.h"
#include "tests/support/loopback.h"

static const struct loopback_page pages[] = {
	{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		LOOPBACK_KEEP },
	{ "/silent", "", LOOPBACK_STALL },
	{ "/half", "HTTP/1.1 200 OK\r\nContent-Le", LOOPBACK_STALL },
	{ "/interim", "HTTP/1.1 100 Continue\r\n\r\n", LOOPBACK_STALL },
	{ "/stalls", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
		LOOPBACK_STALL },
	{ 0 },
};

static struct loopback *server, *secure;
static struct fetch_kit kit;
static struct fetch fetch;

static int
start(void **unused)
{
	struct err err;
	(void)unused;
	server = loopback_start(pages, LOOPBACK_PLAIN);
	secure = loopback_start(pages, LOOPBACK_TLS);
	return http_global_init(&err) ? 0 : -1;
}

static int
stop(void **unused)
{
	(void)unused;
	loopback_stop(server);
	loopback_stop(secure);
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
test_nobody_listens(void **unused)
{
	(void)unused;
	unsigned port = loopback_nobody();
	struct http_request request =
		fetch_request(fetch_url("http", "127.0.0.1", port, "/"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_REFUSED, 0);
	char wanted[64];
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%u refuses connections",
		port);
	assert_string_equal(fetch.detail, wanted);
	assert_false(fetch.response.sent);
	assert_string_equal(fetch.response.address, "127.0.0.1");
	assert_int_equal(fetch.response.timing.headers_us, 0);
	assert_true(fetch.response.timing.total_us > 0);
}

static void
test_deadlines(void **unused)
{
	(void)unused;
	int fds[LOOPBACK_FULL_FDS];
	unsigned full = loopback_full("127.0.0.1", 0, fds);
	struct http_request request =
		fetch_request(fetch_url("http", "127.0.0.1", full, "/"));
	request.connect_ms = 100;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CONNECT_TIMEOUT, 0);
	assert_false(fetch.response.sent);
	assert_true(fetch.response.timing.total_us >= 100000);
	request.connect_ms = 0;
	request.total_ms = 100;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CONNECT_TIMEOUT, 0);
	for (int i = 0; i < LOOPBACK_FULL_FDS; i++)
		close(fds[i]);

	static const char *const silent[] = { "/silent", "/half", "/interim" };
	for (size_t i = 0; i < 3; i++) {
		request = fetch_request(url(silent[i]));
		request.headers_ms = 600;
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_TIMEOUT, 0);
		assert_true(fetch.response.sent);
		assert_string_equal(fetch.headers, "");
		assert_true(fetch.response.timing.connect_us > 0);
	}
	request.headers_ms = 0;
	request.total_ms = 600;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_TIMEOUT, 0);
}

static void
test_bodies_that_stall(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(url("/stalls"));
	request.idle_ms = 600;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_BODY_TIMEOUT, 200);
	assert_string_equal(fetch.body, "hel");
	assert_true(str_starts(fetch.detail, "the body stalled for "));
	assert_true(fetch.response.timing.headers_us > 0);

	request.idle_ms = 0;
	request.total_ms = 600;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_BODY_TIMEOUT, 200);
	assert_true(
		str_starts(fetch.detail, "the body was not complete within "));
}

static void
test_handshakes(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(
		fetch_url("https", "127.0.0.1", loopback_port(secure), "/ok"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CERTIFICATE, 0);
	assert_false(fetch.response.sent);
	assert_true(fetch.response.timing.connect_us > 0);

	request.insecure = true;
	for (int i = 0; i < 2; i++) {
		fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
		assert_true(fetch.response.timing.tls_us > 0);
	}
	request.insecure = false;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CERTIFICATE, 0);

	/* Our hello is no request to this one: it waits for more. */
	request.url =
		fetch_url("https", "127.0.0.1", loopback_port(server), "/ok");
	request.headers_ms = 100;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_TIMEOUT, 0);
	assert_false(fetch.response.sent);
	assert_true(str_starts(
		fetch.detail, "the TLS handshake did not end within "));
	request.headers_ms = 30000;
	request.url =
		fetch_url("http", "127.0.0.1", loopback_port(secure), "/");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CLOSED, 0);

	struct loopback *other = loopback_start(pages, LOOPBACK_TALKS_FIRST);
	request.url =
		fetch_url("https", "127.0.0.1", loopback_port(other), "/");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_TLS, 0);
	assert_false(fetch.response.sent);
	assert_true(fetch.response.timing.connect_us > 0);
	loopback_stop(other);
}

static void
test_certificates_that_are_trusted(void **unused)
{
	(void)unused;
	struct err err;
	setenv("REQUESTS_CA_BUNDLE", loopback_certificate(secure), 1);
	assert_true(http_easy_check_trust(&err));
	struct http_request request = fetch_request(
		fetch_url("https", "127.0.0.1", loopback_port(secure), "/ok"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	request.url =
		fetch_url("https", "localhost", loopback_port(secure), "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);

	/* The right certificate, and another name. */
	const char *here = "127.0.0.1";
	assert_true(resolver_pin(kit.resolver, "other.test", &here, 1, &err));
	request.url =
		fetch_url("https", "other.test", loopback_port(secure), "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_CERTIFICATE, 0);

	setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem", 1);
	assert_false(http_easy_check_trust(&err));
	assert_non_null(strstr(err.text, "/nowhere/at/all.pem"));
	unsetenv("REQUESTS_CA_BUNDLE");
	assert_true(http_easy_check_trust(&err));
}

static void
test_several_addresses(void **unused)
{
	(void)unused;
	struct err err;
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.3",
		"127.0.0.1" };
	uint16_t port = loopback_port(server);
	assert_true(
		resolver_pin(kit.resolver, "Three.Test", addresses, 3, &err));
	struct http_request request =
		fetch_request(fetch_url("http", "three.test", port, "/ok"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_string_equal(fetch.response.address, "127.0.0.1");
	assert_string_equal(fetch.detail, "");
	assert_true(fetch.response.timing.connect_us > 0);

	assert_true(resolver_pin(kit.resolver, "two.test", addresses, 2, &err));
	request.url = fetch_url("http", "two.test", port, "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_REFUSED, 0);
	assert_string_equal(fetch.response.address, "127.0.0.3");

	/* One that is silent costs its share of the time, and no more. */
	int fds[LOOPBACK_FULL_FDS];
	loopback_full("127.0.0.2", port, fds);
	request.url = fetch_url("http", "three.test", port, "/ok");
	request.connect_ms = 300;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_true(fetch.response.timing.connect_us >= 100000);
	request.url = fetch_url("http", "two.test", port, "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_REFUSED, 0);
	for (int i = 0; i < LOOPBACK_FULL_FDS; i++)
		close(fds[i]);

	/* The same without the resolver, and of one family. */
	request.url = fetch_url("http", "nowhere.invalid", port, "/ok");
	request.addresses = addresses;
	request.n_addresses = 3;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	assert_string_equal(fetch.response.address, "127.0.0.1");
	assert_int_equal(fetch.response.timing.dns_us, 0);
	request.family = RESOLVER_V4;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	request.family = RESOLVER_V6;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_UNREACHABLE, 0);
	assert_string_equal(
		fetch.detail, "no address is of the IP version that is wanted");
	request.addresses = NULL;
	request.url = fetch_url("http", "127.0.0.1", port, "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_UNREACHABLE, 0);
	request.family = RESOLVER_V4;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
	request.url = fetch_url("http", "localhost", port, "/ok");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);

	const char *bad = "127.0.0";
	assert_false(resolver_pin(kit.resolver, "bad.test", &bad, 1, &err));
	assert_string_equal(
		err.text, "\"127.0.0\" is no address such as 192.0.2.1");
}

/* What the kernel says when it is our trouble is hard to bring about. */
static void
test_whose_trouble_it_is(void **unused)
{
	(void)unused;
	static const struct {
		const char *address;
		int os_error;
		enum http_fail fail;
	} rows[] = {
		{ "127.0.0.1", ECONNREFUSED, HTTP_FAIL_REFUSED },
		{ "127.0.0.1", ETIMEDOUT, HTTP_FAIL_CONNECT_TIMEOUT },
		{ "127.0.0.1", EHOSTUNREACH, HTTP_FAIL_UNREACHABLE },
		{ "127.0.0.1", ENETUNREACH, HTTP_FAIL_UNREACHABLE },
		{ "127.0.0.1", ECONNRESET, HTTP_FAIL_CLOSED },
		{ "127.0.0.1", EADDRNOTAVAIL, HTTP_FAIL_NO_PORTS },
		{ "127.0.0.1", EMFILE, HTTP_FAIL_NO_DESCRIPTORS },
		{ "127.0.0.1", EPERM, HTTP_FAIL_NO_ROUTE },
		/* To everybody: the kernel has no such way for us. */
		{ "255.255.255.255", ENETUNREACH, HTTP_FAIL_NO_ROUTE },
		{ "255.255.255.255", EACCES, HTTP_FAIL_NO_ROUTE },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_call call = { .n_tried = 1 };
		str_copy(call.addresses[0], RESOLVER_ADDRESS_SIZE,
			rows[i].address);
		enum http_fail fail = http_fail_of(
			&call, CURLE_COULDNT_CONNECT, rows[i].os_error);
		if (fail != rows[i].fail)
			fail_msg("%s gave %s", strerror(rows[i].os_error),
				http_fail_name(fail));
	}
	struct http_request request = fetch_request("http://255.255.255.255/");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NO_ROUTE, 0);
}

static void
test_no_descriptors(void **unused)
{
	(void)unused;
	struct http_request request = fetch_request(url("/ok"));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);

	struct rlimit before, none;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int next = dup(0);
	close(next);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	fetch_start(&kit, &fetch, &request);
	fetch_wait(&kit, &fetch);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(fetch.response.fail, HTTP_FAIL_NO_DESCRIPTORS);
	assert_string_equal(fetch.detail,
		"no descriptor is left for a socket: Too many open files");
	assert_false(fetch.response.sent);

	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
}

/* One that, when it is answered, cancels another and asks anew. */
struct fickle {
	struct http_call *call, *other;
	struct fetch *then;
	struct http_request request;
	unsigned answers;
};

static void
on_fickle_answer(void *cookie, const struct http_response *response)
{
	struct fickle *fickle = cookie;
	(void)response;
	fickle->call = NULL;
	fickle->answers++;
	http_cancel(fickle->other);
	fickle->other = NULL;
	fetch_start(&kit, fickle->then, &fickle->request);
}

static void
on_unwanted_answer(void *cookie, const struct http_response *response)
{
	(void)cookie;
	(void)response;
	fail_msg("a call that was cancelled is answered");
}

static void
test_second_thoughts(void **unused)
{
	(void)unused;
	/* The other is under way, waits for a name, or has failed already. */
	const char *const others[] = { url("/silent"), url("/ok"), "ftp://h/",
		"http://silent.test/" };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		for (int failing = 0; failing < 2; failing++) {
			struct fickle fickle = {
				.then = &fetch,
				.request = fetch_request(url("/ok")),
			};
			struct http_request first = fetch_request(
				failing ? "ftp://h/" : url("/ok"));
			struct http_request other = fetch_request(others[i]);
			fetch.answers = 0;
			fickle.call = http_send(
				kit.client, &first, on_fickle_answer, &fickle);
			/* It must not be answered before the first is. */
			if (!failing && i > 0)
				other.url = url("/silent");
			fickle.other = http_send(
				kit.client, &other, on_unwanted_answer, NULL);
			fetch_wait(&kit, &fetch);
			assert_int_equal(fickle.answers, 1);
			assert_int_equal(fetch.response.status, 200);
			assert_int_equal(http_client_busy(kit.client), 0);
		}
	}
	http_cancel(NULL);
}

static void
test_cancelled_at_once(void **unused)
{
	(void)unused;
	static const char *const urls[] = { "ftp://h/", "http://127.0.0.1:1/",
		"http://localhost:1/" };
	for (size_t i = 0; i < 3; i++) {
		struct http_request request = fetch_request(urls[i]);
		http_cancel(http_send(
			kit.client, &request, on_unwanted_answer, NULL));
	}
	assert_int_equal(http_client_busy(kit.client), 0);
	ev_run(kit.loop, EVRUN_NOWAIT);
}

/* close_kit() frees the client; nobody may be called, nothing may leak. */
static void
test_freed_with_calls_under_way(void **unused)
{
	(void)unused;
	const char *const urls[] = { url("/silent"), url("/stalls"), url("/ok"),
		"ftp://h/", "http://localhost:1/",
		fetch_url("https", "127.0.0.1", loopback_port(secure),
			"/silent") };
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_request request = fetch_request(urls[i]);
		request.insecure = true;
		if (str_eq(urls[i], url("/ok")) || str_starts(urls[i], "ftp")
			|| strstr(urls[i], "localhost"))
			http_send(
				kit.client, &request, on_unwanted_answer, NULL);
		else
			fetch_start(&kit, &fetch, &request);
	}
	assert_int_equal(http_client_busy(kit.client), 6);
}

static void
test_freed_amid_transfers(void **unused)
{
	(void)unused;
	static struct fetch many[3];
	const char *const paths[] = { "/silent", "/stalls", "/half" };
	for (size_t i = 0; i < 3; i++) {
		struct http_request request = fetch_request(url(paths[i]));
		fetch_start(&kit, &many[i], &request);
	}
	struct http_request request = fetch_request(url("/ok"));
	request.fresh = false;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NONE, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_nobody_listens, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_deadlines, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_bodies_that_stall, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_handshakes, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_certificates_that_are_trusted, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_several_addresses, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_whose_trouble_it_is, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_no_descriptors, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_second_thoughts, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_cancelled_at_once, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_freed_with_calls_under_way, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_freed_amid_transfers, open_kit, close_kit),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
