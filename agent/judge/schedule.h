/*
 * When to probe next.  Pure: all times are microseconds of the monotonic clock
 * and are handed in.
 *
 * Each endpoint has a slot in its period, given by its name, and is probed at
 * every slot: the deadlines are absolute, so a slow probe or a late loop does
 * not make them drift, and endpoints spread over the period by themselves.
 */
#pragma once

#include <stdint.h>

/**
 * The first deadline of an endpoint among `n` that start together: soon (within
 * 2 s, or n/500 s when there are many) and never later than one period, spread
 * by `hash`.
 */
int64_t schedule_first(
	int64_t now_us, int64_t period_us, uint64_t hash, uint64_t n);

/**
 * The second: the endpoint's slot, at least half a period after the first.
 * From there on, schedule_next().
 */
int64_t schedule_second(int64_t first_us, int64_t period_us, uint64_t hash);

/**
 * The deadline after `due_us`, which has come.  Deadlines that are already
 * past are skipped and added to `*missed`.
 */
int64_t schedule_next(
	int64_t due_us, int64_t period_us, int64_t now_us, uint64_t *missed);
