#include "tests/support/outbox_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "agent/model/token.h"
#include "agent/store/store.h"
#include "reporters/reporter.h"

struct outbox_fixture f;

/*
 * The reporter: endpoints whose URL is "both" have an event part and a mirror,
 * "metric" a point and then an event part, others an event part only.  An
 * EVENT_POINT is a point only.  The status of the answer is its meaning.
 */

static void
fake_plan(const struct reporter *reporter, const struct event *event,
	struct reporter_plan *plan)
{
	(void)reporter;
	if (event->kind == EVENT_POINT
		|| str_eq(event->endpoint.url, "metric")) {
		plan->parts[plan->n].kind = PART_POINT;
		str_copy(plan->parts[plan->n++].lane, REPORTER_LANE_SIZE,
			f.window_ms > 0 ? "metric" : event->endpoint.name);
	}
	if (event->kind == EVENT_POINT)
		return;
	plan->parts[plan->n].kind = PART_EVENT;
	str_copy(plan->parts[plan->n++].lane, REPORTER_LANE_SIZE, "incident");
	if (str_eq(event->endpoint.url, "both")) {
		plan->parts[plan->n].kind = PART_MIRROR;
		str_copy(plan->parts[plan->n++].lane, REPORTER_LANE_SIZE,
			"component");
	}
}

static const char *
words_of(const struct reporter_context *context)
{
	static char words[96];
	if (context->part->kind == PART_MIRROR)
		snprintf(words, sizeof(words), "mirror %d", context->mirror);
	else if (context->part->kind == PART_POINT && f.window_ms > 0)
		snprintf(words, sizeof(words), "point %g at %lld",
			context->point.value,
			(long long)(context->point.at_ms - F_BEGIN_MS) / 1000);
	else if (context->part->kind == PART_POINT)
		snprintf(words, sizeof(words), "point of %s",
			context->event->endpoint.name);
	else
		snprintf(words, sizeof(words), "%s%s%s %s%s%s%s%s",
			context->uncertain ? "look for " : "",
			event_kind_name(context->event->kind),
			context->closing && f.as_one ? " and closed" : "",
			context->event->endpoint.name,
			*context->ref != '\0' ? " of " : "", context->ref,
			context->token ? " with " : "",
			context->token ? context->token : "");
	return words;
}

/* "opened shop, blog" */
static const char *
words_of_all(const struct reporter_context *context)
{
	const char *words = words_of(context);
	for (size_t i = 0; i < context->n_more; i++)
		words = arena_printf(context->arena, "%s, %s", words,
			context->more[i].endpoint.name);
	if (*context->carry != '\0')
		words = arena_printf(
			context->arena, "%s, %s", words, context->carry);
	return words;
}

static void
fake_judge(const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	switch (answer->status) {
	case 200:
		step->kind = STEP_DONE;
		step->told_closing = context->closing && f.as_one;
		str_copy(step->ref, sizeof(step->ref),
			context->event->kind == EVENT_OPENED ? "7" : "");
		break;
	case 201:
		step->kind = STEP_DONE;
		step->after_ms = MINUTE;
		break;
	case 400:
		step->kind = STEP_REJECTED;
		break;
	case 401:
		step->kind = STEP_SUSPENDED;
		step->undone = true;
		step->refused = true;
		break;
	case 207: /* not for everybody */
		step->kind = STEP_RETRY;
		str_copy(context->carry, REPORTER_CARRY_MAX, "for the rest");
		break;
	case 429:
		step->kind = STEP_RETRY;
		step->undone = true;
		step->limited = true;
		step->after_ms =
			http_response_retry_after(answer, context->now_ms);
		break;
	case 500:
		step->kind = STEP_RETRY;
		step->undone = true;
		break;
	default:
		step->kind = STEP_RETRY;
		step->target_down = true;
		step->undone = answer->fail == HTTP_FAIL_REFUSED;
		break;
	}
}

