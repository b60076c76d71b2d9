/* Certificates of SNS: fetched once for all who wait, kept, and tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/inbound/certificates.h"
#include "tests/support/fetch.h"
#include "tests/support/loopback.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	PAUSE_MS = 30 * 1000,
	PATIENCE_MS = 60 * 1000, /* a machine may stand still */
	PLACES = 16,
};

static const struct loopback_page pages[] = {
	{ "/good.pem", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\npem",
		LOOPBACK_CLOSE },
	{ "/gone.pem", "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno",
		LOOPBACK_CLOSE },
	{ "/slow.pem", "HTTP/1.1 200 OK\r\n", LOOPBACK_STALL },
	{ 0 },
};

static struct loopback *server;
static struct fetch_kit kit;
static struct inbound_certificates *certificates;

struct waiter {
	struct inbound_certificate_wait wait;
	char said[64];
	unsigned times;
};

static void
on_found(void *cookie, const struct inbound_certificate *found)
{
	struct waiter *waiter = cookie;
	snprintf(waiter->said, sizeof(waiter->said), "%.*s",
		found->pem ? (int)found->len : 40,
		found->pem ? found->pem : found->why);
	waiter->times++;
	ev_break(kit.loop, EVBREAK_ALL);
}

static void
url_of(const char *path, char url[static 64])
{
	snprintf(url, 64, "http://127.0.0.1:%u%s",
		(unsigned)loopback_port(server), path);
}

/* True: it is known at once. */
static bool
ask(struct waiter *waiter, const char *path, int64_t later_ms)
{
	char url[64];
	struct inbound_certificate found;
	*waiter = (struct waiter){
		.wait = { .done = on_found, .cookie = waiter },
	};
	list_init(&waiter->wait.link);
	url_of(path, url);
	if (!inbound_certificates_get(certificates, url,
		    clock_now().mono_ms + later_ms, &waiter->wait, &found))
		return false;
	on_found(waiter, &found);
	return true;
}

static void
wait_for(const struct waiter *waiter)
{
	while (waiter->times == 0)
		ev_run(kit.loop, 0);
}

static int
start(void **unused)
{
	struct err err;
	(void)unused;
	server = loopback_start(pages, LOOPBACK_PLAIN);
	return http_global_init(&err) ? 0 : -1;
}

static int
stop(void **unused)
{
	(void)unused;
	loopback_stop(server);
	http_global_finish();
	return 0;
}

static int
set_up(void **unused)
{
	(void)unused;
	fetch_kit_open(&kit);
	certificates = inbound_certificates_new(kit.client, PATIENCE_MS);
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;
	inbound_certificates_free(certificates);
	fetch_kit_close(&kit);
	return 0;
}

static void
test_one_fetch_for_all_who_wait(void **unused)
{
	(void)unused;
	struct waiter one, other, gone;
	unsigned before = loopback_requests(server);
	assert_false(ask(&one, "/good.pem", 0));
	assert_false(ask(&other, "/good.pem", 0));
	assert_false(ask(&gone, "/good.pem", 0));
	list_remove(&gone.wait.link); /* it does not wait any more */
	wait_for(&one);
	wait_for(&other);
	assert_string_equal(one.said, "pem");
	assert_string_equal(other.said, "pem");
	assert_int_equal(one.times + other.times + gone.times, 2);
	assert_int_equal(loopback_requests(server), before + 1);

	assert_true(ask(&one, "/good.pem", DAY_MS - PAUSE_MS));
	assert_string_equal(one.said, "pem");
	assert_false(ask(&one, "/good.pem", DAY_MS + PAUSE_MS));
	wait_for(&one);
	assert_int_equal(loopback_requests(server), before + 2);
}

static void
test_what_is_not_to_be_had_is_tried_again_later(void **unused)
{
	(void)unused;
	struct waiter one;
	unsigned before = loopback_requests(server);
	assert_false(ask(&one, "/gone.pem", 0));
	wait_for(&one);
	assert_string_equal(one.said, "it could not be fetched");
	assert_true(ask(&one, "/gone.pem", 0));
	assert_string_equal(one.said, "it could not be fetched");
	assert_int_equal(loopback_requests(server), before + 1);
	assert_false(ask(&one, "/gone.pem", PAUSE_MS));
	wait_for(&one);
	assert_int_equal(loopback_requests(server), before + 2);
}

static void
test_a_bounded_number_is_fetched_and_kept(void **unused)
{
	(void)unused;
	struct waiter waiters[PLACES], more;
	char path[32];
	for (int i = 0; i < PLACES; i++) {
		snprintf(path, sizeof(path), "/slow.pem?%d", i);
		assert_false(ask(&waiters[i], path, 0));
	}
	assert_true(ask(&more, "/good.pem", 0));
	assert_string_equal(more.said, "too many are being fetched");
	/* And it ends while they are: nobody is called. */
	inbound_certificates_free(certificates);
	certificates = inbound_certificates_new(kit.client, PATIENCE_MS);
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(waiters[i].times, 0);
}

static void
test_the_oldest_makes_room(void **unused)
{
	(void)unused;
	struct waiter one;
	char path[32];
	assert_false(ask(&one, "/good.pem", 0));
	wait_for(&one);
	int64_t then_ms = clock_now().mono_ms;
	while (clock_now().mono_ms == then_ms)
		continue; /* the others are to be younger */
	for (int i = 0; i < PLACES; i++) {
		snprintf(path, sizeof(path), "/none.pem?%d", i);
		assert_false(ask(&one, path, 0));
		wait_for(&one);
	}
	assert_true(ask(&one, path, 0));
	assert_false(ask(&one, "/good.pem", 0));
	wait_for(&one);
	assert_string_equal(one.said, "pem");
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(one_fetch_for_all_who_wait),
		CASE(what_is_not_to_be_had_is_tried_again_later),
		CASE(a_bounded_number_is_fetched_and_kept),
		CASE(the_oldest_makes_room),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
