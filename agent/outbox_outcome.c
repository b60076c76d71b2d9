/*
 * What becomes of a part: told, tried later, rejected, held or expired.
 */
#include "agent/outbox_internal.h"

#include <string.h>

#include "agent/base/log.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/judge/backoff.h"
#include "agent/ledger.h"

#define EXPIRY_MS (INT64_C(24) * 60 * 60 * 1000)
#define EXPIRY_OF_RECORDS_MS (30 * EXPIRY_MS)

void
outbox_settle(struct part *part)
{
	struct delivery *delivery = part->delivery;
	struct queue_of *queue = delivery->queue;
	part->state = STORE_PART_SETTLED;
	outbox_point_close(part);
	outbox_lane_leave(part);
	outbox_write_part(part);
	delivery->unsettled--;
	if (delivery->unsettled > 0) {
		outbox_lane_next(delivery);
		return;
	}
	list_remove(&delivery->link);
	if (delivery->fleeting) {
		queue->n_fleeting--;
		list_add(&queue->outbox->forgotten, &delivery->link);
	} else {
		queue->stats.waiting--;
		list_add(&queue->outbox->done, &delivery->link);
	}
}

/* Of a part that opens an incident: what became of that. */
static void
note_opening(struct part *part, enum reporter_opening opening, const char *ref)
{
	const struct event *event = &part->delivery->telling->event;
	if (part->plan.kind != PART_EVENT || event->kind != EVENT_OPENED)
		return;
	struct receipt *receipt =
		outbox_receipt(part->delivery->queue, event->incident);
	if (receipt)
		outbox_receipt_set(receipt, opening, ref);
}

static void
target_is_well(struct part *part)
{
	struct queue_of *queue = part->delivery->queue;
	if (!part->answered)
		return;
	if (queue->lost)
		outbox_doubt(queue, false);
	if (queue->failures > 0 || queue->suspended)
		outbox_doubt(queue, true);
	queue->lost = false;
	queue->failures = 0;
	queue->pause_until_ms = 0;
	queue->trouble[0] = '\0';
	if (queue->suspended) {
		queue->suspended = false;
		outbox_news(part, OUTBOX_RESUMED, "");
	}
}

static void
target_is_down(struct queue_of *queue, const struct reporter_step *step,
	int64_t now_ms)
{
	queue->failures++;
	int64_t pause =
		backoff_delay_ms(queue->failures, queue->outbox->settings.rng);
	if (pause < step->after_ms)
		pause = step->after_ms;
	queue->pause_until_ms = now_ms + pause;
}

/* It is there, and takes nothing amiss; does it refuse us?  Nobody knows. */
static void
target_is_limiting(
	struct part *part, const struct reporter_step *step, int64_t now_ms)
{
	struct queue_of *queue = part->delivery->queue;
	int64_t until_ms = queue->pace.shut_until_ms;
	if (until_ms <= now_ms || until_ms < now_ms + step->after_ms)
		outbox_pace_shut(queue, step->after_ms, now_ms);
	if (queue->suspended)
		return;
	queue->failures = 0;
	queue->pause_until_ms = 0;
}

int64_t
outbox_expiry(const struct outbox *outbox)
{
	return outbox->settings.expiry_ms > 0 ? outbox->settings.expiry_ms
					      : EXPIRY_MS;
}

/* What stays there to be read is to be true in the end. */
static int64_t
expiry_of(const struct part *part)
{
	const struct queue_of *queue = part->delivery->queue;
	const struct event *event = &part->delivery->telling->event;
	const struct receipt *receipt = outbox_receipt(queue, event->incident);
	bool is_end = event->kind == EVENT_CLOSED && receipt
		&& reporter_opening_is_told(receipt->opening);
	if (queue->reporter->is_record
		&& (queue->reporter->tells_late || is_end))
		return EXPIRY_OF_RECORDS_MS;
	return outbox_expiry(queue->outbox);
}

/* A mirror is of now, and never too late. */
static bool
is_expired(const struct part *part, int64_t now_ms)
{
	return part->failed_here && part->plan.kind != PART_MIRROR
		&& now_ms - part->delivery->created_mono_ms >= expiry_of(part);
}

