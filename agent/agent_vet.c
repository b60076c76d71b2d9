/*
 *     agent_vet_turn -> fill_slots -> run_slot -> send_when_due
 *                    -> send_waiting -> send ... on_answer -> run_slot
 *                                                          -> fill_slots
 *     give_up_late, or all asked -> end -> done
 */
#include "agent/agent_vet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/monitor.h"
#include "agent/moved.h"
#include "agent/outbox.h"
#include "conf/conf.h"
#include "reporters/reporter.h"
#include "reporters/view.h"

enum {
	SLOTS = 16,
	REASON_SIZE = 512,
};

/** What one reporter is asked: about one endpoint, or for all that is there. */
struct question {
	const struct reporter *reporter;
	struct event_endpoint endpoint;
	struct reporter_view *view; /* NULL: about the endpoint */
};

struct slot {
	struct agent_vet *vet;
	struct question question; /* reporter NULL: the slot is free */
	void *call;
	struct http_request request;
	bool waiting; /* until the request is due */
	struct moved moved;
	struct arena *arena;
	char carry[REPORTER_CARRY_MAX];
};

struct agent_vet {
	struct agent_vet_settings settings;
	struct question *questions;
	size_t n_questions;
	size_t asked;
	bool said_moved;
	struct slot slots[SLOTS];
};

static struct moment
now_of(const struct agent_vet *vet)
{
	return vet->settings.now(vet->settings.now_cookie);
}

static void
add_question(struct agent_vet *vet, const struct question *question)
{
	vet->questions = mem_grow(
		vet->questions, vet->n_questions + 1, sizeof *vet->questions);
	vet->questions[vet->n_questions++] = *question;
}

/* Where the monitor of that index is at the reporter; NULL for nowhere, or when
 * there is none. */
static const struct event_place *
place_at(const struct agent_vet *vet, uint32_t index,
	const struct reporter *reporter, struct event_endpoint *facts)
{
	const struct monitor *monitor =
		monitors_at(vet->settings.monitors, index);
	if (!monitor)
		return NULL;
	*facts = monitor_facts(monitor);
	return event_place_of(facts, reporter->id);
}

/* Endpoints that share a component and a metric ask the same, and nobody asks
 * for one that was seen. */
static void
add_questions(struct agent_vet *vet, const struct reporter *reporter,
	const struct reporter_view *view)
{
	struct map *seen = map_new();
	size_t n = monitors_size(vet->settings.monitors);
	for (uint32_t i = 0; i < n; i++) {
		struct question question = { .reporter = reporter };
		struct event_endpoint *endpoint = &question.endpoint;
		const struct event_place *place =
			place_at(vet, i, reporter, endpoint);
		if (!place)
			continue;
		endpoint->component_id = place->component_id;
		endpoint->metric_id = place->metric_id;
		if (view && view_component(view, endpoint->component_id))
			endpoint->component_id = 0;
		if (view && view_has_metric(view, endpoint->metric_id))
			endpoint->metric_id = 0;
		char asked[48];
		snprintf(asked, sizeof asked, "%" PRId64 "/%" PRId64,
			endpoint->component_id, endpoint->metric_id);
		if (!map_put(seen, asked, vet))
			add_question(vet, &question);
	}
	map_free(seen);
}

static bool
has_metrics(const struct agent_vet *vet, const struct reporter *reporter)
{
	size_t n = monitors_size(vet->settings.monitors);
	for (uint32_t i = 0; i < n; i++) {
		struct event_endpoint facts;
		const struct event_place *place =
			place_at(vet, i, reporter, &facts);
		if (place && place->metric_id > 0)
			return true;
	}
	return false;
}

static void
add_look(struct agent_vet *vet, const struct reporter *reporter)
{
	struct question question = {
		.reporter = reporter,
		.view = view_new(),
	};
	question.view->with_metrics = has_metrics(vet, reporter);
	add_question(vet, &question);
}

static void
clear_slot(struct slot *slot)
{
	view_free(slot->question.view), slot->question.view = NULL;
	slot->question.reporter = NULL;
	slot->waiting = false;
}

/* The last thing to do: the vetting is gone after. */
static void
end(struct agent_vet *vet, const char *refused)
{
	agent_vet_done_fn *done = vet->settings.done;
	void *cookie = vet->settings.cookie;
	char reason[REASON_SIZE];
	if (refused)
		snprintf(reason, sizeof reason, "%s", refused);

	agent_vet_cancel(vet);
	done(cookie, refused ? reason : NULL);
}

