/*
 * How far clocks are ahead of UTC, as people write it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

/** What conf_zone() takes, for the reference. */
extern const struct conf_shape conf_zone_shape;

/** "+09:00", "+0900", "-03:30", "+09", "UTC": false for anything else. */
bool conf_zone(const char *text, int64_t *zone_ms);
