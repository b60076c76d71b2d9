/*
 * Points of metrics: from each probe, in memory alone, sent when there is
 * nothing else to send, and never twice.
 */
#include "agent/base/log.h"
#include "agent/outbox_internal.h"

void
outbox_point_lost(struct queue_of *queue, const char *why)
{
	log_say(queue->losing_points ? LOG_DEBUG : LOG_WARN,
		"a metric point is lost; the next ones are only counted",
		log_text("reporter", queue->reporter->id),
		log_text("reason", why));
	queue->losing_points = true;
	queue->stats.points_lost++;
}

/* The oldest that is not on its way makes room. */
static bool
make_room(struct queue_of *queue)
{
	if (queue->n_fleeting < OUTBOX_POINTS_MAX)
		return true;
	outbox_point_lost(queue, "too many wait for the receiver");
	struct heap_item *oldest = heap_first(&queue->spare);
	if (oldest)
		outbox_settle(LIST_ENTRY(oldest, struct part, due));
	return oldest != NULL;
}

void
outbox_point_deliver(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now)
{
	if (make_room(queue))
		outbox_deliver_fleeting(queue, telling, plan, now);
}

struct delivery *
outbox_deliver_fleeting(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now)
{
	telling->refs++;
	struct delivery *delivery = outbox_delivery_new(queue, telling, plan);
	queue->stats.waiting--;
	list_remove(&delivery->link);
	delivery->fleeting = true;
	list_add(&queue->fleeting, &delivery->link);
	queue->n_fleeting++;
	delivery->id = ++queue->outbox->last_delivery_id;
	delivery->created_wall_ms = now.wall_ms;
	delivery->created_mono_ms = now.mono_ms;
	outbox_lane_join(delivery);
	return delivery;
}