static void
drop_call(struct slot *slot)
{
	const struct agent_vet *vet = slot->vet;
	const struct outbox_transport *transport = &vet->settings.transport;
	if (!slot->call)
		return;
	transport->cancel(transport->cookie, slot->call), slot->call = NULL;
	outbox_answered(vet->settings.outbox, slot->question.reporter,
		slot->request.method, NULL, now_of(vet));
}

/* It could not be asked, so asking it more is in vain; it is told later. */
static void
give_up(struct agent_vet *vet, const struct reporter *reporter,
	const char *detail)
{
	log_say(LOG_WARN, "receiver could not be asked, going on",
		log_text("reporter", reporter_label(reporter)),
		log_text("reason", detail));

	size_t kept = vet->asked;
	for (size_t i = kept; i < vet->n_questions; i++) {
		if (vet->questions[i].reporter != reporter)
			vet->questions[kept++] = vet->questions[i];
		else
			view_free(vet->questions[i].view);
	}
	vet->n_questions = kept;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &vet->slots[i];
		if (slot->question.reporter != reporter)
			continue;
		drop_call(slot);
		clear_slot(slot);
	}
}

static void on_answer(void *cookie, const struct http_response *answer);

/* NULL for a reporter that needs none. */
static const char *
token_of(const struct agent_vet *vet, const struct reporter *reporter)
{
	if (!reporter->token_source)
		return NULL;
	return vet->settings.token(vet->settings.token_cookie, reporter);
}

static bool
can_be_asked(const struct agent_vet *vet, const struct reporter *reporter)
{
	return reporter->type->vet
		&& (!reporter->token_source || token_of(vet, reporter));
}

/* What is asked here counts there. */
static void
send_now(struct slot *slot, struct moment now)
{
	const struct agent_vet_settings *settings = &slot->vet->settings;
	const struct outbox_transport *transport = &settings->transport;
	slot->waiting = false;
	outbox_asked(settings->outbox, slot->question.reporter,
		slot->request.method, now);
	slot->call = transport->send(
		transport->cookie, &slot->request, on_answer, slot);
}

/* A limit holds here as well; what is not due in time is not asked.  When it
 * is; -1: it does not wait. */
static int64_t
send_when_due(struct slot *slot)
{
	struct agent_vet *vet = slot->vet;
	struct moment now = now_of(vet);
	int64_t due_ms = outbox_ask_due(vet->settings.outbox,
		slot->question.reporter, slot->request.method, now);
	slot->waiting = true;
	if (due_ms <= now.mono_ms) {
		send_now(slot, now);
	} else if (due_ms >= vet->settings.until_ms) {
		give_up(vet, slot->question.reporter,
			"it is not to be asked so often");
	}
	return slot->waiting ? due_ms : -1;
}

static int64_t
send_waiting(struct agent_vet *vet)
{
	int64_t next = vet->settings.until_ms;
	for (size_t i = 0; i < SLOTS; i++)
		if (vet->slots[i].waiting)
			next = clock_earlier(
				next, send_when_due(&vet->slots[i]));
	return next;
}

static void
ask_slot(struct slot *slot, const struct http_response *answer,
	struct reporter_step *step)
{
	const struct reporter *reporter = slot->question.reporter;
	const struct reporter_context context = {
		.now_ms = now_of(slot->vet).wall_ms,
		.carry = slot->carry,
		.token = token_of(slot->vet, reporter),
		.arena = slot->arena,
	};
	if (slot->question.view)
		reporter->type->look(
			reporter, &context, answer, slot->question.view, step);
	else
		reporter->type->vet(reporter, context.token,
			&slot->question.endpoint, answer, slot->carry,
			slot->arena, step);
}

/* Where there is no list, each thing is asked for by itself. */
static void
end_look(struct slot *slot, const struct reporter_step *step)
{
	struct agent_vet *vet = slot->vet;
	struct reporter_view *view = slot->question.view;
	bool whole = step->kind == STEP_DONE;
	add_questions(vet, slot->question.reporter, whole ? view : NULL);
	if (!whole)
		return;
	slot->question.view = NULL;
	vet->settings.listed(
		vet->settings.cookie, slot->question.reporter, view);
}

/* With several it says which; and whose the thing is that does not exist. */
static const char *
reason_of(const struct question *question, const struct reporter_step *step,
	struct arena *arena)
{
	const struct reporter *reporter = question->reporter;
	const char *of = reporter->label
		? arena_printf(arena, "%s: ", reporter->label)
		: "";
	bool about_endpoint = !question->view && !step->refused;
	return about_endpoint ? arena_printf(arena, "%s%s: %s", of,
		       question->endpoint.name, step->detail)
			      : arena_printf(arena, "%s%s", of, step->detail);
}

