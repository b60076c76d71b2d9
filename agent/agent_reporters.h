/*
 * The reporters that a configuration asks for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"

struct arena;
struct conf;
struct err;
struct reporter;

/** Where one reporter lives: it outlasts the configuration that made it. */
struct agent_home {
	struct reporter *reporter;
	struct arena *arena;
	struct conf_chosen settings; /* in the arena */
};

struct agent_reporters {
	struct reporter **items;
	struct agent_home *homes; /* of the items, in their order */
	size_t count;
	struct agent_home *retired; /* until the outbox lets them go */
	size_t n_retired;
};

/**
 * Makes all of them: `cachet`, `webhooks` and `reporters`, in this order, each
 * with its audience and an id of its own.  On failure there are none.
 */
bool agent_reporters_init(struct agent_reporters *reporters,
	const struct conf *conf, struct err *err);

/**
 * The same, but what did not change since `former` is taken over from there:
 * those stand in both lists, until either agent_reporters_leave() or
 * agent_reporters_take_over() comes to an end of that.
 */
bool agent_reporters_succeed(struct agent_reporters *reporters,
	const struct agent_reporters *former, const struct conf *conf,
	struct err *err);

/** The one with this id; NULL when there is none. */
struct reporter *agent_reporters_find(
	const struct agent_reporters *reporters, const char *id);

/** Forget this list; what stands in `others` as well stays. */
void agent_reporters_leave(struct agent_reporters *reporters,
	const struct agent_reporters *others);

/** `next` is what there is from now on, and is empty after.  Who is not in it
 * is retired. */
void agent_reporters_take_over(
	struct agent_reporters *reporters, struct agent_reporters *next);

/** Nobody uses this retired one any more. */
void agent_reporters_let_go(
	struct agent_reporters *reporters, const struct reporter *reporter);

void agent_reporters_finish(struct agent_reporters *reporters);
