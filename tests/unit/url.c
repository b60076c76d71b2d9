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

static struct arena *arena;

static int
make_arena(void **unused)
{
	(void)unused;
	arena = arena_new();
	return 0;
}

static int
free_arena(void **unused)
{
	(void)unused;
	arena_free(arena);
	return 0;
}

static void
expect_text(const char *input, const char *got, const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		fail_msg("%s gave %s, not %s", input, got, wanted);
}

static void
test_urls_of_users(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *url;
	} rows[] = {
		{ "http://example.net/", "http://example.net/" },
		{ "http://example.net", "http://example.net" },
		{ "HTTP://Example.net/A", "http://Example.net/A" },
		{ "https://h:8443/x?y=z", "https://h:8443/x?y=z" },
		{ "  http://h/ \t\n", "http://h/" },
		{ "h", "http://h" },
		{ "127.0.0.1:8/x", "http://127.0.0.1:8/x" },
		{ "localhost:8080", "http://localhost:8080" },
		{ "httpbin.example/get", "http://httpbin.example/get" },
		{ "//h/x", "http://h/x" },
		{ "http://[::1]:80/", "http://[::1]:80/" },
		{ "[::1]/", "http://[::1]/" },
		{ "http://h/a b", "http://h/a%20b" },
		{ "http://h/a%20b", "http://h/a%20b" },
		{ "http://h/100%", "http://h/100%25" },
		{ "http://h/\xc3\xa4?q=\xc3\xb6", "http://h/%C3%A4?q=%C3%B6" },
		{ "http://h/<\"{|}\\^`>",
			"http://h/%3C%22%7B%7C%7D%5C%5E%60%3E" },
		{ "http://h/a#b", "http://h/a" },
		{ "http://h#b", "http://h" },
		{ "http://h?q", "http://h?q" },
		{ "http://u:p@h/", "http://u:p@h/" },
		{ "http://u@x:p@h/", "http://u%40x:p@h/" },
		{ "http://h:/", "http://h/" },
		{ "http://a_b.c/", "http://a_b.c/" },
		{ "http://b\xc3\xbc"
		  "cher.example/",
			"http://xn--bcher-kva.example/" },
		{ "B\xc3\x9c"
		  "CHER.example:81",
			"http://xn--bcher-kva.example:81" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *url = NULL;
		struct err err;
		if (!url_normalise(rows[i].text, arena, &url, &err))
			fail_msg("%s: %s", rows[i].text, err.text);
		expect_text(rows[i].text, url, rows[i].url);
	}
}

static void
test_what_is_no_url(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *complaint;
	} rows[] = {
		{ "", "is empty; http://example.net/ is a URL" },
		{ "  ", "is empty; http://example.net/ is a URL" },
		{ "ftp://h/",
			"the scheme ftp is not supported; http and https "
			"are" },
		{ "file:///etc/passwd",
			"the scheme file is not supported; http and https "
			"are" },
		{ "http:h",
			"has no host; behind the scheme stands // and a "
			"host" },
		{ "http://", "has no host; http://example.net/ has one" },
		{ "http:///x", "has no host; http://example.net/ has one" },
		{ "/x", "has no host; http://example.net/ has one" },
		{ "http://?q", "has no host; http://example.net/ has one" },
		{ "http://u@/", "has no host; http://example.net/ has one" },
		{ "http://a b/", "a host is made of letters, digits, - and ." },
		{ "http://a\\b/",
			"a host is made of letters, digits, - and "
			"." },
		{ "http://h:0/", "a port is a number from 1 to 65535" },
		{ "http://h:65536/", "a port is a number from 1 to 65535" },
		{ "http://h:80x/", "a port is a number from 1 to 65535" },
		{ "http://h:+80/", "a port is a number from 1 to 65535" },
		{ "http://h:99999999999999999999/",
			"a port is a number from 1 to 65535" },
		{ "http://[::1/", "the address in brackets has no closing ]" },
		{ "http://[::1]80/",
			"a port behind an address in brackets needs a colon" },
		{ "http://[h]/", "between brackets stands an IPv6 address" },
		{ "http://h/\r\nX: y", "has a control character in it" },
		{ "http://\xff\xfe/",
			"the host is no international name (IDNA) in UTF-8" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *url = NULL;
		struct err err = { "nothing" };
		if (url_normalise(rows[i].text, arena, &url, &err))
			fail_msg("%s gave %s", rows[i].text, url);
		expect_text(rows[i].text, err.text, rows[i].complaint);
	}
}

/* Wide forms of / : ? # and @, and a letter that is "a/c". */
static void
test_wide_letters(void **unused)
{
	(void)unused;
	static const char *const letters[] = { "\xef\xbc\x8f", "\xef\xbc\x9a",
		"\xef\xbc\x9f", "\xef\xbc\x83", "\xef\xbc\xa0",
		"\xe2\x84\x80" };
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const char *text = arena_printf(
			arena, "http://a.test%s.b.test/", letters[i]);
		const char *url;
		struct err err;
		if (url_normalise(text, arena, &url, &err))
			fail_msg("%s gave %s", text, url);
		assert_string_equal(err.text,
			"the host is no international name (IDNA) in UTF-8");
	}
}

