/*
 * Reporters that change or go while the agent runs.
 *
 * What is on its way was made by the former reporter and is answered to it, so
 * the queue first comes to rest, and then has the new one.
 */
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/ledger.h"
#include "agent/outbox_internal.h"

static void
let_go(const struct outbox *outbox, const struct reporter *reporter)
{
	const struct outbox_settings *settings = &outbox->settings;
	if (settings->let_go)
		settings->let_go(settings->let_go_cookie, reporter);
}

/* Another one may have come before the first was there. */
static void
await(struct queue_of *queue, const struct reporter *heir)
{
	if (queue->heir)
		let_go(queue->outbox, queue->heir);
	queue->heir = heir;
}

void
outbox_replace(struct outbox *outbox, const struct reporter *reporter)
{
	struct queue_of *queue = map_get(outbox->by_reporter, reporter->id);
	if (queue)
		await(queue, reporter);
}

static void
succeed(struct queue_of *queue)
{
	const struct reporter *former = queue->reporter;
	queue->reporter = queue->heir;
	queue->stats.reporter = queue->reporter->id;
	queue->stats.label = reporter_label(queue->reporter);
	queue->heir = NULL;
	/* It may be just what was wrong. */
	queue->suspended = false;
	queue->failures = 0;
	queue->pause_until_ms = 0;
	let_go(queue->outbox, former);
}

void
outbox_change_turn(struct outbox *outbox)
{
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		if (queue->heir && queue->busy == 0)
			succeed(queue);
	}
}

/* Nobody waits for it any more. */
static void
cancel(struct delivery *delivery)
{
	struct outbox *outbox = delivery->queue->outbox;
	for (size_t i = 0; i < delivery->n_parts; i++) {
		outbox_carry_cancel(&delivery->parts[i]);
		outbox_point_close(&delivery->parts[i]);
		outbox_lane_leave(&delivery->parts[i]);
	}
	delivery->unsettled = 0;
	list_remove(&delivery->link);
	list_add(delivery->fleeting ? &outbox->forgotten : &outbox->done,
		&delivery->link);
}

void
outbox_remove(struct outbox *outbox, const struct reporter *reporter)
{
	struct queue_of *queue = map_remove(outbox->by_reporter, reporter->id);
	if (!queue)
		return;
	await(queue, NULL);
	queue->removed = true;
	int64_t count = 0;
	LIST_EACH (at, &queue->deliveries, after) {
		cancel(LIST_ENTRY(at, struct delivery, link));
		count++;
	}
	LIST_EACH (at, &queue->fleeting, after)
		cancel(LIST_ENTRY(at, struct delivery, link));
	if (count > 0)
		log_say(LOG_WARN,
			"cancelled what was for a reporter that is gone",
			log_text("reporter", reporter_label(reporter)),
			log_int("count", count));
	outbox->cancelled_unwritten += count;
	ledger_wake(outbox->settings.ledger);
}

void
outbox_change_bury(struct outbox *outbox)
{
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		if (!queue->removed)
			continue;
		const struct reporter *reporter = queue->reporter;
		outbox_queue_free(queue);
		let_go(outbox, reporter);
	}
}
