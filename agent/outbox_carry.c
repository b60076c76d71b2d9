/*
 * One part on its way.
 *
 *     outbox_carry_take ------> step_once --> compose --+
 *                                  ^  |                 | (the ledger commits)
 *                                  |  +--> told,        v
 *     on_answer -------------------+       settle,   outbox_carry_launch
 *        ^                                 retry,       |
 *        |                                 suspend      |
 *        +-------------- transport <--------------------+
 *
 * What is composed is sent only when all that it rests on is durable.  After
 * five seconds of a disk that takes nothing, bad news that bears a repeat is
 * sent from memory; the rest waits.  It is sent when its target may be asked,
 * and recalled when that asks for a pause.
 */
#include "agent/outbox_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/fault.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/ledger.h"

static void
set_held(struct part *part, bool held)
{
	struct queue_of *queue = part->delivery->queue;
	if (held && !part->held)
		queue->held++;
	else if (!held && part->held)
		queue->held--;
	part->held = held;
}

/* Out of the air; what it was stays to be decided. */
static void
land(struct part *part)
{
	struct queue_of *queue = part->delivery->queue;
	assert(part->flying && part->call == NULL);
	part->flying = false;
	set_held(part, false);
	queue->busy--;
	queue->outbox->busy--;
	list_remove(&part->in_flight);
	arena_free(part->arena);
	part->arena = NULL;
}

/* Sent at the end of the turn, once what it rests on is durable. */
static void
line_up(struct part *part, struct moment now)
{
	part->begun_before_ms = part->begun_ms;
	if (part->once) {
		part->begun_ms = now.wall_ms;
		outbox_write_part(part);
	}
	list_add(&part->delivery->queue->outbox->composed, &part->in_flight);
}

static void
compose(struct part *part, const struct reporter_step *step, struct moment now)
{
	part->request = step->request;
	part->once = step->once;
	part->moved = (struct moved){ 0 };
	part->mirrored_to = part->delivery->queue->outbox->last_delivery_id;
	line_up(part, now);
}

/* The opening has its turn, and its end is there as well. */
static const struct event *
closing_of(const struct part *part)
{
	const struct event *event = &part->delivery->telling->event;
	if (part->plan.kind != PART_EVENT || event->kind != EVENT_OPENED
		|| !part->lane)
		return NULL;
	LIST_EACH (at, &part->lane->parts, after) {
		const struct part *other = LIST_ENTRY(at, struct part, in_lane);
		const struct event *its = &other->delivery->telling->event;
		if (its->kind == EVENT_CLOSED
			&& str_eq(its->incident, event->incident))
			return its;
	}
	return NULL;
}

static enum status
mirror_of(const struct delivery *delivery, const struct event *event,
	bool only_setters)
{
	const struct outbox_settings *settings =
		&delivery->queue->outbox->settings;
	return settings->mirror(settings->mirror_cookie,
		delivery->queue->reporter, event->endpoint.component_id,
		only_setters);
}

/* `event` is as the reporter is to see it. */
static void
fill_context(struct part *part, const struct event *event,
	struct reporter_context *context, char *carry, struct moment now)
{
	struct delivery *delivery = part->delivery;
	const struct receipt *receipt =
		outbox_receipt(delivery->queue, event->incident);

	size_t n_more;
	const struct event *more = outbox_company_events(
		part, delivery->queue->reporter->id, &n_more);

	snprintf(carry, REPORTER_CARRY_MAX, "%s",
		part->carry ? part->carry : "");
	*context = (struct reporter_context){
		.event = event,
		.part = &part->plan,
		.part_number = part->number,
		.now_ms = now.wall_ms,
		.opening = receipt ? receipt->opening : OPENING_NONE,
		.ref = receipt ? receipt->ref : "",
		.closing = closing_of(part),
		.more = more,
		.n_more = n_more,
		.point = outbox_point_of(part),
		.uncertain = part->begun_ms > 0,
		.begun_ms = part->begun_ms,
		.mirror = mirror_of(delivery, event, false),
		.mirror_of_setters = mirror_of(delivery, event, true),
		.carry = carry,
		.arena = part->arena,
	};
	/* It may be replaced before the request is sent. */
	const char *token = outbox_token(delivery->queue);
	if (token)
		context->token = arena_dup(part->arena, token);
}

