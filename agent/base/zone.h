/*
 * Time zones as zic(8) compiles them: TZif files (RFC 8536), with the rule for
 * all years to come.  Nothing of the process is changed by reading one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct zone;

/** Of these bytes; it lives in `arena`.  NULL: it is no such file. */
const struct zone *zone_read(
	const void *bytes, size_t len, struct arena *arena, struct err *err);

/** One that is always so far ahead of UTC. */
const struct zone *zone_fixed(int64_t ahead_ms, struct arena *arena);

/** How far its clocks are ahead of UTC then; a NULL zone is UTC. */
int64_t zone_ahead(const struct zone *zone, int64_t wall_ms);

/**
 * When its clocks show that: `local_ms` are milliseconds since 1970 by them.
 * The first time when they do so twice; when they leave it out, as much later
 * as they are put forward.
 */
int64_t zone_moment(const struct zone *zone, int64_t local_ms);
