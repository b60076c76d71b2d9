#include "agent/outbox_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/ledger.h"

/* Receipts. */

struct receipt *
outbox_receipt(const struct queue_of *queue, const char *incident)
{
	return map_get(queue->receipts, incident);
}

struct receipt *
outbox_receipt_make(struct queue_of *queue, const char *incident)
{
	struct receipt *receipt = outbox_receipt(queue, incident);
	if (receipt)
		return receipt;
	receipt = mem_zalloc(sizeof(*receipt));
	receipt->queue = queue;
	list_init(&receipt->dirty);
	str_copy(receipt->incident, sizeof(receipt->incident), incident);
	map_put(queue->receipts, incident, receipt);
	return receipt;
}

void
outbox_receipt_set(
	struct receipt *receipt, enum reporter_opening opening, const char *ref)
{
	struct outbox *outbox = receipt->queue->outbox;
	receipt->opening = opening;
	str_copy(receipt->ref, sizeof(receipt->ref), ref);
	if (list_empty(&receipt->dirty))
		list_add(&outbox->dirty_receipts, &receipt->dirty);
	ledger_wake(outbox->settings.ledger);
}

static void
receipt_free(struct receipt *receipt)
{
	if (receipt->queue->touched)
		map_put(receipt->queue->touched, receipt->incident,
			receipt->queue);
	list_remove(&receipt->dirty);
	map_remove(receipt->queue->receipts, receipt->incident);
	free(receipt);
}

/* Deliveries. */

struct delivery *
outbox_delivery_new(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan)
{
	struct delivery *delivery = mem_zalloc(
		sizeof(*delivery) + plan->n * sizeof(delivery->parts[0]));
	delivery->queue = queue;
	delivery->telling = telling;
	delivery->n_parts = delivery->unsettled = plan->n;
	list_init(&delivery->fresh);
	for (size_t i = 0; i < plan->n; i++) {
		struct part *part = &delivery->parts[i];
		part->delivery = delivery;
		part->number = (unsigned)i;
		part->plan = plan->parts[i];
		list_init(&part->in_lane);
		list_init(&part->in_flight);
		list_init(&part->dirty);
		list_init(&part->riders);
		list_init(&part->ride);
		if (part->plan.kind == PART_POINT)
			outbox_point_init(part);
	}
	struct receipt *receipt =
		outbox_receipt(queue, telling->event.incident);
	if (receipt)
		receipt->uses++;
	list_add(&queue->deliveries, &delivery->link);
	queue->stats.waiting++;
	return delivery;
}

static void
release_receipt(const struct delivery *delivery)
{
	const struct event *event = &delivery->telling->event;
	struct receipt *receipt =
		outbox_receipt(delivery->queue, event->incident);
	if (!receipt)
		return;
	if (event->kind == EVENT_CLOSED)
		receipt->closed = true;
	if (--receipt->uses == 0 && receipt->closed)
		receipt_free(receipt);
}

void
outbox_delivery_free(struct delivery *delivery)
{
	release_receipt(delivery);
	for (size_t i = 0; i < delivery->n_parts; i++) {
		struct part *part = &delivery->parts[i];
		outbox_carry_cancel(part);
		outbox_lane_leave(part);
		list_remove(&part->dirty);
		free(part->carry);
		free(part->point);
	}
	list_remove(&delivery->link);
	list_remove(&delivery->fresh);
	outbox_telling_drop(delivery->telling);
	free(delivery);
}

/* News, for the log and for whoever watches. */

static void
log_news(const struct part *part, enum outbox_news news, const char *detail)
{
	static const struct {
		enum log_level level;
		const char *msg;
	} lines[] = {
		[OUTBOX_TOLD] = { LOG_INFO, "told" },
		[OUTBOX_RETRY] = { LOG_WARN, "could not tell, will retry" },
		[OUTBOX_REJECTED] = { LOG_ERROR,
			"rejected by the receiver, dropped" },
		[OUTBOX_EXPIRED] = { LOG_ERROR,
			"could not be told in time, dropped" },
		[OUTBOX_SUSPENDED] = { LOG_ERROR,
			"the receiver refuses us, holding what is for it" },
		[OUTBOX_RESUMED] = { LOG_INFO, "the receiver takes us again" },
	};
	const struct event *event = &part->delivery->telling->event;
	enum log_level level = lines[news].level;
	if (news == OUTBOX_RETRY && part->failures > 0)
		level = LOG_DEBUG; /* the first failure said it */
	log_say(level, lines[news].msg,
		log_text("reporter",
			reporter_label(part->delivery->queue->reporter)),
		log_text("endpoint", event->endpoint.name),
		log_text("event", event_kind_name(event->kind)),
		log_text("part", part->plan.lane),
		log_int("failures", part->failures),
		log_text("detail", detail));
}

