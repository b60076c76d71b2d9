/*
 * A worker's thread: on_results_wait
 * The main thread:   on_results -> take_results -> monitors_take
 *                    before each sleep: on_turn -> outbox_turn -> arm_due
 *                    on_signal, agent_stop -> on_stop -> begin_stop
 *
 *     agent_run -> await_tokens ... begin_vetting ... on_vetted -> begin_work
 *               ... begin_stop ... end
 */
#include <signal.h>
#include <stdlib.h>

#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/agent_tokens.h"
#include "agent/agent_vet.h"
#include "agent/base/clock.h"
#include "agent/base/hash.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/digests.h"
#include "agent/external.h"
#include "agent/ledger.h"
#include "agent/operator.h"
#include "agent/queue.h"
#include "agent/reconcile.h"
#include "agent/reminders.h"
#include "agent/sight.h"
#include "agent/store/store.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "probes/probe.h"

enum {
	DELIVERIES_S = 5, /* for those in flight, when it is to stop */
	START_MS = 5 * 1000, /* for tokens, and for what receivers answer */
	PRUNE_EVERY_S = 3600,
	PRUNE_AFTER_DAYS = 30,
	PRUNE_MAX = 1000, /* incidents an hour */
};

/* Work: results come in, and each turn of the loop ends with one turn of the
 * outbox, which commits and sends. */

/* From the worker's thread. */
static void
on_results_wait(void *cookie)
{
	struct agent *agent = cookie;
	ev_async_send(agent->loop, &agent->results_wait);
}

static void
take_results(struct agent *agent)
{
	struct moment now = clock_now();
	struct queue_item *item = queue_take(agent->results);
	while (item) {
		struct queue_item *next = item->next;
		struct worker_result *taken = (void *)item;
		monitors_take(agent->monitors, &taken->result, now);
		free(taken);
		item = next;
	}
}

void
agent_run_drop(struct queue *results)
{
	struct queue_item *item = queue_take(results);
	while (item) {
		struct queue_item *next = item->next;
		struct worker_result *dropped = (void *)item;
		result_finish(&dropped->result);
		free(dropped);
		item = next;
	}
	queue_free(results);
}

static void
on_results(struct ev_loop *loop, struct ev_async *async, int events)
{
	(void)loop, (void)events;
	take_results(async->data);
}

static void
arm_due(struct agent *agent, int64_t due_ms, int64_t mono_ms)
{
	ev_timer_stop(agent->loop, &agent->due);
	if (due_ms < 0)
		return;
	int64_t wait_ms = due_ms > mono_ms ? due_ms - mono_ms : 0;
	ev_now_update(agent->loop);
	ev_timer_set(&agent->due, (double)wait_ms / 1000., 0.);
	ev_timer_start(agent->loop, &agent->due);
}

/* Requests that may still be answered when it is to stop. */
static int64_t
in_flight(const struct agent *agent)
{
	return (int64_t)(outbox_busy(agent->outbox)
		+ actions_busy(agent->actions));
}

static void begin_vetting(struct agent *agent);

/* Before anything else, as they are what is vetted. */
static void
await_tokens(struct agent *agent, struct moment now)
{
	int64_t due = agent_tokens_turn(agent->tokens, now);
	const char *refusal = agent_tokens_refusal(agent->tokens);
	if (refusal) {
		err_set(&agent->why, "%s", refusal);
		agent->refused = true;
		ev_break(agent->loop, EVBREAK_ALL);
	} else if (agent_tokens_are_settled(agent->tokens)
		|| now.mono_ms >= agent->start_until_ms) {
		agent_tokens_log(agent->tokens);
		begin_vetting(agent);
	} else {
		arm_due(agent, clock_earlier(due, agent->start_until_ms),
			now.mono_ms);
	}
}

/* By the end of it, the work may have begun. */
static void
start_turn(struct agent *agent, struct moment now)
{
	if (!agent->vet && !agent->refused)
		await_tokens(agent, now);
	int64_t due = agent->vet ? agent_vet_turn(agent->vet, now) : -1;
	if (agent->vet)
		arm_due(agent, due, now.mono_ms);
}

