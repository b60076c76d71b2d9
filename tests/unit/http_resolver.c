#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>

#include "agent/base/err.h"
#include "agent/http/resolver.h"
#include "tests/support/fetch.h"
#include "tests/support/nameserver.h"

static struct nameserver *server;
static struct ev_loop *loop;
static struct resolver *resolver;

struct ask {
	struct resolver_query *query;
	unsigned answers;
	struct resolver_answer answer;
	char detail[200];
};

static void
on_answer(void *cookie, const struct resolver_answer *answer)
{
	struct ask *ask = cookie;
	ask->query = NULL;
	ask->answers++;
	ask->answer = *answer;
	snprintf(ask->detail, sizeof(ask->detail), "%s", answer->detail);
}

static void
begin(struct ask *ask, const char *host)
{
	*ask = (struct ask){ 0 };
	ask->query = resolver_ask(resolver, host, RESOLVER_ANY, on_answer, ask);
	assert_int_equal(ask->answers, 0);
}

static void
wait_for(struct ask *ask)
{
	while (ask->answers == 0)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(ask->answers, 1);
}

static void
expect(const char *host, enum resolver_fail fail, const char *first)
{
	struct ask ask;
	begin(&ask, host);
	wait_for(&ask);
	if (ask.answer.fail != fail)
		fail_msg("%s: %s (%d)", host, ask.detail, (int)ask.answer.fail);
	assert_int_equal(ask.answer.n > 0, fail == RESOLVER_FAIL_NONE);
	assert_int_equal(strlen(ask.detail) > 0, fail != RESOLVER_FAIL_NONE);
	if (first)
		assert_string_equal(ask.answer.addresses[0], first);
}

static void
use_server(size_t at_once)
{
	struct err err;
	struct resolver_settings settings = {
		.servers = nameserver_address(server),
		.timeout_ms = 40,
		.tries = 2,
		.at_once = at_once,
	};
	if (!resolver_configure(resolver, &settings, &err))
		fail_msg("%s", err.text);
}

static int
open_resolver(void **unused)
{
	struct err err;
	(void)unused;
	server = nameserver_start();
	loop = ev_loop_new(EVFLAG_AUTO);
	resolver = resolver_new(loop, &err);
	use_server(0);
	return 0;
}

static int
close_resolver(void **unused)
{
	(void)unused;
	resolver_free(resolver);
	ev_run(loop, 0); /* with a watcher left over this would not return */
	ev_loop_destroy(loop);
	nameserver_stop(server);
	return 0;
}

static void
test_answers(void **unused)
{
	(void)unused;
	expect("a.test", RESOLVER_FAIL_NONE, "127.0.0.5");
	expect("A1.Test.", RESOLVER_FAIL_NONE, "127.0.0.5");
	expect("nx.test", RESOLVER_FAIL_NOT_FOUND, NULL);
	expect("nodata.test", RESOLVER_FAIL_NOT_FOUND, NULL);
	expect("servfail.test", RESOLVER_FAIL_LOOKUP, NULL);
	expect("refused.test", RESOLVER_FAIL_LOOKUP, NULL);
	expect("silent.test", RESOLVER_FAIL_LOOKUP, NULL);
	assert_false(resolver_is_dead(resolver)); /* some were answered */

	struct ask ask;
	begin(&ask, "two.test");
	wait_for(&ask);
	assert_int_equal(ask.answer.n, 2);
	begin(&ask, "many.test");
	wait_for(&ask);
	assert_int_equal(ask.answer.n, RESOLVER_ADDRESSES_MAX);
}

static void
test_names_that_no_server_knows(void **unused)
{
	(void)unused;
	unsigned before = nameserver_asked(server);
	expect("127.0.0.1", RESOLVER_FAIL_NONE, "127.0.0.1");
	expect("::1", RESOLVER_FAIL_NONE, "::1");
	struct ask ask;
	begin(&ask, "localhost");
	wait_for(&ask);
	assert_int_equal(ask.answer.fail, RESOLVER_FAIL_NONE);
	assert_int_equal(nameserver_asked(server), before);

	char lengthy[400];
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	expect(lengthy, RESOLVER_FAIL_NOT_FOUND, NULL);
	expect("two..dots", RESOLVER_FAIL_NOT_FOUND, NULL);
	expect("", RESOLVER_FAIL_NOT_FOUND, NULL);
}

