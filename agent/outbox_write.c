/*
 * What the ledger makes durable.  Everything unwritten stands in a list of the
 * outbox until a commit took it; a failed commit leaves the lists as they are.
 */
#include "agent/outbox_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/fault.h"
#include "agent/base/str.h"
#include "agent/ledger.h"

enum {
	PLAN_TEXT_SIZE = REPORTER_PARTS_MAX * (REPORTER_LANE_SIZE + 8),
	COUNTER_SIZE = 320,
};

static const char *const part_words[] = {
	[PART_EVENT] = "event",
	[PART_MIRROR] = "mirror",
	[PART_POINT] = "point",
};

static enum reporter_part_kind
kind_of(const char *text)
{
	for (int i = PART_MIRROR; i <= PART_POINT; i++) {
		size_t len = strlen(part_words[i]);
		if (strncmp(text, part_words[i], len) == 0 && text[len] == ' ')
			return (enum reporter_part_kind)i;
	}
	return PART_EVENT;
}

void
outbox_plan_text(const struct delivery *delivery, char *text, size_t size)
{
	size_t len = 0;
	text[0] = '\0';
	for (size_t i = 0; i < delivery->n_parts && len < size; i++) {
		const struct reporter_part *part = &delivery->parts[i].plan;
		int n = snprintf(text + len, size - len, "%s %s\n",
			part_words[part->kind], part->lane);
		len += n > 0 ? (size_t)n : 0;
	}
}