static void
fake_step(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	(void)reporter;
	struct reporter_meter *meter = context->point.meter;
	if (meter)
		meter->window_ms = f.window_ms, meter->adds_up = f.adds_up;
	if (meter && context->point.window_ms != f.window_ms) {
		step->kind = STEP_RETRY;
		step->early = true;
		return;
	}
	if (!answer) {
		step->kind = STEP_SEND;
		step->request.url =
			arena_dup(context->arena, words_of_all(context));
		step->request.method = "POST";
		step->once = context->part->kind == PART_EVENT
			&& !context->uncertain && !f.is_chat;
		return;
	}
	fake_judge(context, answer, step);
}

static struct reporter_limit
fake_limit(const struct reporter *reporter)
{
	(void)reporter;
	return f.limit;
}

static struct reporter_type fake_type = {
	.conf = { .name = "fake", .reminds = true },
	.plan = fake_plan,
	.step = fake_step,
	.limit = fake_limit,
};

static char fake_id[] = "fake/one";
static struct reporter fake = { .type = &fake_type, .id = fake_id };

/* The network. */

static void *
on_send(void *cookie, const struct http_request *request, http_done_fn *done,
	void *done_cookie)
{
	(void)cookie;
	assert_true(f.n_calls < CALLS_MAX);
	struct call *call = &f.calls[f.n_calls++];
	snprintf(call->text, sizeof(call->text), "%s", request->url);
	call->at_ms = f.now.mono_ms;
	call->done = done;
	call->cookie = done_cookie;
	return call;
}

static void
on_cancel(void *cookie, void *handle)
{
	(void)cookie;
	struct call *call = handle;
	call->cancelled = true;
	call->done = NULL;
}

static enum status
on_mirror(void *cookie, const struct reporter *reporter, int64_t component_id,
	bool only_setters)
{
	(void)only_setters;
	(void)reporter;
	(void)cookie;
	(void)component_id;
	return f.mirror;
}

static const char *
on_token(void *cookie, const struct reporter *reporter)
{
	(void)cookie;
	assert_non_null(reporter->token_source);
	return f.token;
}

static void
on_refused(void *cookie, const struct reporter *reporter, const char *token)
{
	(void)cookie;
	assert_ptr_equal(reporter, &fake);
	assert_string_equal(token, f.token);
	f.refused = f.token;
}

static struct moment
on_now(void *cookie)
{
	(void)cookie;
	return f.now;
}

static void
on_news(void *cookie, enum outbox_news news, const struct reporter *reporter,
	const struct event *event, const char *detail)
{
	(void)cookie;
	(void)reporter;
	(void)event;
	(void)detail;
	size_t len = strlen(f.news);
	if (len + 1 < sizeof(f.news))
		f.news[len] = "tRJXSU"[news];
}

/* A third writer makes the disk full. */

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	(void)cookie;
	(void)store;
	return !f.disk_full || err_set(err, "the disk is full");
}

static void
on_written(void *cookie)
{
	(void)cookie;
}

/* Lives of the process. */

static void
begin(void)
{
	struct err err;
	bool fresh;
	f.store = store_open("file:/outbox?vfs=memdb", &fresh, &err);
	assert_non_null(f.store);
	f.ledger = ledger_new(f.store);
	f.outbox = outbox_new(&(struct outbox_settings){
		.store = f.store,
		.ledger = f.ledger,
		.rng = &f.rng,
		.transport = { on_send, on_cancel, NULL },
		.mirror = on_mirror,
		.token = on_token,
		.refused = on_refused,
		.news = on_news,
		.now = on_now,
	});
	outbox_add(f.outbox, &fake);
	ledger_join(
		f.ledger, (struct ledger_writer){ on_write, on_written, NULL });
	f.n_calls = 0;
	assert_true(outbox_load(f.outbox, f.now, &err));
}

static void
end(void)
{
	outbox_free(f.outbox);
	ledger_free(f.ledger);
	store_close(f.store);
}

