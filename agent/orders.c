#include "agent/orders.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/ledger.h"

struct order {
	struct store_order row; /* its strings are in the arena */
	struct arena *arena;
};

struct record {
	struct store_audit row;
	struct arena *arena;
};

/* One line a name, so that the last word counts. */
struct change {
	enum store_order_kind kind;
	char *name;
};

struct orders {
	struct store *store;
	struct ledger *ledger;
	struct map *by_name[STORE_ORDER_COUNT]; /* struct order */
	uint64_t version;

	struct change *changes;
	size_t n_changes;
	struct record *records;
	size_t n_records;
};

/* What the ledger makes durable. */

static bool
write_change(const struct orders *orders, const struct change *change,
	struct store *store, struct err *err)
{
	const struct store_order *order =
		orders_find(orders, change->kind, change->name);
	return order ? store_put_order(store, order, err)
		     : store_drop_order(store, change->kind, change->name, err);
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	const struct orders *orders = cookie;
	for (size_t i = 0; i < orders->n_changes; i++)
		if (!write_change(orders, &orders->changes[i], store, err))
			return false;
	for (size_t i = 0; i < orders->n_records; i++)
		if (!store_add_audit(store, &orders->records[i].row, err))
			return false;
	return true;
}

static void
on_written(void *cookie)
{
	struct orders *orders = cookie;
	while (orders->n_changes > 0)
		free(orders->changes[--orders->n_changes].name);
	while (orders->n_records > 0)
		arena_free(orders->records[--orders->n_records].arena);
}

bool
orders_durable(const struct orders *orders)
{
	return orders->n_changes == 0 && orders->n_records == 0;
}

static void
mark(struct orders *orders, enum store_order_kind kind, const char *name)
{
	orders->changes = mem_grow(
		orders->changes, orders->n_changes + 1, sizeof(struct change));
	orders->changes[orders->n_changes++] =
		(struct change){ kind, mem_dup(name) };
	orders->version++;
	ledger_wake(orders->ledger);
}

/* Making and freeing. */

struct orders *
orders_new(struct store *store, struct ledger *ledger)
{
	struct orders *orders = mem_zalloc(sizeof(*orders));
	orders->store = store;
	orders->ledger = ledger;
	for (size_t i = 0; i < STORE_ORDER_COUNT; i++)
		orders->by_name[i] = map_new();
	ledger_join(ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = orders,
		});
	return orders;
}

static void
free_order(struct order *order)
{
	if (order)
		arena_free(order->arena);
}

static void
free_each(void *cookie, const char *name, void *thing)
{
	(void)cookie, (void)name;
	free_order(thing);
}

void
orders_free(struct orders *orders)
{
	if (!orders)
		return;
	on_written(orders); /* the rest was never confirmed to anybody */
	for (size_t i = 0; i < STORE_ORDER_COUNT; i++) {
		map_each(orders->by_name[i], free_each, NULL);
		map_free(orders->by_name[i]);
	}
	free(orders->changes);
	free(orders->records);
	free(orders);
}

static void
keep(struct orders *orders, const struct store_order *row)
{
	struct arena *arena =
		arena_new_for(sizeof(struct order) + strlen(row->name)
			+ strlen(row->endpoint) + strlen(row->who) + 3);
	struct order *order = arena_alloc(arena, sizeof(*order));
	order->arena = arena;
	order->row = *row;
	order->row.name = arena_dup(arena, row->name);
	order->row.endpoint = arena_dup(arena, row->endpoint);
	order->row.who = arena_dup(arena, row->who);
	free_order(map_put(orders->by_name[row->kind], order->row.name, order));
}

static void
on_order(void *cookie, const struct store_order *row)
{
	keep(cookie, row);
}

bool
orders_load(struct orders *orders, struct err *err)
{
	return store_orders(orders->store, on_order, orders, err);
}

/* Changing. */

void
orders_put(struct orders *orders, const struct store_order *order)
{
	keep(orders, order);
	mark(orders, order->kind, order->name);
}

void
orders_drop(struct orders *orders, enum store_order_kind kind, const char *name)
{
	struct order *order = map_remove(orders->by_name[kind], name);
	if (!order)
		return;
	mark(orders, kind, order->row.name);
	free_order(order);
}

void
orders_record(struct orders *orders, const struct store_audit *audit)
{
	struct arena *arena = arena_new_small();
	struct store_audit row = *audit;
	row.who = arena_dup(arena, audit->who);
	row.source = arena_dup(arena, audit->source);
	row.channel = arena_dup(arena, audit->channel);
	row.command = arena_dup(arena, audit->command);
	row.outcome = arena_dup(arena, audit->outcome);
	row.answer = arena_dup(arena, audit->answer);
	orders->records = mem_grow(
		orders->records, orders->n_records + 1, sizeof(struct record));
	orders->records[orders->n_records++] = (struct record){ row, arena };
	ledger_wake(orders->ledger);
}

/* Asking. */

const struct store_order *
orders_find(const struct orders *orders, enum store_order_kind kind,
	const char *name)
{
	const struct order *order =
		orders ? map_get(orders->by_name[kind], name) : NULL;
	return order ? &order->row : NULL;
}

struct each {
	store_order_fn *each;
	void *cookie;
};

static void
on_each(void *cookie, const char *name, void *thing)
{
	(void)name;
	const struct each *each = cookie;
	const struct order *order = thing;
	each->each(each->cookie, &order->row);
}

void
orders_each(const struct orders *orders, enum store_order_kind kind,
	store_order_fn *each, void *cookie)
{
	struct each with = { each, cookie };
	map_each(orders->by_name[kind], on_each, &with);
}

size_t
orders_count(const struct orders *orders, enum store_order_kind kind)
{
	return orders ? map_count(orders->by_name[kind]) : 0;
}

bool
orders_removed(const struct orders *orders, const char *endpoint)
{
	return orders_find(orders, STORE_ORDER_REMOVED, endpoint) != NULL;
}

bool
orders_muted(const struct orders *orders, const char *endpoint)
{
	return orders_find(orders, STORE_ORDER_MUTED, "")
		|| orders_find(orders, STORE_ORDER_MUTED, endpoint);
}

const struct store_order *
orders_taken(const struct orders *orders, const char *incident)
{
	return orders_find(orders, STORE_ORDER_TAKEN, incident);
}

uint64_t
orders_version(const struct orders *orders)
{
	return orders->version;
}