static void
expire(struct part *part, const char *detail)
{
	struct queue_of *queue = part->delivery->queue;
	if (part->state == STORE_PART_TOLD) {
		outbox_settle(part); /* only its last look around is given up */
		return;
	}
	queue->stats.expired++;
	queue->expired_unwritten++;
	outbox_doubt(queue, false);
	note_opening(part, OPENING_FAILED, "");
	outbox_news(part, OUTBOX_EXPIRED, detail);
	outbox_settle(part);
}

/* A mirror that went out speaks for all that waited behind it by then. */
static void
settle_mirrored(struct lane *lane, int64_t mirrored_to)
{
	bool more = true;
	while (more) {
		struct part *part =
			LIST_ENTRY(lane->parts.next, struct part, in_lane);
		struct list *next = part->in_lane.next;
		more = next != &lane->parts
			&& LIST_ENTRY(next, struct part, in_lane)->delivery->id
				<= mirrored_to;
		outbox_settle(part); /* the lane goes with its last part */
	}
}

/* What was told changed a mirrored thing by the way. */
static void
mirror_again(struct part *part, const char *lane, struct moment now)
{
	struct reporter_plan plan = { .n = 1 };
	plan.parts[0].kind = PART_MIRROR;
	str_copy(plan.parts[0].lane, sizeof(plan.parts[0].lane), lane);
	outbox_deliver(
		part->delivery->queue, part->delivery->telling, &plan, now);
}

/* What waits behind an opening was told with it, up to its end. */
static void
settle_to_closing(struct part *opening)
{
	const char *incident = opening->delivery->telling->event.incident;
	if (!opening->lane)
		return;
	LIST_EACH (at, &opening->lane->parts, after) {
		struct part *part = LIST_ENTRY(at, struct part, in_lane);
		const struct event *event = &part->delivery->telling->event;
		if (part == opening || !str_eq(event->incident, incident))
			continue;
		part->delivery->queue->stats.told++;
		outbox_news(part, OUTBOX_TOLD, "with its opening");
		bool last = event->kind == EVENT_CLOSED;
		outbox_settle(part);
		if (last)
			return;
	}
}

static void
told(struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	bool again = part->state == STORE_PART_TOLD;

	target_is_well(part);
	part->failures = 0;
	part->begun_ms = 0;
	if (!again) {
		queue->stats.told++;
		outbox_news(part, OUTBOX_TOLD, "");
		if (step->detail[0] != '\0')
			log_say(LOG_WARN, "told, but not to all",
				log_text("reporter",
					reporter_label(queue->reporter)),
				log_text("detail", step->detail));
	}
	if (!again || step->ref[0] != '\0')
		note_opening(part,
			step->sets_mirror ? OPENING_SET : OPENING_TOLD,
			step->ref);
	if (step->told_closing)
		settle_to_closing(part);
	if (step->mirror_again[0] != '\0')
		mirror_again(part, step->mirror_again, now);

	if (step->after_ms > 0) {
		part->state = STORE_PART_TOLD;
		outbox_lane_leave(part);
		outbox_write_part(part);
		outbox_lane_wait(part, now.mono_ms + step->after_ms);
	} else if (part->plan.kind == PART_MIRROR && part->lane) {
		settle_mirrored(part->lane, part->mirrored_to);
	} else {
		outbox_settle(part);
	}
}

static void
try_later(struct part *part, const struct reporter_step *step,
	struct moment now, bool suspended)
{
	struct outbox *outbox = part->delivery->queue->outbox;
	struct queue_of *queue = part->delivery->queue;

	part->failures++;
	part->failed_here = true;
	queue->stats.retried++;
	str_copy(queue->trouble, sizeof(queue->trouble), step->detail);
	if (is_expired(part, now.mono_ms)) {
		expire(part, step->detail);
		return;
	}
	int64_t wait = step->after_ms;
	if (wait > OUTBOX_RETRY_AFTER_MAX_MS)
		wait = OUTBOX_RETRY_AFTER_MAX_MS;
	if (suspended || step->target_down)
		wait = 0; /* the queue has its own times */
	else if (wait <= 0)
		wait = backoff_delay_ms(part->failures, outbox->settings.rng);
	outbox_write_part(part);
	outbox_lane_wait(part, now.mono_ms + wait);
}