int
outbox_kit_set_up(void **unused)
{
	(void)unused;
	f = (struct outbox_fixture){ .now = { 1000, F_BEGIN_MS } };
	rng_seed(&f.rng, 1);
	fake.token_source = NULL;
	fake.is_record = fake.tells_late = false;
	fake_type.company_max = 0;
	begin();
	return 0;
}

int
outbox_kit_tear_down(void **unused)
{
	(void)unused;
	end();
	return 0;
}

/** The database in memory lives as long as somebody has it open. */
void
outbox_kit_restart(void)
{
	struct store *keep = NULL;
	struct err err;
	bool fresh;
	outbox_free(f.outbox);
	ledger_free(f.ledger);
	keep = store_open("file:/outbox?vfs=memdb", &fresh, &err);
	store_close(f.store);
	begin();
	store_close(keep);
}

void
outbox_kit_keep_record(bool tells_late)
{
	fake.is_record = true;
	fake.tells_late = tells_late;
}

void
outbox_kit_be_a_chat(unsigned company_max, struct bucket_limit limit)
{
	fake_type.company_max = company_max;
	f.is_chat = true;
	f.limit.limit = limit;
}

const struct reporter *
outbox_kit_reporter(void)
{
	return &fake;
}

void
outbox_kit_remove(void)
{
	outbox_remove(f.outbox, &fake);
	outbox_kit_turn();
}

void
outbox_kit_need_token(void)
{
	static const struct token_source source = { 0 };
	fake.token_source = &source;
}

void
outbox_kit_new_token(const char *token)
{
	f.token = token;
	outbox_wake(f.outbox, &fake);
	outbox_kit_turn();
}

void
outbox_kit_turn(void)
{
	f.next_ms = outbox_turn(f.outbox, f.now);
}

void
outbox_kit_wait(int64_t ms)
{
	f.now.mono_ms += ms;
	f.now.wall_ms += ms;
	outbox_kit_turn();
}

void
outbox_kit_announce(enum event_kind kind, const char *name, const char *url)
{
	char uuid[64];
	snprintf(uuid, sizeof(uuid), "00000000-0000-7000-8000-%06u%06zu",
		f.incident, strlen(name));
	struct event event = {
		.kind = kind,
		.incident = uuid,
		.seq = (unsigned)kind + f.seq,
		.at_ms = f.now.wall_ms,
		.latency_us = f.latency_us,
		.opened_ms = f.now.wall_ms,
		.from = STATUS_OPERATIONAL,
		.to = kind == EVENT_CLOSED ? STATUS_OPERATIONAL
					   : STATUS_PARTIAL_OUTAGE,
		.message = "",
		.endpoint = { .name = name,
			.url = url,
			.method = "GET",
			.titles = { "down", "slow", "up" } },
	};
	const struct reporter *to[] = { &fake };
	outbox_announce(f.outbox, &event, to, 1, f.now);
	outbox_kit_turn();
}

void
outbox_kit_answer(size_t call, int status)
{
	outbox_kit_answer_with(call, status, "");
}

void
outbox_kit_answer_with(size_t call, int status, const char *headers)
{
	struct http_response response = {
		.fail = status > 0 ? HTTP_FAIL_NONE : HTTP_FAIL_TIMEOUT,
		.status = status,
		.sent = true,
		.detail = "",
		.headers = headers,
		.body = "",
	};
	http_done_fn *done = f.calls[call].done;
	f.calls[call].done = NULL;
	assert_non_null(done);
	done(f.calls[call].cookie, &response);
	outbox_kit_turn();
}

void
outbox_kit_assert_call(size_t call, const char *text)
{
	assert_true(call < f.n_calls);
	assert_string_equal(f.calls[call].text, text);
}

static struct outbox_stats seen;

static void
on_stats(void *cookie, const struct outbox_stats *stats)
{
	(void)cookie;
	seen = *stats;
}

const struct outbox_stats *
outbox_kit_stats(void)
{
	outbox_each(f.outbox, on_stats, NULL);
	return &seen;
}