static void
on_turn(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)events;
	struct agent *agent = prepare->data;

	struct moment now = clock_now();
	if (agent->phase == PHASE_STARTING)
		start_turn(agent, now);
	if (agent->phase == PHASE_STARTING) {
		operator_answer(agent->operator_desk, now); /* it is starting */
		return;
	}
	int64_t due = -1;
	if (agent->phase == PHASE_WORKING) {
		operator_turn(agent->operator_desk, now);
		actions_turn(agent->actions, now);
		due = clock_earlier(agent_tokens_turn(agent->tokens, now),
			clock_earlier(sight_turn(agent->sight, now),
				externals_turn(agent->externals, now)));
		due = clock_earlier(due, reconcile_turn(agent->reconcile, now));
		due = clock_earlier(due, digests_turn(agent->digests, now));
		due = clock_earlier(due, reminders_turn(agent->reminders, now));
	}
	due = clock_earlier(due, outbox_turn(agent->outbox, now));
	due = clock_earlier(due, operator_answer(agent->operator_desk, now));
	if (agent->phase == PHASE_WORKING)
		due = clock_earlier(due, actions_launch(agent->actions, now));
	arm_due(agent, due, now.mono_ms);
	if (agent->phase == PHASE_STOPPING && in_flight(agent) == 0)
		ev_break(loop, EVBREAK_ALL);
}

/* It only wakes the loop, whose every turn is on_turn(). */
static void
on_due(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)timer, (void)events;
}

static void
on_prune(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct agent *agent = timer->data;

	int64_t before_ms =
		clock_wall_ms() - (int64_t)PRUNE_AFTER_DAYS * 24 * 3600 * 1000;
	struct err err;
	if (!store_begin(agent->store, &err))
		goto fail;
	if (store_prune(agent->store, before_ms, PRUNE_MAX, &err)
		&& store_commit(agent->store, &err))
		return;
	store_rollback(agent->store);
fail:
	log_say(LOG_WARN, "cannot forget old incidents, will try again",
		log_text("reason", err.text));
}

/* From start to work. */

struct worker_task
agent_run_task(const struct monitor *monitor)
{
	const struct conf_endpoint *conf = monitor->conf;
	return (struct worker_task){
		.endpoint = monitor->number,
		.generation = monitor->generation,
		.type = probe_type_of(conf->probe.variant),
		.settings = conf->probe.settings,
		.document = monitor->document,
		.period_us = conf->frequency_ms * 1000,
		.hash = hash_text(conf->name),
	};
}

static void
start_probing(struct agent *agent)
{
	size_t size = monitors_size(agent->monitors);
	struct worker_task *tasks = mem_zalloc((size + 1) * sizeof *tasks);
	size_t n = 0;
	for (uint32_t i = 0; i < size; i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		if (monitor)
			tasks[n++] = agent_run_task(monitor);
	}
	for (size_t i = 0; i < n; i++)
		tasks[i].together = (uint32_t)n;
	workers_add(agent->workers, tasks, n);
	free(tasks);
}

static size_t
how_many_workers(const struct agent *agent)
{
	return agent->conf->workers > 0
		? (size_t)agent->conf->workers
		: workers_auto(monitors_count(agent->monitors));
}

static bool
begin_work(struct agent *agent)
{
	struct worker_settings settings = {
		.results = agent->results,
		.system_resolver =
			agent->conf->resolver == CONF_RESOLVER_SYSTEM,
		.wake = on_results_wait,
		.cookie = agent,
	};
	agent->workers =
		workers_new(&settings, how_many_workers(agent), &agent->why);
	if (!agent->workers)
		return false;
	agent->phase = PHASE_WORKING;
	start_probing(agent);
	ev_timer_start(agent->loop, &agent->prune);
	agent_reload_watch(agent);
	log_say(LOG_INFO, "probing",
		log_int("endpoints", (int64_t)monitors_count(agent->monitors)),
		log_int("workers", (int64_t)workers_count(agent->workers)));
	return true;
}

static void
reload(struct agent *agent)
{
	json_decref(agent_reload(agent));
}

static void
on_vetted(void *cookie, const char *refused)
{
	struct agent *agent = cookie;
	agent->vet = NULL;

	if (refused)
		err_set(&agent->why, "%s", refused);
	if (!refused)
		reconcile_begin(agent->reconcile, clock_now());
	if (refused || !begin_work(agent)) {
		agent->refused = true;
		ev_break(agent->loop, EVBREAK_ALL);
	} else if (agent->reload_later) {
		reload(agent);
	}
}

static void
on_listed(void *cookie, const struct reporter *reporter,
	struct reporter_view *view)
{
	const struct agent *agent = cookie;
	reconcile_listed(agent->reconcile, reporter, view);
}