void
outbox_news(struct part *part, enum outbox_news news, const char *detail)
{
	struct queue_of *queue = part->delivery->queue;
	const struct outbox_settings *settings = &queue->outbox->settings;
	log_news(part, news, detail);
	if (settings->news)
		settings->news(settings->news_cookie, news, queue->reporter,
			&part->delivery->telling->event, detail);
}

/* The doors. */

struct outbox *
outbox_new(const struct outbox_settings *settings)
{
	struct outbox *outbox = mem_zalloc(sizeof(*outbox));
	outbox->settings = *settings;
	outbox->by_reporter = map_new();
	list_init(&outbox->queues);
	list_init(&outbox->composed);
	list_init(&outbox->forgotten);
	list_init(&outbox->new_tellings);
	list_init(&outbox->new_deliveries);
	list_init(&outbox->dirty_parts);
	list_init(&outbox->dirty_receipts);
	list_init(&outbox->done);
	ledger_join(settings->ledger, outbox_writer(outbox));
	return outbox;
}

static void
free_deliveries(struct list *deliveries, size_t offset)
{
	LIST_EACH (at, deliveries, after)
		outbox_delivery_free(
			(struct delivery *)(void *)((char *)at - offset));
}

static void
free_receipt(void *cookie, const char *incident, void *thing)
{
	(void)cookie;
	(void)incident;
	struct receipt *receipt = thing;
	list_remove(&receipt->dirty);
	free(receipt);
}

void
outbox_queue_free(struct queue_of *queue)
{
	free_deliveries(&queue->deliveries, offsetof(struct delivery, link));
	free_deliveries(&queue->fleeting, offsetof(struct delivery, link));
	outbox_point_finish(queue);
	map_each(queue->receipts, free_receipt, NULL);
	map_free(queue->receipts);
	map_free(queue->lanes);
	map_free(queue->touched);
	heap_finish(&queue->due);
	heap_finish(&queue->spare);
	list_remove(&queue->link);
	free(queue);
}

void
outbox_free(struct outbox *outbox)
{
	if (!outbox)
		return;
	free_deliveries(&outbox->done, offsetof(struct delivery, link));
	free_deliveries(&outbox->forgotten, offsetof(struct delivery, link));
	LIST_EACH (at, &outbox->queues, after)
		outbox_queue_free(LIST_ENTRY(at, struct queue_of, link));
	LIST_EACH (at, &outbox->new_tellings, after)
		outbox_telling_drop(LIST_ENTRY(at, struct telling, link));
	map_free(outbox->by_reporter);
	free(outbox->orphans);
	free(outbox);
}

void
outbox_add(struct outbox *outbox, const struct reporter *reporter)
{
	struct queue_of *queue = mem_zalloc(sizeof(*queue));
	queue->outbox = outbox;
	queue->reporter = reporter;
	queue->lanes = map_new();
	queue->receipts = map_new();
	queue->meters = map_new();
	queue->stats.reporter = reporter->id;
	queue->stats.label = reporter_label(reporter);
	queue->stats.trouble = queue->trouble;
	list_init(&queue->deliveries);
	list_init(&queue->fleeting);
	list_add(&outbox->queues, &queue->link);
	map_put(outbox->by_reporter, reporter->id, queue);
}

/* What was told stays so, whatever comes of telling it again. */
static void
note_opening(struct queue_of *queue, const char *incident)
{
	struct receipt *receipt = outbox_receipt_make(queue, incident);
	if (!reporter_opening_is_told(receipt->opening))
		outbox_receipt_set(receipt, OPENING_PENDING, "");
}

/* A recovery is told only where the opening was. */
static bool
is_told_here(struct queue_of *queue, const struct event *event)
{
	if (queue->reporter->audience == AUDIENCE_ACTIONS
		|| event->kind == EVENT_OPENED || event->kind == EVENT_BASELINE
		|| event->kind == EVENT_NOTICE || event->kind == EVENT_DIGEST
		|| event->kind == EVENT_ANSWER)
		return true;
	return outbox_receipt(queue, event->incident) != NULL;
}

static bool
has_part(const struct reporter_plan *plan, enum reporter_part_kind kind)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->parts[i].kind == kind)
			return true;
	return false;
}