static void
keep_carry(struct part *part, const char *carry)
{
	free(part->carry);
	part->carry = *carry != '\0' ? mem_dup(carry) : NULL;
}

/* Whoever finds tokens should know, unless there is another one by now. */
static void
refuse(struct part *part, struct reporter_step *step)
{
	struct queue_of *queue = part->delivery->queue;
	const struct outbox_settings *settings = &queue->outbox->settings;
	const char *token = outbox_token(queue);
	if (!token || !part->token)
		return;
	if (str_eq(token, part->token)) {
		if (settings->refused)
			settings->refused(
				settings->token_cookie, queue->reporter, token);
		return;
	}
	step->kind = STEP_RETRY;
	step->target_down = true; /* as far as this answer tells */
}

/* A page that a redirect led to, such as a login, does not speak for the
 * target: neither that it is not there, nor that what was sent on had no
 * effect. */
static void
mind_redirects(const struct part *part, struct reporter_step *step)
{
	if (part->moved.behind == 0)
		return;
	step->undone = false;
	if (step->kind != STEP_SUSPENDED || step->refused)
		return;
	step->kind = STEP_RETRY;
	step->target_down = true;
}

static void
step_once(struct part *part, const struct http_response *answer,
	struct moment now)
{
	const struct reporter *reporter = part->delivery->queue->reporter;
	struct event event =
		event_for(&part->delivery->telling->event, reporter->id);
	struct reporter_context context;
	char carry[REPORTER_CARRY_MAX];
	struct reporter_step step = { .kind = STEP_RETRY };

	fill_context(part, &event, &context, carry, now);
	if (part->plan.kind == PART_LOOK)
		reporter->type->look(reporter, &context, answer,
			part->delivery->view, &step);
	else
		reporter->type->step(reporter, &context, answer, &step);
	keep_carry(part, carry);
	if (answer)
		mind_redirects(part, &step);
	if (step.undone)
		part->begun_ms = 0;
	if (step.kind == STEP_SUSPENDED && step.refused)
		refuse(part, &step);
	part->token = context.token;
	if (step.kind == STEP_SEND && ++part->chain > OUTBOX_CHAIN_MAX) {
		step = (struct reporter_step){ .kind = STEP_RETRY };
		snprintf(step.detail, sizeof(step.detail),
			"there was no end of requests");
	}
	if (step.kind == STEP_SEND) {
		compose(part, &step, now);
	} else {
		land(part);
		outbox_company_outcome(part, &step, now);
	}
}

bool
outbox_carry_is_moot(const struct part *part)
{
	const struct event *event = &part->delivery->telling->event;
	if (part->plan.kind != PART_EVENT
		|| (event->kind != EVENT_CHANGED && event->kind != EVENT_CLOSED
			&& event->kind != EVENT_REMINDER))
		return false;
	const struct receipt *receipt =
		outbox_receipt(part->delivery->queue, event->incident);
	return !receipt || receipt->opening == OPENING_FAILED
		|| receipt->opening == OPENING_NONE;
}

void
outbox_carry_take(struct part *part, struct moment now)
{
	struct queue_of *queue = part->delivery->queue;
	if (outbox_carry_is_moot(part)) {
		outbox_settle(part);
		return;
	}
	outbox_point_close(part);
	part->flying = true;
	part->chain = 0;
	part->answered = false;
	part->arena = arena_new();
	queue->busy++;
	queue->outbox->busy++;
	outbox_company_gather(part, now);
	step_once(part, NULL, now);
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct part *part = cookie;
	part->call = NULL;
	struct queue_of *queue = part->delivery->queue;
	const struct outbox_settings *settings = &queue->outbox->settings;
	struct moment now = settings->now(settings->now_cookie);
	if (answer->fail == HTTP_FAIL_NONE)
		part->answered = true;
	outbox_pace_answered(part, answer, now);

	fault_point("settle-before");
	if (moved_follow(&part->moved, queue->reporter, &part->request, answer,
		    part->arena, &queue->said_moved))
		line_up(part, now);
	else
		step_once(part, answer, now);
}