static void
test_pins(void **unused)
{
	(void)unused;
	struct err err;
	const char *const addresses[] = { "192.0.2.7", "2001:db8::7" };
	assert_true(resolver_pin(resolver, "NX.test", addresses, 2, &err));
	struct ask ask;
	begin(&ask, "nx.TEST");
	wait_for(&ask);
	assert_int_equal(ask.answer.n, 2);
	assert_string_equal(ask.answer.addresses[1], "2001:db8::7");
	assert_int_equal(nameserver_asked(server), 0);
	assert_true(resolver_pin(resolver, "nx.test", NULL, 0, &err));
	expect("nx.test", RESOLVER_FAIL_NOT_FOUND, NULL);
}

static void
test_one_question_for_many(void **unused)
{
	(void)unused;
	struct ask asks[5];
	for (int i = 0; i < 5; i++)
		begin(&asks[i], i % 2 ? "a7.test" : "A7.TEST");
	for (int i = 0; i < 5; i++)
		wait_for(&asks[i]);
	assert_int_equal(nameserver_asked(server), 1);
	expect("a7.test", RESOLVER_FAIL_NONE, "127.0.0.5");
	assert_int_equal(nameserver_asked(server), 2); /* nothing is cached */
}

static void
test_silence(void **unused)
{
	(void)unused;
	struct ask first, second;
	/* Two silent names are the servers' fault, also for the first of them
	 * to fail ... */
	begin(&first, "silent1.test");
	begin(&second, "silent2.test");
	wait_for(&first);
	wait_for(&second);
	assert_int_equal(first.answer.fail, RESOLVER_FAIL_DEAD);
	assert_int_equal(second.answer.fail, RESOLVER_FAIL_DEAD);
	assert_true(resolver_is_dead(resolver));
	expect("silent1.test", RESOLVER_FAIL_DEAD, NULL);
	expect("servfail.test", RESOLVER_FAIL_DEAD, NULL);
	expect("nx.test", RESOLVER_FAIL_NOT_FOUND, NULL);
	assert_false(resolver_is_dead(resolver));
	/* ... and one may be its own. */
	expect("silent1.test", RESOLVER_FAIL_LOOKUP, NULL);
}

static void
test_the_only_name(void **unused)
{
	(void)unused;
	/* That it has no answer is an answer. */
	expect("servfail.test", RESOLVER_FAIL_LOOKUP, NULL);
	assert_false(resolver_is_dead(resolver));
	struct err err;
	struct resolver_settings nobody = {
		.servers = "127.0.0.1:1",
		.timeout_ms = 40,
		.tries = 2,
	};
	assert_true(resolver_configure(resolver, &nobody, &err));
	expect("servfail.test", RESOLVER_FAIL_DEAD, NULL);
	assert_true(resolver_is_dead(resolver));
}

static void
test_callers_who_give_up(void **unused)
{
	(void)unused;
	struct ask ask;
	begin(&ask, "silent1.test");
	assert_true(resolver_give_up(ask.query));
	assert_true(resolver_is_dead(resolver)); /* it is the only name */
	begin(&ask, "a.test");
	wait_for(&ask);
	assert_false(resolver_is_dead(resolver));
	resolver_cancel(NULL);
	assert_int_equal(ask.answers, 1);

	/* Of one that was never begun nothing can be said. */
	use_server(1);
	struct ask first, second;
	begin(&first, "silent2.test");
	begin(&second, "silent3.test");
	assert_false(resolver_give_up(second.query));
	assert_false(resolver_is_dead(resolver));
	resolver_cancel(first.query);
}

