/*
 * Whose turn it is.
 *
 * A lane is a queue of parts that wait for one another: an endpoint's incident,
 * the state of a component.  Only the first of a lane competes for being sent,
 * and it competes by its due time in the heap of its reporter.
 *
 * The parts of one delivery start in their order: each becomes active when the
 * one before it is settled, has been tried, or waits behind others in its lane.
 * So they keep their order when all is well, and do not hold up one another
 * when it is not.
 */
#include "agent/outbox_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"

static struct part *
first_of(const struct lane *lane)
{
	if (list_empty(&lane->parts))
		return NULL;
	return LIST_ENTRY(lane->parts.next, struct part, in_lane);
}

static struct heap *
heap_of(const struct part *part)
{
	struct queue_of *queue = part->delivery->queue;
	bool spare = part->delivery->fleeting && part->plan.kind != PART_LOOK;
	return spare ? &queue->spare : &queue->due;
}

/* The first of its lane may be taken once it is active. */
static void
compete(struct part *part)
{
	bool turn = part->lane ? first_of(part->lane) == part
			       : part->state == STORE_PART_TOLD;
	if (!turn || !part->active || part->flying)
		return;
	part->due.due = part->due_ms;
	part->due.order = (uint64_t)part->delivery->id * REPORTER_PARTS_MAX
		+ part->number;
	heap_put(heap_of(part), &part->due);
}

/* Endpoints share components and metrics; a newline is in no lane's name. */
static char *
key_of(const struct reporter_part *part, const char *endpoint)
{
	size_t size = strlen(endpoint) + sizeof(part->lane) + 2;
	char *key = mem_alloc(size);
	bool shared = part->kind == PART_MIRROR || part->kind == PART_POINT;
	snprintf(key, size, "%s\n%s", part->lane, shared ? "" : endpoint);
	return key;
}

bool
outbox_lane_is_still(const struct queue_of *queue,
	const struct reporter_part *part, const char *endpoint)
{
	char *key = key_of(part, endpoint);
	bool still = !map_get(queue->lanes, key)
		&& !(queue->touched && map_get(queue->touched, key));
	free(key);
	return still;
}

static struct lane *
lane_of(struct part *part)
{
	struct queue_of *queue = part->delivery->queue;
	bool mirror = part->plan.kind == PART_MIRROR;
	char *key = key_of(
		&part->plan, part->delivery->telling->event.endpoint.name);

	struct lane *lane = map_get(queue->lanes, key);
	if (lane) {
		free(key);
		return lane;
	}
	lane = mem_zalloc(sizeof(*lane));
	list_init(&lane->parts);
	lane->mirror = mirror;
	lane->key = key;
	map_put(queue->lanes, key, lane);
	return lane;
}

static bool
holds_up_the_next(const struct part *part)
{
	if (part->state != STORE_PART_PENDING || part->failures > 0)
		return false;
	return part->flying || first_of(part->lane) == part;
}

void
outbox_lane_next(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->n_parts; i++) {
		struct part *part = &delivery->parts[i];
		if (!part->active) {
			part->active = true;
			compete(part);
		}
		if (holds_up_the_next(part))
			return;
	}
}

/* Between the first, which may be on its way, and this one. */
static void
settle_mirrors_before(struct part *last)
{
	LIST_EACH (at, &last->lane->parts, after) {
		struct part *part = LIST_ENTRY(at, struct part, in_lane);
		if (part != last && part != first_of(last->lane))
			outbox_settle(part);
	}
}

void
outbox_lane_join(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->n_parts; i++) {
		struct part *part = &delivery->parts[i];
		if (part->state != STORE_PART_PENDING)
			continue;
		part->lane = lane_of(part);
		list_add(&part->lane->parts, &part->in_lane);
		if (part->lane->mirror)
			settle_mirrors_before(part);
	}
	outbox_lane_next(delivery);
	/* Told parts wait by themselves. */
	for (size_t i = 0; i < delivery->n_parts; i++) {
		struct part *part = &delivery->parts[i];
		if (part->state == STORE_PART_TOLD) {
			part->active = true;
			compete(part);
		}
	}
}

void
outbox_lane_wait(struct part *part, int64_t due_ms)
{
	part->due_ms = due_ms;
	compete(part);
	outbox_lane_next(part->delivery);
}

void
outbox_lane_leave(struct part *part)
{
	struct queue_of *queue = part->delivery->queue;
	heap_remove(heap_of(part), &part->due);
	struct lane *lane = part->lane;
	if (!lane)
		return;
	part->lane = NULL;
	list_remove(&part->in_lane);
	if (queue->touched && !part->delivery->fleeting)
		map_put(queue->touched, lane->key, queue);

	struct part *first = first_of(lane);
	if (first) {
		compete(first);
		return;
	}
	map_remove(queue->lanes, lane->key);
	free(lane->key);
	free(lane);
}

/* The first of this heap, if it is due; else `*next_ms` is brought forward. */
static struct part *
take_first(struct queue_of *queue, struct heap *heap, int64_t now_ms,
	int64_t *next_ms)
{
	struct heap_item *item = heap_first(heap);
	if (!item)
		return NULL;
	int64_t due = item->due > queue->pause_until_ms ? item->due
							: queue->pause_until_ms;
	int64_t pace_due = outbox_pace_due(queue, now_ms);
	if (due < pace_due)
		due = pace_due;
	if (due > now_ms) {
		if (*next_ms < 0 || due < *next_ms)
			*next_ms = due;
		return NULL;
	}
	heap_remove(heap, item);
	return LIST_ENTRY(item, struct part, due);
}

struct part *
outbox_lane_due(struct queue_of *queue, int64_t now_ms, int64_t *next_ms)
{
	*next_ms = -1;
	if (queue->heir || queue->removed)
		return NULL; /* which is for outbox_change_turn() */
	bool careful = queue->suspended || queue->failures > 0
		|| queue->pace.limited > 0;
	size_t limit = careful ? 1 : OUTBOX_PARALLEL;
	if (queue->busy >= limit || queue->held > 0)
		return NULL; /* an answer will bring us back */

	struct part *part = take_first(queue, &queue->due, now_ms, next_ms);
	/* There is always room for what matters more. */
	if (!part && (careful || queue->busy + 1 < limit))
		part = take_first(queue, &queue->spare, now_ms, next_ms);
	return part;
}