/* False: the vetting has ended and is gone. */
static bool
end_question(struct slot *slot, const struct reporter_step *step)
{
	struct agent_vet *vet = slot->vet;
	bool look = slot->question.view != NULL;
	bool refused = look ? step->refused : step->kind == STEP_REJECTED;
	bool failed = look ? step->target_down : step->kind != STEP_DONE;
	if (refused) {
		end(vet, reason_of(&slot->question, step, slot->arena));
		return false;
	}
	if (failed) {
		give_up(vet, slot->question.reporter, step->detail);
		return true;
	}
	if (look)
		end_look(slot, step);
	clear_slot(slot);
	return true;
}

/* One step of one question.  False: the vetting has ended and is gone. */
static bool
run_slot(struct slot *slot, const struct http_response *answer)
{
	struct reporter_step step = { 0 };
	ask_slot(slot, answer, &step);
	if (step.kind != STEP_SEND)
		return end_question(slot, &step);
	slot->request = step.request;
	slot->moved = (struct moved){ 0 };
	send_when_due(slot);
	return true;
}

static bool
is_over(const struct agent_vet *vet)
{
	bool over = vet->asked == vet->n_questions;
	for (size_t i = 0; i < SLOTS; i++)
		over &= !vet->slots[i].question.reporter;
	return over;
}

static bool
waits(const struct agent_vet *vet, const struct reporter *reporter)
{
	bool any = false;
	for (size_t i = 0; i < SLOTS; i++)
		any |= vet->slots[i].waiting
			&& vet->slots[i].question.reporter == reporter;
	return any;
}

/* Who is to be asked slowly, leaves slots to others.  False: there is none. */
static bool
next_question(struct agent_vet *vet, struct question *next)
{
	size_t at = vet->asked;
	while (at < vet->n_questions && waits(vet, vet->questions[at].reporter))
		at++;
	if (at == vet->n_questions)
		return false;
	*next = vet->questions[at];
	vet->questions[at] = vet->questions[vet->asked];
	vet->questions[vet->asked++] = *next;
	return true;
}

/* False: the vetting has ended and is gone. */
static bool
fill_slots(struct agent_vet *vet)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &vet->slots[i];
		while (!slot->question.reporter
			&& next_question(vet, &slot->question)) {
			slot->carry[0] = '\0';
			arena_reset(slot->arena);
			if (!run_slot(slot, NULL))
				return false;
		}
	}
	if (!is_over(vet))
		return true;
	end(vet, NULL);
	return false;
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct slot *slot = cookie;
	slot->call = NULL;

	struct agent_vet *vet = slot->vet;
	outbox_answered(vet->settings.outbox, slot->question.reporter,
		slot->request.method, answer, now_of(vet));
	if (moved_follow(&slot->moved, slot->question.reporter, &slot->request,
		    answer, slot->arena, &vet->said_moved))
		send_when_due(slot);
	else if (!run_slot(slot, answer))
		return;
	fill_slots(vet);
}

static void
give_up_late(struct agent_vet *vet)
{
	for (size_t i = 0; i < SLOTS; i++) {
		const struct question *late = &vet->slots[i].question;
		if (late->reporter)
			give_up(vet, late->reporter, "no answer in 5 s");
	}
	end(vet, NULL);
}

int64_t
agent_vet_turn(struct agent_vet *vet, struct moment now)
{
	if (!fill_slots(vet))
		return -1;
	if (now.mono_ms >= vet->settings.until_ms) {
		give_up_late(vet);
		return -1;
	}
	int64_t next = send_waiting(vet);
	return fill_slots(vet) ? next : -1;
}

struct agent_vet *
agent_vet_start(const struct agent_vet_settings *settings)
{
	struct agent_vet *vet = mem_zalloc(sizeof *vet);
	vet->settings = *settings;
	for (size_t i = 0; i < SLOTS; i++) {
		vet->slots[i].vet = vet;
		vet->slots[i].arena = arena_new();
	}
	for (size_t i = 0; i < settings->n_reporters; i++) {
		const struct reporter *reporter = settings->reporters[i];
		if (!can_be_asked(vet, reporter))
			continue;
		if (reporter->type->look)
			add_look(vet, reporter);
		else
			add_questions(vet, reporter, NULL);
	}
	return vet;
}

void
agent_vet_cancel(struct agent_vet *vet)
{
	if (!vet)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		drop_call(&vet->slots[i]);
		clear_slot(&vet->slots[i]);
		arena_free(vet->slots[i].arena);
	}
	for (size_t i = vet->asked; i < vet->n_questions; i++)
		view_free(vet->questions[i].view);
	free(vet->questions);
	free(vet);
}
