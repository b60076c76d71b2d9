#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/store/store.h"
#include "tests/support/store_kit.h"

enum {
	MANY = 10000,
};

/* Transactions. */

static void
test_nothing_is_kept_without_a_commit(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	kit_fill(store);
	store_close(store);
	store = kit_open(place->path);
	kit_assert_empty(store);
	store_close(store);
}

static void
test_all_is_kept_after_a_commit(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	kit_fill(store);
	kit_commit(store);
	store_close(store);
	store = kit_open(place->path);
	kit_assert_filled(store);
	store_close(store);
}

static void
test_a_rollback_undoes_all(void **state)
{
	(void)state;
	struct store *store = kit_open(":memory:");
	kit_fill(store);
	store_rollback(store);
	store_rollback(store); /* harmless */
	kit_assert_empty(store);
	kit_fill(store);
	kit_commit(store);
	kit_assert_filled(store);
	store_close(store);
}

static void
test_a_failed_write_spoils_its_transaction(void **state)
{
	(void)state;
	struct err err;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	struct event twice = kit_event(1, EVENT_BASELINE, "", 0);
	assert_false(store_add_event(store, &twice, &err));
	assert_string_equal(err.text,
		"cannot write :memory:: UNIQUE constraint failed: event.id");
	assert_false(store_count(store, "x", 1, &err));
	assert_false(store_commit(store, &err));

	kit_fill(store);
	kit_commit(store);
	kit_assert_filled(store);
	store_close(store);
}

static void
test_a_part_needs_its_delivery_at_the_commit(void **state)
{
	(void)state;
	struct err err;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_put_part(store, 9, 0, STORE_PART_PENDING, "");
	assert_false(store_commit(store, &err));
	assert_string_equal(err.text,
		"cannot write :memory:: FOREIGN KEY constraint failed");

	kit_begin(store);
	kit_put_part(
		store, 9, 0, STORE_PART_PENDING, ""); /* any order will do */
	kit_add_delivery(store, 9, 1);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	kit_commit(store);
	store_close(store);
}

static void
test_a_locked_database_is_an_error(void **state)
{
	const struct place *place = *state;
	struct err err;
	sqlite3 *db;
	struct store *store = kit_open(place->path);
	assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
		SQLITE_OK);
	assert_false(store_begin(store, &err));
	assert_non_null(strstr(err.text, "curlew.db: database is locked"));
	sqlite3_close(db);
	kit_begin(store);
	kit_commit(store);
	store_close(store);
}

/* Endpoints, incidents and events. */

static void
test_endpoints_are_replaced_and_dropped(void **state)
{
	(void)state;
	struct err err;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_put_endpoint(store, "b", "");
	kit_put_endpoint(store, "a", "");
	struct store_endpoint changed = {
		.name = "b",
		.verdict = { STATUS_OPERATIONAL, 0, 1 },
		.since_ms = 5000,
		.incident = "",
	};
	assert_done(store_put_endpoint(store, &changed, &err), &err);
	kit_assert_endpoints(store,
		"a partial_outage 3 1 1000 - 0 0 silent\n"
		"b operational 0 1 5000 - 0 0 silent\n");
	assert_done(store_drop_endpoint(store, "a", &err), &err);
	assert_done(store_drop_endpoint(store, "nobody", &err), &err);
	kit_assert_endpoints(store, "b operational 0 1 5000 - 0 0 silent\n");
	store_close(store);
}

static void
on_endpoint_decode(void *cookie, const struct store_endpoint *endpoint)
{
	struct err err;
	struct event event;
	assert_done(event_decode(endpoint->event, cookie, &event, &err), &err);
	assert_int_equal(event.seq, 2);
	assert_int_equal(event.to, STATUS_MAJOR_OUTAGE);
}

static void
test_an_endpoint_comes_with_the_last_event_of_its_incident(void **state)
{
	(void)state;
	struct err err;
	struct arena *arena = arena_new();
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, INCIDENT, 1);
	kit_add_event(store, 2, EVENT_OPENED, OTHER_INCIDENT, 1);
	kit_add_event(store, 3, EVENT_CHANGED, INCIDENT, 2);
	kit_put_endpoint(store, "shop", INCIDENT);
	kit_assert_endpoints(
		store, "shop partial_outage 3 1 1000 1 1000 2 said\n");
	assert_done(
		store_endpoints(store, on_endpoint_decode, arena, &err), &err);
	kit_put_endpoint(store, "shop", "");
	kit_assert_endpoints(
		store, "shop partial_outage 3 1 1000 - 0 0 silent\n");
	store_close(store);
	arena_free(arena);
}

