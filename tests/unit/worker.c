/*
 * The worker with a kind of probe that does as it is told, and its rounds
 * alone on a loop of this thread.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ev.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/http/client.h"
#include "agent/queue.h"
#include "agent/rounds.h"
#include "agent/stall.h"
#include "agent/worker.h"
#include "probes/probe.h"

static const int64_t HOUR_US = INT64_C(3600) * 1000 * 1000;

/* What one endpoint's probe is told, and what it did. */
struct told {
	double takes; /* seconds; below zero: for ever */
	atomic_int under_way;
	atomic_int doubled;
	atomic_int begun;
	atomic_int cancelled;
	atomic_int gone;
};

struct toy {
	struct probe probe; /* first */
	struct told *told;
	struct ev_loop *loop;
	ev_timer timer;
};

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct toy *toy = timer->data;
	(void)loop;
	(void)events;
	atomic_fetch_sub(&toy->told->under_way, 1);
	probe_finish(
		&toy->probe, &(struct result){ .status = STATUS_OPERATIONAL });
}

static struct probe *
toy_create(const void *settings, const struct probe_env *env)
{
	struct toy *toy = mem_zalloc(sizeof(*toy));
	/* Through memory, as the settings are const to everybody else. */
	memcpy(&toy->told, settings, sizeof(struct told *));
	toy->loop = env->loop;
	ev_timer_init(&toy->timer, on_time, 0., 0.);
	toy->timer.data = toy;
	return &toy->probe;
}

static void
toy_start(struct probe *probe, int64_t now_ms)
{
	struct toy *toy = (struct toy *)probe;
	(void)now_ms;
	atomic_fetch_add(&toy->told->begun, 1);
	if (atomic_fetch_add(&toy->told->under_way, 1) > 0)
		atomic_fetch_add(&toy->told->doubled, 1);
	if (toy->told->takes < 0)
		return;
	ev_timer_set(&toy->timer, toy->told->takes, 0.);
	ev_timer_start(toy->loop, &toy->timer);
}

static void
toy_cancel(struct probe *probe)
{
	struct toy *toy = (struct toy *)probe;
	ev_timer_stop(toy->loop, &toy->timer);
	atomic_fetch_sub(&toy->told->under_way, 1);
	atomic_fetch_add(&toy->told->cancelled, 1);
}

static void
toy_destroy(struct probe *probe)
{
	struct toy *toy = (struct toy *)probe;
	atomic_fetch_add(&toy->told->gone, 1);
	free(toy);
}

static const struct probe_type toy_type = {
	.conf = { .name = "toy" },
	.create = toy_create,
	.start = toy_start,
	.cancel = toy_cancel,
	.destroy = toy_destroy,
};

/* What a probe gets as its settings: a pointer to what it is told. */
struct endpoint {
	struct told *told;
	struct told room;
};

static void
remove_one(struct worker *worker, uint32_t endpoint)
{
	worker_remove(worker, &(struct worker_task){ .endpoint = endpoint }, 1);
	worker_settle(worker);
}

static struct worker_task
task_of(struct endpoint *endpoint, uint32_t number, double takes,
	int64_t period_us)
{
	endpoint->told = &endpoint->room;
	endpoint->room.takes = takes;
	return (struct worker_task){
		.endpoint = number,
		.generation = 7 + number,
		.type = &toy_type,
		.settings = endpoint,
		.period_us = period_us,
		.hash = hash_bytes(&number, sizeof(number)),
	};
}

/* The main thread's side. */

struct desk {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool has_mail;
	struct queue *results;
};

static void
on_wake(void *cookie)
{
	struct desk *desk = cookie;
	pthread_mutex_lock(&desk->lock);
	desk->has_mail = true;
	pthread_cond_signal(&desk->woken);
	pthread_mutex_unlock(&desk->lock);
}

static void
desk_init(struct desk *desk)
{
	pthread_mutex_init(&desk->lock, NULL);
	pthread_cond_init(&desk->woken, NULL);
	desk->has_mail = false;
	desk->results = queue_new();
}

static size_t
drain(struct desk *desk)
{
	size_t n = 0;
	struct queue_item *item = queue_take(desk->results);
	while (item) {
		struct worker_result *result = (struct worker_result *)item;
		item = item->next;
		assert_int_equal(
			result->result.generation, 7 + result->result.endpoint);
		result_finish(&result->result);
		free(result);
		n++;
	}
	return n;
}

static void
desk_finish(struct desk *desk)
{
	drain(desk);
	queue_free(desk->results);
	pthread_cond_destroy(&desk->woken);
	pthread_mutex_destroy(&desk->lock);
}