static void
test_very_long_ones(void **unused)
{
	(void)unused;
	char text[URL_MAX + 64] = "http://";
	const char *url = NULL;
	struct err err;
	memset(text + 7, 'a', 254);
	assert_false(url_normalise(text, arena, &url, &err));
	assert_string_equal(
		err.text, "the host is longer than the 253 bytes of a name");

	memset(text + 7, 'a', URL_MAX);
	text[8] = '/';
	text[URL_MAX] = '\0';
	assert_true(url_normalise(text, arena, &url, &err));
	assert_int_equal(strlen(url), URL_MAX);
	text[URL_MAX - 1] =
		' '; /* becomes three bytes, and is not at the end */
	memcpy(text + URL_MAX - 2, " a", 3);
	assert_false(url_normalise(text, arena, &url, &err));
	assert_string_equal(err.text, "is longer than 8192 bytes");
}

static void
test_parts(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		struct url url;
	} rows[] = {
		{ "http://h", { "http", NULL, "h", 80, "/" } },
		{ "https://H/x?y", { "https", NULL, "h", 443, "/x?y" } },
		{ "http://h?y", { "http", NULL, "h", 80, "/?y" } },
		{ "http://u:p@h:81/", { "http", "u:p", "h", 81, "/" } },
		{ "http://[2001:DB8::1]:8/",
			{ "http", NULL, "2001:db8::1", 8, "/" } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct url url;
		struct err err;
		assert_true(url_parse(rows[i].text, arena, &url, &err));
		assert_string_equal(url.scheme, rows[i].url.scheme);
		assert_string_equal(url.host, rows[i].url.host);
		assert_int_equal(url.port, rows[i].url.port);
		assert_string_equal(url.target, rows[i].url.target);
		if (rows[i].url.user)
			assert_string_equal(url.user, rows[i].url.user);
		else
			assert_null(url.user);
		struct url_origin origin;
		assert_true(url_origin(rows[i].text, &origin, &err));
		assert_string_equal(origin.host, rows[i].url.host);
		assert_int_equal(origin.port, rows[i].url.port);
		assert_int_equal(origin.tls, strcmp(url.scheme, "https") == 0);
	}
	struct url url;
	struct err err;
	assert_false(url_parse("h/x", arena, &url, &err));
	assert_false(url_parse("", arena, &url, &err));
}

/* RFC 3986, 5.4, and what else is seen in Location. */
static void
test_references(void **unused)
{
	(void)unused;
	static const char *const base = "http://a/b/c/d;p?q";
	static const struct {
		const char *location, *url;
	} rows[] = {
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "g#s", "http://a/b/c/g" },
		{ ";x", "http://a/b/c/;x" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "../../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/./x", "http://a/b/c/g?y/./x" },
		{ "  /g  ", "http://a/g" },
		{ "/a b", "http://a/a%20b" },
		{ "/\xc3\xa4", "http://a/%C3%A4" },
		{ "https://h:8/x/../y", "https://h:8/y" },
		{ "HTTPS://h", "https://h" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *url = NULL;
		struct err err;
		if (!url_resolve(base, rows[i].location, arena, &url, &err))
			fail_msg("%s: %s", rows[i].location, err.text);
		expect_text(rows[i].location, url, rows[i].url);
	}
}

static void
test_references_out_of_place(void **unused)
{
	(void)unused;
	static const char *const base = "http://a/b/c/d;p?q";
	static const char *const bad[] = { "ftp://h/", "javascript:x", "http:g",
		"http://", "g:h", "http://a b/", "/x\ny", "//" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *url = NULL;
		struct err err;
		if (url_resolve(base, bad[i], arena, &url, &err))
			fail_msg("%s gave %s", bad[i], url);
	}
	const char *url = NULL;
	struct err err;
	assert_true(url_resolve("http://a", "g", arena, &url, &err));
	assert_string_equal(url, "http://a/g");
	assert_true(url_resolve("http://u:p@a/x", "/g", arena, &url, &err));
	assert_string_equal(url, "http://u:p@a/g");
	assert_false(url_resolve("nonsense", "/g", arena, &url, &err));
}

static void
test_what_may_be_shown(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *without_user, *covered;
	} rows[] = {
		{ "http://h/x?y", "http://h/x?y", "http://h/..." },
		{ "http://h", "http://h", "http://h/" },
		{ "http://u:p@h/x@y", "http://h/x@y", "http://h/..." },
		{ "https://u@[::1]:8/", "https://[::1]:8/",
			"https://[::1]:8/" },
		{ "https://h?token=s", "https://h?token=s", "https://h/..." },
		{ "u:p@h/x", "h/x", "..." },
		{ "h/x//y@z", "h/x//y@z", "..." },
		{ "//u:p@h/x", "//h/x", "..." },
		{ "http://u:p/q@h/", "http://h/", "..." },
		{ "nonsense", "nonsense", "..." },
		{ "", "", "..." },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_text(rows[i].text, url_public(rows[i].text, arena),
			rows[i].without_user);
		expect_text(rows[i].text, url_covered(rows[i].text, arena),
			rows[i].covered);
	}
}

static void
test_forms(void **unused)
{
	(void)unused;
	struct buf buf;
	buf_init(&buf, 100);
	url_add_form(&buf, "a b+c&d=e_-.~\xc3\xa4/");
	assert_string_equal(buf.data, "a+b%2Bc%26d%3De_-.~%C3%A4%2F");
	buf_finish(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls_of_users),
		cmocka_unit_test(test_what_is_no_url),
		cmocka_unit_test(test_wide_letters),
		cmocka_unit_test(test_very_long_ones),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_references_out_of_place),
		cmocka_unit_test(test_what_may_be_shown),
		cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
