/*
 *     agent_vet_start -> on_begin -> fill_slots -> run_slot -> http_send
 *                                                 on_answer -> run_slot
 *                                                           -> fill_slots
 *     on_late, or all asked -> end -> done
 */
#include "agent/agent_vet.h"

#include <ev.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/http/client.h"
#include "agent/monitor.h"
#include "agent/moved.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

enum {
	SLOTS = 16,
	PATIENCE_S = 5,
};

/** One endpoint about which one reporter is asked. */
struct question {
	const struct reporter *reporter;
	struct event_endpoint endpoint;
};

struct slot {
	struct agent_vet *vet;
	struct question question; /* reporter NULL: the slot is free */
	struct http_call *call;
	struct http_request request;
	struct moved moved;
	struct arena *arena;
	char carry[REPORTER_CARRY_MAX];
};

struct agent_vet {
	struct agent_vet_settings settings;
	struct ev_timer begin;
	struct ev_timer late;
	struct question *questions;
	size_t n_questions;
	size_t asked;
	bool said_moved;
	struct slot slots[SLOTS];
};

static void
add_question(struct agent_vet *vet, const struct reporter *reporter,
	const struct monitor *monitor)
{
	vet->questions = mem_grow(
		vet->questions, vet->n_questions + 1, sizeof *vet->questions);
	vet->questions[vet->n_questions++] = (struct question){
		.reporter = reporter,
		.endpoint = monitor_facts(monitor),
	};
}

/* Endpoints that share a component and a metric ask the same. */
static void
add_questions(struct agent_vet *vet, struct reporter *reporter)
{
	struct map *seen = map_new();
	const struct monitors *monitors = vet->settings.monitors;
	size_t n = monitors_size(monitors);
	for (uint32_t i = 0; i < n; i++) {
		const struct monitor *monitor = monitors_at(monitors, i);
		if (!monitor)
			continue;
		char asked[48];
		snprintf(asked, sizeof asked, "%" PRId64 "/%" PRId64,
			monitor->conf->component_id, monitor->conf->metric_id);
		if (!map_put(seen, asked, vet))
			add_question(vet, reporter, monitor);
	}
	map_free(seen);
}

/* The last thing to do: the vetting is gone after. */
static void
end(struct agent_vet *vet, const char *refused)
{
	agent_vet_done_fn *done = vet->settings.done;
	void *cookie = vet->settings.cookie;
	char reason[sizeof((struct reporter_step *)NULL)->detail];
	if (refused)
		snprintf(reason, sizeof reason, "%s", refused);

	agent_vet_cancel(vet);
	done(cookie, refused ? reason : NULL);
}

/* It could not be asked, so asking it more is in vain; it is told later. */
static void
give_up(struct agent_vet *vet, const struct reporter *reporter,
	const char *detail)
{
	log_say(LOG_WARN, "receiver could not be asked, going on",
		log_text("reporter", reporter->id), log_text("reason", detail));

	size_t kept = vet->asked;
	for (size_t i = kept; i < vet->n_questions; i++) {
		if (vet->questions[i].reporter != reporter)
			vet->questions[kept++] = vet->questions[i];
	}
	vet->n_questions = kept;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &vet->slots[i];
		if (slot->question.reporter != reporter)
			continue;
		http_cancel(slot->call), slot->call = NULL;
		slot->question.reporter = NULL;
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

static void
send_on(struct slot *slot)
{
	slot->call = http_send(
		slot->vet->settings.http, &slot->request, on_answer, slot);
}

/* One step of one question.  False: the vetting has ended and is gone. */
static bool
run_slot(struct slot *slot, const struct http_response *answer)
{
	struct agent_vet *vet = slot->vet;
	const struct reporter *reporter = slot->question.reporter;
	struct reporter_step step = { 0 };
	reporter->type->vet(reporter, token_of(vet, reporter),
		&slot->question.endpoint, answer, slot->carry, slot->arena,
		&step);

	switch (step.kind) {
	case STEP_SEND:
		slot->request = step.request;
		slot->moved = (struct moved){ 0 };
		send_on(slot);
		return true;
	case STEP_REJECTED:
		end(vet, step.detail);
		return false;
	case STEP_RETRY:
	case STEP_SUSPENDED:
		give_up(vet, reporter, step.detail);
		return true;
	case STEP_DONE:
		break;
	}
	slot->question.reporter = NULL;
	return true;
}

static bool
is_over(const struct agent_vet *vet)
{
	if (vet->asked < vet->n_questions)
		return false;
	for (size_t i = 0; i < SLOTS; i++) {
		if (vet->slots[i].question.reporter)
			return false;
	}
	return true;
}

static void
fill_slots(struct agent_vet *vet)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &vet->slots[i];
		while (!slot->question.reporter
			&& vet->asked < vet->n_questions) {
			slot->question = vet->questions[vet->asked++];
			slot->carry[0] = '\0';
			arena_reset(slot->arena);
			if (!run_slot(slot, NULL))
				return;
		}
	}
	if (is_over(vet))
		end(vet, NULL);
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct slot *slot = cookie;
	slot->call = NULL;

	struct agent_vet *vet = slot->vet;
	if (moved_follow(&slot->moved, slot->question.reporter, &slot->request,
		    answer, slot->arena, &vet->said_moved))
		send_on(slot);
	else if (run_slot(slot, answer))
		fill_slots(vet);
}

static void
on_begin(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	fill_slots(timer->data);
}

static void
on_late(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct agent_vet *vet = timer->data;

	for (size_t i = 0; i < SLOTS; i++) {
		const struct question *late = &vet->slots[i].question;
		if (late->reporter)
			give_up(vet, late->reporter, "no answer in 5 s");
	}
	end(vet, NULL);
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
		if (can_be_asked(vet, settings->reporters[i]))
			add_questions(vet, settings->reporters[i]);
	}

	ev_now_update(settings->loop);
	ev_timer_init(&vet->begin, on_begin, 0., 0.);
	vet->begin.data = vet;
	ev_timer_start(settings->loop, &vet->begin);
	ev_timer_init(&vet->late, on_late, PATIENCE_S, 0.);
	vet->late.data = vet;
	ev_timer_start(settings->loop, &vet->late);
	return vet;
}

void
agent_vet_cancel(struct agent_vet *vet)
{
	if (!vet)
		return;
	ev_timer_stop(vet->settings.loop, &vet->begin);
	ev_timer_stop(vet->settings.loop, &vet->late);
	for (size_t i = 0; i < SLOTS; i++) {
		http_cancel(vet->slots[i].call);
		arena_free(vet->slots[i].arena);
	}
	free(vet->questions);
	free(vet);
}
