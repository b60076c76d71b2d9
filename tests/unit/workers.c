/* What workers probe changes while they probe it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <ev.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/http/client.h"
#include "agent/queue.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "probes/probe.h"

enum {
	PERIOD_US = 20 * 1000,
};

static const int64_t HOUR_US = INT64_C(3600) * 1000 * 1000;

/* A kind of probe that takes as long as its settings say, and counts. */

struct settings {
	double takes; /* seconds; below zero: for ever */
	atomic_int *begun;
	atomic_int *cancelled;
};

struct toy {
	struct probe probe; /* first */
	const struct settings *settings;
	struct ev_loop *loop;
	ev_timer timer;
};

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct toy *toy = timer->data;
	probe_finish(
		&toy->probe, &(struct result){ .status = STATUS_OPERATIONAL });
}

static struct probe *
toy_create(const void *settings, const struct probe_env *env)
{
	struct toy *toy = mem_zalloc(sizeof(*toy));
	toy->settings = settings;
	toy->loop = env->loop;
	ev_timer_init(&toy->timer, on_time, 0., 0.);
	toy->timer.data = toy;
	return &toy->probe;
}

static void
toy_start(struct probe *probe, int64_t now_ms)
{
	(void)now_ms;
	struct toy *toy = (struct toy *)probe;
	atomic_fetch_add(toy->settings->begun, 1);
	if (toy->settings->takes < 0)
		return;
	ev_timer_set(&toy->timer, toy->settings->takes, 0.);
	ev_timer_start(toy->loop, &toy->timer);
}

static void
toy_cancel(struct probe *probe)
{
	struct toy *toy = (struct toy *)probe;
	ev_timer_stop(toy->loop, &toy->timer);
	atomic_fetch_add(toy->settings->cancelled, 1);
}

static void
toy_destroy(struct probe *probe)
{
	free(probe);
}

static const struct probe_type toy_type = {
	.conf = { .name = "toy" },
	.create = toy_create,
	.start = toy_start,
	.cancel = toy_cancel,
	.destroy = toy_destroy,
};

/* A configuration: settings in an arena that goes with its last holder. */

static atomic_int begun;
static atomic_int cancelled;

static struct conf *
document_new(void)
{
	struct arena *arena = arena_new_small();
	struct conf *conf = arena_alloc(arena, sizeof(*conf));
	conf->arena = arena;
	return conf_hold(conf);
}

static struct worker_task
task_of(struct conf *conf, uint32_t number, uint32_t generation, double takes,
	int64_t period_us)
{
	struct settings *settings = arena_alloc(conf->arena, sizeof(*settings));
	*settings = (struct settings){ takes, &begun, &cancelled };
	return (struct worker_task){
		.endpoint = number,
		.generation = generation,
		.type = &toy_type,
		.settings = settings,
		.document = conf,
		.period_us = period_us,
		.hash = hash_bytes(&number, sizeof(number)),
	};
}

/* The main thread's side. */

static struct queue *results;

static void
on_wake(void *cookie)
{
	(void)cookie;
}

/* How many there were of a generation; 0: of any. */
static size_t
drain(uint32_t generation)
{
	size_t n = 0;
	struct queue_item *item = queue_take(results);
	while (item) {
		struct worker_result *result = (struct worker_result *)item;
		item = item->next;
		n += generation == 0 || result->result.generation == generation;
		result_finish(&result->result);
		free(result);
	}
	return n;
}

static struct workers *
start(size_t n)
{
	struct err err;
	struct workers *workers = workers_new(
		&(struct worker_settings){
			.results = results,
			.busy_max = 1000,
			.wake = on_wake,
		},
		n, &err);
	if (!workers)
		fail_msg("%s", err.text);
	return workers;
}

static void
wait_begun(int count)
{
	while (atomic_load(&begun) < count)
		ev_sleep(0.001);
}

static void
test_the_same_settings_disturb_no_probe(void **unused)
{
	(void)unused;
	struct workers *workers = start(1);
	struct conf *old = document_new();
	struct conf *new = document_new();
	struct worker_task task = task_of(old, 3, 1, 0.2, HOUR_US);
	workers_add(workers, &task, 1);
	workers_probe_now(workers, 3, task.hash);
	wait_begun(1);

	task = task_of(new, 3, 1, 0.2, HOUR_US);
	workers_replace(workers, &task, 1);
	workers_settle(workers);
	assert_true(atomic_load(&old->holders) > 1); /* it is used still */
	while (drain(1) == 0)
		ev_sleep(0.001);
	workers_settle(workers);
	assert_int_equal(atomic_load(&old->holders), 1);
	assert_int_equal(atomic_load(&cancelled), 0);
	assert_int_equal(atomic_load(&begun), 1);
	workers_free(workers);
	conf_free(old);
	conf_free(new);
}