static void
test_an_event_is_read_as_it_was_written(void **state)
{
	(void)state;
	struct err err;
	struct event event;
	struct arena *arena = arena_new();
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 41, EVENT_OPENED, INCIDENT, 1);
	assert_done(store_event(store, 41, arena, &event, &err), &err);
	assert_int_equal(event.id, 41);
	assert_int_equal(event.kind, EVENT_OPENED);
	assert_string_equal(event.incident, INCIDENT);
	assert_int_equal(event.at_ms, 41000);
	assert_string_equal(event.message, "no answer within 1s");
	assert_string_equal(event.endpoint.titles.outage, "shop: \"down\"");

	assert_false(store_event(store, 42, arena, &event, &err));
	assert_string_equal(err.text, "there is no event 42 in :memory:");
	store_close(store);
	arena_free(arena);
}

static void
test_a_damaged_event_is_an_error(void **state)
{
	const struct place *place = *state;
	struct err err;
	struct event event;
	struct arena *arena = arena_new();
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	kit_commit(store);
	kit_run_sql(place->path, "UPDATE event SET body = '{\"kind\": 7'");
	assert_false(store_event(store, 1, arena, &event, &err));
	assert_int_equal(strncmp(err.text, "event 1 in /tmp/", 16), 0);
	store_close(store);
	arena_free(arena);
}

static void
test_an_incident_is_opened_moved_and_closed(void **state)
{
	const struct place *place = *state;
	static const char all[] =
		"SELECT group_concat(seq || ' ' || endpoint || ' '"
		" || opened_ms || ' ' || ifnull(closed_ms, '-') || ' '"
		" || worst || ' ' || status, ', ') FROM incident";
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	kit_add_event(store, 2, EVENT_OPENED, INCIDENT, 1);
	kit_commit(store);
	kit_assert_sql(place->path, all, "1 shop 1000 - 3 3");
	kit_begin(store);
	kit_add_event(store, 3, EVENT_CHANGED, INCIDENT, 2);
	kit_commit(store);
	kit_assert_sql(place->path, all, "1 shop 1000 - 4 4");
	kit_begin(store);
	kit_add_event(store, 4, EVENT_CLOSED, INCIDENT, 3);
	/* One that was taken over from a receiver. */
	kit_add_event(store, 5, EVENT_CLOSED, OTHER_INCIDENT, 2);
	kit_commit(store);
	kit_assert_sql(
		place->path, all, "1 shop 1000 4000 4 1, 2 shop 1000 5000 3 1");
	store_close(store);
}

static void
test_the_last_ids_are_known(void **state)
{
	(void)state;
	struct err err;
	int64_t event_id = -1, delivery_id = -1;
	struct store *store = kit_open(":memory:");
	assert_done(store_last_ids(store, &event_id, &delivery_id, &err), &err);
	assert_int_equal(event_id, 0);
	assert_int_equal(delivery_id, 0);
	kit_begin(store);
	kit_add_event(store, 17, EVENT_BASELINE, "", 0);
	kit_add_delivery(store, 23, 17);
	assert_done(store_last_ids(store, &event_id, &delivery_id, &err), &err);
	assert_int_equal(event_id, 17);
	assert_int_equal(delivery_id, 23);
	store_close(store);
}

/* Deliveries, parts, receipts, counters. */

static void
test_deliveries_come_by_id_with_their_parts(void **state)
{
	(void)state;
	struct err err;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	kit_add_delivery(store, 12, 1);
	kit_add_delivery(store, 11, 1);
	kit_put_part(store, 11, 1, STORE_PART_PENDING, "one");
	kit_put_part(store, 11, 0, STORE_PART_SETTLED, "");
	kit_put_part(store, 11, 1, STORE_PART_TOLD, "two"); /* replaced */
	kit_assert_deliveries(store,
		"11 slack/ops shop 1 1234 8"
		" [0 2 2 77 66 ] [1 1 2 77 66 two]\n"
		"12 slack/ops shop 1 1234 8\n");
	assert_done(store_drop_delivery(store, 11, &err), &err);
	kit_assert_deliveries(store, "12 slack/ops shop 1 1234 8\n");
	kit_commit(store); /* the parts went with it */
	store_close(store);
}

