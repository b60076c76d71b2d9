/*
 * Whether the agent itself can still look.  Pure: time is an argument.
 *
 * It is blind when more than half of the endpoints could not be looked at, by
 * their last results, for long enough; and no longer, at once, when half of
 * them were looked at.  After a start nothing is known of most: that neither
 * begins a blindness nor ends one that a former process told of.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How the last results of the endpoints were. */
struct blind_view {
	size_t endpoints;
	size_t unseen; /* the last result is UNKNOWN */
	size_t seen; /* it is clear; the rest has none, or none that is */
};

struct blind_state {
	bool told; /* a blindness was announced, and not its end */
	bool pending; /* more than half are unseen ... */
	int64_t since_ms; /* ... since then, monotonic */
};

enum blind_change {
	BLIND_SAME = 0,
	BLIND_BEGUN,
	BLIND_ENDED,
};

struct blind {
	enum blind_change change;
	struct blind_state next;
	int64_t due_ms; /* when to ask again without a result; -1: never */
};

/** `after_ms` of 0: it never begins.  Call it when a result came, too. */
struct blind blind_step(int64_t after_ms, struct blind_state state,
	const struct blind_view *view, int64_t now_ms);
