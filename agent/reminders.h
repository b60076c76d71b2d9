/*
 * Reminders: what lasts is told again, at growing intervals, to those who were
 * told that it began, until it is over or somebody looks after it.
 *
 * How long it lasts is counted from when the agent heard of it, by the clock
 * that does not jump, and of what was told a row is kept with the orders, so
 * that a restart neither repeats one nor makes up for more than one.
 *
 * No loop, no timer: time is handed in.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"

struct conf;
struct externals;
struct monitors;
struct orders;
struct outbox;
struct reminders;

/** All of it must outlive the reminders. */
struct reminders_settings {
	struct outbox *outbox;
	struct monitors *monitors;
	struct externals *externals;
	struct orders *orders;
};

struct reminders *reminders_new(const struct reminders_settings *settings);

/** NULL is allowed and does nothing. */
void reminders_free(struct reminders *reminders);

/** These are the reminders from now on; borrowed.  What lasts already goes on
 * by them. */
void reminders_set_scope(struct reminders *reminders, const struct conf *conf);

/**
 * Announce what is due.  Before outbox_turn(), and when the time that it
 * returned has come: milliseconds of the monotonic clock, or -1.
 */
int64_t reminders_turn(struct reminders *reminders, struct moment now);
