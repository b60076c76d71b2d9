#define _XOPEN_SOURCE 700 /* nftw() */

#include "tests/support/store_kit.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"

static int
remove_one(const char *path, const struct stat *at, int kind, struct FTW *walk)
{
	(void)at;
	(void)kind;
	(void)walk;
	return remove(path);
}

int
kit_set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	str_copy(place->folder, sizeof(place->folder),
		"/tmp/curlew-store-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/curlew.db",
		place->folder);
	*state = place;
	return 0;
}

int
kit_tear_down(void **state)
{
	struct place *place = *state;
	nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

struct store *
kit_open(const char *path)
{
	struct err err;
	bool fresh;
	struct store *store = store_open(path, &fresh, &err);
	assert_done(store, &err);
	return store;
}

void
kit_refuse(const char *path, const char *sentence)
{
	struct err err;
	bool fresh;
	assert_null(store_open(path, &fresh, &err));
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
}

bool
kit_is_fresh(const char *path)
{
	struct err err;
	bool fresh;
	struct store *store = store_open(path, &fresh, &err);
	assert_done(store, &err);
	store_close(store);
	return fresh;
}

void
kit_begin(struct store *store)
{
	struct err err;
	assert_done(store_begin(store, &err), &err);
}

void
kit_commit(struct store *store)
{
	struct err err;
	assert_done(store_commit(store, &err), &err);
}

/* Past the store: as another program sees the file. */
void
kit_run_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

char *
kit_ask_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *row;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	const char *text = (const char *)sqlite3_column_text(row, 0);
	char *answer = strdup(text ? text : "NULL");
	sqlite3_finalize(row);
	sqlite3_close(db);
	return answer;
}

void
kit_assert_sql(const char *path, const char *sql, const char *expected)
{
	char *answer = kit_ask_sql(path, sql);
	assert_string_equal(answer, expected);
	free(answer);
}

/* Things to put in. */

struct event
kit_event(int64_t id, enum event_kind kind, const char *incident, unsigned seq)
{
	static const enum status after[] = {
		[EVENT_BASELINE] = STATUS_OPERATIONAL,
		[EVENT_OPENED] = STATUS_PARTIAL_OUTAGE,
		[EVENT_CHANGED] = STATUS_MAJOR_OUTAGE,
		[EVENT_CLOSED] = STATUS_OPERATIONAL,
	};
	return (struct event){
		.id = id,
		.kind = kind,
		.incident = incident,
		.seq = seq,
		.at_ms = 1000 * id,
		.opened_ms = 1000,
		.from = seq > 1 ? STATUS_PARTIAL_OUTAGE : STATUS_OPERATIONAL,
		.to = after[kind],
		.cause = CAUSE_TIMEOUT,
		.message = "no answer within 1s",
		.endpoint = {
			.name = "shop",
			.url = "https://shop.example.net/",
			.method = "GET",
			.titles = { "shop: \"down\"", "shop is slow", "up" },
		},
	};
}

void
kit_add_event(struct store *store, int64_t id, enum event_kind kind,
	const char *incident, unsigned seq)
{
	struct err err;
	struct event event = kit_event(id, kind, incident, seq);
	assert_done(store_add_event(store, &event, &err), &err);
}

void
kit_put_endpoint(struct store *store, const char *name, const char *incident)
{
	struct err err;
	struct store_endpoint endpoint = {
		.name = name,
		.verdict = { STATUS_PARTIAL_OUTAGE, 3, 1 },
		.since_ms = 1000,
		.incident = incident,
	};
	assert_done(store_put_endpoint(store, &endpoint, &err), &err);
}

void
kit_add_delivery(struct store *store, int64_t id, int64_t event_id)
{
	struct err err;
	struct store_delivery delivery = {
		.id = id,
		.reporter = "slack/ops",
		.endpoint = "shop",
		.event_id = event_id,
		.created_ms = 1234,
		.plan = "0 1\n2 0\n",
	};
	assert_done(store_add_delivery(store, &delivery, &err), &err);
}

void
kit_put_part(struct store *store, int64_t delivery, unsigned number,
	enum store_part_state state, const char *carry)
{
	struct err err;
	struct store_part part = {
		.number = number,
		.state = state,
		.attempts = 2,
		.due_ms = 77,
		.begun_ms = 66,
		.carry = carry,
	};
	assert_done(store_put_part(store, delivery, &part, &err), &err);
}