/* Until there were `n` results; the test's own timeout is meson's. */
static void
take(struct desk *desk, size_t n)
{
	for (size_t got = 0; got < n; got += drain(desk)) {
		pthread_mutex_lock(&desk->lock);
		while (!desk->has_mail)
			pthread_cond_wait(&desk->woken, &desk->lock);
		desk->has_mail = false;
		pthread_mutex_unlock(&desk->lock);
	}
}

static struct worker *
start_worker(struct desk *desk)
{
	desk_init(desk);
	struct err err;
	struct worker *worker = worker_new(
		&(struct worker_settings){
			.results = desk->results,
			.busy_max = 1000,
			.wake = on_wake,
			.cookie = desk,
		},
		&err);
	if (!worker)
		fail_msg("%s", err.text);
	return worker;
}

static void
test_many_endpoints_are_probed_again_and_again(void **unused)
{
	(void)unused;
	enum { N = 200, ROUNDS = 5 };
	static struct endpoint endpoints[N];
	struct worker_task tasks[N];
	for (uint32_t i = 0; i < N; i++)
		tasks[i] = task_of(&endpoints[i], i, 0.001, 100000);
	struct desk desk;
	struct worker *worker = start_worker(&desk);
	worker_add(worker, tasks, N);
	take(&desk, (size_t)N * ROUNDS);
	struct worker_stats stats;
	worker_stats(worker, &stats);
	worker_free(worker);

	assert_true(stats.probes >= (uint64_t)N * ROUNDS);
	assert_true(stats.late_p50_us <= stats.late_p99_us);
	assert_true(stats.late_p99_us <= stats.late_max_us);
	for (size_t i = 0; i < N; i++) {
		struct told *told = &endpoints[i].room;
		assert_true(told->begun >= 1);
		assert_int_equal(told->doubled, 0);
		assert_int_equal(told->under_way, 0);
		assert_int_equal(told->gone, 1);
	}
	desk_finish(&desk);
}

static void
test_a_probe_that_hangs_misses_its_ticks(void **unused)
{
	(void)unused;
	static struct endpoint endpoint;
	struct worker_task task = task_of(&endpoint, 3, -1, 1000);
	struct desk desk;
	struct worker *worker = start_worker(&desk);
	worker_add(worker, &task, 1);
	struct worker_stats stats = { 0 };
	while (stats.missed < 20)
		worker_stats(worker, &stats);
	assert_int_equal(stats.busy, 1);
	assert_int_equal(stats.probes, 0);
	assert_int_equal(endpoint.room.begun, 1);

	remove_one(worker, 3);
	assert_int_equal(endpoint.room.cancelled, 1);
	assert_int_equal(endpoint.room.gone, 1);
	remove_one(worker, 3); /* not there: harmless */
	remove_one(worker, 300);
	assert_int_equal(drain(&desk), 0);
	worker_stats(worker, &stats);
	assert_int_equal(stats.busy, 0);
	worker_free(worker);
	desk_finish(&desk);
}

static void
test_it_ends_with_probes_under_way(void **unused)
{
	(void)unused;
	static struct endpoint endpoints[50];
	struct desk desk;
	struct worker *worker = start_worker(&desk);
	for (uint32_t i = 0; i < 50; i++) {
		struct worker_task task =
			task_of(&endpoints[i], i, -1, HOUR_US);
		worker_add(worker, &task, 1);
	}
	struct worker_stats stats = { 0 };
	while (stats.busy < 50)
		worker_stats(worker, &stats);
	worker_free(worker);
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(endpoints[i].room.cancelled, 1);
	desk_finish(&desk);
	worker_free(NULL);
}

static void
test_out_of_turn(void **unused)
{
	(void)unused;
	static struct endpoint endpoint;
	struct worker_task task = task_of(&endpoint, 0, 0, HOUR_US);
	struct desk desk;
	struct worker *worker = start_worker(&desk);
	worker_add(worker, &task, 1);
	take(&desk, 1); /* the first comes at once, the second in an hour */
	worker_probe_now(worker, 0);
	take(&desk, 1);
	worker_probe_now(worker, 99); /* not there: harmless */
	remove_one(worker, 0);
	worker_add(worker, &task, 1); /* it may come back */
	take(&desk, 1);
	worker_free(worker);
	desk_finish(&desk);
}

/* The rounds alone: all on this thread. */

struct scene {
	struct ev_loop *loop;
	struct stall stall;
	struct probe_env env;
	struct queue *results;
	struct rounds *rounds;
	size_t wakes;
};

