/*
 * Digests: at times, a message to each reporter that is to have one, of how
 * everything is.
 *
 * One whose time passes while the agent does not run is not made up for; one
 * that still waits to be told is not followed by another.  What is muted is
 * listed as such and does not count as bad; while everything is, none is told.
 *
 * No loop, no timer: time is handed in.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"

struct conf;
struct digests;
struct externals;
struct monitors;
struct orders;
struct outbox;
struct reporter;
struct store;

/** All of it must outlive the digests. */
struct digests_settings {
	struct store *store;
	struct outbox *outbox;
	const struct monitors *monitors;
	const struct externals *externals;
	const struct orders *orders; /* what is muted alarms nobody */
};

struct digests *digests_new(const struct digests_settings *settings);

/** NULL is allowed and does nothing. */
void digests_free(struct digests *digests);

/** These are the digests and the reporters from now on; both are borrowed.
 * One with the same times as the one before in its place goes on with them;
 * else they are counted from now. */
void digests_set_scope(struct digests *digests, const struct conf *conf,
	const struct reporter *const *reporters, size_t n, struct moment now);

/**
 * Announce what is due.  Before outbox_turn(), and when the time that it
 * returned has come: milliseconds of the monotonic clock, or -1.
 */
int64_t digests_turn(struct digests *digests, struct moment now);
