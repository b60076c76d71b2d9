/*
 * What came to each door of a chat, for metrics.  Main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum door_outcome {
	DOOR_TAKEN = 0,
	DOOR_IGNORED, /* not meant for us, or said before */
	DOOR_REFUSED,
	DOOR_DEFERRED, /* too many at a time */
};

enum {
	DOOR_OUTCOMES = DOOR_DEFERRED + 1,
	DOORS_MAX = 64, /* more are counted as the last */
	DOOR_NAME_SIZE = 64,
};

struct door {
	char name[DOOR_NAME_SIZE];
	uint64_t requests[DOOR_OUTCOMES];
};

struct doors {
	struct door items[DOORS_MAX];
	size_t count;
};

void doors_note(
	struct doors *doors, const char *name, enum door_outcome outcome);

/** "taken" and so on. */
const char *doors_outcome_name(enum door_outcome outcome);
