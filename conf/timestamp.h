/*
 * Dates and times of YAML 1.1, which are texts here, but as Python shows them:
 * 2001-12-14t21:59:43.10-5 is 2001-12-14 21:59:43.100000-05:00.
 */
#pragma once

#include <stdbool.h>

enum {
	CONF_TIMESTAMP_SIZE = 64,
};

/** False for what is no date, or a day that never was. */
bool conf_timestamp_text(
	const char *text, char shown[static CONF_TIMESTAMP_SIZE]);