static void
on_one_of_many(void *cookie, const struct store_delivery *delivery,
	const struct store_part *parts, size_t n_parts)
{
	int64_t *seen = cookie;
	assert_int_equal(delivery->id, ++*seen);
	assert_int_equal(n_parts, 1);
	assert_int_equal(parts[0].number, delivery->id % 3);
}

static void
test_ten_thousand_deliveries_are_read(void **state)
{
	(void)state;
	struct err err;
	int64_t seen = 0;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 1, EVENT_BASELINE, "", 0);
	for (int64_t id = 1; id <= MANY; id++) {
		kit_add_delivery(store, id, 1);
		kit_put_part(
			store, id, (unsigned)(id % 3), STORE_PART_PENDING, "");
	}
	kit_commit(store);
	assert_done(store_deliveries(store, on_one_of_many, &seen, &err), &err);
	assert_int_equal(seen, MANY);
	store_close(store);
}

struct asker {
	struct store *store;
	struct arena *arena;
	unsigned events;
};

static void
on_delivery_ask_event(void *cookie, const struct store_delivery *delivery,
	const struct store_part *parts, size_t n_parts)
{
	struct asker *asker = cookie;
	struct err err;
	struct event event;
	(void)parts;
	(void)n_parts;
	assert_done(store_event(asker->store, delivery->event_id, asker->arena,
			    &event, &err),
		&err);
	asker->events++;
}

static void
test_the_events_can_be_asked_for_while_reading_deliveries(void **state)
{
	(void)state;
	struct err err;
	struct asker asker = { kit_open(":memory:"), arena_new(), 0 };
	kit_fill(asker.store);
	kit_add_delivery(asker.store, 2, 1);
	kit_commit(asker.store);
	assert_done(store_deliveries(
			    asker.store, on_delivery_ask_event, &asker, &err),
		&err);
	assert_int_equal(asker.events, 2);
	store_close(asker.store);
	arena_free(asker.arena);
}

static void
test_receipts_are_replaced_and_read_while_they_matter(void **state)
{
	(void)state;
	struct err err;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, INCIDENT, 1);
	kit_put_receipt(store, INCIDENT, "");
	kit_put_receipt(store, INCIDENT, "7");
	const struct store_receipt other = {
		.incident = INCIDENT,
		.reporter = "slack/ops",
		.opening = 1,
		.ref = "",
	};
	assert_done(store_put_receipt(store, &other, &err), &err);
	kit_assert_receipts(store, "1 cachet/1 2 7\n1 slack/ops 1 \n");

	kit_add_event(store, 2, EVENT_CLOSED, INCIDENT, 2);
	kit_add_delivery(store, 1, 2);
	/* One is still to be told, the other knows it all. */
	kit_assert_receipts(store, "1 slack/ops 1  closed\n");

	assert_done(store_drop_delivery(store, 1, &err), &err);
	kit_assert_receipts(store, "");
	kit_commit(store);
	store_close(store);
}

static void
test_counters_add_up(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	kit_begin(store);
	kit_count(store, "expired/ops", 2);
	kit_count(store, "expired/ops", 3);
	kit_commit(store);
	assert_int_equal(kit_counter(store, "expired/ops"), 5);
	assert_int_equal(kit_counter(store, "expired/nobody"), 0);
	store_close(store);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_is_kept_without_a_commit),
		TEST(all_is_kept_after_a_commit),
		TEST(a_rollback_undoes_all),
		TEST(a_failed_write_spoils_its_transaction),
		TEST(a_part_needs_its_delivery_at_the_commit),
		TEST(a_locked_database_is_an_error),
		TEST(endpoints_are_replaced_and_dropped),
		TEST(an_endpoint_comes_with_the_last_event_of_its_incident),
		TEST(an_event_is_read_as_it_was_written),
		TEST(a_damaged_event_is_an_error),
		TEST(an_incident_is_opened_moved_and_closed),
		TEST(the_last_ids_are_known),
		TEST(deliveries_come_by_id_with_their_parts),
		TEST(ten_thousand_deliveries_are_read),
		TEST(the_events_can_be_asked_for_while_reading_deliveries),
		TEST(receipts_are_replaced_and_read_while_they_matter),
		TEST(counters_add_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
