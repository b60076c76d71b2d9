/*
 * The outbox against a reporter and a network that do as the test says, on a
 * database in memory, with time as an argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "reporters/reporter.h"

enum {
	CALLS_MAX = 64,
};

static const int64_t MINUTE = INT64_C(60) * 1000;
static const int64_t HOUR = INT64_C(60) * 60 * 1000;

/** A request that was sent, and who waits for its answer. */
struct call {
	char text[96]; /* "open shop" */
	http_done_fn *done;
	void *cookie;
	bool cancelled;
};

static struct fixture {
	struct store *store;
	struct ledger *ledger;
	struct outbox *outbox;
	struct rng rng;
	struct moment now;
	struct call calls[CALLS_MAX];
	size_t n_calls;
	int64_t next_ms;
	enum status mirror;
	bool disk_full;
	char news[512]; /* one letter each: t told, r retry, x expired ... */
} f;

/*
 * The reporter: endpoints whose URL is "both" have an event part and a mirror,
 * others an event part only.  The status of the answer is its meaning.
 */

static void
fake_plan(const struct reporter *reporter, const struct event *event,
	struct reporter_plan *plan)
{
	(void)reporter;
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
	else
		snprintf(words, sizeof(words), "%s%s %s%s%s",
			context->uncertain ? "look for " : "",
			event_kind_name(context->event->kind),
			context->event->endpoint.name,
			*context->ref != '\0' ? " of " : "", context->ref);
	return words;
}

