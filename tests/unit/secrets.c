/* What a server says again of what it was sent, and what is shown of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/base/mem.h"
#include "probes/http_conf.h"
#include "probes/secrets.h"

static const struct {
	const char *url;
	const char *name, *value; /* of a header */
	const char *said;
	const char *shown;
} rows[] = {
	{ "http://h/", NULL, NULL, "all is well", "all is well" },
	/* The query, as it is written and as it is read. */
	{ "http://h/a?key=0123456789", NULL, NULL, "no 0123456789, no",
		"no ***, no" },
	{ "http://h/a?key=a%2Bb%3Dcdef%20", NULL, NULL,
		"a%2Bb%3Dcdef%20 a+b=cdef .", "*** ***." },
	{ "h?a=1&b=abcdefgh&c=xyzxyzxyz&d=", NULL, NULL,
		"/?a=1&b=abcdefgh&c=xyzxyzxyz", "/?a=1&b=***&c=***" },
	{ "h?justaword", NULL, NULL, "justaword?", "***?" },
	{ "h?format=json", NULL, NULL, "json", "json" },
	{ "h?x=abababab", NULL, NULL, "abababababababab", "******" },
	/* User and password, alone and as they are sent. */
	{ "http://me:pass%2Fword@h/", NULL, NULL, "me pass/word pass%2Fword",
		"me *** ***" },
	{ "http://somebody:secret@h/", NULL, NULL,
		"Basic c29tZWJvZHk6c2VjcmV0, somebody", "***, ***" },
	{ "http://somebody@h/", NULL, NULL, "somebody", "***" },
	/* Headers whose name says so, whole and in pieces. */
	{ "h", "Authorization", "Bearer 0123456789",
		"Bearer 0123456789; 0123456789; Bearer", "***; ***; Bearer" },
	{ "h", "cookie", "id=0123456789; theme=dark",
		"0123456789 in dark, id=0123456789; theme=dark",
		"*** in dark, ***" },
	{ "h", "X-API-Key", "short", "short", "short" },
	{ "h", "Accept", "application/json", "application/json",
		"application/json" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_pair pair = { .key = rows[i].name,
			.value = rows[i].value };
		struct http_conf conf = { .url = rows[i].url, .method = "GET" };
		conf.headers.items = &pair;
		conf.headers.count = rows[i].name ? 1 : 0;
		char *shown = secrets_cover(mem_dup(rows[i].said), &conf);
		assert_string_equal(shown, rows[i].shown);
		free(shown);
	}
	assert_null(secrets_cover(NULL, &(struct http_conf){ .url = "h" }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
