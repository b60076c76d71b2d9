#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/web/listen.h"
#include "agent/web/router.h"

/* Where it listens. */

static const struct {
	const char *text;
	const char *where; /* NULL: refused */
} addresses[] = {
	{ "127.0.0.1:0", "127.0.0.1:" },
	{ "[::1]:0", "[::1]:" },
	{ "localhost:0", "127.0.0.1:" },
	{ ":0", "127.0.0.1:" },
	{ "0", "127.0.0.1:" },
	{ "0.0.0.0:0", "0.0.0.0:" },
	{ "", NULL },
	{ "127.0.0.1", NULL },
	{ "127.0.0.1:", NULL },
	{ "127.0.0.1:http", NULL },
	{ "127.0.0.1:65536", NULL },
	{ "127.0.0.1:-1", NULL },
	{ "::1:8080", NULL },
	{ "[::1:8080", NULL },
	{ "example.net:8080", NULL },
};

static void
test_an_address_is_understood_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct web_address address;
		struct err err = { "" };
		bool good =
			web_address_parse(addresses[i].text, &address, &err);
		if (good != (addresses[i].where != NULL))
			fail_msg("\"%s\": %s", addresses[i].text, err.text);
		if (good)
			continue;
		assert_non_null(strstr(err.text, addresses[i].text));
		assert_non_null(strstr(err.text, "expected"));
	}
}

static void
test_a_free_port_is_found_and_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		const char *where = addresses[i].where;
		struct web_address address;
		struct err err;
		if (!where
			|| !web_address_parse(
				addresses[i].text, &address, &err))
			continue;
		int fd = web_listen(&address, &err);
		if (fd < 0 && where[0] == '[')
			continue; /* a machine without IPv6 */
		assert_true(fd >= 0);
		char text[WEB_ADDRESS_SIZE];
		web_listens_at(fd, text);
		assert_int_equal(strncmp(text, where, strlen(where)), 0);
		assert_string_not_equal(text + strlen(where), "0");
		close(fd);
	}
}

static void
test_a_port_in_use_is_told(void **state)
{
	(void)state;
	struct web_address address;
	struct err err;
	assert_true(web_address_parse("127.0.0.1:0", &address, &err));
	int fd = web_listen(&address, &err);
	assert_true(fd >= 0);
	char text[WEB_ADDRESS_SIZE];
	web_listens_at(fd, text);

	assert_true(web_address_parse(text, &address, &err));
	assert_int_equal(web_listen(&address, &err), -1);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.text, "another program has the port"));
	close(fd);
}

/* What it answers. */

static void
answer_page(const struct web_request *request, struct web_answer *answer)
{
	web_answer_text(answer, 200, request->path);
}

static const struct web_route some[] = {
	{ "/both", WEB_GET | WEB_POST, answer_page },
	{ "/read", WEB_GET, answer_page },
	{ "/write", WEB_POST, answer_page },
	{ 0 },
};

static const struct {
	const char *method, *path;
	int status;
	const char *allow;
} requests[] = {
	{ "GET", "/read", 200, NULL },
	{ "HEAD", "/read", 200, NULL },
	{ "POST", "/read", 405, "GET, HEAD" },
	{ "get", "/read", 405, "GET, HEAD" },
	{ "POST", "/write", 200, NULL },
	{ "GET", "/write", 405, "POST" },
	{ "POST", "/both", 200, NULL },
	{ "DELETE", "/both", 405, "GET, HEAD, POST" },
	{ "GET", "/", 404, NULL },
	{ "GET", "/read/", 404, NULL },
	{ "POST", "/nowhere", 404, NULL },
};

static void
test_requests_are_routed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		struct web_request request = {
			.method = requests[i].method,
			.path = requests[i].path,
		};
		struct web_answer answer = { 0 };
		buf_init(&answer.body, WEB_BODY_MAX);
		web_route(some, &request, &answer);
		assert_int_equal(answer.status, requests[i].status);
		assert_int_equal(
			web_takes(some, &request), answer.status == 200);
		if (requests[i].allow)
			assert_string_equal(answer.allow, requests[i].allow);
		else
			assert_null(answer.allow);
		assert_true(answer.body.len > 1);
		buf_finish(&answer.body);
	}
}

static void
test_the_routes_are_sorted(void **state)
{
	(void)state;
	const struct web_route *route = web_routes;
	for (; route->path && route[1].path; route++)
		assert_true(strcmp(route->path, route[1].path) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_understood_or_refused),
		cmocka_unit_test(test_a_free_port_is_found_and_told),
		cmocka_unit_test(test_a_port_in_use_is_told),
		cmocka_unit_test(test_requests_are_routed),
		cmocka_unit_test(test_the_routes_are_sorted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
