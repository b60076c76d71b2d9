#include "agent/store/store.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/store/internal.h"

bool
store_last_ids(struct store *store, int64_t *event_id, int64_t *delivery_id,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_LAST_IDS,
		(const struct store_value[]){ { 0 } });
	bool found = store_rows_next(&rows);
	*event_id = found ? store_column_int(&rows, 0) : 0;
	*delivery_id = found ? store_column_int(&rows, 1) : 0;
	return store_rows_end(&rows, err);
}

static enum status
worse(enum status a, enum status b)
{
	return a > b ? a : b;
}

static struct store_value
closed_at(const struct event *event)
{
	return event->kind == EVENT_CLOSED || event->kind == EVENT_NOTICE
		? store_int(event->at_ms)
		: store_null();
}

static bool
open_incident(struct store *store, const struct event *event, struct err *err)
{
	return store_write(store, STATEMENT_OPEN_INCIDENT,
		(const struct store_value[]){ store_text(event->incident),
			store_text(event->endpoint.name),
			store_int(event->opened_ms),
			store_int(worse(event->from, event->to)),
			store_int(event->to), closed_at(event), { 0 } },
		err);
}

static bool
move_incident(struct store *store, const struct event *event, struct err *err)
{
	if (!store_write(store, STATEMENT_MOVE_INCIDENT,
		    (const struct store_value[]){ store_text(event->incident),
			    store_int(worse(event->from, event->to)),
			    store_int(event->to), closed_at(event), { 0 } },
		    err))
		return false;
	/* One that was opened elsewhere and taken over is not here yet. */
	return sqlite3_changes(store->db) > 0
		|| open_incident(store, event, err);
}

static bool
put_incident(struct store *store, const struct event *event, struct err *err)
{
	switch (event->kind) {
	case EVENT_BASELINE:
	case EVENT_POINT:
	case EVENT_DIGEST:
	case EVENT_ANSWER:
	case EVENT_REMINDER:
		return true;
	case EVENT_OPENED:
	case EVENT_NOTICE:
		return open_incident(store, event, err);
	case EVENT_CHANGED:
	case EVENT_CLOSED:
		break;
	}
	return move_incident(store, event, err);
}

bool
store_add_event(struct store *store, const struct event *event, struct err *err)
{
	if (!put_incident(store, event, err))
		return false;

	bool in_incident = event->kind != EVENT_BASELINE
		&& event->kind != EVENT_DIGEST && event->kind != EVENT_ANSWER;
	char *body = event_encode(event);
	bool good = store_write(store, STATEMENT_ADD_EVENT,
		(const struct store_value[]){ store_int(event->id),
			in_incident ? store_text(event->incident)
				    : store_null(),
			store_int(event->seq), store_int(event->kind),
			store_int(event->at_ms), store_text(body), { 0 } },
		err);
	free(body);
	return good;
}

bool
store_event(struct store *store, int64_t id, struct arena *arena,
	struct event *event, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_EVENT,
		(const struct store_value[]){ store_int(id), { 0 } });
	bool found = store_rows_next(&rows);
	bool decoded = found
		&& event_decode(store_column_text(&rows, 0), arena, event, err);
	if (!store_rows_end(&rows, err))
		return false;
	if (!found)
		return err_set(err, "there is no event %lld in %s",
			(long long)id, store->path);
	if (!decoded)
		return err_prefix(
			err, "event %lld in %s", (long long)id, store->path);
	event->id = id;
	return true;
}

bool
store_incident(struct store *store, const char *uuid, struct arena *arena,
	struct store_incident *incident, struct err *err)
{
	*incident = (struct store_incident){ 0 };
	struct store_rows rows;
	struct err unread;
	store_rows_begin(&rows, store, STATEMENT_INCIDENT,
		(const struct store_value[]){ store_text(uuid), { 0 } });
	if (store_rows_next(&rows)) {
		incident->open = store_column_int(&rows, 0) != 0;
		incident->found = event_decode(store_column_text(&rows, 1),
			arena, &incident->event, &unread);
	}
	return store_rows_end(&rows, err);
}

bool
store_incident_of_ref(struct store *store, const char *reporter,
	const char *ref, struct arena *arena, struct store_incident *incident,
	struct err *err)
{
	*incident = (struct store_incident){ 0 };
	struct store_rows rows;
	const char *uuid = NULL;
	store_rows_begin(&rows, store, STATEMENT_INCIDENT_OF_REF,
		(const struct store_value[]){
			store_text(ref), store_text(reporter), { 0 } });
	if (store_rows_next(&rows))
		uuid = arena_dup(arena, store_column_text(&rows, 0));
	if (!store_rows_end(&rows, err))
		return false;
	return !uuid || store_incident(store, uuid, arena, incident, err);
}

bool
store_prune(
	struct store *store, int64_t before_ms, unsigned limit, struct err *err)
{
	const struct store_value values[] = { store_int(before_ms),
		store_int(limit), { 0 } };
	return store_write(store, STATEMENT_PRUNE_INCIDENTS, values, err)
		&& store_write(store, STATEMENT_PRUNE_BASELINES, values, err);
}

bool
store_downtimes(struct store *store, int64_t from_ms, int64_t to_ms,
	store_downtime_fn *each, void *cookie, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_DOWNTIMES,
		(const struct store_value[]){ store_int(from_ms),
			store_int(to_ms), store_int(STATUS_PARTIAL_OUTAGE),
			{ 0 } });
	while (store_rows_next(&rows))
		each(cookie, store_column_text(&rows, 0),
			store_column_int(&rows, 1));
	return store_rows_end(&rows, err);
}