struct delivery *
outbox_deliver(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now)
{
	struct outbox *outbox = queue->outbox;
	telling->refs++;
	struct delivery *delivery = outbox_delivery_new(queue, telling, plan);
	delivery->id = ++outbox->last_delivery_id;
	delivery->created_wall_ms = now.wall_ms;
	delivery->created_mono_ms = now.mono_ms;
	delivery->unwritten = true;
	list_add(&outbox->new_deliveries, &delivery->fresh);
	outbox_lane_join(delivery);
	ledger_wake(outbox->settings.ledger);
	return delivery;
}

void
outbox_deliver_event(
	struct queue_of *queue, struct telling *telling, struct moment now)
{
	struct reporter_plan plan = { 0 };
	struct event event = event_for(&telling->event, queue->reporter->id);
	queue->reporter->type->plan(queue->reporter, &event, &plan);
	if (plan.n == 0)
		return;
	if (!has_part(&plan, PART_EVENT) && !has_part(&plan, PART_MIRROR)) {
		outbox_point_deliver(queue, telling, &plan, now);
		return;
	}
	if (!is_told_here(queue, &telling->event))
		return;
	outbox_point_extract(queue, telling, &plan, now);
	if (telling->event.kind == EVENT_OPENED && has_part(&plan, PART_EVENT))
		note_opening(queue, telling->event.incident);
	outbox_deliver(queue, telling, &plan, now);
}

void
outbox_remember(struct outbox *outbox, struct telling *telling)
{
	telling->event.id = ++outbox->last_event_id;
	telling->unwritten = true;
	telling->refs++;
	list_add(&outbox->new_tellings, &telling->link);
	ledger_wake(outbox->settings.ledger);
}

void
outbox_announce(struct outbox *outbox, const struct event *event,
	const struct reporter *const *to, size_t n, struct moment now)
{
	struct telling *telling = outbox_telling_new(event);
	if (event->kind != EVENT_POINT)
		outbox_remember(outbox, telling);
	for (size_t i = 0; i < n; i++) {
		struct queue_of *queue =
			map_get(outbox->by_reporter, to[i]->id);
		if (queue)
			outbox_deliver_event(queue, telling, now);
	}
	outbox_telling_drop(telling);
}

/* Tokens. */

const char *
outbox_token(const struct queue_of *queue)
{
	const struct outbox_settings *settings = &queue->outbox->settings;
	if (!queue->reporter->token_source)
		return NULL;
	return settings->token(settings->token_cookie, queue->reporter);
}

static bool
awaits_token(const struct queue_of *queue)
{
	return queue->reporter->token_source && !outbox_token(queue);
}

void
outbox_wake(struct outbox *outbox, const struct reporter *reporter)
{
	struct queue_of *queue = map_get(outbox->by_reporter, reporter->id);
	if (queue && queue->suspended)
		queue->pause_until_ms = 0;
}

/* Turns. */

static int64_t
take_due(struct outbox *outbox, struct moment now)
{
	int64_t next = -1;
	outbox_change_turn(outbox);
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		int64_t due;
		struct part *part;
		if (awaits_token(queue))
			continue;
		while ((part = outbox_lane_due(queue, now.mono_ms, &due)))
			outbox_carry_take(part, now);
		next = clock_earlier(next, due);
	}
	return next;
}

int64_t
outbox_turn(struct outbox *outbox, struct moment now)
{
	free_deliveries(&outbox->forgotten, offsetof(struct delivery, link));
	int64_t next = outbox->draining ? -1 : take_due(outbox, now);
	next = clock_earlier(next, ledger_turn(outbox->settings.ledger, now));
	return clock_earlier(next, outbox_carry_launch(outbox, now));
}

void
outbox_drain(struct outbox *outbox)
{
	outbox->draining = true;
}

size_t
outbox_busy(const struct outbox *outbox)
{
	return outbox->busy;
}

static int64_t
oldest_of(const struct queue_of *queue)
{
	if (list_empty(&queue->deliveries))
		return 0;
	return LIST_ENTRY(queue->deliveries.next, struct delivery, link)
		->created_wall_ms;
}

void
outbox_each(const struct outbox *outbox, outbox_stats_fn *each, void *cookie)
{
	LIST_EACH (at, &outbox->queues, after) {
		const struct queue_of *queue =
			LIST_ENTRY(at, struct queue_of, link);
		struct outbox_stats stats = queue->stats;
		if (queue->removed)
			continue;
		stats.oldest_ms = oldest_of(queue);
		stats.suspended = queue->suspended;
		if (awaits_token(queue))
			stats.trouble = "there is no token for it yet";
		each(cookie, &stats);
	}
}