static void
on_scene_wake(void *cookie)
{
	struct scene *scene = cookie;
	scene->wakes++;
}

static void
open_scene(struct scene *scene, size_t busy_max)
{
	*scene = (struct scene){ .loop = ev_loop_new(EVFLAG_AUTO) };
	assert_non_null(scene->loop);
	scene->env.loop = scene->loop;
	scene->results = queue_new();
	stall_init(&scene->stall, scene->loop);
	scene->rounds = rounds_new(scene->loop,
		&(struct rounds_settings){
			.env = &scene->env,
			.stall = &scene->stall,
			.busy_max = busy_max,
			.worker = {
				.results = scene->results,
				.wake = on_scene_wake,
				.cookie = scene,
			},
		});
}

static void
close_scene(struct scene *scene)
{
	rounds_free(scene->rounds);
	struct queue_item *item = queue_take(scene->results);
	while (item) {
		struct queue_item *next = item->next;
		free(item);
		item = next;
	}
	queue_free(scene->results);
	stall_finish(&scene->stall);
	ev_loop_destroy(scene->loop);
}

static void
test_what_finds_no_room_waits_its_turn(void **unused)
{
	(void)unused;
	static struct endpoint endpoints[5];
	struct scene scene;
	open_scene(&scene, 2);
	for (uint32_t i = 0; i < 5; i++) {
		struct worker_task task =
			task_of(&endpoints[i], i, i < 2 ? -1 : 0, HOUR_US);
		task.hash = i; /* among equals in time, the least is first */
		rounds_add(scene.rounds, &task, 1);
	}
	int begun = 0;
	while (begun < 2) {
		ev_run(scene.loop, EVRUN_ONCE);
		begun = endpoints[0].room.begun + endpoints[1].room.begun
			+ endpoints[2].room.begun + endpoints[3].room.begun
			+ endpoints[4].room.begun;
	}
	/* Two hang; one of those that wait is taken away, one is told twice. */
	rounds_remove(scene.rounds, 3);
	rounds_probe_now(scene.rounds, 2);
	assert_int_equal(endpoints[3].room.gone, 1);
	struct worker_stats stats;
	rounds_stats(scene.rounds, &stats);
	assert_true(stats.busy <= 2);

	/* When those that hang go, there is room. */
	rounds_remove(scene.rounds, 0);
	rounds_remove(scene.rounds, 1);
	while (stats.probes < 2) {
		ev_run(scene.loop, EVRUN_ONCE);
		rounds_stats(scene.rounds, &stats);
	}
	assert_int_equal(endpoints[2].room.begun, 1);
	assert_int_equal(endpoints[4].room.begun, 1);
	assert_int_equal(endpoints[3].room.begun, 0);
	assert_int_equal(scene.wakes, 1); /* nobody took the first one */
	close_scene(&scene);
}

struct slow {
	struct stall stall;
	ev_timer timer;
	uint32_t count;
};

static void
on_slow(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct slow *slow = timer->data;
	(void)loop;
	(void)events;
	int64_t until_us = clock_mono_us() + 2 * (int64_t)STALL_US;
	while (clock_mono_us() < until_us)
		;
	slow->count = stall_count(&slow->stall);
}

static void
test_a_slow_callback_is_a_stall(void **unused)
{
	(void)unused;
	struct slow slow = { 0 };
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(loop);
	stall_init(&slow.stall, loop);
	ev_timer_init(&slow.timer, on_slow, 0., 0.);
	slow.timer.data = &slow;
	ev_timer_start(loop, &slow.timer);
	uint32_t before = stall_count(&slow.stall);
	ev_run(loop, EVRUN_ONCE);
	ev_run(loop, EVRUN_NOWAIT);
	/* Those later in the same turn know already. */
	assert_true(slow.count > before);
	assert_true(stall_count(&slow.stall) >= slow.count);
	stall_finish(&slow.stall);
	ev_loop_destroy(loop);
}

static int
set_up(void **unused)
{
	(void)unused;
	struct err err;
	return http_global_init(&err) ? 0 : -1;
}

static int
tear_down(void **unused)
{
	(void)unused;
	http_global_finish();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slow_callback_is_a_stall),
		cmocka_unit_test(test_what_finds_no_room_waits_its_turn),
		cmocka_unit_test(
			test_many_endpoints_are_probed_again_and_again),
		cmocka_unit_test(test_a_probe_that_hangs_misses_its_ticks),
		cmocka_unit_test(test_it_ends_with_probes_under_way),
		cmocka_unit_test(test_out_of_turn),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
