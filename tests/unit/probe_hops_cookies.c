/* A row reads: what this page sets is sent to that page, or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/http/url.h"
#include "probes/cookie_date.h"
#include "probes/cookies.h"

#define NOW_MS 1700000000000 /* 14 Nov 2023 22:13:20 UTC */

static const struct {
	const char *sentence;
	const char *from;
	const char *set[3]; /* one answer each */
	const char *to;
	const char *sent; /* NULL for none */
} rows[] = {
	{ "plain", "http://h/", { "a=b" }, "http://h/", "a=b" },
	{ "blanks around it go", "http://h/", { "  a =\t b c ;x" }, "http://h/",
		"a=b c" },
	{ "an empty value is one", "http://h/", { "a=" }, "http://h/", "a=" },
	{ "more signs belong to the value", "http://h/", { "a=b=c" },
		"http://h/", "a=b=c" },
	{ "no name, no cookie", "http://h/", { "=b" }, "http://h/", NULL },
	{ "no sign, no cookie", "http://h/", { "a; b=c" }, "http://h/", NULL },
	{ "nothing at all", "http://h/", { "" }, "http://h/", NULL },
	{ "the latest of a name", "http://h/", { "a=1", "b=2", "a=3" },
		"http://h/", "a=3; b=2" },

	{ "another host", "http://h/", { "a=b" }, "http://o/", NULL },
	{ "another port", "http://h/", { "a=b" }, "http://h:8/", "a=b" },
	{ "to the host alone without a domain", "http://h.org/", { "a=b" },
		"http://x.h.org/", NULL },
	{ "to what is beneath a domain", "http://h.org/",
		{ "a=b; Domain=h.org" }, "http://x.h.org/", "a=b" },
	{ "a dot in front is nothing", "http://www.h.org/",
		{ "a=b; domain=.H.org" }, "http://h.org/", "a=b" },
	{ "not to what only ends like it", "http://h.org/",
		{ "a=b; Domain=h.org" }, "http://oh.org/", NULL },
	{ "not for the domain of others", "http://h.org/",
		{ "a=b; Domain=o.org" }, "http://o.org/", NULL },
	{ "not for one beneath", "http://h.org/", { "a=b; Domain=x.h.org" },
		"http://x.h.org/", NULL },
	{ "not for all of org", "http://h.org/", { "a=b; Domain=org" },
		"http://h.org/", NULL },
	{ "for a host without a dot that names itself", "http://h/",
		{ "a=b; Domain=h" }, "http://h/", "a=b" },
	{ "not for the end of an address", "http://10.0.0.1/",
		{ "a=b; Domain=0.0.1" }, "http://10.0.0.1/", NULL },
	{ "for an address that names itself", "http://10.0.0.1/",
		{ "a=b; Domain=10.0.0.1" }, "http://10.0.0.1/", "a=b" },
	{ "an empty domain is none", "http://h/", { "a=b; Domain=" },
		"http://h/", "a=b" },

	{ "its own folder", "http://h/x/y?z/", { "a=b" }, "http://h/x/w",
		"a=b" },
	{ "the folder itself", "http://h/x/y", { "a=b" }, "http://h/x", "a=b" },
	{ "not the folder above", "http://h/x/y", { "a=b" }, "http://h/y",
		NULL },
	{ "a page at the top is everywhere", "http://h/x?/y", { "a=b" },
		"http://h/z/w", "a=b" },
	{ "a path", "http://h/", { "a=b; Path=/x" }, "http://h/x/y?q", "a=b" },
	{ "a path up to its query", "http://h/", { "a=b; Path=/x" },
		"http://h/x?q", "a=b" },
	{ "not what only begins like it", "http://h/", { "a=b; Path=/x" },
		"http://h/xy", NULL },
	{ "a path that is none", "http://h/x/y", { "a=b; Path=z" },
		"http://h/x/", "a=b" },
	{ "longer paths come first", "http://h/x/",
		{ "a=1; Path=/", "b=2; Path=/x", "c=3; Path=/" }, "http://h/x/",
		"b=2; a=1; c=3" },
	{ "one name may have two paths", "http://h/",
		{ "a=1; Path=/", "a=2; Path=/x" }, "http://h/x", "a=2; a=1" },

	{ "a secure one is for https", "https://h/", { "a=b; Secure" },
		"https://h/", "a=b" },
	{ "and not for http", "https://h/", { "a=b; secure=x" }, "http://h/",
		NULL },

	{ "Max-Age of 0 takes it away", "http://h/", { "a=b", "a=; Max-Age=0" },
		"http://h/", NULL },
	{ "so does one below", "http://h/", { "a=b", "a=; max-age=-1" },
		"http://h/", NULL },
	{ "one above does not", "http://h/", { "a=b", "a=c; Max-Age=10" },
		"http://h/", "a=c" },
	{ "one that is no number says nothing", "http://h/",
		{ "a=b; Max-Age=0x" }, "http://h/", "a=b" },
	{ "a date that has passed takes it away", "http://h/",
		{ "a=b", "c=d", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT" },
		"http://h/", "c=d" },
	{ "it was over before it began", "http://h/",
		{ "a=b; Expires=Tue, 14-Nov-23 22:13:20 GMT" }, "http://h/",
		NULL },
	{ "a date to come does not", "http://h/",
		{ "a=b; Expires=Tue, 14 Nov 2023 22:13:21 GMT" }, "http://h/",
		"a=b" },
	{ "Max-Age comes before a date", "http://h/",
		{ "a=b; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT" },
		"http://h/", "a=b" },
	{ "also when it comes behind it", "http://h/",
		{ "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9" },
		"http://h/", "a=b" },
	{ "what is taken away is that of its path", "http://h/",
		{ "a=1; Path=/", "a=2; Path=/x", "a=; Path=/x; Max-Age=0" },
		"http://h/x", "a=1" },
};

static void
take(struct cookies *cookies, const char *line, const char *from,
	struct arena *arena)
{
	struct err err;
	struct url url;
	struct buf headers;
	assert_true(url_parse(from, arena, &url, &err));
	buf_init(&headers, 100000);
	buf_printf(&headers, "HTTP/1.1 302 X\r\nset-cookie: %s\r\n", line);
	cookies_take(cookies, headers.data, &url, NOW_MS, arena);
	buf_finish(&headers);
}

static const char *
sent_to(const struct cookies *cookies, const char *to, struct arena *arena)
{
	struct err err;
	struct url url;
	assert_true(url_parse(to, arena, &url, &err));
	return cookies_for(cookies, &url, arena);
}

static void
test_where_cookies_go(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new_small();
		struct cookies cookies = { 0 };
		for (size_t n = 0; n < 3 && rows[i].set[n]; n++)
			take(&cookies, rows[i].set[n], rows[i].from, arena);
		const char *sent = sent_to(&cookies, rows[i].to, arena);
		if (strcmp(sent ? sent : "none",
			    rows[i].sent ? rows[i].sent : "none")
			!= 0)
			fail_msg("%s: %s", rows[i].sentence,
				sent ? sent : "none");
		arena_free(arena);
	}
}