static void
fake_step(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	(void)reporter;
	if (!answer) {
		step->kind = STEP_SEND;
		step->request.url = words_of(context);
		step->once = context->part->kind == PART_EVENT
			&& !context->uncertain;
		return;
	}
	switch (answer->status) {
	case 200:
		step->kind = STEP_DONE;
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
		break;
	case 429:
		step->kind = STEP_RETRY;
		step->undone = true;
		step->after_ms = 5 * MINUTE;
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

static const struct reporter_type fake_type = {
	.plan = fake_plan,
	.step = fake_step,
};

static char fake_id[] = "fake/one";
static const struct reporter fake = { .type = &fake_type, .id = fake_id };

/* The network. */

static void *
on_send(void *cookie, const struct http_request *request, http_done_fn *done,
	void *done_cookie)
{
	(void)cookie;
	assert_true(f.n_calls < CALLS_MAX);
	struct call *call = &f.calls[f.n_calls++];
	snprintf(call->text, sizeof(call->text), "%s", request->url);
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
on_mirror(void *cookie, int64_t component_id)
{
	(void)cookie;
	(void)component_id;
	return f.mirror;
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

static int
set_up(void **unused)
{
	(void)unused;
	f = (struct fixture){ .now = { 1000, 1795219200000 } };
	rng_seed(&f.rng, 1);
	begin();
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;
	end();
	return 0;
}

/** The database in memory lives as long as somebody has it open. */
static void
restart(void)
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

static void
turn(void)
{
	f.next_ms = outbox_turn(f.outbox, f.now);
}

static void
wait_ms(int64_t ms)
{
	f.now.mono_ms += ms;
	f.now.wall_ms += ms;
	turn();
}

static void
announce(enum event_kind kind, const char *name, const char *url)
{
	char uuid[64];
	snprintf(uuid, sizeof(uuid), "00000000-0000-7000-8000-%012zu",
		strlen(name));
	struct event event = {
		.kind = kind,
		.incident = uuid,
		.seq = (unsigned)kind,
		.at_ms = f.now.wall_ms,
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
	turn();
}

static void
answer(size_t call, int status)
{
	struct http_response response = {
		.fail = status > 0 ? HTTP_FAIL_NONE : HTTP_FAIL_TIMEOUT,
		.status = status,
		.sent = true,
		.detail = "",
		.headers = "",
		.body = "",
	};
	http_done_fn *done = f.calls[call].done;
	f.calls[call].done = NULL;
	assert_non_null(done);
	done(f.calls[call].cookie, &response);
	turn();
}

static void
assert_call(size_t call, const char *text)
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

static const struct outbox_stats *
stats(void)
{
	outbox_each(f.outbox, on_stats, NULL);
	return &seen;
}

/* The tests. */

static void
test_closing_waits_for_opening(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	announce(EVENT_CLOSED, "shop", "");
	assert_int_equal(f.n_calls, 1);
	assert_call(0, "opened shop");
	answer(0, 500);
	wait_ms(MINUTE);
	assert_call(1, "opened shop");
	answer(1, 200);
	assert_call(2, "closed shop of 7");
	answer(2, 200);
	assert_int_equal(stats()->waiting, 0);
	assert_string_equal(f.news, "Rtt");
}

static void
test_endpoints_do_not_wait_for_one_another(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	announce(EVENT_OPENED, "api", "");
	assert_int_equal(f.n_calls, 2);
	answer(0, 500);
	answer(1, 200);
	assert_int_equal(stats()->waiting, 1);
}

static void
test_parts_go_in_order_and_apart(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	announce(EVENT_OPENED, "shop", "both");
	assert_int_equal(f.n_calls, 1); /* the mirror comes second */
	answer(0, 500);
	assert_call(1, "mirror 3"); /* and does not wait for a retry */
	answer(1, 200);
	wait_ms(MINUTE);
	assert_call(2, "opened shop");
}

static void
test_mirror_tells_only_the_latest(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	announce(EVENT_OPENED, "shop", "both");
	answer(0, 200);
	assert_call(1, "mirror 3");
	f.mirror = STATUS_MAJOR_OUTAGE;
	announce(EVENT_CHANGED, "shop", "both");
	assert_call(2, "changed shop of 7");
	answer(2, 200);
	answer(1, 500); /* and it changed meanwhile */
	f.mirror = STATUS_OPERATIONAL;
	announce(EVENT_CLOSED, "shop", "both");
	assert_call(3, "closed shop of 7");
	answer(3, 200);
	wait_ms(MINUTE);
	assert_int_equal(f.n_calls, 5);
	assert_call(4, "mirror 1");
	answer(4, 200);
	assert_int_equal(stats()->waiting, 0);
	assert_int_equal(f.n_calls, 5);
}

static void
test_mirror_in_flight_does_not_swallow_what_comes(void **unused)
{
	(void)unused;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	announce(EVENT_OPENED, "shop", "both");
	answer(0, 200);
	f.mirror = STATUS_OPERATIONAL;
	announce(EVENT_CLOSED, "shop", "both");
	answer(2, 200); /* closed shop */
	answer(1, 200); /* mirror 3, composed before */
	assert_call(3, "mirror 1");
	answer(3, 200);
	assert_int_equal(stats()->waiting, 0);
}

static void
test_restart_takes_up_what_was_left(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 200);
	announce(EVENT_CLOSED, "shop", "");
	assert_call(1, "closed shop of 7");
	restart();
	turn();
	assert_call(0, "look for closed shop of 7");
	answer(0, 200);
	assert_int_equal(stats()->waiting, 0);
	restart();
	turn();
	assert_int_equal(f.n_calls, 0);
}

static void
test_begun_and_refused_is_not_uncertain(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 500); /* undone */
	restart();
	wait_ms(MINUTE);
	assert_call(0, "opened shop");
}

static void
test_lost_answer_is_uncertain(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 0);
	wait_ms(MINUTE);
	assert_call(1, "look for opened shop");
}

static void
test_retry_after_is_honoured(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 429);
	wait_ms(4 * MINUTE);
	assert_int_equal(f.n_calls, 1);
	wait_ms(2 * MINUTE);
	assert_int_equal(f.n_calls, 2);
}

static void
test_rejected_opening_silences_what_follows(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 400);
	announce(EVENT_CLOSED, "shop", "");
	assert_int_equal(f.n_calls, 1);
	assert_int_equal(stats()->waiting, 0);
	assert_int_equal(stats()->rejected, 1);
	assert_string_equal(f.news, "J");
}

