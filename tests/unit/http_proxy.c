/* Through which proxy a URL is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/http/proxy.h"

static const char *
chosen(const struct http_proxy_words *words, const char *url, char text[600])
{
	struct err err;
	struct http_proxies proxies;
	struct url_origin target;
	assert_true(url_origin(url, &target, &err));
	if (!http_proxies_init(&proxies, words, &err)) {
		snprintf(text, 600, "%s", err.text);
		return text;
	}
	const struct http_proxy *proxy = http_proxy_choose(&proxies, &target);
	if (proxy)
		snprintf(text, 600, "%s %s %u%s%s%s%s",
			proxy->tls ? "https" : "http", proxy->host, proxy->port,
			proxy->user ? " " : "", proxy->user ? proxy->user : "",
			proxy->user ? "/" : "",
			proxy->user ? proxy->password : "");
	else
		snprintf(text, 600, "none");
	http_proxies_finish(&proxies);
	return text;
}

static void
test_which_one(void **unused)
{
	(void)unused;
	static const struct {
		const char *sentence;
		struct http_proxy_words words;
		const char *url;
		const char *proxy;
	} rows[] = {
		{ "without a word", { 0 }, "http://h/", "none" },
		{ "for http", { .http = "http://p:3128" }, "http://h/",
			"http p 3128" },
		{ "not for https", { .http = "http://p:3128" }, "https://h/",
			"none" },
		{ "for https", { .https = "http://p:3128" }, "https://h/",
			"http p 3128" },
		{ "for all", { .all = "p:3128" }, "https://h/", "http p 3128" },
		{ "its own before that of all", { .http = "p:1", .all = "q:2" },
			"http://h/", "http p 1" },
		{ "that of all for the other", { .http = "p:1", .all = "q:2" },
			"https://h/", "http q 2" },
		{ "without a scheme", { .http = "P.example:3128/" },
			"http://h/", "http p.example 3128" },
		{ "without a port", { .http = "p" }, "http://h/", "http p 80" },
		{ "by TLS", { .http = "https://p" }, "http://h/",
			"https p 443" },
		{ "by IPv6", { .http = "http://[::1]:8080" }, "http://h/",
			"http ::1 8080" },
		{ "with a user", { .http = "http://me:a%20b%3Ac@p:1" },
			"http://h/", "http p 1 me/a b:c" },
		{ "with a user alone", { .http = "http://me@p:1" }, "http://h/",
			"http p 1 me/" },
		{ "what we do not speak",
			{ .http = "socks5://u:secret@p:1080" }, "http://h/",
			"http_proxy: the scheme socks5 is not supported; http "
			"and https are" },
		{ "what is no URL", { .all = "http://p:99999" }, "http://h/",
			"all_proxy: a port is a number from 1 to 65535" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[600];
		chosen(&rows[i].words, rows[i].url, text);
		if (strcmp(text, rows[i].proxy) != 0)
			fail_msg("%s: %s, not %s", rows[i].sentence, text,
				rows[i].proxy);
	}
}

static const struct {
	const char *none;
	const char *url;
	bool without;
} without_rows[] = {
	{ "", "http://h/", false },
	{ ",, ,", "http://h/", false },
	{ "*", "http://h/", true },
	{ "a.test, *", "http://h/", true },
	{ "example.com", "http://example.com/", true },
	{ "Example.COM", "https://EXAMPLE.com/", true },
	{ "example.com", "http://www.example.com/", true },
	{ "example.com", "http://example.com.evil.test/", false },
	/* So it is in requests, where most others want a dot. */
	{ "example.com", "http://badexample.com/", true },
	{ ".example.com", "http://www.example.com/", true },
	{ ".example.com", "http://example.com/", true },
	{ ".example.com", "http://badexample.com/", false },
	{ "a.test,b.test , c.test", "http://b.test/", true },
	{ "a.test b.test", "http://a.test/", false },
	{ "example.com:8080", "http://example.com:8080/", true },
	{ "example.com:8080", "http://www.example.com:8080/", true },
	{ "example.com:8080", "http://example.com/", false },
	{ "example.com:80", "http://example.com/", true },
	{ "localhost", "http://localhost:5000/", true },
	{ "127.0.0.1", "http://127.0.0.1:5000/", true },
	{ "127.0.0.1:5000", "http://127.0.0.1:5000/", true },
	{ "127.0.0.1:5000", "http://127.0.0.1:5001/", false },
	{ "0.0.1", "http://127.0.0.1/", false },
	{ "10.0.0.0/8", "http://10.200.3.4/", true },
	{ "10.0.0.0/8", "http://11.200.3.4/", false },
	{ "10.1.2.128/25", "http://10.1.2.129/", true },
	{ "10.1.2.128/25", "http://10.1.2.127/", false },
	{ "10.1.2.3/0", "http://192.0.2.1/", true },
	{ "10.1.2.3/33", "http://10.1.2.3/", false },
	{ "10.1.2.3/x", "http://10.1.2.3/", false },
	{ "10.0.0.0/8", "http://10.example.com/", false },
	{ "::1", "http://[::1]:5000/", true },
	{ "[::1]", "http://[::1]/", true },
	{ "[::1]:81", "http://[::1]:81/", true },
	{ "0:0::1", "http://[::1]/", true },
	{ "2001:db8::/32", "http://[2001:db8:1::2]/", true },
	{ "2001:db8::/32", "http://[2001:db9::2]/", false },
	{ "2001:db8::/32", "http://10.1.2.3/", false },
};

static void
test_where_to_go_without(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(without_rows) / sizeof(without_rows[0]);
		i++) {
		char text[600];
		struct http_proxy_words words = {
			.all = "p:1",
			.none = without_rows[i].none,
		};
		bool without = strcmp(chosen(&words, without_rows[i].url, text),
				       "none")
			== 0;
		if (without != without_rows[i].without)
			fail_msg("%s for %s: %s", without_rows[i].none,
				without_rows[i].url, text);
	}
}

static void
test_the_environment(void **unused)
{
	(void)unused;
	static const char *const names[] = { "http_proxy", "HTTP_PROXY",
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
		"no_proxy", "NO_PROXY" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	struct http_proxy_words words = http_proxy_environment();
	assert_null(words.http);
	setenv("HTTP_PROXY", "big", 1);
	setenv("NO_PROXY", "big", 1);
	setenv("https_proxy", "small", 1);
	setenv("HTTPS_PROXY", "big", 1);
	setenv("all_proxy", "", 1);
	words = http_proxy_environment();
	assert_string_equal(words.http, "big");
	assert_string_equal(words.https, "small");
	assert_null(words.all);
	assert_string_equal(words.none, "big");
	setenv("http_proxy", "", 1);
	setenv("no_proxy", "", 1);
	words = http_proxy_environment();
	assert_null(words.http);
	assert_string_equal(words.none, "big");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_one),
		cmocka_unit_test(test_where_to_go_without),
		cmocka_unit_test(test_the_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
