/*
 * How often each of many may come: a token bucket a name, for a bounded number
 * of names.  No clock.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct inbound_pace;

/** Beyond `max` names the one that was not heard of for longest is forgotten,
 * and may come as often as a new one. */
struct inbound_pace *inbound_pace_new(size_t max);

/** NULL is allowed and does nothing. */
void inbound_pace_free(struct inbound_pace *pace);

/**
 * 0: it may come now, which is counted.  Else in how many seconds it may.
 * `rate` is how many a minute, and at once; 0 for any number.
 */
int inbound_pace_wait_s(struct inbound_pace *pace, const char *name,
	int64_t rate, int64_t mono_ms);
