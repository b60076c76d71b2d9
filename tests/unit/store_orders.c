/* Orders of people, the record of them, and the past of an endpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/store/store.h"
#include "tests/support/store_kit.h"

static const char one[] = "01900000-0000-7000-8000-000000000001";
static const char two[] = "01900000-0000-7000-8000-000000000002";

static void
put(struct store *store, enum store_order_kind kind, const char *name,
	int64_t at_ms)
{
	struct err err;
	struct store_order order = {
		.kind = kind,
		.name = name,
		.endpoint = "shop",
		.who = "sora",
		.at_ms = at_ms,
		.until_ms = at_ms + 1,
		.status = STATUS_PARTIAL_OUTAGE,
	};
	assert_true(store_put_order(store, &order, &err));
}

static void
on_order(void *cookie, const struct store_order *order)
{
	buf_printf(cookie, "%d %s %s %s %d-%d %d\n", (int)order->kind,
		order->name, order->endpoint, order->who, (int)order->at_ms,
		(int)order->until_ms, (int)order->status);
}

static void
assert_orders(struct store *store, const char *expected)
{
	struct err err;
	struct buf buf;
	buf_init(&buf, 10000);
	assert_true(store_orders(store, on_order, &buf, &err));
	assert_string_equal(buf.data, expected);
	buf_finish(&buf);
}

static void
test_orders_are_replaced_and_dropped(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct store *store = kit_open(place->path);
	kit_begin(store);
	put(store, STORE_ORDER_MUTED, "", 5);
	put(store, STORE_ORDER_MUTED, "shop", 4);
	put(store, STORE_ORDER_REMOVED, "shop", 3);
	put(store, STORE_ORDER_MUTED, "shop", 6);
	kit_commit(store);
	store_close(store);

	store = kit_open(place->path);
	assert_orders(store,
		"0 shop shop sora 3-4 3\n1  shop sora 5-6 3\n"
		"1 shop shop sora 6-7 3\n");
	kit_begin(store);
	assert_true(store_drop_order(store, STORE_ORDER_MUTED, "shop", &err));
	assert_true(store_drop_order(store, STORE_ORDER_TAKEN, "no", &err));
	kit_commit(store);
	assert_orders(store, "0 shop shop sora 3-4 3\n1  shop sora 5-6 3\n");
	store_close(store);
}

static void
on_audit(void *cookie, const struct store_audit *audit)
{
	buf_printf(cookie, "%d %s@%s%s %s: %d %s %s\n", (int)audit->at_ms,
		audit->who, audit->source, audit->channel, audit->command,
		(int)audit->good, audit->outcome, audit->answer);
}

static void
add_audit(struct store *store, int64_t at_ms)
{
	struct err err;
	struct store_audit audit = {
		.at_ms = at_ms,
		.who = "sora",
		.source = "shell",
		.channel = "",
		.command = "remove shop",
		.good = true,
		.outcome = "removed",
		.answer = "{}",
	};
	assert_true(store_add_audit(store, &audit, &err));
}

static void
test_the_latest_records_come_first(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct buf buf;
	buf_init(&buf, 10000);
	struct store *store = kit_open(place->path);
	kit_begin(store);
	for (int i = 1; i <= STORE_AUDIT_MAX + 5; i++)
		add_audit(store, i);
	kit_commit(store);
	assert_true(store_audits(store, 2, on_audit, &buf, &err));
	assert_string_equal(buf.data,
		"10005 sora@shell remove shop: 1 removed {}\n"
		"10004 sora@shell remove shop: 1 removed {}\n");
	kit_assert_sql(place->path,
		"SELECT count(*) || ' ' || min(at_ms) FROM audit", "10000 6");
	buf_finish(&buf);
	store_close(store);
}

static void
on_past(void *cookie, const struct store_past *past)
{
	buf_printf(cookie, "%c %s %d\n", past->incident[35],
		past->closed_ms > 0 ? "closed" : "open",
		strstr(past->event, "\"opened\"") != NULL);
}

static void
test_the_latest_incidents_come_first(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct buf buf;
	buf_init(&buf, 10000);
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, one, 1);
	kit_add_event(store, 2, EVENT_CLOSED, one, 2);
	kit_add_event(store, 3, EVENT_OPENED, two, 1);
	kit_commit(store);
	assert_true(store_history(store, "shop", 10, on_past, &buf, &err));
	assert_true(store_history(store, "shop", 1, on_past, &buf, &err));
	assert_true(store_history(store, "none", 10, on_past, &buf, &err));
	assert_string_equal(buf.data, "2 open 1\n1 closed 1\n2 open 1\n");
	buf_finish(&buf);
	store_close(store);
}

static void
test_what_an_order_names_is_not_forgotten(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, one, 1);
	kit_add_event(store, 2, EVENT_CLOSED, one, 2);
	kit_put_receipt(store, one, "11");
	kit_commit(store);
	kit_assert_receipts(store, "");
	kit_begin(store);
	put(store, STORE_ORDER_HUSHED, one, 1);
	assert_true(store_prune(store, INT64_MAX, 10, &err));
	kit_commit(store);
	kit_assert_sql(place->path, "SELECT count(*) FROM incident", "1");
	char *receipts =
		kit_ask_sql(place->path, "SELECT count(*) FROM receipt");
	assert_string_equal(receipts, "1");
	free(receipts);

	kit_begin(store);
	assert_true(store_drop_order(store, STORE_ORDER_HUSHED, one, &err));
	assert_true(store_prune(store, INT64_MAX, 10, &err));
	kit_commit(store);
	kit_assert_sql(place->path, "SELECT count(*) FROM incident", "0");
	store_close(store);
}

static void
test_an_opening_may_be_told_once_more(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, one, 1);
	kit_add_event(store, 2, EVENT_OPENED, one, 2);
	kit_commit(store);
	kit_assert_sql(place->path, "SELECT count(*) FROM incident", "1");
	kit_assert_sql(place->path, "SELECT count(*) FROM event", "2");
	store_close(store);
}

static void
on_run(void *cookie, const struct store_run *run)
{
	buf_printf(cookie, "%s %s %s %s %s %s %s %s %s %s %d %d %d %s\n",
		run->id, run->action, run->words, run->text, run->who,
		run->user, run->source, run->channel, run->reply, run->follow,
		(int)run->started_ms, (int)run->ended_ms, (int)run->state,
		run->result);
}

static void
test_runs_are_kept_until_they_are_forgotten(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct buf buf;
	buf_init(&buf, 10000);
	struct store_run run = {
		.id = two,
		.action = "make",
		.words = "{}",
		.text = "it",
		.who = "sora",
		.user = "U1",
		.source = "slack",
		.channel = "C1",
		.reply = "sealed",
		.follow = "",
		.started_ms = 2,
		.result = "",
	};
	struct store *store = kit_open(place->path);
	kit_begin(store);
	assert_true(store_put_run(store, &run, &err));
	run.id = one;
	run.started_ms = 1;
	assert_true(store_put_run(store, &run, &err));
	run.state = STORE_RUN_OVER;
	run.ended_ms = 3;
	run.result = "[]";
	assert_true(store_put_run(store, &run, &err));
	kit_commit(store);
	store_close(store);
	store = kit_open(place->path);
	kit_begin(store);
	assert_true(store_drop_run(store, two, &err));
	store_rollback(store);
	assert_true(store_runs(store, on_run, &buf, &err));
	char expected[512];
	snprintf(expected, sizeof(expected),
		"%s make {} it sora U1 slack C1 sealed  1 3 2 []\n"
		"%s make {} it sora U1 slack C1 sealed  2 0 0 \n",
		one, two);
	assert_string_equal(buf.data, expected);
	buf_finish(&buf);
	store_close(store);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(orders_are_replaced_and_dropped),
		TEST(the_latest_records_come_first),
		TEST(the_latest_incidents_come_first),
		TEST(runs_are_kept_until_they_are_forgotten),
		TEST(what_an_order_names_is_not_forgotten),
		TEST(an_opening_may_be_told_once_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
