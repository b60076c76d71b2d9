/*
 * For tests of the store: a folder a test, things to put into a store, and what
 * is in it as text, a line a thing.  What goes wrong fails the test.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/store/store.h"

struct err;

#define INCIDENT "01900000-0000-7000-8000-000000000001"
#define OTHER_INCIDENT "01900000-0000-7000-8000-000000000002"

/* A row of cmocka's: the test has a struct place as its state. */
#define TEST(name) \
	cmocka_unit_test_setup_teardown(test_##name, kit_set_up, kit_tear_down)

#define assert_done(done, err) \
	do { \
		if (!(done)) \
			fail_msg("%s", (err)->text); \
	} while (0)

struct place {
	char folder[64];
	char path[96]; /* of a database that is not there yet */
};

int kit_set_up(void **state);
int kit_tear_down(void **state);

struct store *kit_open(const char *path);

/** Open it, say whether it was fresh, and close it. */
bool kit_is_fresh(const char *path);

/** Opening fails, and says so. */
void kit_refuse(const char *path, const char *sentence);

void kit_begin(struct store *store);
void kit_commit(struct store *store);

/* Past the store: as another program sees the file. */

void kit_run_sql(const char *path, const char *sql);

/** The caller frees it. */
char *kit_ask_sql(const char *path, const char *sql);
void kit_assert_sql(const char *path, const char *sql, const char *expected);

/* Things of an endpoint called "shop", for within a transaction. */

struct event kit_event(
	int64_t id, enum event_kind kind, const char *incident, unsigned seq);
void kit_add_event(struct store *store, int64_t id, enum event_kind kind,
	const char *incident, unsigned seq);
void kit_put_endpoint(
	struct store *store, const char *name, const char *incident);
void kit_add_delivery(struct store *store, int64_t id, int64_t event_id);
void kit_put_part(struct store *store, int64_t delivery, unsigned number,
	enum store_part_state state, const char *carry);
void kit_put_receipt(
	struct store *store, const char *incident, const char *ref);
void kit_count(struct store *store, const char *name, int64_t add);

int64_t kit_counter(struct store *store, const char *name);
void kit_assert_endpoints(struct store *store, const char *expected);
void kit_assert_deliveries(struct store *store, const char *expected);
void kit_assert_receipts(struct store *store, const char *expected);

/** Begin, and put one thing of each kind in. */
void kit_fill(struct store *store);
void kit_assert_filled(struct store *store);
void kit_assert_empty(struct store *store);
