/*
 * How an endpoint is, in Cachet's numbers for a component: they are stored,
 * sent and compared, and worse is greater.
 */
#pragma once

#include <stdbool.h>

enum status {
	STATUS_UNKNOWN = 0, /* we could not look; says nothing of the target */
	STATUS_OPERATIONAL,
	STATUS_PERFORMANCE_ISSUES,
	STATUS_PARTIAL_OUTAGE,
	STATUS_MAJOR_OUTAGE,
};

enum {
	STATUS_COUNT = STATUS_MAJOR_OUTAGE + 1,
};

/** One lower-case token, such as "partial_outage", for logs and JSON. */
const char *status_name(enum status status);

/** Words for people, such as "partial outage". */
const char *status_words(enum status status);

/** True for anything worse than operational. */
bool status_is_bad(enum status status);
