/*
 * Time zones as people write them: how far clocks are ahead of UTC, or the name
 * of a place, of which the system knows when its clocks are put forward.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct arena;
struct conf_reader;
struct err;
struct zone;

/** "+09:00", "+0900", "-03:30", "+09", "UTC": false for anything else. */
bool conf_zone(const char *text, int64_t *zone_ms);

/** What conf_zone_find() takes, for the reference. */
extern const struct conf_shape conf_zone_shape;

/**
 * What conf_zone() takes, and names such as Asia/Seoul, as they are in
 * /usr/share/zoneinfo or in $TZDIR.  It lives in `arena`.  NULL: `err` says why
 * not, and which may have been meant.
 */
const struct zone *conf_zone_find(
	const char *text, struct arena *arena, struct err *err);

/** Rejects a `time_zone` that conf_zone_find() does not take. */
void conf_zone_check(const char *text, struct conf_reader *reader);