void
kit_put_receipt(struct store *store, const char *incident, const char *ref)
{
	struct err err;
	struct store_receipt receipt = {
		.incident = incident,
		.reporter = "cachet/1",
		.opening = 2,
		.ref = ref,
	};
	assert_done(store_put_receipt(store, &receipt, &err), &err);
}

void
kit_count(struct store *store, const char *name, int64_t add)
{
	struct err err;
	assert_done(store_count(store, name, add, &err), &err);
}

int64_t
kit_counter(struct store *store, const char *name)
{
	struct err err;
	int64_t value;
	assert_done(store_counter(store, name, &value, &err), &err);
	return value;
}

/* What is in it, a line a thing. */

static void
on_endpoint(void *cookie, const struct store_endpoint *endpoint)
{
	buf_printf(cookie, "%s %s %u %u %lld %s %lld %u %s\n", endpoint->name,
		status_name(endpoint->verdict.announced),
		endpoint->verdict.fails, endpoint->verdict.goods,
		(long long)endpoint->since_ms,
		*endpoint->incident ? endpoint->incident + 35 : "-",
		(long long)endpoint->opened_ms, endpoint->seq,
		*endpoint->event ? "said" : "silent");
}

static void
on_delivery(void *cookie, const struct store_delivery *delivery,
	const struct store_part *parts, size_t n_parts)
{
	buf_printf(cookie, "%lld %s %s %lld %lld %zu", (long long)delivery->id,
		delivery->reporter, delivery->endpoint,
		(long long)delivery->event_id, (long long)delivery->created_ms,
		strlen(delivery->plan));
	for (size_t i = 0; i < n_parts; i++)
		buf_printf(cookie, " [%u %d %u %lld %lld %s]", parts[i].number,
			(int)parts[i].state, parts[i].attempts,
			(long long)parts[i].due_ms,
			(long long)parts[i].begun_ms, parts[i].carry);
	buf_add_text(cookie, "\n");
}

static void
on_receipt(void *cookie, const struct store_receipt *receipt)
{
	buf_printf(cookie, "%s %s %d %s%s\n", receipt->incident + 35,
		receipt->reporter, receipt->opening, receipt->ref,
		receipt->closed ? " closed" : "");
}

static void
assert_content(struct buf *buf, const char *expected)
{
	assert_string_equal(buf->data, expected);
	buf_finish(buf);
}

void
kit_assert_endpoints(struct store *store, const char *expected)
{
	struct err err;
	struct buf buf;
	buf_init(&buf, 4096);
	assert_done(store_endpoints(store, on_endpoint, &buf, &err), &err);
	assert_content(&buf, expected);
}

void
kit_assert_deliveries(struct store *store, const char *expected)
{
	struct err err;
	struct buf buf;
	buf_init(&buf, 4096);
	assert_done(store_deliveries(store, on_delivery, &buf, &err), &err);
	assert_content(&buf, expected);
}

void
kit_assert_receipts(struct store *store, const char *expected)
{
	struct err err;
	struct buf buf;
	buf_init(&buf, 4096);
	assert_done(store_receipts(store, on_receipt, &buf, &err), &err);
	assert_content(&buf, expected);
}

void
kit_fill(struct store *store)
{
	kit_begin(store);
	kit_put_endpoint(store, "shop", INCIDENT);
	kit_add_event(store, 1, EVENT_OPENED, INCIDENT, 1);
	kit_add_delivery(store, 1, 1);
	kit_put_part(store, 1, 0, STORE_PART_TOLD, "{\"id\": 7}");
	kit_put_receipt(store, INCIDENT, "7");
	kit_count(store, "told", 1);
}

#define FILLED_ENDPOINT "shop partial_outage 3 1 1000 1 1000 1 said\n"
#define FILLED_DELIVERY "1 slack/ops shop 1 1234 8 [0 1 2 77 66 {\"id\": 7}]\n"
#define FILLED_RECEIPT "1 cachet/1 2 7\n"

void
kit_assert_filled(struct store *store)
{
	kit_assert_endpoints(store, FILLED_ENDPOINT);
	kit_assert_deliveries(store, FILLED_DELIVERY);
	kit_assert_receipts(store, FILLED_RECEIPT);
	assert_int_equal(kit_counter(store, "told"), 1);
}

void
kit_assert_empty(struct store *store)
{
	kit_assert_endpoints(store, "");
	kit_assert_deliveries(store, "");
	kit_assert_receipts(store, "");
	assert_int_equal(kit_counter(store, "told"), 0);
}
