/*
 * What a former process left undone.
 */
#include "agent/outbox_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/judge/backoff.h"
#include "agent/ledger.h"

struct loading {
	struct outbox *outbox;
	struct moment now;
	struct telling *last; /* deliveries of one event follow one another */
	struct err *err;
	bool failed;
};

static struct telling *
telling_of(struct loading *loading, int64_t event_id)
{
	if (loading->last && loading->last->event.id == event_id) {
		loading->last->refs++;
		return loading->last;
	}
	struct telling *telling = mem_zalloc(sizeof(*telling));
	list_init(&telling->link);
	telling->refs = 1;
	telling->arena = arena_new_small();
	if (!store_event(loading->outbox->settings.store, event_id,
		    telling->arena, &telling->event, loading->err)) {
		outbox_telling_drop(telling);
		return NULL;
	}
	telling->event.id = event_id;
	loading->last = telling;
	return telling;
}

static void
on_receipt(void *cookie, const struct store_receipt *row)
{
	struct outbox *outbox = cookie;
	struct queue_of *queue = map_get(outbox->by_reporter, row->reporter);
	if (!queue)
		return;
	bool owed = row->owed && route_is_for_people(queue->reporter->audience);
	if (row->closed && !row->busy && !owed)
		return;
	struct receipt *receipt = outbox_receipt_make(queue, row->incident);
	receipt->opening = (enum reporter_opening)row->opening;
	str_copy(receipt->ref, sizeof(receipt->ref), row->ref);
	receipt->closed = row->closed && !owed;
}

static void
add_orphan(struct outbox *outbox, int64_t id)
{
	outbox->orphans = mem_grow(outbox->orphans, outbox->n_orphans + 1,
		sizeof(outbox->orphans[0]));
	outbox->orphans[outbox->n_orphans++] = id;
	outbox->cancelled_unwritten++;
}

/* A wall clock that jumped neither expires nor freezes what waits. */
static int64_t
due_from(int64_t wall_ms, struct moment now)
{
	int64_t wait = wall_ms - now.wall_ms;
	if (wait < 0)
		wait = 0;
	if (wait > BACKOFF_CAP_MS)
		wait = BACKOFF_CAP_MS;
	return now.mono_ms + wait;
}

/* By the wall clock, which may have jumped: half of its time is left to it. */
static int64_t
age_of(const struct outbox *outbox, int64_t created_ms, struct moment now)
{
	int64_t age = now.wall_ms - created_ms;
	int64_t most = outbox_expiry(outbox) / 2;
	if (age < 0)
		return 0;
	return age < most ? age : most;
}

static void
take_up_parts(struct delivery *delivery, const struct store_part *rows,
	size_t n_rows, struct moment now)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].number >= delivery->n_parts)
			continue;
		struct part *part = &delivery->parts[rows[i].number];
		part->state = rows[i].state;
		part->failures = rows[i].attempts;
		part->due_ms = due_from(rows[i].due_ms, now);
		part->begun_ms = rows[i].begun_ms;
		if (*rows[i].carry != '\0')
			part->carry = mem_dup(rows[i].carry);
		if (part->state == STORE_PART_SETTLED)
			delivery->unsettled--;
		else if (part->failures > 0 && delivery->queue->failures == 0)
			delivery->queue->failures = 1; /* so try one, to see */
	}
}

/* A point may have been sent, and is never sent twice. */
static void
settle_points(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->n_parts; i++) {
		struct part *part = &delivery->parts[i];
		if (part->plan.kind == PART_POINT
			&& part->state == STORE_PART_PENDING) {
			outbox_point_lost(delivery->queue,
				"the agent ended before it was sent");
			outbox_settle(part);
		}
	}
}

static void
on_delivery(void *cookie, const struct store_delivery *row,
	const struct store_part *rows, size_t n_rows)
{
	struct loading *loading = cookie;
	struct outbox *outbox = loading->outbox;
	struct queue_of *queue = map_get(outbox->by_reporter, row->reporter);
	if (loading->failed)
		return;
	if (!queue) {
		add_orphan(outbox, row->id);
		return;
	}
	struct telling *telling = telling_of(loading, row->event_id);
	if (!telling) {
		loading->failed = true;
		return;
	}
	struct reporter_plan plan;
	outbox_plan_read(row->plan, &plan);
	struct delivery *delivery = outbox_delivery_new(queue, telling, &plan);
	delivery->id = row->id;
	delivery->created_wall_ms = row->created_ms;
	delivery->created_mono_ms = loading->now.mono_ms
		- age_of(outbox, row->created_ms, loading->now);
	take_up_parts(delivery, rows, n_rows, loading->now);
	outbox_lane_join(delivery);
	settle_points(delivery);
}

bool
outbox_load(struct outbox *outbox, struct moment now, struct err *err)
{
	struct store *store = outbox->settings.store;
	struct loading loading = {
		.outbox = outbox,
		.now = now,
		.err = err,
	};
	if (!store_last_ids(store, &outbox->last_event_id,
		    &outbox->last_delivery_id, err)
		|| !outbox_pause_load(outbox, now, err)
		|| !store_receipts(store, on_receipt, outbox, err)
		|| !store_deliveries(store, on_delivery, &loading, err)
		|| loading.failed)
		return false;
	if (outbox->n_orphans > 0) {
		log_say(LOG_WARN,
			"cancelled deliveries of reporters that are gone",
			log_int("count", (int64_t)outbox->n_orphans));
		ledger_wake(outbox->settings.ledger);
	}
	return true;
}
