/*
 * `reminders:` of the document: what lasts, told again.
 */
#pragma once

#include <stdint.h>

#include "conf/schema.h"

struct conf;
struct conf_reader;

struct conf_reminder {
	int64_t after_ms;
	int64_t up_to_ms;
	struct conf_list report_to; /* const char *; empty: all that can */
};

extern const struct conf_section conf_reminder_section;

/** Rules between reminders and reporters. */
void conf_check_reminders(const struct conf *conf, struct conf_reader *reader);
