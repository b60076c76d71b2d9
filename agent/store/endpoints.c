#include "agent/store/store.h"

#include "agent/store/internal.h"

static struct store_endpoint
endpoint_at(const struct store_rows *rows)
{
	return (struct store_endpoint){
		.name = store_column_text(rows, 0),
		.verdict = {
			.announced = (enum status)store_column_choice(
				rows, 1, STATUS_COUNT),
			.fails = store_column_unsigned(rows, 2),
			.goods = store_column_unsigned(rows, 3),
		},
		.since_ms = store_column_int(rows, 4),
		.incident = store_column_text(rows, 5),
		.opened_ms = store_column_int(rows, 6),
		.seq = store_column_unsigned(rows, 7),
		.event = store_column_text(rows, 8),
	};
}

bool
store_endpoints(struct store *store, store_endpoint_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_ENDPOINTS,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_endpoint endpoint = endpoint_at(&rows);
		each(cookie, &endpoint);
	}
	return store_rows_end(&rows, err);
}

bool
store_put_endpoint(struct store *store, const struct store_endpoint *endpoint,
	struct err *err)
{
	return store_write(store, STATEMENT_PUT_ENDPOINT,
		(const struct store_value[]){ store_text(endpoint->name),
			store_int(endpoint->verdict.announced),
			store_int(endpoint->verdict.fails),
			store_int(endpoint->verdict.goods),
			store_int(endpoint->since_ms),
			store_text(endpoint->incident), { 0 } },
		err);
}

bool
store_drop_endpoint(struct store *store, const char *name, struct err *err)
{
	return store_write(store, STATEMENT_DROP_ENDPOINT,
		(const struct store_value[]){ store_text(name), { 0 } }, err);
}

bool
store_count(struct store *store, const char *name, int64_t add, struct err *err)
{
	return store_write(store, STATEMENT_COUNT_UP,
		(const struct store_value[]){
			store_text(name), store_int(add), { 0 } },
		err);
}

bool
store_put_counter(
	struct store *store, const char *name, int64_t value, struct err *err)
{
	return store_write(store, STATEMENT_PUT_COUNTER,
		(const struct store_value[]){
			store_text(name), store_int(value), { 0 } },
		err);
}

bool
store_counter(
	struct store *store, const char *name, int64_t *value, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_COUNTER,
		(const struct store_value[]){ store_text(name), { 0 } });
	*value = store_rows_next(&rows) ? store_column_int(&rows, 0) : 0;
	return store_rows_end(&rows, err);
}