static void
test_there_are_ceilings(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct cookies cookies = { 0 };
	char line[5000];
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	line[1] = '=';
	take(&cookies, line, "http://h/", arena);
	assert_null(sent_to(&cookies, "http://h/", arena));
	line[1000] = '\0';
	for (int i = 0; i < 60; i++) {
		line[0] = (char)('A' + i);
		take(&cookies, line, "http://h/", arena);
	}
	assert_int_equal(cookies.count, 50);
	const char *sent = sent_to(&cookies, "http://h/", arena);
	assert_int_equal(strlen(sent), 16 * 1002 - 2);
	arena_free(arena);
}

static void
test_dates(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t seconds; /* -1: it is no date */
	} dates[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "6 november 1994 8:49:37", 784111777 },
		{ "29-Feb-2024 00:00:00", 1709164800 },
		{ "01 Jan 70 00:00:00", 0 },
		{ "01 Jan 69 00:00:00", 3124224000 },
		{ "31 Dec 9999 23:59:59", 253402300799 },
		{ "01 Mar 1900 00:00:00", -2203891200 },
		{ "", -1 },
		{ "never", -1 },
		{ "06 Nov 1994", -1 },
		{ "06 Nov 1994 24:00:00", -1 },
		{ "32 Nov 1994 00:00:00", -1 },
		{ "06 Nov 1600 00:00:00", -1 },
		{ "06 Nov 123456 00:00:00", -1 },
		{ "06 Foo 1994 00:00:00", -1 },
	};
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t seconds;
		if (!cookie_date_parse(
			    dates[i].text, strlen(dates[i].text), &seconds))
			seconds = -1;
		if (seconds != dates[i].seconds)
			fail_msg("%s: %lld", dates[i].text, (long long)seconds);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_cookies_go),
		cmocka_unit_test(test_there_are_ceilings),
		cmocka_unit_test(test_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
