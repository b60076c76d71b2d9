#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/http/response.h"

static void
test_headers(void **unused)
{
	(void)unused;
	static const char headers[] = "HTTP/1.1 200 Date: not a header\r\n"
				      "Content-Type: text/html\r\n"
				      "X-Twice: one\r\n"
				      "Empty:\r\n"
				      "Blanks : \t between blanks \t \r\n"
				      "x-twice: two\r\n"
				      " X-Folded: not a header\r\n"
				      "Last:it";
	static const struct {
		const char *name;
		const char *value; /* NULL: none */
	} rows[] = {
		{ "Content-Type", "text/html" },
		{ "content-type", "text/html" },
		{ "X-Twice", "two" },
		{ "Empty", "" },
		{ "Blanks", "between blanks" },
		{ "Last", "it" },
		{ "Las", NULL },
		{ "Date", NULL },
		{ "X-Folded", NULL },
		{ "HTTP/1.1 200 Date", NULL },
	};
	struct http_response response = { .headers = headers };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char value[32];
		bool found = http_response_header(
			&response, rows[i].name, value, sizeof(value));
		if (found != (rows[i].value != NULL)
			|| (found && strcmp(value, rows[i].value) != 0))
			fail_msg("%s", rows[i].name);
	}
	char small[9];
	assert_false(http_response_header(
		&response, "Content-Type", small, sizeof(small)));
	response.headers = "";
	assert_false(http_response_header(
		&response, "Content-Type", small, sizeof(small)));
}

static void
test_retry_after(void **unused)
{
	(void)unused;
	/* 2026-11-20 12:00:00 UTC */
	const int64_t now_ms = INT64_C(1795176000) * 1000 + 250;
	static const struct {
		const char *headers;
		int64_t ms;
	} rows[] = {
		{ "HTTP/1.1 503 No\r\n", 0 },
		{ "HTTP/1.1 503 No\r\nRetry-After: 120\r\n", 120000 },
		{ "HTTP/1.1 503 No\r\nretry-after:0\r\n", 0 },
		{ "HTTP/1.1 503 No\r\nRetry-After: -1\r\n", 0 },
		{ "HTTP/1.1 503 No\r\nRetry-After: soon\r\n", 0 },
		{ "HTTP/1.1 503 No\r\nRetry-After: 1000000\r\n", 86400000 },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: 99999999999999999999999\r\n",
			86400000 },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Fri, 20 Nov 2026 12:00:30 GMT\r\n",
			30000 },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Friday, 20-Nov-26 12:00:30 GMT\r\n",
			30000 },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Fri, 20 Nov 2026 11:59:00 GMT\r\n",
			0 },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Fri, 20 Nov 2099 12:00:00 GMT\r\n",
			86400000 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_response response = { .headers = rows[i].headers };
		int64_t ms = http_response_retry_after(&response, now_ms);
		if (ms != rows[i].ms)
			fail_msg(
				"%s gave %lld", rows[i].headers, (long long)ms);
	}
}

static void
test_names_of_failures(void **unused)
{
	(void)unused;
	for (int fail = 0; fail < HTTP_FAIL_COUNT; fail++)
		assert_non_null(http_fail_name((enum http_fail)fail));
	assert_string_equal(
		http_fail_name(HTTP_FAIL_CONNECT_TIMEOUT), "connect_timeout");
	assert_true(http_fail_is_ours(HTTP_FAIL_NO_PORTS));
	assert_true(http_fail_is_ours(HTTP_FAIL_RESOLVER));
	assert_false(http_fail_is_ours(HTTP_FAIL_PROTOCOL));
	assert_false(http_fail_is_ours(HTTP_FAIL_NONE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_names_of_failures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
