#include "agent/store/internal.h"
#include "agent/store/store.h"

bool
store_orders(struct store *store, store_order_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_STANDING,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_order order = {
			.kind = (enum store_order_kind)store_column_choice(
				&rows, 0, STORE_ORDER_COUNT),
			.name = store_column_text(&rows, 1),
			.endpoint = store_column_text(&rows, 2),
			.who = store_column_text(&rows, 3),
			.at_ms = store_column_int(&rows, 4),
			.until_ms = store_column_int(&rows, 5),
			.status = (enum status)store_column_choice(
				&rows, 6, STATUS_COUNT),
		};
		each(cookie, &order);
	}
	return store_rows_end(&rows, err);
}

bool
store_put_order(
	struct store *store, const struct store_order *order, struct err *err)
{
	return store_write(store, STATEMENT_PUT_STANDING,
		(const struct store_value[]){ store_int(order->kind),
			store_text(order->name), store_text(order->endpoint),
			store_text(order->who), store_int(order->at_ms),
			store_int(order->until_ms), store_int(order->status),
			{ 0 } },
		err);
}

bool
store_drop_order(struct store *store, enum store_order_kind kind,
	const char *name, struct err *err)
{
	return store_write(store, STATEMENT_DROP_STANDING,
		(const struct store_value[]){
			store_int(kind), store_text(name), { 0 } },
		err);
}

bool
store_add_audit(
	struct store *store, const struct store_audit *audit, struct err *err)
{
	return store_write(store, STATEMENT_ADD_AUDIT,
		       (const struct store_value[]){ store_int(audit->at_ms),
			       store_text(audit->who),
			       store_text(audit->source),
			       store_text(audit->channel),
			       store_text(audit->command),
			       store_int(audit->good),
			       store_text(audit->outcome),
			       store_text(audit->answer), { 0 } },
		       err)
		&& store_write(store, STATEMENT_PRUNE_AUDIT,
			(const struct store_value[]){
				store_int(STORE_AUDIT_MAX), { 0 } },
			err);
}

bool
store_audits(struct store *store, unsigned limit, store_audit_fn *each,
	void *cookie, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_AUDIT,
		(const struct store_value[]){ store_int(limit), { 0 } });
	while (store_rows_next(&rows)) {
		struct store_audit audit = {
			.at_ms = store_column_int(&rows, 0),
			.who = store_column_text(&rows, 1),
			.source = store_column_text(&rows, 2),
			.channel = store_column_text(&rows, 3),
			.command = store_column_text(&rows, 4),
			.good = store_column_int(&rows, 5) != 0,
			.outcome = store_column_text(&rows, 6),
			.answer = store_column_text(&rows, 7),
		};
		each(cookie, &audit);
	}
	return store_rows_end(&rows, err);
}

bool
store_history(struct store *store, const char *endpoint, unsigned limit,
	store_past_fn *each, void *cookie, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_HISTORY,
		(const struct store_value[]){
			store_text(endpoint), store_int(limit), { 0 } });
	while (store_rows_next(&rows)) {
		struct store_past past = {
			.incident = store_column_text(&rows, 0),
			.opened_ms = store_column_int(&rows, 1),
			.closed_ms = store_column_int(&rows, 2),
			.worst = (enum status)store_column_choice(
				&rows, 3, STATUS_COUNT),
			.event = store_column_text(&rows, 4),
		};
		each(cookie, &past);
	}
	return store_rows_end(&rows, err);
}
