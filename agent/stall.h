/*
 * Notices when a loop was late: because one of its callbacks took long, or
 * because the machine did not let it run.  What was timed on that loop
 * meanwhile says nothing of the far side.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ev.h>

#include "agent/base/histogram.h"

enum {
	STALL_US = 100 * 1000, /* later than this is too late */
};

struct stall {
	struct ev_loop *loop;
	ev_prepare prepare;
	ev_check check;
	ev_timer beat;
	int64_t turn_us; /* when the loop last came back from waiting */
	int64_t wait_us; /* when it last began to wait */

	/* Read by other threads. */
	_Atomic uint32_t count; /* how often the loop was late */
	struct histogram turns; /* how long its callbacks took, in us */
};

/** `stall` must stay where it is until stall_finish(). */
void stall_init(struct stall *stall, struct ev_loop *loop);
void stall_finish(struct stall *stall);

/**
 * Whether something is being timed.  While it is, the loop wakes by itself
 * often enough to see that it could not wake.
 */
void stall_watch(struct stall *stall, bool is_timing);

/**
 * How often the loop was late so far, with the present turn.  `cookie` is the
 * struct stall, as struct probe_env has it.
 */
uint32_t stall_count(void *cookie);
