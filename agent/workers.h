/*
 * All workers together: endpoints are spread over them by the hash of their
 * names, so that an endpoint stays with its worker for as long as there are as
 * many workers.
 *
 * All functions are for the main thread.
 */
#pragma once

#include "agent/worker.h"

struct workers;

/** How many are good for so many endpoints, on the processors that we have. */
size_t workers_auto(size_t endpoints);

/** `settings` are of each; its busy_max is what all of them may use. */
struct workers *workers_new(
	const struct worker_settings *settings, size_t n, struct err *err);

/** As worker_free(), of all. */
void workers_free(struct workers *workers);

/* As those of one worker; each task goes to the worker that it belongs to. */

void workers_add(
	struct workers *workers, const struct worker_task *tasks, size_t n);
void workers_replace(
	struct workers *workers, const struct worker_task *tasks, size_t n);

void workers_remove(
	struct workers *workers, const struct worker_task *tasks, size_t n);
void workers_settle(struct workers *workers);

/** `hash` is that of its task. */
void workers_probe_now(
	struct workers *workers, uint32_t endpoint, uint64_t hash);

size_t workers_count(const struct workers *workers);

/** As worker_heard(), of the one that is silent for the longest time. */
int64_t workers_heard(struct workers *workers);

/** Of all together. */
void workers_stats(struct workers *workers, struct worker_stats *stats);

/** How late probes began, in microseconds, added to `all`. */
void workers_lateness(struct workers *workers, struct histogram *all);

/** How long turns of their loops took, in microseconds, added to `all`. */
void workers_turns(struct workers *workers, struct histogram *all);
