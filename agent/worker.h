/*
 * A worker probes its share of the endpoints on time: a thread with its own
 * loop, resolver and HTTP client, so that nothing that the main thread does -
 * fsync, templates, the page - is measured as the target's latency.
 *
 * Commands go to it through a queue, results come back through one; nothing
 * else is shared.  All functions are for the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model/result.h"
#include "agent/queue.h"

struct conf;
struct err;
struct histogram;
struct probe_type;
struct worker;

/** What is to be probed, and how often. */
struct worker_task {
	uint32_t endpoint;
	uint32_t generation;
	const struct probe_type *type;
	const void *settings; /* immutable */
	struct conf *document; /* of the settings: held as long as need be */
	int64_t period_us;
	uint64_t hash; /* of the endpoint's name: its slot in the period */

	/* How many begin at the same time, of all workers: their first probes
	 * are spread over as long as is good for so many.  0: this one. */
	uint32_t together;
};

/** A result on its way to the main thread, which frees it. */
struct worker_result {
	struct queue_item item; /* first */
	struct result result;
};

/** `wake` is called from the worker's thread when `results` was empty. */
struct worker_settings {
	struct queue *results; /* of struct worker_result */
	bool system_resolver; /* names by nsswitch.conf */
	size_t busy_max; /* probes under way at once; the others wait */
	void (*wake)(void *cookie);
	void *cookie;
};

struct worker *worker_new(
	const struct worker_settings *settings, struct err *err);

/** Stops the thread, cancels probes under way and frees it all.  NULL is
 * allowed and does nothing. */
void worker_free(struct worker *worker);

/**
 * Begin to probe all of these.  The worker takes up many of them piece by
 * piece, and probes in between.
 */
void worker_add(
	struct worker *worker, const struct worker_task *tasks, size_t n);

/**
 * Go on with these settings.  Where the generation is that of before, they say
 * the same as those: no deadline moves and a probe under way goes on.  Else it
 * is cancelled, and the endpoint is probed as if it were new.
 */
void worker_replace(
	struct worker *worker, const struct worker_task *tasks, size_t n);

/** Stop probing these; of the tasks only `endpoint` counts. */
void worker_remove(
	struct worker *worker, const struct worker_task *tasks, size_t n);

/**
 * Wait until the worker has done all that it was told.  No result of what was
 * removed is queued afterwards.
 */
void worker_settle(struct worker *worker);

/** Probe it out of turn, unless a probe of it is under way. */
void worker_probe_now(struct worker *worker, uint32_t endpoint);

/** How the worker is doing, since it started. */
/**
 * When its loop gave the last sign of life, on the monotonic clock; and ask for
 * another.
 */
int64_t worker_heard(struct worker *worker);

struct worker_stats {
	uint64_t probes; /* finished */
	uint64_t missed; /* ticks skipped because one was under way, or late */
	uint64_t busy; /* probes under way now */
	uint64_t stalls; /* how often its loop was late by 100 ms */

	/* How late probes began after their deadlines. */
	int64_t late_p50_us;
	int64_t late_p99_us;
	int64_t late_max_us;
};

void worker_stats(struct worker *worker, struct worker_stats *stats);

/** How late probes began, in microseconds, added to `all`. */
void worker_lateness(struct worker *worker, struct histogram *all);

/** How long turns of its loop took, in microseconds, added to `all`. */
void worker_turns(struct worker *worker, struct histogram *all);
