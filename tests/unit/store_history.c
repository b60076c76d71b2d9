#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/store/store.h"
#include "tests/support/store_kit.h"

/* Pruning. */

static void
prune(struct store *store, int64_t before_ms, unsigned limit)
{
	struct err err;
	kit_begin(store);
	assert_done(store_prune(store, before_ms, limit, &err), &err);
	kit_commit(store);
}

static const char count_all[] = "SELECT (SELECT count(*) FROM incident) || ' '"
				" || (SELECT count(*) FROM event) || ' '"
				" || (SELECT count(*) FROM receipt)";

static void
test_pruning_keeps_what_is_open_young_or_on_its_way(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	struct err err;
	kit_begin(store);
	kit_add_event(store, 1, EVENT_OPENED, INCIDENT, 1);
	kit_put_receipt(store, INCIDENT, "7");
	kit_commit(store);
	prune(store, 1000000, 10);
	kit_assert_sql(place->path, count_all, "1 1 1"); /* open */

	kit_begin(store);
	kit_add_event(store, 5, EVENT_CLOSED, INCIDENT, 2); /* at 5000 ms */
	kit_add_delivery(store, 1, 1);
	kit_commit(store);
	prune(store, 1000000, 10);
	kit_assert_sql(place->path, count_all, "1 2 1"); /* on its way */

	kit_begin(store);
	assert_done(store_drop_delivery(store, 1, &err), &err);
	kit_commit(store);
	prune(store, 5000, 10);
	kit_assert_sql(place->path, count_all, "1 2 1"); /* young */
	prune(store, 5001, 10);
	kit_assert_sql(place->path, count_all, "0 0 0");
	store_close(store);
}

static void
test_pruning_takes_a_bite_at_a_time_the_oldest_first(void **state)
{
	const struct place *place = *state;
	struct store *store = kit_open(place->path);
	kit_begin(store);
	for (int64_t i = 1; i <= 7; i++) {
		char incident[UUID_TEXT_SIZE];
		snprintf(incident, sizeof(incident), "incident-%d", (int)i);
		kit_add_event(store, 10 * i, EVENT_OPENED, incident, 1);
		kit_add_event(store, 10 * i + 1, EVENT_CLOSED, incident, 2);
		kit_add_event(store, 10 * i + 2, EVENT_BASELINE, "", 0);
	}
	kit_add_delivery(store, 1, 12); /* of the first baseline */
	kit_commit(store);
	kit_assert_sql(place->path, count_all, "7 21 0");
	prune(store, 1000000, 3);
	kit_assert_sql(place->path, count_all, "4 12 0");
	kit_assert_sql(
		place->path, "SELECT min(uuid) FROM incident", "incident-4");
	prune(store, 1000000, 100);
	kit_assert_sql(place->path, count_all, "0 1 0");
	store_close(store);
}

/* Downtimes. */

static void
on_downtime(void *cookie, const char *endpoint, int64_t ms)
{
	char *text = cookie;
	size_t len = strlen(text);
	snprintf(text + len, 100 - len, "%s %d;", endpoint, (int)ms);
}

static void
assert_downtimes(struct store *store, int64_t from_ms, int64_t to_ms,
	const char *expected)
{
	char text[100] = "";
	struct err err;
	assert_done(
		store_downtimes(store, from_ms, to_ms, on_downtime, text, &err),
		&err);
	assert_string_equal(text, expected);
}

static void
put(struct store *store, int64_t id, enum event_kind kind, const char *name,
	int64_t at_ms, enum status to)
{
	struct err err;
	bool opens = kind == EVENT_OPENED;
	struct event event = {
		.id = id,
		.kind = kind,
		.incident = name,
		.seq = opens ? 1 : 2,
		.at_ms = at_ms,
		.opened_ms = at_ms,
		.from = opens ? STATUS_OPERATIONAL : STATUS_PARTIAL_OUTAGE,
		.to = to,
		.message = "",
		.endpoint = { .name = name,
			.url = "",
			.method = "",
			.titles = { "", "", "" } },
	};
	assert_done(store_add_event(store, &event, &err), &err);
}

static void
test_downtimes_are_those_of_the_period(void **state)
{
	(void)state;
	struct store *store = kit_open(":memory:");
	kit_begin(store);
	put(store, 1, EVENT_OPENED, "over", 1000, STATUS_PARTIAL_OUTAGE);
	put(store, 2, EVENT_CLOSED, "over", 3000, STATUS_OPERATIONAL);
	put(store, 3, EVENT_OPENED, "open", 2500, STATUS_MAJOR_OUTAGE);
	put(store, 4, EVENT_OPENED, "slow", 1000, STATUS_PERFORMANCE_ISSUES);
	kit_commit(store);
	assert_downtimes(store, 0, 10000, "open 7500;over 2000;");
	assert_downtimes(store, 2000, 2600, "open 100;over 600;");
	assert_downtimes(store, 3000, 4000, "open 1000;");
	assert_downtimes(store, 0, 1000, "");
	store_close(store);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(pruning_keeps_what_is_open_young_or_on_its_way),
		TEST(pruning_takes_a_bite_at_a_time_the_oldest_first),
		TEST(downtimes_are_those_of_the_period),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