static void
begin_vetting(struct agent *agent)
{
	struct agent_vet_settings settings = {
		.transport = agent_transport(agent),
		.monitors = agent->monitors,
		.outbox = agent->outbox,
		.reporters = agent->reporters.items,
		.n_reporters = agent->reporters.count,
		.token = agent_tokens_of,
		.token_cookie = agent->tokens,
		.listed = on_listed,
		.done = on_vetted,
		.until_ms = agent->start_until_ms,
		.now = agent_tell_now,
		.cookie = agent,
	};
	agent->vet = agent_vet_start(&settings);
}

/* From work to the end. */

static void
begin_stop(struct agent *agent)
{
	log_say(LOG_INFO, "stopping", log_int("in_flight", in_flight(agent)));
	bool worked = agent->phase == PHASE_WORKING;
	agent->phase = PHASE_STOPPING;
	agent_vet_cancel(agent->vet), agent->vet = NULL;
	outbox_drain(agent->outbox);
	if (!worked) {
		ev_break(agent->loop, EVBREAK_ALL);
		return;
	}
	workers_free(agent->workers), agent->workers = NULL;
	take_results(agent);
	ev_now_update(agent->loop);
	ev_timer_start(agent->loop, &agent->patience);
}

static void
on_stop(struct ev_loop *loop, struct ev_async *async, int events)
{
	(void)events;
	struct agent *agent = async->data;

	if (agent->phase == PHASE_STOPPING)
		ev_break(loop, EVBREAK_ALL);
	else
		begin_stop(agent);
}

static void
on_patience_end(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)events;
	struct agent *agent = timer->data;

	log_say(LOG_WARN,
		"deliveries did not end in time, the next start will "
		"take them up",
		log_int("in_flight", in_flight(agent)));
	ev_break(loop, EVBREAK_ALL);
}

static void
on_signal(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	(void)loop, (void)events;
	struct agent *agent = watcher->data;

	if (watcher->signum == SIGHUP)
		reload(agent);
	else
		agent_stop(agent);
}

void
agent_run_watch(struct agent *agent)
{
	struct ev_loop *loop = agent->loop;

	ev_async_init(&agent->results_wait, on_results);
	agent->results_wait.data = agent;
	ev_async_start(loop, &agent->results_wait);
	ev_async_init(&agent->stop, on_stop);
	agent->stop.data = agent;
	ev_async_start(loop, &agent->stop);
	ev_prepare_init(&agent->turn, on_turn);
	agent->turn.data = agent;
	ev_prepare_start(loop, &agent->turn);

	ev_timer_init(&agent->due, on_due, 0., 0.);
	ev_timer_init(&agent->prune, on_prune, 0., PRUNE_EVERY_S);
	agent->prune.data = agent;
	ev_timer_init(&agent->patience, on_patience_end, DELIVERIES_S, 0.);
	agent->patience.data = agent;

	static const int numbers[AGENT_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	for (size_t i = 0; i < AGENT_SIGNALS; i++) {
		ev_signal_init(&agent->signals[i], on_signal, numbers[i]);
		agent->signals[i].data = agent;
		ev_signal_start(loop, &agent->signals[i]);
	}
	signal(SIGPIPE, SIG_IGN);
}

void
agent_run_unwatch(struct agent *agent)
{
	struct ev_loop *loop = agent->loop;
	ev_async_stop(loop, &agent->results_wait);
	ev_async_stop(loop, &agent->stop);
	ev_prepare_stop(loop, &agent->turn);
	ev_timer_stop(loop, &agent->due);
	ev_timer_stop(loop, &agent->prune);
	ev_timer_stop(loop, &agent->patience);
	for (size_t i = 0; i < AGENT_SIGNALS; i++)
		ev_signal_stop(loop, &agent->signals[i]);
}

bool
agent_run(struct agent *agent, struct err *err)
{
	agent->start_until_ms = clock_now().mono_ms + START_MS;
	agent->pulse = agent_pulse_new(agent);
	stall_init(&agent->stall, agent->loop);
	ev_run(agent->loop, 0);
	agent_pulse_free(agent->pulse), agent->pulse = NULL;
	stall_finish(&agent->stall);
	if (agent->refused)
		return err_set(err, "%s", agent->why.text);

	/* What came in last, and what could have waited, is written too. */
	ledger_wake(agent->ledger);
	outbox_turn(agent->outbox, clock_now());
	log_say(LOG_INFO, "stopped");
	return true;
}
