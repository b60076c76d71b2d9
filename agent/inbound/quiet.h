/*
 * So that who tries doors does not fill the log: of those who are turned away
 * only so many are told of.  No clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	INBOUND_QUIET_EACH = 20, /* lines a minute, of one network ... */
	INBOUND_QUIET_ALL = 100, /* ... and of all of them */
};

struct inbound_quiet;

struct inbound_quiet *inbound_quiet_new(void);

/** NULL is allowed and does nothing. */
void inbound_quiet_free(struct inbound_quiet *quiet);

/** May it be told of?  Then `*untold` is how many were not since the last. */
bool inbound_quiet_may_tell(struct inbound_quiet *quiet, const char *network,
	int64_t mono_ms, int64_t *untold);
