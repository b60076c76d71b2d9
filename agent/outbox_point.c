/*
 * Points of metrics: from each probe, in memory alone, sent when there is
 * nothing else to send, and never twice.
 *
 * Where a receiver keeps one point of each window, those of a window are united
 * as they come, whichever endpoint they are of, and sent when it is over.
 */
#include <stdlib.h>

#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/outbox_internal.h"

void
outbox_point_lost(struct queue_of *queue, const char *why)
{
	log_say(queue->losing_points ? LOG_DEBUG : LOG_WARN,
		"a metric point is lost; the next ones are only counted",
		log_text("reporter", reporter_label(queue->reporter)),
		log_text("reason", why));
	queue->losing_points = true;
	queue->stats.points_lost++;
}

/* Meters. */

static struct meter *
meter_of(struct queue_of *queue, const char *lane)
{
	struct meter *meter = map_get(queue->meters, lane);
	if (!meter) {
		meter = mem_zalloc(sizeof(*meter));
		map_put(queue->meters, lane, meter);
	}
	return meter;
}

static void
free_meter(void *cookie, const char *lane, void *meter)
{
	(void)cookie, (void)lane;
	free(meter);
}

void
outbox_point_finish(struct queue_of *queue)
{
	map_each(queue->meters, free_meter, NULL);
	map_free(queue->meters);
}

/* One part. */

static struct point
point_of(const struct event *event, struct meter *meter)
{
	int64_t unit_us = event->endpoint.latency_unit_us;
	double latency_us = (double)event->latency_us;
	return (struct point){
		.meter = meter,
		.sum = latency_us / (double)(unit_us > 0 ? unit_us : 1),
		.n = 1,
		.at_ms = event->at_ms + event->latency_us / 1000,
	};
}

void
outbox_point_init(struct part *part)
{
	part->point = mem_alloc(sizeof(*part->point));
	*part->point = point_of(&part->delivery->telling->event,
		meter_of(part->delivery->queue, part->plan.lane));
}

void
outbox_point_close(struct part *part)
{
	const struct point *point = part->point;
	if (!point || point->meter->open != part)
		return;
	point->meter->open = NULL;
	point->meter->last_slot = point->slot;
	point->meter->last_window_ms = point->window_ms;
}

struct reporter_point
outbox_point_of(const struct part *part)
{
	const struct point *point = part->point;
	if (!point)
		return (struct reporter_point){ 0 };
	int64_t window_ms = point->window_ms;
	bool adds_up = window_ms > 0 && point->meter->known.adds_up;
	return (struct reporter_point){
		.value = adds_up ? point->sum : point->sum / point->n,
		.at_ms = window_ms > 0 ? point->slot * window_ms + window_ms / 2
				       : point->at_ms,
		.window_ms = window_ms,
		.meter = &point->meter->known,
	};
}

/* Deliveries. */

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

static struct delivery *
deliver(struct queue_of *queue, struct telling *telling,
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
	return delivery;
}

struct delivery *
outbox_deliver_fleeting(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now)
{
	struct delivery *delivery = deliver(queue, telling, plan, now);
	outbox_lane_join(delivery);
	return delivery;
}

static bool
is_open_for(const struct meter *meter, int64_t slot)
{
	return meter->open && meter->open->point->slot == slot
		&& meter->open->point->window_ms == meter->known.window_ms;
}

/* Sent when its window is over; the first of several has its endpoint. */
static void
open_window(struct queue_of *queue, struct telling *telling,
	const struct reporter_part *planned, const struct point *point,
	struct moment now)
{
	struct meter *meter = point->meter;
	if (!make_room(queue))
		return;
	struct reporter_plan plan = { .n = 1, .parts = { *planned } };
	struct delivery *delivery = deliver(queue, telling, &plan, now);
	struct part *part = &delivery->parts[0];
	*part->point = *point;
	int64_t over_ms = (point->slot + 1) * point->window_ms;
	part->due_ms = now.mono_ms + over_ms - now.wall_ms;
	if (meter->open)
		outbox_point_close(meter->open);
	meter->open = part;
	outbox_lane_join(delivery);
}

static void
gather(struct queue_of *queue, struct telling *telling,
	const struct reporter_part *planned, struct point *point,
	struct moment now)
{
	struct meter *meter = point->meter;
	point->window_ms = meter->known.window_ms;
	point->slot = point->at_ms / point->window_ms;
	if (is_open_for(meter, point->slot)) {
		meter->open->point->sum += point->sum;
		meter->open->point->n += point->n;
	} else if (point->slot == meter->last_slot
		&& meter->known.window_ms == meter->last_window_ms) {
		outbox_point_lost(queue, "its window was told already");
	} else {
		open_window(queue, telling, planned, point, now);
	}
}

void
outbox_point_unite(struct part *part, struct moment now)
{
	const struct delivery *delivery = part->delivery;
	struct point point = *part->point;
	point.at_ms = outbox_point_of(part).at_ms;
	if (point.meter->known.window_ms > 0)
		gather(delivery->queue, delivery->telling, &part->plan, &point,
			now);
	outbox_settle(part);
}

void
outbox_point_extract(struct queue_of *queue, struct telling *telling,
	struct reporter_plan *plan, struct moment now)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n; i++) {
		const struct reporter_part *part = &plan->parts[i];
		struct meter *meter = part->kind == PART_POINT
			? meter_of(queue, part->lane)
			: NULL;
		if (!meter || meter->known.window_ms <= 0) {
			plan->parts[n++] = *part;
			continue;
		}
		struct point point = point_of(&telling->event, meter);
		point.at_ms = now.wall_ms; /* so that none comes too late */
		gather(queue, telling, part, &point, now);
	}
	plan->n = n;
}

void
outbox_point_deliver(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now)
{
	struct reporter_plan rest = *plan;
	outbox_point_extract(queue, telling, &rest, now);
	if (rest.n > 0 && make_room(queue))
		outbox_deliver_fleeting(queue, telling, &rest, now);
}