/* No failure of what was sent: it may take as long as it takes. */
static void
wait_for_limit(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	target_is_limiting(part, step, now.mono_ms);
	str_copy(queue->trouble, sizeof(queue->trouble), step->detail);
	outbox_write_part(part);
	outbox_lane_wait(part, queue->pace.shut_until_ms);
}

/* True when it was not held before. */
static bool
hold(struct part *part, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	bool began = !queue->suspended;
	queue->suspended = true;
	queue->pause_until_ms = now.mono_ms + OUTBOX_SUSPEND_MS;
	return began;
}

static void
suspend(struct part *part, const struct reporter_step *step, struct moment now)
{
	bool began = hold(part, now);
	try_later(part, step, now, true);
	if (began)
		outbox_news(part, OUTBOX_SUSPENDED, step->detail);
}

static void
reject(struct part *part, const struct reporter_step *step)
{
	struct queue_of *queue = part->delivery->queue;
	target_is_well(part);
	str_copy(queue->trouble, sizeof(queue->trouble), step->detail);
	queue->stats.rejected++;
	outbox_doubt(queue, false);
	note_opening(part, OPENING_FAILED, "");
	outbox_news(part, OUTBOX_REJECTED, step->detail);
	outbox_settle(part);
}

/* What the outcome of something that is not kept says of its target. */
static void
note_target(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	if (step->kind == STEP_SUSPENDED) {
		if (hold(part, now))
			outbox_news(part, OUTBOX_SUSPENDED, step->detail);
	} else if (step->kind == STEP_RETRY && step->limited) {
		target_is_limiting(part, step, now.mono_ms);
	} else if (step->kind == STEP_RETRY && step->target_down) {
		target_is_down(queue, step, now.mono_ms);
	} else {
		target_is_well(part);
	}
}

/*
 * It is told or it is lost: what comes next says more than a repeat would.  A
 * repeat could also show up twice.
 */
static void
finish_point(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	if (step->kind == STEP_DONE) {
		queue->stats.points++;
		queue->losing_points = false;
	} else {
		outbox_point_lost(queue, step->detail);
	}
	note_target(part, step, now);
	if (step->kind != STEP_DONE)
		str_copy(queue->trouble, sizeof(queue->trouble), step->detail);
	outbox_settle(part);
}

/* Whoever looked knows when to look again. */
static void
finish_look(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	bool whole = step->kind == STEP_DONE;
	note_target(part, step, now);
	if (!whole && (queue->suspended || queue->failures > 0))
		str_copy(queue->trouble, sizeof(queue->trouble), step->detail);
	outbox_settle(part);
	outbox_look_end(queue, whole, step->detail);
}

void
outbox_outcome_rider(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	if (step->kind == STEP_DONE) {
		told(part, step, now);
	} else if (step->kind == STEP_RETRY && step->limited) {
		outbox_write_part(part);
		outbox_lane_wait(part, queue->pace.shut_until_ms);
	} else {
		try_later(part, step, now, step->kind == STEP_SUSPENDED);
	}
}

void
outbox_outcome(
	struct part *part, const struct reporter_step *step, struct moment now)
{
	if (part->plan.kind == PART_POINT) {
		if (step->kind == STEP_RETRY && step->early)
			outbox_point_unite(part, now);
		else
			finish_point(part, step, now);
		return;
	}
	if (part->plan.kind == PART_LOOK) {
		finish_look(part, step, now);
		return;
	}
	switch (step->kind) {
	case STEP_SEND:
		break;
	case STEP_DONE:
		told(part, step, now);
		break;
	case STEP_RETRY:
		if (step->limited) {
			wait_for_limit(part, step, now);
			break;
		}
		outbox_news(part, OUTBOX_RETRY, step->detail);
		part->delivery->queue->lost = true;
		if (step->target_down)
			target_is_down(
				part->delivery->queue, step, now.mono_ms);
		else
			target_is_well(part);
		try_later(part, step, now, false);
		break;
	case STEP_REJECTED:
		reject(part, step);
		break;
	case STEP_SUSPENDED:
		suspend(part, step, now);
		break;
	}
}
