/*
 * When clocks are put forward and back in each year, as POSIX writes it:
 * "CET-1CEST,M3.5.0,M10.5.0/3".  Only zone.c and its test look at it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct zone_change {
	enum {
		ZONE_WEEKDAY = 0, /* M3.5.0: of a month, the last one is 5 */
		ZONE_DAY, /* 59: from 0 on */
		ZONE_DAY_OF_365, /* J60: no 29th of February is counted */
	} kind;
	int month, week, day;
	int64_t seconds; /* after midnight, by the clocks before */
};

struct zone_rule {
	int64_t standard; /* seconds ahead of UTC */
	int64_t summer;
	bool has_summer;
	struct zone_change begins;
	struct zone_change ends;
};

/** False when it is none. */
bool zone_rule_read(const char *text, struct zone_rule *rule);

/** Seconds ahead of UTC, at so many seconds since 1970. */
int64_t zone_rule_ahead(const struct zone_rule *rule, int64_t at);
