/*
 *     operator_start -> operator_do -> operator_show, operator_mute, ...
 *     agent_run's turn: operator_turn, commit, operator_answer -> done
 *     operator_on_result -> what a look was awaited for
 */
#include "agent/operator.h"

#include <stdlib.h>

#include "agent/agent_internal.h"
#include "agent/agent_status.h"
#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/operator_internal.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "reporters/payload.h"

enum {
	DURABLE_MS = 2000, /* who waits has three seconds */
	LOOK_MS = 60 * 1000,
	REST_MS = 1000,
	MINUTE_MS = 60 * 1000,
};

struct operator_call {
	struct list link;
	struct operator_desk *desk;
	operator_done_fn *done;
	void *cookie;
	json_t *answer;
	bool changes;
	int64_t until_ms; /* monotonic */

	/* A look is awaited. */
	bool looks;
	uint32_t number;
	uint32_t generation;
};

struct operator_desk *
operator_new(struct agent *agent)
{
	struct operator_desk *desk = mem_zalloc(sizeof(*desk));
	desk->agent = agent;
	desk->unsettled = true; /* a former process may have left it */
	desk->version = UINT64_MAX;
	list_init(&desk->calls);
	return desk;
}

void
operator_cancel(struct operator_call *call)
{
	if (!call)
		return;
	list_remove(&call->link);
	json_decref(call->answer);
	free(call);
}

void
operator_free(struct operator_desk *desk)
{
	if (!desk)
		return;
	LIST_EACH (at, &desk->calls, after)
		operator_cancel(LIST_ENTRY(at, struct operator_call, link));
	for (size_t i = 0; i < OPERATOR_KEPT_MAX; i++)
		json_decref(desk->kept[i].answer);
	free(desk);
}

/* Beginning. */

static struct operator_asker
whole_asker(const struct operator_asker *asker)
{
	return (struct operator_asker){
		.who = asker->who ? asker->who : "somebody",
		.source = asker->source ? asker->source : "",
		.channel = asker->channel ? asker->channel : "",
		.payload = asker->payload,
		.user = asker->user,
		.channel_id = asker->channel_id,
		.trusted = asker->trusted,
		.reply = asker->reply,
		.reply_len = asker->reply_len,
		.not_by_you = asker->not_by_you,
		.not_here = asker->not_here,
	};
}

static void
look_now(struct operator_call *call, const struct monitor *monitor)
{
	const struct worker_task task = agent_run_task(monitor);
	call->looks = true;
	call->number = monitor->number;
	call->generation = monitor->generation;
	workers_probe_now(call->desk->agent->workers, task.endpoint, task.hash);
}

struct operator_call *
operator_start(struct operator_desk *desk, const struct command *command,
	const struct operator_asker *asker, operator_done_fn *done,
	void *cookie, struct moment now)
{
	struct operator_call *call = mem_zalloc(sizeof(*call));
	struct operator_asker who = whole_asker(asker);
	struct arena *arena = arena_new();
	struct operator_task task = {
		.desk = desk,
		.command = command,
		.asker = &who,
		.arena = arena,
		.now = now,
	};
	call->desk = desk;
	call->done = done;
	call->cookie = cookie;
	call->answer = operator_do(&task);
	call->changes = command_rows[command->verb].changes;
	call->until_ms = now.mono_ms + (task.probe ? LOOK_MS : DURABLE_MS);
	if (task.probe)
		look_now(call, task.probe);
	list_add(&desk->calls, &call->link);
	arena_free(arena);
	return call;
}

/* Ending. */

void
operator_on_result(struct operator_desk *desk, const struct monitor *monitor)
{
	LIST_EACH (at, &desk->calls, after) {
		struct operator_call *call =
			LIST_ENTRY(at, struct operator_call, link);
		if (!call->looks || call->number != monitor->number
			|| call->generation != monitor->generation)
			continue;
		json_object_set_new(call->answer, "endpoint",
			agent_status_detail(desk->agent, monitor));
		call->looks = false;
	}
}

static void
fail(json_t *answer, const char *outcome, const char *text)
{
	json_object_set_new(answer, "good", json_false());
	json_object_set_new(answer, "outcome", payload_text(outcome));
	json_object_set_new(answer, "text", payload_text(text));
}

/* True when it is to be answered now. */
static bool
is_done(struct operator_call *call, struct moment now)
{
	bool late = now.mono_ms >= call->until_ms;
	bool refused = !json_is_true(json_object_get(call->answer, "good"));
	bool durable = !call->changes || refused
		|| orders_durable(call->desk->agent->orders);
	if (call->looks && late)
		fail(call->answer, "late",
			"it was not looked at within a minute");
	else if (!durable && late)
		fail(call->answer, "unrecorded",
			"it holds, but it cannot be recorded now, and is "
			"forgotten should the agent end before it can");
	return late || (durable && !call->looks);
}

