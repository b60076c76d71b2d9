#define _GNU_SOURCE /* sched_getaffinity() */
#include "agent/workers.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "agent/base/histogram.h"
#include "agent/base/mem.h"

enum {
	ENDPOINTS_EACH = 1000, /* for fewer, another thread is in vain */
	WORKERS_MAX = 64,

	/* Descriptors that are not for probes: store, page, outbox, ... */
	SPARE_DESCRIPTORS = 100,
	BUSY_LEAST = 16,
	BUSY_MOST = 50 * 1000,
};

struct workers {
	size_t n;
	struct worker *items[];
};

size_t
workers_auto(size_t endpoints)
{
	cpu_set_t set;
	size_t processors = 1;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		processors = (size_t)CPU_COUNT(&set);
	size_t useful = endpoints / ENDPOINTS_EACH + 1;
	size_t n = useful < processors ? useful : processors;
	return n < WORKERS_MAX ? n : WORKERS_MAX;
}

/* A probe needs a descriptor, seldom two; some must be left for the others. */
static size_t
busy_max(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return BUSY_LEAST;
	if (limit.rlim_cur / 2 > BUSY_MOST + SPARE_DESCRIPTORS)
		return BUSY_MOST;
	if (limit.rlim_cur / 2 < BUSY_LEAST + SPARE_DESCRIPTORS)
		return BUSY_LEAST;
	return limit.rlim_cur / 2 - SPARE_DESCRIPTORS;
}

struct workers *
workers_new(const struct worker_settings *settings, size_t n, struct err *err)
{
	struct worker_settings each = *settings;
	size_t most = settings->busy_max > 0 ? settings->busy_max : busy_max();
	each.busy_max = most / n > 0 ? most / n : 1;

	struct workers *workers =
		mem_zalloc(sizeof(*workers) + n * sizeof(struct worker *));
	for (; workers->n < n; workers->n++) {
		struct worker *worker = worker_new(&each, err);
		if (!worker) {
			workers_free(workers);
			return NULL;
		}
		workers->items[workers->n] = worker;
	}
	return workers;
}

void
workers_free(struct workers *workers)
{
	if (!workers)
		return;
	for (size_t i = 0; i < workers->n; i++)
		worker_free(workers->items[i]);
	free(workers);
}

/* By its upper half: the lower one decides when it is probed. */
static size_t
index_of(const struct workers *workers, uint64_t hash)
{
	return (size_t)((hash >> 32) % workers->n);
}

typedef void task_fn(
	struct worker *worker, const struct worker_task *tasks, size_t n);

static void
spread(struct workers *workers, task_fn *send, const struct worker_task *tasks,
	size_t n)
{
	struct worker_task *share = mem_grow(NULL, n + 1, sizeof(*share));
	for (size_t i = 0; i < workers->n; i++) {
		size_t count = 0;
		for (size_t k = 0; k < n; k++)
			if (index_of(workers, tasks[k].hash) == i)
				share[count++] = tasks[k];
		send(workers->items[i], share, count);
	}
	free(share);
}

void
workers_add(struct workers *workers, const struct worker_task *tasks, size_t n)
{
	spread(workers, worker_add, tasks, n);
}

void
workers_replace(
	struct workers *workers, const struct worker_task *tasks, size_t n)
{
	spread(workers, worker_replace, tasks, n);
}

void
workers_remove(
	struct workers *workers, const struct worker_task *tasks, size_t n)
{
	spread(workers, worker_remove, tasks, n);
}

void
workers_settle(struct workers *workers)
{
	for (size_t i = 0; i < workers->n; i++)
		worker_settle(workers->items[i]);
}

void
workers_probe_now(struct workers *workers, uint32_t endpoint, uint64_t hash)
{
	worker_probe_now(workers->items[index_of(workers, hash)], endpoint);
}

size_t
workers_count(const struct workers *workers)
{
	return workers->n;
}

int64_t
workers_heard(struct workers *workers)
{
	int64_t first_ms = INT64_MAX;
	for (size_t i = 0; i < workers->n; i++) {
		int64_t heard_ms = worker_heard(workers->items[i]);
		if (heard_ms < first_ms)
			first_ms = heard_ms;
	}
	return first_ms;
}

void
workers_lateness(struct workers *workers, struct histogram *all)
{
	for (size_t i = 0; i < workers->n; i++)
		worker_lateness(workers->items[i], all);
}

void
workers_turns(struct workers *workers, struct histogram *all)
{
	for (size_t i = 0; i < workers->n; i++)
		worker_turns(workers->items[i], all);
}

void
workers_stats(struct workers *workers, struct worker_stats *stats)
{
	*stats = (struct worker_stats){ 0 };
	for (size_t i = 0; i < workers->n; i++) {
		struct worker_stats one;
		worker_stats(workers->items[i], &one);
		stats->probes += one.probes;
		stats->missed += one.missed;
		stats->busy += one.busy;
		stats->stalls += one.stalls;
	}
	struct histogram late = { 0 };
	workers_lateness(workers, &late);
	stats->late_p50_us = histogram_quantile(&late, 0.50);
	stats->late_p99_us = histogram_quantile(&late, 0.99);
	stats->late_max_us = histogram_max(&late);
}
