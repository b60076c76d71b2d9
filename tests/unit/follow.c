/* Which redirects may be followed by what bears a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/http/client.h"
#include "agent/http/follow.h"

static const struct {
	const char *what;
	const char *url;
	int status;
	const char *location; /* NULL for none */
	const char *leads; /* NULL: it is not followed */
} rows[] = {
	{ "to https", "http://a/api/v1/x", 301, "https://a/api/v1/x",
		"https://a/api/v1/x" },
	{ "the host in capitals", "http://status.example.net/x", 308,
		"HTTPS://Status.Example.NET/x",
		"https://Status.Example.NET/x" },
	{ "to another port", "http://a:8080/x", 302, "http://a:9090/x",
		"http://a:9090/x" },
	{ "to a path", "https://a/old/x?y=1", 307, "/new/x?y=1",
		"https://a/new/x?y=1" },
	{ "without scheme", "https://a/x", 303, "//a/y", "https://a/y" },
	{ "to an IPv6 address", "http://[::1]:80/x", 301, "https://[::1]/x",
		"https://[::1]/x" },
	{ "with our password, from a relative one", "https://u:p@a/x", 301,
		"/y", "https://u:p@a:443/y" },
	{ "with our password, which it leaves out", "http://u:p@a/x", 301,
		"https://a/y", "https://u:p@a:443/y" },
	{ "with a password of its own", "http://a/x", 301, "https://m:n@a/y",
		"https://a:443/y" },
	{ "to another host", "https://a/x", 301, "https://b/x", NULL },
	{ "to a host below", "https://a/x", 308, "https://www.a/x", NULL },
	{ "to a host that is its user", "https://a/x", 301, "https://a@b/x",
		NULL },
	{ "to a host with a dot behind", "https://a/x", 301, "https://a./x",
		NULL },
	{ "from https to http", "https://a/x", 301, "http://a/x", NULL },
	{ "to another scheme", "https://a/x", 301, "ftp://a/x", NULL },
	{ "nowhere", "https://a/x", 301, NULL, NULL },
	{ "to nothing", "https://a/x", 301, "", NULL },
	{ "a choice is none", "http://a/x", 300, "https://a/x", NULL },
	{ "what is not modified", "http://a/x", 304, "https://a/x", NULL },
	{ "something made", "http://a/x", 201, "https://a/x", NULL },
};

static struct http_response
answer_of(int status, const char *location, char *headers, size_t size)
{
	int len = snprintf(headers, size, "HTTP/1.1 %d Whatever\r\n", status);
	if (location)
		snprintf(headers + len, size - (size_t)len, "Location: %s\r\n",
			location);
	return (struct http_response){
		.status = status,
		.detail = "",
		.headers = headers,
		.body = "",
	};
}

static void
test_where_it_leads(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char headers[256];
		const struct http_request request = { .url = rows[i].url };
		const struct http_response answer = answer_of(rows[i].status,
			rows[i].location, headers, sizeof(headers));
		const char *leads = http_follow_url(&request, &answer, arena);
		if (!leads != !rows[i].leads)
			fail_msg("%s: %s", rows[i].what,
				leads ? leads : "not followed");
		if (leads)
			assert_string_equal(leads, rows[i].leads);
	}
	arena_free(arena);
}

static void
test_what_to_write_instead(void **unused)
{
	(void)unused;
	static const struct {
		const char *base, *from, *to, *instead;
	} bases[] = {
		{ "http://a/api/v1", "http://a/api/v1/incidents",
			"https://a/api/v1/incidents", "https://a/api/v1" },
		{ "http://a/api/v1", "http://a/api/v1/components/1",
			"http://a/status/api/v1/components/1",
			"http://a/status/api/v1" },
		{ "http://u:p@a/api", "http://u:p@a/api/x",
			"https://u:p@a:443/api/x", "https://a:443/api" },
		{ "http://a/api/v1", "http://a/api/v1/incidents",
			"http://a/login", NULL },
		{ "http://a/api", "http://b/x", "http://b/y", NULL },
		{ NULL, "http://a/x", "http://a/y", NULL },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		const char *found = http_follow_base(
			bases[i].base, bases[i].from, bases[i].to, arena);
		if (bases[i].instead)
			assert_string_equal(found, bases[i].instead);
		else
			assert_null(found);
	}
	arena_free(arena);
}

static void
test_what_is_said_of_it(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	char headers[256];
	struct http_response answer =
		answer_of(302, "https://u:canary@b/login?token=canary", headers,
			sizeof(headers));
	assert_string_equal(http_follow_place(&answer, arena), "https://b/...");
	answer = answer_of(302, "/login", headers, sizeof(headers));
	assert_null(http_follow_place(&answer, arena));
	answer = answer_of(302, NULL, headers, sizeof(headers));
	assert_null(http_follow_place(&answer, arena));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_it_leads),
		cmocka_unit_test(test_what_to_write_instead),
		cmocka_unit_test(test_what_is_said_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
