/*
 *     on_due -> tick -> look -> begin ... on_result -> deliver
 *                    -> wait_for_room ............. -> fill_room -> begin
 */
#include "agent/rounds.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <ev.h>

#include "agent/base/clock.h"
#include "agent/base/heap.h"
#include "agent/base/histogram.h"
#include "agent/base/mem.h"
#include "agent/judge/schedule.h"
#include "agent/stall.h"
#include "conf/conf.h"
#include "probes/probe.h"

enum {
	/*
	 * Of what is due together so many begin in one turn of the loop, so
	 * that those under way are served in between.
	 */
	TURN_MAX = 64,
};

/* One endpoint.  There are a hundred thousand of them: keep it small. */
struct stop {
	struct heap_item due; /* first; ordered by the hash of its name */
	struct rounds *rounds;
	struct probe *probe;
	struct conf *document; /* held for the probe's settings */
	struct worker_task *heir; /* settings for when the probe has ended */
	int64_t period_us;
	uint32_t endpoint;
	uint32_t generation;
	uint32_t missed;
	bool is_first; /* the first deadline is still to come */
	enum state { STATE_IDLE = 0, STATE_WAITING, STATE_BUSY } state : 8;
};

/* There was no room for its probe when its deadline came. */
struct waiter {
	struct waiter *next;
	struct stop *stop;
	int64_t due_us;
};

struct rounds {
	struct ev_loop *loop;
	struct rounds_settings settings;
	ev_timer timer;
	struct heap deadlines; /* of struct stop */
	struct stop **stops; /* by number; NULL where there is none */
	size_t n_stops;
	struct waiter *waiters; /* the first */
	struct waiter **waiters_end;

	/* Read by other threads. */
	_Atomic uint64_t probes;
	_Atomic uint64_t missed;
	_Atomic uint64_t busy;
	struct histogram late;
};