void
outbox_plan_read(const char *text, struct reporter_plan *plan)
{
	plan->n = 0;
	while (*text != '\0' && plan->n < REPORTER_PARTS_MAX) {
		struct reporter_part *part = &plan->parts[plan->n++];
		part->kind = kind_of(text);
		text += strcspn(text, " \n");
		text += *text == ' ';
		size_t len = strcspn(text, "\n");
		snprintf(
			part->lane, sizeof(part->lane), "%.*s", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

void
outbox_write_part(struct part *part)
{
	struct outbox *outbox = part->delivery->queue->outbox;
	if (part->delivery->fleeting)
		return;
	if (list_empty(&part->dirty))
		list_add(&outbox->dirty_parts, &part->dirty);
	ledger_wake(outbox->settings.ledger);
}

static bool
write_tellings(struct outbox *outbox, struct store *store, struct err *err)
{
	LIST_EACH (at, &outbox->new_tellings, after) {
		struct telling *telling = LIST_ENTRY(at, struct telling, link);
		if (!store_add_event(store, &telling->event, err))
			return false;
	}
	return true;
}

static bool
write_delivery(struct delivery *delivery, struct store *store, struct err *err)
{
	char plan[PLAN_TEXT_SIZE];
	outbox_plan_text(delivery, plan, sizeof(plan));
	struct store_delivery row = {
		.id = delivery->id,
		.reporter = delivery->queue->reporter->id,
		.endpoint = delivery->telling->event.endpoint.name,
		.event_id = delivery->telling->event.id,
		.created_ms = delivery->created_wall_ms,
		.plan = plan,
	};
	return store_add_delivery(store, &row, err);
}

static bool
write_deliveries(struct outbox *outbox, struct store *store, struct err *err)
{
	LIST_EACH (at, &outbox->new_deliveries, after) {
		struct delivery *delivery =
			LIST_ENTRY(at, struct delivery, fresh);
		if (delivery->unsettled > 0
			&& !write_delivery(delivery, store, err))
			return false;
	}
	return true;
}

static bool
write_parts(struct outbox *outbox, struct store *store, struct err *err)
{
	struct moment now = outbox->settings.now(outbox->settings.now_cookie);
	LIST_EACH (at, &outbox->dirty_parts, after) {
		struct part *part = LIST_ENTRY(at, struct part, dirty);
		if (part->delivery->unsettled == 0)
			continue;
		struct store_part row = {
			.number = part->number,
			.state = part->state,
			.attempts = part->failures,
			.due_ms = now.wall_ms + part->due_ms - now.mono_ms,
			.begun_ms = part->begun_ms,
			.carry = part->carry ? part->carry : "",
		};
		if (!store_put_part(store, part->delivery->id, &row, err))
			return false;
	}
	return true;
}

static bool
write_receipts(struct outbox *outbox, struct store *store, struct err *err)
{
	LIST_EACH (at, &outbox->dirty_receipts, after) {
		struct receipt *receipt = LIST_ENTRY(at, struct receipt, dirty);
		struct store_receipt row = {
			.incident = receipt->incident,
			.reporter = receipt->queue->reporter->id,
			.opening = receipt->opening,
			.ref = receipt->ref,
		};
		if (!store_put_receipt(store, &row, err))
			return false;
	}
	return true;
}

static bool
write_drops(struct outbox *outbox, struct store *store, struct err *err)
{
	LIST_EACH (at, &outbox->done, after) {
		struct delivery *delivery =
			LIST_ENTRY(at, struct delivery, link);
		if (!delivery->unwritten
			&& !store_drop_delivery(store, delivery->id, err))
			return false;
	}
	for (size_t i = 0; i < outbox->n_orphans; i++)
		if (!store_drop_delivery(store, outbox->orphans[i], err))
			return false;
	return true;
}

static bool
write_counters(struct outbox *outbox, struct store *store, struct err *err)
{
	if (outbox->cancelled_unwritten > 0
		&& !store_count(
			store, "cancelled", outbox->cancelled_unwritten, err))
		return false;
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		char name[COUNTER_SIZE];
		if (queue->expired_unwritten == 0)
			continue;
		snprintf(name, sizeof(name), "expired/%s", queue->reporter->id);
		if (!store_count(store, name, queue->expired_unwritten, err))
			return false;
	}
	return true;
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	struct outbox *outbox = cookie;
	return write_tellings(outbox, store, err)
		&& write_deliveries(outbox, store, err)
		&& write_parts(outbox, store, err)
		&& write_receipts(outbox, store, err)
		&& write_drops(outbox, store, err)
		&& write_counters(outbox, store, err)
		&& outbox_pause_write(outbox, store, err);
}

static void
forget_done(struct outbox *outbox)
{
	LIST_EACH (at, &outbox->done, after) {
		struct delivery *delivery =
			LIST_ENTRY(at, struct delivery, link);
		outbox_delivery_free(delivery);
	}
}

static void
on_written(void *cookie)
{
	struct outbox *outbox = cookie;
	bool settled = !list_empty(&outbox->done);

	LIST_EACH (at, &outbox->new_tellings, after) {
		struct telling *telling = LIST_ENTRY(at, struct telling, link);
		telling->unwritten = false;
		list_remove(at);
		outbox_telling_drop(telling);
	}
	LIST_EACH (at, &outbox->new_deliveries, after) {
		LIST_ENTRY(at, struct delivery, fresh)->unwritten = false;
		list_remove(at);
	}
	LIST_EACH (at, &outbox->dirty_parts, after)
		list_remove(at);
	LIST_EACH (at, &outbox->dirty_receipts, after)
		list_remove(at);
	LIST_EACH (at, &outbox->queues, after)
		LIST_ENTRY(at, struct queue_of, link)->expired_unwritten = 0;
	outbox_pause_written(outbox);
	forget_done(outbox);
	outbox_change_bury(outbox);
	free(outbox->orphans);
	outbox->orphans = NULL;
	outbox->n_orphans = 0;
	outbox->cancelled_unwritten = 0;
	if (settled)
		fault_point("settle-after");
}

struct ledger_writer
outbox_writer(struct outbox *outbox)
{
	return (struct ledger_writer){
		.write = on_write,
		.written = on_written,
		.cookie = outbox,
	};
}