/*
 * May be sent and then forgotten in a crash: bad news.  What comes later in an
 * incident may not, since its key would be given to another event; nor may a
 * mirror, since nobody would remember to bring it back.
 */
static bool
bears_amnesia(const struct part *part)
{
	return !part->once && part->plan.kind == PART_EVENT
		&& part->delivery->telling->event.kind == EVENT_OPENED;
}

static bool
may_go_alone(const struct part *part, struct moment now)
{
	const struct delivery *delivery = part->delivery;
	const struct outbox *outbox = delivery->queue->outbox;
	bool durable = !delivery->unwritten && !delivery->telling->unwritten
		&& (!part->once || list_empty(&part->dirty));
	if (durable || delivery->fleeting)
		return true;
	int64_t since;
	return bears_amnesia(part)
		&& ledger_trouble(outbox->settings.ledger, &since)
		&& now.mono_ms - since >= OUTBOX_UNSAFE_MS;
}

static bool
may_go(const struct part *part, struct moment now)
{
	LIST_EACH (at, &part->riders, after)
		if (!may_go_alone(LIST_ENTRY(at, struct part, ride), now))
			return false;
	return may_go_alone(part, now);
}

/* The target asked for a pause before it was sent: from the start, later. */
static void
recall(struct part *part)
{
	part->begun_ms = part->begun_before_ms;
	land(part);
	outbox_write_part(part);
	int64_t due_ms = part->delivery->queue->pace.shut_until_ms;
	outbox_company_disperse(part, due_ms);
	outbox_lane_wait(part, due_ms);
}

/* What one of them may do without a disk, the others keep it from. */
static bool
is_held_back(const struct part *part, struct moment now)
{
	int64_t since;
	return !list_empty(&part->riders)
		&& ledger_trouble(
			part->delivery->queue->outbox->settings.ledger, &since)
		&& now.mono_ms - since >= OUTBOX_UNSAFE_MS;
}

/* -1 once it is sent; else when to ask again. */
static int64_t
launch(struct part *part, struct moment now)
{
	const struct queue_of *queue = part->delivery->queue;
	const struct outbox_transport *transport =
		&queue->outbox->settings.transport;
	if (queue->pace.shut_until_ms > now.mono_ms) {
		recall(part);
		return now.mono_ms + 1; /* that is to be made durable */
	}
	if (!may_go(part, now)) {
		if (!is_held_back(part, now))
			return now.mono_ms + 1000;
		land(part);
		outbox_company_part(part, now.mono_ms);
		return now.mono_ms + 1;
	}
	int64_t due = outbox_pace_request_due(part, now.mono_ms);
	if (due > now.mono_ms) {
		set_held(part, true);
		return due;
	}
	set_held(part, false);
	list_remove(&part->in_flight);
	outbox_pace_sent(part, now.mono_ms);
	fault_point("send-before");
	part->call = transport->send(
		transport->cookie, &part->request, on_answer, part);
	fault_point("send-after");
	return -1;
}

int64_t
outbox_carry_launch(struct outbox *outbox, struct moment now)
{
	int64_t next = -1;
	LIST_EACH (at, &outbox->composed, after) {
		int64_t due =
			launch(LIST_ENTRY(at, struct part, in_flight), now);
		if (due >= 0 && (next < 0 || due < next))
			next = due;
	}
	return next;
}

void
outbox_carry_cancel(struct part *part)
{
	const struct outbox_settings *settings =
		&part->delivery->queue->outbox->settings;
	const struct outbox_transport *transport = &settings->transport;
	if (!part->flying)
		return;
	if (!list_empty(&part->ride)) {
		outbox_company_leave(part);
		return;
	}
	if (part->call)
		transport->cancel(transport->cookie, part->call);
	part->call = NULL;
	struct moment now = settings->now(settings->now_cookie);
	outbox_pace_answered(part, NULL, now);
	land(part);
	outbox_company_disperse(part, now.mono_ms);
}