static void
test_families(void **unused)
{
	(void)unused;
	static const struct {
		const char *host;
		enum resolver_family family;
		enum resolver_fail fail;
		const char *says;
	} rows[] = {
		{ "a.test", RESOLVER_V4, RESOLVER_FAIL_NONE, "127.0.0.5" },
		{ "a.test", RESOLVER_V6, RESOLVER_FAIL_NOT_FOUND,
			"the name has no IPv6 address" },
		{ "six.test", RESOLVER_V6, RESOLVER_FAIL_NONE, "::1" },
		{ "six.test", RESOLVER_V4, RESOLVER_FAIL_NOT_FOUND,
			"the name has no IPv4 address" },
		{ "127.0.0.1", RESOLVER_V4, RESOLVER_FAIL_NONE, "127.0.0.1" },
		{ "127.0.0.1", RESOLVER_V6, RESOLVER_FAIL_NOT_FOUND,
			"the name has no IPv6 address" },
		{ "::1", RESOLVER_V6, RESOLVER_FAIL_NONE, "::1" },
		{ "nx.test", RESOLVER_V6, RESOLVER_FAIL_NOT_FOUND,
			"there is no such name" },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct ask asks[N];
	for (size_t i = 0; i < N; i++) {
		asks[i] = (struct ask){ 0 };
		asks[i].query = resolver_ask(resolver, rows[i].host,
			rows[i].family, on_answer, &asks[i]);
	}
	for (size_t i = 0; i < N; i++) {
		wait_for(&asks[i]);
		const struct resolver_answer *answer = &asks[i].answer;
		const char *says = rows[i].fail == RESOLVER_FAIL_NONE
			? answer->addresses[0]
			: asks[i].detail;
		if (answer->fail != rows[i].fail
			|| strcmp(says, rows[i].says) != 0)
			fail_msg("%s: %s (%d)", rows[i].host, says,
				(int)answer->fail);
	}
}

/* What took long before has to leave room for the others. */
static void
test_slow_names_do_not_hold_up_others(void **unused)
{
	(void)unused;
	struct err err;
	struct resolver_settings settings = {
		.servers = nameserver_address(server),
		.timeout_ms = 500,
		.tries = 1,
		.at_once = 2,
		.slow_ms = 400,
	};
	assert_true(resolver_configure(resolver, &settings, &err));
	struct ask slow[3], quick;
	begin(&slow[0], "silent1.test");
	begin(&slow[1], "silent2.test");
	begin(&quick, "a1.test");
	wait_for(&quick); /* the first time, it has to wait */
	assert_int_equal(slow[0].answers + slow[1].answers, 2);
	for (int i = 0; i < 2; i++)
		begin(&slow[i], i ? "silent1.test" : "silent2.test");
	for (int i = 0; i < 3; i++) {
		begin(&quick, "a2.test");
		wait_for(&quick);
	}
	assert_int_equal(slow[0].answers + slow[1].answers, 0);
	assert_false(resolver_give_up(slow[1].query));
	assert_true(resolver_give_up(slow[0].query));
}

static void
test_few_at_once(void **unused)
{
	(void)unused;
	use_server(1);
	struct ask asks[4];
	begin(&asks[0], "a1.test");
	begin(&asks[1], "a2.test");
	begin(&asks[2], "a3.test");
	begin(&asks[3], "a4.test");
	resolver_cancel(asks[2].query); /* it has not begun */
	wait_for(&asks[0]);
	wait_for(&asks[1]);
	wait_for(&asks[3]);
	assert_int_equal(asks[2].answers, 0);
	assert_int_equal(nameserver_asked(server), 3);
}

static void
test_other_servers_amid_a_lookup(void **unused)
{
	(void)unused;
	struct err err;
	struct resolver_settings bad = { .servers = "no server" };
	assert_false(resolver_configure(resolver, &bad, &err));
	assert_string_equal(err.text,
		"\"no server\" is no list of name servers such as "
		"127.0.0.1:53,[::1]:53");

	struct ask ask, dropped;
	begin(&ask, "a.test");
	begin(&dropped, "a2.test");
	resolver_cancel(dropped.query);
	use_server(0);
	wait_for(&ask);
	assert_string_equal(ask.answer.addresses[0], "127.0.0.5");
	assert_int_equal(dropped.answers, 0);
}

/* Of two that were merged, the first to hear cancels the second. */
struct rival {
	struct rival *other;
	struct resolver_query *query;
	unsigned answers;
};

static void
on_rival_answer(void *cookie, const struct resolver_answer *answer)
{
	struct rival *rival = cookie;
	(void)answer;
	rival->query = NULL;
	rival->answers++;
	resolver_cancel(rival->other->query);
	rival->other->query = NULL;
}

static void
test_cancelled_by_another(void **unused)
{
	(void)unused;
	static const char *const hosts[] = { "a.test", "127.0.0.1" };
	for (int i = 0; i < 2; i++) {
		struct rival one, two;
		one = (struct rival){ .other = &two };
		two = (struct rival){ .other = &one };
		one.query = resolver_ask(resolver, hosts[i], RESOLVER_ANY,
			on_rival_answer, &one);
		two.query = resolver_ask(resolver, hosts[i], RESOLVER_ANY,
			on_rival_answer, &two);
		while (one.answers + two.answers == 0)
			ev_run(loop, EVRUN_ONCE);
		ev_run(loop, EVRUN_NOWAIT);
		assert_int_equal(one.answers + two.answers, 1);
	}
}

/* close_resolver() frees it; nobody may be called. */
static void
test_freed_amid_lookups(void **unused)
{
	(void)unused;
	static struct ask asks[4];
	begin(&asks[0], "silent.test");
	begin(&asks[1], "a.test");
	begin(&asks[2], "127.0.0.1");
	begin(&asks[3], "silent2.test");
	resolver_cancel(asks[3].query);
}

/* The client's view of it all. */
static void
test_calls_without_an_address(void **unused)
{
	(void)unused;
	struct err err;
	struct fetch_kit kit;
	struct fetch fetch;
	assert_true(http_global_init(&err));
	fetch_kit_open(&kit);
	struct resolver_settings settings = {
		.servers = nameserver_address(server),
		.timeout_ms = 40,
		.tries = 2,
	};
	assert_true(resolver_configure(kit.resolver, &settings, &err));

	struct http_request request = fetch_request("http://nx.test/");
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NAME_NOT_FOUND, 0);
	assert_string_equal(fetch.detail, "there is no such name");
	assert_true(fetch.response.timing.dns_us > 0);
	assert_string_equal(fetch.response.address, "");
	request.url = "http://servfail.test/";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NAME_LOOKUP, 0);
	request.url = "http://silent.test/";
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NAME_LOOKUP, 0);
	request.connect_ms = 5;
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_NAME_LOOKUP, 0);
	assert_string_equal(
		fetch.detail, "the look-up of the name took too long");
	fetch_kit_close(&kit);

	fetch_kit_open(&kit);
	assert_true(resolver_configure(kit.resolver, &settings, &err));
	fetch_expect(&kit, &fetch, &request, HTTP_FAIL_RESOLVER, 0);
	fetch_kit_close(&kit);
	http_global_finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_answers, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(test_names_that_no_server_knows,
			open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_pins, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(test_one_question_for_many,
			open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_silence, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_the_only_name, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(test_callers_who_give_up,
			open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_families, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_slow_names_do_not_hold_up_others, open_resolver,
			close_resolver),
		cmocka_unit_test_setup_teardown(
			test_few_at_once, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_other_servers_amid_a_lookup, open_resolver,
			close_resolver),
		cmocka_unit_test_setup_teardown(test_cancelled_by_another,
			open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(
			test_freed_amid_lookups, open_resolver, close_resolver),
		cmocka_unit_test_setup_teardown(test_calls_without_an_address,
			open_resolver, close_resolver),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