static void
test_suspended_target_is_tried_every_five_minutes(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	announce(EVENT_OPENED, "api", "");
	answer(0, 401);
	answer(1, 401);
	wait_ms(4 * MINUTE);
	assert_int_equal(f.n_calls, 2);
	wait_ms(2 * MINUTE);
	assert_int_equal(f.n_calls, 3); /* one of them, to see */
	assert_true(stats()->suspended);
	answer(2, 200);
	assert_int_equal(f.n_calls, 4); /* then the rest */
	answer(3, 200);
	assert_int_equal(stats()->waiting, 0);
	assert_string_equal(f.news, "SUtt");
}

static void
test_dead_target_is_tried_one_at_a_time(void **unused)
{
	(void)unused;
	static const char *const names[] = { "a", "bb", "ccc", "dddd",
		"eeeee" };
	for (size_t i = 0; i < 5; i++)
		announce(EVENT_OPENED, names[i], "");
	assert_int_equal(f.n_calls, 4);
	for (size_t i = 0; i < 4; i++)
		answer(i, 0);
	wait_ms(MINUTE);
	assert_int_equal(f.n_calls, 5);
	answer(4, 200);
	assert_int_equal(f.n_calls, 9); /* it is back: the rest at once */
}

static void
test_expires_after_a_day_but_not_unfailed(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 500);
	restart();
	f.now.wall_ms += 48 * HOUR; /* the clock jumps; nothing else passes */
	restart();
	wait_ms(MINUTE);
	assert_call(0, "opened shop"); /* not yet expired: not failed here */
	answer(0, 500);
	assert_int_equal(stats()->expired, 1);
	assert_int_equal(stats()->waiting, 0);
	int64_t count = 0;
	struct err err;
	assert_true(store_counter(f.store, "expired/fake/one", &count, &err));
	assert_int_equal(count, 1);
}

static void
test_told_part_looks_around_once_more(void **unused)
{
	(void)unused;
	announce(EVENT_OPENED, "shop", "");
	answer(0, 201);
	announce(EVENT_CLOSED, "shop", ""); /* nobody waits for the last look */
	assert_call(1, "closed shop");
	answer(1, 200);
	assert_int_equal(stats()->waiting, 1);
	restart();
	turn();
	assert_int_equal(f.n_calls, 0);
	wait_ms(2 * MINUTE);
	assert_call(0, "opened shop");
	answer(0, 200);
	assert_int_equal(stats()->waiting, 0);
}

static void
test_full_disk_holds_what_must_not_repeat(void **unused)
{
	(void)unused;
	f.disk_full = true;
	f.mirror = STATUS_PARTIAL_OUTAGE;
	announce(EVENT_OPENED, "shop", "both");
	wait_ms(10000);
	assert_int_equal(f.n_calls, 0);
	f.disk_full = false;
	wait_ms(1000);
	assert_int_equal(f.n_calls, 1);
	assert_call(0, "opened shop");
	answer(0, 200);
	answer(1, 200);
	restart();
	turn();
	assert_int_equal(f.n_calls, 0);
}

static void
test_drained_outbox_sends_nothing_new(void **unused)
{
	(void)unused;
	outbox_drain(f.outbox);
	announce(EVENT_OPENED, "shop", "");
	assert_int_equal(f.n_calls, 0);
	restart();
	turn();
	assert_int_equal(f.n_calls, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	log_threshold(LOG_SILENT);
	const struct CMUnitTest tests[] = {
		CASE(test_closing_waits_for_opening),
		CASE(test_endpoints_do_not_wait_for_one_another),
		CASE(test_parts_go_in_order_and_apart),
		CASE(test_mirror_tells_only_the_latest),
		CASE(test_mirror_in_flight_does_not_swallow_what_comes),
		CASE(test_restart_takes_up_what_was_left),
		CASE(test_begun_and_refused_is_not_uncertain),
		CASE(test_lost_answer_is_uncertain),
		CASE(test_retry_after_is_honoured),
		CASE(test_rejected_opening_silences_what_follows),
		CASE(test_suspended_target_is_tried_every_five_minutes),
		CASE(test_dead_target_is_tried_one_at_a_time),
		CASE(test_expires_after_a_day_but_not_unfailed),
		CASE(test_told_part_looks_around_once_more),
		CASE(test_full_disk_holds_what_must_not_repeat),
		CASE(test_drained_outbox_sends_nothing_new),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