int64_t
operator_answer(struct operator_desk *desk, struct moment now)
{
	int64_t due = desk->turn_ms;
	if (desk->unsettled)
		due = clock_earlier(due, now.mono_ms + REST_MS);
	LIST_EACH (at, &desk->calls, after) {
		struct operator_call *call =
			LIST_ENTRY(at, struct operator_call, link);
		if (!is_done(call, now)) {
			due = clock_earlier(due, call->until_ms);
			continue;
		}
		call->done(call->cookie, call->answer);
		operator_cancel(call);
	}
	return due;
}

/* What has a time. */

struct ends {
	struct moment now;
	int64_t first_ms; /* wall clock; -1 for none */
	struct arena *arena;
	const char **over; /* incidents that are looked after no longer */
	size_t n_over;
};

static void
on_end(void *cookie, const struct store_order *order)
{
	struct ends *ends = cookie;
	if (order->until_ms == 0)
		return;
	if (order->kind != STORE_ORDER_TAKEN
		|| order->until_ms > ends->now.wall_ms)
		ends->first_ms = clock_earlier(ends->first_ms, order->until_ms);
	else
		ends->over[ends->n_over++] =
			arena_dup(ends->arena, order->name);
}

/* The first end that is to come, once what is over was dropped. */
static int64_t
first_end(struct orders *orders, struct moment now)
{
	size_t n_taken = orders_count(orders, STORE_ORDER_TAKEN);
	struct ends ends = {
		.now = now,
		.first_ms = -1,
		.arena = arena_new(),
	};
	ends.over = arena_alloc(ends.arena, (n_taken + 1) * sizeof(*ends.over));
	orders_each(orders, STORE_ORDER_MUTED, on_end, &ends);
	orders_each(orders, STORE_ORDER_TAKEN, on_end, &ends);
	for (size_t i = 0; i < ends.n_over; i++)
		orders_drop(orders, STORE_ORDER_TAKEN, ends.over[i]);
	arena_free(ends.arena);
	return ends.first_ms;
}

/* The wall clock may be set: look at least once a minute. */
static int64_t
reckon(int64_t first_ms, struct moment now)
{
	if (first_ms < 0)
		return -1;
	int64_t wait_ms = first_ms - now.wall_ms;
	if (wait_ms < 0)
		wait_ms = 0;
	return now.mono_ms + (wait_ms < MINUTE_MS ? wait_ms : MINUTE_MS);
}

void
operator_turn(struct operator_desk *desk, struct moment now)
{
	struct orders *orders = desk->agent->orders;
	if (desk->unsettled)
		operator_settle_rest(desk, now);
	bool due = desk->turn_ms >= 0 && now.mono_ms >= desk->turn_ms;
	if (!due && desk->version == orders_version(orders))
		return;
	operator_end_mutes(desk, now);
	desk->turn_ms = reckon(first_end(orders, now), now);
	desk->version = orders_version(orders);
}

void
operator_on_event(struct operator_desk *desk, const struct event *event)
{
	struct orders *orders = desk->agent->orders;
	if (event->kind != EVENT_CLOSED)
		return;
	orders_drop(orders, STORE_ORDER_TAKEN, event->incident);
	orders_drop(orders, STORE_ORDER_REMINDED, event->incident);
}

/* For who comes again. */

static struct operator_kept *
kept_at(struct operator_desk *desk, uint64_t number)
{
	return &desk->kept[number % OPERATOR_KEPT_MAX];
}

static void
on_kept(void *cookie, json_t *answer)
{
	struct operator_kept *kept = cookie;
	json_decref(kept->answer);
	kept->answer = json_incref(answer);
}

uint64_t
operator_ask(struct operator_desk *desk, const struct command *command,
	const struct operator_asker *asker, struct moment now)
{
	uint64_t number = ++desk->last_number;
	struct operator_kept *kept = kept_at(desk, number);
	if (kept->number > 0 && !kept->answer)
		return 0; /* it waits still, and so do all the others */
	json_decref(kept->answer), kept->answer = NULL;
	kept->number = number;
	operator_start(desk, command, asker, on_kept, kept, now);
	return number;
}

json_t *
operator_asked(struct operator_desk *desk, uint64_t number)
{
	struct operator_kept *kept = kept_at(desk, number);
	if (number == 0 || kept->number != number)
		return NULL;
	if (!kept->answer)
		return json_pack("{s:b}", "pending", true);
	json_t *answer = kept->answer;
	*kept = (struct operator_kept){ 0 };
	return answer;
}
