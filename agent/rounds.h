/*
 * The rounds that one worker makes: which endpoint is to be probed when, and
 * that none is probed twice at once.  Belongs to the worker's thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/worker.h"

struct ev_loop;
struct histogram;
struct probe_env;
struct rounds;
struct stall;

/** All of it must outlive the rounds. */
struct rounds_settings {
	const struct probe_env *env;
	struct stall *stall;
	size_t busy_max; /* probes under way at once; the others wait */
	struct worker_settings worker; /* where results go */
};

struct rounds *rounds_new(
	struct ev_loop *loop, const struct rounds_settings *settings);

/** Cancels what is under way.  NULL is allowed and does nothing. */
void rounds_free(struct rounds *rounds);

/** Both take over one hold on the document of each task. */
void rounds_add(
	struct rounds *rounds, const struct worker_task *tasks, size_t n);

/** As worker_replace(); what is not there is added. */
void rounds_replace(
	struct rounds *rounds, const struct worker_task *tasks, size_t n);

/** Nothing happens when there is no such endpoint. */
void rounds_remove(struct rounds *rounds, uint32_t endpoint);
void rounds_probe_now(struct rounds *rounds, uint32_t endpoint);

/** Any thread. */
void rounds_stats(struct rounds *rounds, struct worker_stats *stats);
void rounds_lateness(struct rounds *rounds, struct histogram *all);