static void
test_other_settings_begin_anew(void **unused)
{
	(void)unused;
	struct workers *workers = start(1);
	struct conf *old = document_new();
	struct conf *new = document_new();
	struct worker_task task = task_of(old, 3, 1, -1, PERIOD_US);
	workers_add(workers, &task, 1);
	wait_begun(1);

	task = task_of(new, 3, 2, 0, PERIOD_US);
	workers_replace(workers, &task, 1);
	workers_settle(workers);
	assert_int_equal(atomic_load(&cancelled), 1);
	assert_int_equal(atomic_load(&old->holders), 1);
	while (drain(2) == 0)
		ev_sleep(0.001);
	workers_free(workers);
	assert_int_equal(drain(1), 0);
	conf_free(old);
	conf_free(new);
}

/* Each endpoint changes, goes or comes, whatever its probe is doing. */
static void
test_a_storm_of_changes(void **unused)
{
	(void)unused;
	enum { N = 300, ROUNDS = 200 };
	static uint32_t generations[N]; /* 0: it is not there */
	struct rng rng;
	rng_seed(&rng, 7);
	struct workers *workers = start(2);
	uint32_t generation = 0;
	struct conf *conf = document_new();
	for (int round = 0; round < ROUNDS; round++) {
		struct worker_task added[N], kept[N], removed[N];
		size_t n_added = 0, n_kept = 0, n_removed = 0;
		conf_free(conf);
		conf = document_new();
		for (uint32_t i = 0; i < N; i++) {
			uint64_t dice = rng_next(&rng) % 10;
			bool there = generations[i] > 0;
			if (!there || dice == 0)
				generations[i] = ++generation;
			struct worker_task task =
				task_of(conf, i, generations[i],
					dice == 1 ? -1 : 0.001, PERIOD_US);
			if (!there) {
				added[n_added++] = task;
			} else if (dice == 2) {
				removed[n_removed++] = task;
				generations[i] = 0;
			} else {
				kept[n_kept++] = task;
			}
		}
		workers_remove(workers, removed, n_removed);
		workers_replace(workers, kept, n_kept);
		workers_add(workers, added, n_added);
		drain(0);
		ev_sleep(0.002);
	}
	workers_settle(workers);
	workers_free(workers);
	assert_int_equal(atomic_load(&conf->holders), 1);
	conf_free(conf);
	assert_true(atomic_load(&begun) > ROUNDS);
}

static void
test_a_worker_has_its_share(void **unused)
{
	(void)unused;
	enum { N = 1000 };
	struct workers *workers = start(4);
	struct conf *conf = document_new();
	struct worker_task *tasks = mem_grow(NULL, N, sizeof(*tasks));
	for (uint32_t i = 0; i < N; i++) {
		tasks[i] = task_of(conf, i, 1, 0, HOUR_US);
		tasks[i].together = 1;
	}
	workers_add(workers, tasks, N);
	for (uint32_t i = 0; i < N; i++)
		workers_probe_now(workers, i, tasks[i].hash);
	wait_begun(N);
	struct worker_stats stats;
	do
		workers_stats(workers, &stats);
	while (stats.probes < N);
	assert_int_equal(workers_count(workers), 4);
	workers_free(workers);
	free(tasks);
	conf_free(conf);
}

static int
set_up(void **unused)
{
	(void)unused;
	atomic_store(&begun, 0);
	atomic_store(&cancelled, 0);
	results = queue_new();
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;
	drain(0);
	queue_free(results);
	return 0;
}

static int
set_up_all(void **unused)
{
	(void)unused;
	struct err err;
	return http_global_init(&err) ? 0 : -1;
}

static int
tear_down_all(void **unused)
{
	(void)unused;
	http_global_finish();
	return 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_the_same_settings_disturb_no_probe),
		CASE(test_other_settings_begin_anew),
		CASE(test_a_storm_of_changes),
		CASE(test_a_worker_has_its_share),
	};
	return cmocka_run_group_tests_name(
		"workers", tests, set_up_all, tear_down_all);
}
