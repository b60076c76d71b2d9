#include "agent/store/store.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/store/internal.h"

bool
store_add_delivery(struct store *store, const struct store_delivery *delivery,
	struct err *err)
{
	return store_write(store, STATEMENT_ADD_DELIVERY,
		(const struct store_value[]){ store_int(delivery->id),
			store_text(delivery->reporter),
			store_text(delivery->endpoint),
			store_int(delivery->event_id),
			store_int(delivery->created_ms),
			store_text(delivery->plan), { 0 } },
		err);
}

bool
store_put_part(struct store *store, int64_t delivery,
	const struct store_part *part, struct err *err)
{
	return store_write(store, STATEMENT_PUT_PART,
		(const struct store_value[]){ store_int(delivery),
			store_int(part->number), store_int(part->state),
			store_int(part->attempts), store_int(part->due_ms),
			store_int(part->begun_ms), store_text(part->carry),
			{ 0 } },
		err);
}

bool
store_drop_delivery(struct store *store, int64_t delivery, struct err *err)
{
	return store_write(store, STATEMENT_DROP_DELIVERY,
		(const struct store_value[]){ store_int(delivery), { 0 } },
		err);
}

/* The parts of one delivery, used again for the next. */
struct parts {
	struct store_part *items;
	size_t n, size;
	struct arena *arena; /* what they carry */
};

static void
add_part(struct parts *parts, const struct store_rows *rows)
{
	if (parts->n == parts->size) {
		parts->size = parts->size > 0 ? 2 * parts->size : 8;
		parts->items = mem_grow(
			parts->items, parts->size, sizeof(*parts->items));
	}
	parts->items[parts->n++] = (struct store_part){
		.number = store_column_unsigned(rows, 0),
		.state = (enum store_part_state)store_column_choice(
			rows, 1, STORE_PART_SETTLED + 1),
		.attempts = store_column_unsigned(rows, 2),
		.due_ms = store_column_int(rows, 3),
		.begun_ms = store_column_int(rows, 4),
		.carry = arena_dup(parts->arena, store_column_text(rows, 5)),
	};
}

static bool
read_parts(struct store *store, int64_t delivery, struct parts *parts,
	struct err *err)
{
	struct store_rows rows;
	arena_reset(parts->arena);
	parts->n = 0;
	store_rows_begin(&rows, store, STATEMENT_PARTS,
		(const struct store_value[]){ store_int(delivery), { 0 } });
	while (store_rows_next(&rows))
		add_part(parts, &rows);
	return store_rows_end(&rows, err);
}

static struct store_delivery
delivery_at(const struct store_rows *rows)
{
	return (struct store_delivery){
		.id = store_column_int(rows, 0),
		.reporter = store_column_text(rows, 1),
		.endpoint = store_column_text(rows, 2),
		.event_id = store_column_int(rows, 3),
		.created_ms = store_column_int(rows, 4),
		.plan = store_column_text(rows, 5),
	};
}

bool
store_deliveries(struct store *store, store_delivery_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	struct parts parts = { .arena = arena_new() };
	bool good = true;
	store_rows_begin(&rows, store, STATEMENT_DELIVERIES,
		(const struct store_value[]){ { 0 } });
	while (good && store_rows_next(&rows)) {
		struct store_delivery delivery = delivery_at(&rows);
		good = read_parts(store, delivery.id, &parts, err);
		if (good)
			each(cookie, &delivery, parts.items, parts.n);
	}
	/* In this order: it also puts the statement back. */
	good = store_rows_end(&rows, err) && good;
	free(parts.items);
	arena_free(parts.arena);
	return good;
}

bool
store_put_receipt(struct store *store, const struct store_receipt *receipt,
	struct err *err)
{
	return store_write(store, STATEMENT_PUT_RECEIPT,
		(const struct store_value[]){ store_text(receipt->incident),
			store_text(receipt->reporter),
			store_int(receipt->opening), store_text(receipt->ref),
			{ 0 } },
		err);
}

bool
store_receipts(struct store *store, store_receipt_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_RECEIPTS,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_receipt receipt = {
			.incident = store_column_text(&rows, 0),
			.reporter = store_column_text(&rows, 1),
			.opening = (int)store_column_int(&rows, 2),
			.ref = store_column_text(&rows, 3),
			.closed = store_column_int(&rows, 4) != 0,
			.busy = store_column_int(&rows, 5) != 0,
			.owed = store_column_int(&rows, 6) != 0,
		};
		each(cookie, &receipt);
	}
	return store_rows_end(&rows, err);
}
