/*
 * Networks, and who a request is from behind proxies: what the headers say, and
 * what is believed of it.  127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48 are trusted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/web/forwarded.h"

static const char *const trusted[] = { "127.0.0.1", "10.0.0.0/8",
	"2001:db8:1::/48" };

static const struct {
	const char *peer;
	const char *x;
	const char *forwarded;
	const char *client;
} rows[] = {
	/* Nobody is trusted but those. */
	{ "192.0.2.1", "", "", "192.0.2.1" },
	{ "192.0.2.1", "198.51.100.7", "", "192.0.2.1" },
	{ "192.0.2.1", "", "for=198.51.100.7", "192.0.2.1" },
	{ "11.0.0.1", "198.51.100.7", "", "11.0.0.1" },
	{ "2001:db8:2::1", "198.51.100.7", "", "2001:db8:2::1" },
	{ "127.0.0.2", "198.51.100.7", "", "127.0.0.2" },
	/* One that is, and how addresses are written. */
	{ "127.0.0.1", "", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7", "", "198.51.100.7" },
	{ "10.255.0.1", "  198.51.100.7\t", "", "198.51.100.7" },
	{ "2001:db8:1:ffff::9", "198.51.100.7", "", "198.51.100.7" },
	{ "127.0.0.1", "198.51.100.7:4711", "", "198.51.100.7" },
	{ "127.0.0.1", "2001:db8::7", "", "2001:db8::7" },
	{ "127.0.0.1", "[2001:db8::7]", "", "2001:db8::7" },
	{ "127.0.0.1", "[2001:db8::7]:80", "", "2001:db8::7" },
	{ "127.0.0.1", "::ffff:198.51.100.7", "", "198.51.100.7" },
	{ "127.0.0.1", "127.0.0.1", "", "127.0.0.1" },
	/* What a client wrote itself is in front, and is not believed. */
	{ "127.0.0.1", "127.0.0.1, 198.51.100.7", "", "198.51.100.7" },
	{ "127.0.0.1", "10.1.1.1,198.51.100.7", "", "198.51.100.7" },
	{ "127.0.0.1", "\", 198.51.100.7", "", "198.51.100.7" },
	{ "127.0.0.1", "1.1.1.1;x=\",198.51.100.7", "", "198.51.100.7" },
	/* Several proxies. */
	{ "127.0.0.1", "198.51.100.7, 10.2.2.2", "", "198.51.100.7" },
	{ "127.0.0.1", "203.0.113.1, 198.51.100.7, 10.2.2.2, 10.3.3.3", "",
		"198.51.100.7" },
	{ "127.0.0.1", "10.1.1.1, 10.2.2.2", "", "10.1.1.1" },
	/* What cannot be read ends the way. */
	{ "127.0.0.1", "unknown", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7, unknown", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7, unknown, 10.2.2.2", "", "10.2.2.2" },
	{ "127.0.0.1", "198.51.100.7,", "", "127.0.0.1" },
	{ "127.0.0.1", ",,,", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7:port", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7:", "", "127.0.0.1" },
	{ "127.0.0.1", "[198.51.100.7]", "", "127.0.0.1" },
	{ "127.0.0.1", "[2001:db8::7", "", "127.0.0.1" },
	{ "127.0.0.1", "[2001:db8::7]80", "", "127.0.0.1" },
	{ "127.0.0.1", "[]", "", "127.0.0.1" },
	{ "127.0.0.1", "[", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100", "", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7 198.51.100.8", "", "127.0.0.1" },
	/* The standard one. */
	{ "127.0.0.1", "", "for=198.51.100.7", "198.51.100.7" },
	{ "127.0.0.1", "", "For=\"198.51.100.7:47\";proto=https",
		"198.51.100.7" },
	{ "127.0.0.1", "", "proto=https; for=198.51.100.7;by=10.0.0.1",
		"198.51.100.7" },
	{ "127.0.0.1", "", "for=\"[2001:db8::7]:4711\"", "2001:db8::7" },
	{ "127.0.0.1", "", "for=203.0.113.1, for=198.51.100.7",
		"198.51.100.7" },
	{ "127.0.0.1", "", "for=198.51.100.7, for=10.2.2.2", "198.51.100.7" },
	{ "127.0.0.1", "", "for=_hidden", "127.0.0.1" },
	{ "127.0.0.1", "", "for=198.51.100.7, proto=http", "127.0.0.1" },
	{ "127.0.0.1", "", "for=198.51.100.7;for=198.51.100.8", "127.0.0.1" },
	{ "127.0.0.1", "", "for=198.51.100.7;secret=\"a,b;for=1.1.1.1\"",
		"198.51.100.7" },
	{ "127.0.0.1", "", "for=6.6.6.6;x=\", for=198.51.100.7", "127.0.0.1" },
	{ "127.0.0.1", "", "for=6.6.6.6;x=\", for=\"[2001:db8::7]\"",
		"127.0.0.1" },
	{ "127.0.0.1", "", "for=6.6.6.6;x=\"\\\", for=198.51.100.7",
		"127.0.0.1" },
	/* Both: which of them the proxy wrote is not known. */
	{ "127.0.0.1", "198.51.100.7", "for=198.51.100.7", "198.51.100.7" },
	{ "127.0.0.1", "198.51.100.7", "for=6.6.6.6", "127.0.0.1" },
	{ "127.0.0.1", "6.6.6.6", "for=198.51.100.7", "127.0.0.1" },
	{ "127.0.0.1", "198.51.100.7", "nonsense", "127.0.0.1" },
};