static void
count(_Atomic uint64_t *counter, uint64_t more)
{
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static void
set_busy(struct rounds *rounds, size_t busy)
{
	bool was_busy = rounds->busy > 0;
	atomic_store_explicit(&rounds->busy, busy, memory_order_relaxed);
	if (was_busy != (busy > 0))
		stall_watch(rounds->settings.stall, busy > 0);
}

static void
miss(struct stop *stop, uint64_t times)
{
	stop->missed += (uint32_t)times;
	count(&stop->rounds->missed, times);
}

static void on_result(void *cookie, struct result *result);

static void
begin(struct stop *stop, int64_t due_us)
{
	struct rounds *rounds = stop->rounds;
	histogram_add(&rounds->late, clock_mono_us() - due_us);
	stop->state = STATE_BUSY;
	set_busy(rounds, rounds->busy + 1);
	probe_start(stop->probe, clock_wall_ms(), on_result, stop);
}

static void
wait_for_room(struct stop *stop, int64_t due_us)
{
	struct rounds *rounds = stop->rounds;
	struct waiter *waiter = mem_alloc(sizeof(*waiter));
	waiter->next = NULL;
	waiter->stop = stop;
	waiter->due_us = due_us;
	stop->state = STATE_WAITING;
	*rounds->waiters_end = waiter;
	rounds->waiters_end = &waiter->next;
}

/* `place` is what points at the waiter. */
static void
drop_waiter(struct rounds *rounds, struct waiter **place)
{
	struct waiter *waiter = *place;
	assert(waiter->stop->state == STATE_WAITING);
	waiter->stop->state = STATE_IDLE;
	*place = waiter->next;
	if (!*place)
		rounds->waiters_end = place;
	free(waiter);
}

/* First come, first served: late rather than wrong. */
static void
fill_room(struct rounds *rounds)
{
	while (rounds->waiters && rounds->busy < rounds->settings.busy_max) {
		struct stop *stop = rounds->waiters->stop;
		int64_t due_us = rounds->waiters->due_us;
		drop_waiter(rounds, &rounds->waiters);
		begin(stop, due_us);
	}
}

static void
look(struct stop *stop, int64_t due_us)
{
	if (stop->rounds->busy < stop->rounds->settings.busy_max)
		begin(stop, due_us);
	else
		wait_for_room(stop, due_us);
}

/* From now on with the settings of this task, whose hold it takes over. */
static void
adopt(struct stop *stop, const struct worker_task *task)
{
	probe_free(stop->probe);
	conf_free(stop->document);
	stop->document = task->document;
	stop->probe = probe_new(
		task->type, task->settings, stop->rounds->settings.env);
}

static void
drop_heir(struct stop *stop)
{
	if (stop->heir)
		conf_free(stop->heir->document);
	free(stop->heir);
	stop->heir = NULL;
}

static void
adopt_heir(struct stop *stop)
{
	adopt(stop, stop->heir);
	free(stop->heir);
	stop->heir = NULL;
}

static void
deliver(struct rounds *rounds, const struct result *result)
{
	struct worker_result *item = mem_zalloc(sizeof(*item));
	item->result = *result;
	if (queue_push(rounds->settings.worker.results, &item->item))
		rounds->settings.worker.wake(rounds->settings.worker.cookie);
}

static void
on_result(void *cookie, struct result *result)
{
	struct stop *stop = cookie;
	struct rounds *rounds = stop->rounds;
	stop->state = STATE_IDLE;
	set_busy(rounds, rounds->busy - 1);
	count(&rounds->probes, 1);

	result->endpoint = stop->endpoint;
	result->generation = stop->generation;
	result->missed = stop->missed;
	deliver(rounds, result);
	if (stop->heir)
		adopt_heir(stop);
	fill_room(rounds);
}

/* The next deadline stands before anything that might take time. */
static void
tick(struct stop *stop)
{
	struct rounds *rounds = stop->rounds;
	int64_t due_us = stop->due.due;
	if (stop->is_first) {
		stop->is_first = false;
		stop->due.due = schedule_second(
			due_us, stop->period_us, stop->due.order);
	} else {
		uint64_t missed = 0;
		stop->due.due = schedule_next(
			due_us, stop->period_us, clock_mono_us(), &missed);
		miss(stop, missed);
	}
	heap_put(&rounds->deadlines, &stop->due);
	if (stop->state == STATE_IDLE)
		look(stop, due_us);
	else
		miss(stop, 1);
}

static struct stop *
earliest(struct rounds *rounds)
{
	struct heap_item *item = heap_first(&rounds->deadlines);
	return (struct stop *)item; /* its first member */
}

static void
arm(struct rounds *rounds)
{
	ev_timer_stop(rounds->loop, &rounds->timer);
	struct stop *stop = earliest(rounds);
	if (!stop)
		return;
	/* libev counts from the time that it remembers. */
	ev_now_update(rounds->loop);
	int64_t left_us = stop->due.due - clock_mono_us();
	ev_timer_set(
		&rounds->timer, left_us > 0 ? (double)left_us / 1e6 : 0., 0.);
	ev_timer_start(rounds->loop, &rounds->timer);
}

static void
on_due(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct rounds *rounds = timer->data;
	(void)loop;
	(void)events;
	int64_t now_us = clock_mono_us();
	for (int i = 0; i < TURN_MAX; i++) {
		struct stop *stop = earliest(rounds);
		if (!stop || stop->due.due > now_us)
			break;
		tick(stop);
	}
	arm(rounds);
}

struct rounds *
rounds_new(struct ev_loop *loop, const struct rounds_settings *settings)
{
	assert(settings->busy_max > 0);
	struct rounds *rounds = mem_zalloc(sizeof(*rounds));
	rounds->loop = loop;
	rounds->settings = *settings;
	rounds->waiters_end = &rounds->waiters;
	ev_timer_init(&rounds->timer, on_due, 0., 0.);
	rounds->timer.data = rounds;
	return rounds;
}

void
rounds_free(struct rounds *rounds)
{
	if (!rounds)
		return;
	rounds->settings.busy_max = 0; /* nothing begins any more */
	for (size_t i = 0; i < rounds->n_stops; i++)
		rounds_remove(rounds, (uint32_t)i);
	ev_timer_stop(rounds->loop, &rounds->timer);
	heap_finish(&rounds->deadlines);
	free(rounds->stops);
	free(rounds);
}

static void
make_room_for(struct rounds *rounds, uint32_t endpoint)
{
	if (endpoint < rounds->n_stops)
		return;
	size_t size = (size_t)endpoint + 1;
	if (size < rounds->n_stops * 2)
		size = rounds->n_stops * 2;
	rounds->stops = mem_grow(rounds->stops, size, sizeof(struct stop *));
	for (size_t i = rounds->n_stops; i < size; i++)
		rounds->stops[i] = NULL;
	rounds->n_stops = size;
}

/* As of a new endpoint. */
static void
begin_anew(struct stop *stop, const struct worker_task *task, int64_t now_us)
{
	assert(task->period_us > 0);
	stop->generation = task->generation;
	stop->period_us = task->period_us;
	stop->is_first = true;
	adopt(stop, task);
	stop->due.order = task->hash;
	stop->due.due = schedule_first(now_us, task->period_us, task->hash,
		task->together > 0 ? task->together : 1);
	heap_put(&stop->rounds->deadlines, &stop->due);
}

static void
add(struct rounds *rounds, const struct worker_task *task, int64_t now_us)
{
	make_room_for(rounds, task->endpoint);
	assert(!rounds->stops[task->endpoint]);
	struct stop *stop = mem_zalloc(sizeof(*stop));
	rounds->stops[task->endpoint] = stop;
	stop->rounds = rounds;
	stop->endpoint = task->endpoint;
	begin_anew(stop, task, now_us);
}

void
rounds_add(struct rounds *rounds, const struct worker_task *tasks, size_t n)
{
	int64_t now_us = clock_mono_us();
	for (size_t i = 0; i < n; i++)
		add(rounds, &tasks[i], now_us);
	arm(rounds);
}

static struct stop *
stop_of(const struct rounds *rounds, uint32_t endpoint)
{
	return endpoint < rounds->n_stops ? rounds->stops[endpoint] : NULL;
}

static void
stop_waiting(struct stop *stop)
{
	struct rounds *rounds = stop->rounds;
	struct waiter **place = &rounds->waiters;
	while ((*place)->stop != stop)
		place = &(*place)->next;
	drop_waiter(rounds, place);
}

/* Whatever it does or waits for. */
static void
halt(struct stop *stop)
{
	struct rounds *rounds = stop->rounds;
	if (stop->state == STATE_WAITING)
		stop_waiting(stop);
	probe_free(stop->probe);
	stop->probe = NULL;
	if (stop->state == STATE_BUSY)
		set_busy(rounds, rounds->busy - 1);
	stop->state = STATE_IDLE;
	drop_heir(stop);
}

void
rounds_remove(struct rounds *rounds, uint32_t endpoint)
{
	struct stop *stop = stop_of(rounds, endpoint);
	if (!stop)
		return;
	rounds->stops[endpoint] = NULL;
	heap_remove(&rounds->deadlines, &stop->due);
	halt(stop);
	conf_free(stop->document);
	free(stop);
	fill_room(rounds);
}

/* The settings say the same as those of before. */
static void
succeed(struct stop *stop, const struct worker_task *task)
{
	drop_heir(stop);
	if (stop->state != STATE_BUSY) {
		adopt(stop, task);
		return;
	}
	stop->heir = mem_alloc(sizeof(*stop->heir));
	*stop->heir = *task;
}

void
rounds_replace(struct rounds *rounds, const struct worker_task *tasks, size_t n)
{
	int64_t now_us = clock_mono_us();
	for (size_t i = 0; i < n; i++) {
		const struct worker_task *task = &tasks[i];
		struct stop *stop = stop_of(rounds, task->endpoint);
		if (!stop) {
			add(rounds, task, now_us);
		} else if (stop->generation == task->generation) {
			succeed(stop, task);
		} else {
			halt(stop);
			begin_anew(stop, task, now_us);
		}
	}
	arm(rounds);
	fill_room(rounds);
}

void
rounds_probe_now(struct rounds *rounds, uint32_t endpoint)
{
	struct stop *stop = stop_of(rounds, endpoint);
	if (stop && stop->state == STATE_IDLE)
		look(stop, clock_mono_us());
}

void
rounds_stats(struct rounds *rounds, struct worker_stats *stats)
{
	*stats = (struct worker_stats){
		.probes = atomic_load(&rounds->probes),
		.missed = atomic_load(&rounds->missed),
		.busy = atomic_load(&rounds->busy),
		.late_p50_us = histogram_quantile(&rounds->late, 0.50),
		.late_p99_us = histogram_quantile(&rounds->late, 0.99),
		.late_max_us = histogram_max(&rounds->late),
	};
}

void
rounds_lateness(struct rounds *rounds, struct histogram *all)
{
	histogram_merge(all, &rounds->late);
}
