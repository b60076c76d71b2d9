/*
 * Several that go as one message: a burst of news, of which the target's limit
 * would let through only the first few in good time.
 *
 * The first of them leads: it is stepped, sent and answered, and the others
 * ride with it.  If the message is refused for what is in it, each is told by
 * itself instead, so that one bad piece does not take the others with it.
 * Nothing of this is remembered: who rides with whom is found anew each time.
 */
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/outbox_internal.h"

/* What has a carry has been told in part, and goes on by itself. */
static bool
may_join(const struct part *part)
{
	return part->plan.kind == PART_EVENT && !part->alone
		&& part->delivery->telling->event.kind != EVENT_DIGEST
		&& part->delivery->telling->event.kind != EVENT_ANSWER
		&& part->state == STORE_PART_PENDING && part->begun_ms == 0
		&& !part->carry;
}

static struct part *
next_due(const struct queue_of *queue, int64_t now_ms)
{
	struct heap_item *item = heap_first(&queue->due);
	if (!item || item->due > now_ms)
		return NULL;
	return LIST_ENTRY(item, struct part, due);
}

static void
board(struct part *lead, struct part *rider)
{
	rider->flying = true;
	list_add(&lead->riders, &rider->ride);
}

/* It takes its turn where it was. */
static void
alight(struct part *rider, int64_t due_ms)
{
	list_remove(&rider->ride);
	rider->flying = false;
	outbox_lane_wait(rider, due_ms);
}

/* No more are looked at than may ride, so that a crowd stays cheap. */
static unsigned
fill(struct part *lead, unsigned max, int64_t now_ms)
{
	struct queue_of *queue = lead->delivery->queue;
	struct part *part;
	unsigned n = 0;
	while (n < max && (part = next_due(queue, now_ms))) {
		if (outbox_carry_is_moot(part)) {
			outbox_settle(part);
			continue;
		}
		if (!may_join(part))
			break;
		heap_remove(&queue->due, &part->due);
		board(lead, part);
		n++;
	}
	return n;
}

void
outbox_company_gather(struct part *lead, struct moment now)
{
	struct queue_of *queue = lead->delivery->queue;
	unsigned max = queue->reporter->type->company_max;
	if (max < 2 || !may_join(lead))
		return;
	unsigned room = outbox_pace_room(queue, now.mono_ms);
	if (room >= max || fill(lead, max - 1, now.mono_ms) >= room)
		return;
	LIST_EACH (at, &lead->riders, after) {
		struct part *rider = LIST_ENTRY(at, struct part, ride);
		alight(rider, rider->due_ms);
	}
}

struct event *
outbox_company_events(const struct part *lead, const char *reporter, size_t *n)
{
	*n = 0;
	LIST_EACH (at, &lead->riders, after)
		++*n;
	if (*n == 0)
		return NULL;
	struct event *events = arena_alloc(lead->arena, *n * sizeof(*events));
	size_t i = 0;
	LIST_EACH (at, &lead->riders, after) {
		const struct part *rider = LIST_ENTRY(at, struct part, ride);
		events[i++] =
			event_for(&rider->delivery->telling->event, reporter);
	}
	return events;
}

void
outbox_company_part(struct part *lead, int64_t now_ms)
{
	LIST_EACH (at, &lead->riders, after)
		LIST_ENTRY(at, struct part, ride)->alone = true;
	lead->alone = true;
	outbox_company_disperse(lead, now_ms);
	outbox_lane_wait(lead, now_ms);
}

void
outbox_company_outcome(
	struct part *lead, const struct reporter_step *step, struct moment now)
{
	if (!list_empty(&lead->riders) && step->kind == STEP_REJECTED) {
		outbox_company_part(lead, now.mono_ms);
		return;
	}
	outbox_outcome(lead, step, now);
	LIST_EACH (at, &lead->riders, after) {
		struct part *rider = LIST_ENTRY(at, struct part, ride);
		outbox_company_leave(rider);
		/* What the lead has to remember is of them all. */
		if (lead->carry) {
			rider->alone = true;
			free(rider->carry);
			rider->carry = mem_dup(lead->carry);
		}
		outbox_outcome_rider(rider, step, now);
	}
}

void
outbox_company_disperse(struct part *lead, int64_t due_ms)
{
	LIST_EACH (at, &lead->riders, after)
		alight(LIST_ENTRY(at, struct part, ride), due_ms);
}

void
outbox_company_leave(struct part *rider)
{
	list_remove(&rider->ride);
	rider->flying = false;
}