static struct net_address
address_of(const char *text)
{
	struct net_address address;
	if (!text)
		abort();
	if (!net_address_parse(text, strlen(text), &address))
		fail_msg("%s", text);
	return address;
}

static void
test_who_it_is(void **unused)
{
	(void)unused;
	struct net nets[3];
	struct err err;
	for (size_t i = 0; i < 3; i++)
		assert_true(net_parse(trusted[i], &nets[i], &err));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_forwarded said = { nets, 3, rows[i].x,
			rows[i].forwarded };
		struct net_address peer = address_of(rows[i].peer);
		struct net_address client = web_forwarded_client(&said, &peer);
		char text[NET_TEXT_SIZE];
		net_address_text(&client, text);
		if (strcmp(text, rows[i].client) != 0)
			fail_msg("%s \"%s\" \"%s\": %s, expected %s",
				rows[i].peer, rows[i].x, rows[i].forwarded,
				text, rows[i].client);
	}
}

static void
test_a_long_way_is_walked_from_its_end(void **unused)
{
	(void)unused;
	struct net net;
	struct err err;
	struct buf x;
	assert_true(net_parse("10.0.0.0/8", &net, &err));
	buf_init(&x, 1 << 16);
	buf_add_text(&x, "198.51.100.7");
	for (int i = 0; i < 500; i++)
		buf_printf(&x, ",10.0.%d.%d", i / 200, i % 200);
	struct web_forwarded said = { &net, 1, x.data, "" };
	struct net_address peer = address_of("10.9.9.9");
	struct net_address client = web_forwarded_client(&said, &peer);
	assert_true(net_has(&net, &client));
	buf_finish(&x);
}

static const struct {
	const char *text;
	const char *inside; /* NULL: it is refused */
	const char *outside;
} nets[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.2" },
	{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
	{ "10.0.0.7/8", "10.1.2.3", "9.255.255.255" },
	{ "192.0.2.128/25", "192.0.2.255", "192.0.2.127" },
	{ "192.0.2.0/31", "192.0.2.1", "192.0.2.2" },
	{ "0.0.0.0/0", "255.255.255.255", "2001:db8::1" },
	{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
	{ "::1", "::1", "127.0.0.1" },
	{ "::/0", "2001:db8::1", NULL },
	{ "::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1" },
	{ "", NULL, NULL },
	{ "/8", NULL, NULL },
	{ "10.0.0.0/", NULL, NULL },
	{ "10.0.0.0/33", NULL, NULL },
	{ "10.0.0.0/-1", NULL, NULL },
	{ "10.0.0.0/8/8", NULL, NULL },
	{ "10.0.0.0/eight", NULL, NULL },
	{ "10.0.0/8", NULL, NULL },
	{ "2001:db8::/129", NULL, NULL },
	{ "[::1]", NULL, NULL },
	{ "localhost", NULL, NULL },
	{ "fe80::1%lo", NULL, NULL },
};

static void
test_networks(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct net net;
		struct err err = { "" };
		bool good = net_parse(nets[i].text, &net, &err);
		if (good != (nets[i].inside != NULL))
			fail_msg("\"%s\": %s", nets[i].text, err.text);
		if (!good) {
			assert_non_null(strstr(err.text, "expected one such"));
			continue;
		}
		struct net_address address = address_of(nets[i].inside);
		assert_true(net_has(&net, &address));
		if (!nets[i].outside)
			continue;
		address = address_of(nets[i].outside);
		assert_false(net_has(&net, &address));
	}
}

static void
test_addresses_of_sockets(void **unused)
{
	(void)unused;
	struct net_address address;
	char text[NET_TEXT_SIZE];
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };
	assert_int_equal(inet_pton(AF_INET, "127.1.2.3", &four.sin_addr), 1);
	assert_int_equal(inet_pton(AF_INET6, "::1", &six.sin6_addr), 1);
	assert_true(net_address_of((void *)&four, &address));
	net_address_text(&address, text);
	assert_string_equal(text, "127.1.2.3");
	assert_true(net_is_loopback(&address));
	assert_true(net_address_of((void *)&six, &address));
	net_address_text(&address, text);
	assert_string_equal(text, "::1");
	assert_true(net_is_loopback(&address));
	assert_false(net_address_of(&other, &address));
	address = address_of("128.0.0.1");
	assert_false(net_is_loopback(&address));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_it_is),
		cmocka_unit_test(test_a_long_way_is_walked_from_its_end),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_addresses_of_sockets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
