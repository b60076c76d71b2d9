/*
 * `digests:` of the document: how everything is, told at times.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct conf;
struct conf_reader;

enum {
	CONF_DIGEST_TIMES_MAX = 24,
};

struct conf_digest {
	int64_t every_ms; /* 0: at times */
	struct conf_list at; /* const char *: "09:00" */
	const char *time_zone; /* for conf_zone() */
	bool quiet; /* nothing when all is well */
	struct conf_list report_to; /* const char *; empty: all that can */
};

extern const struct conf_section conf_digest_section;

/** "09:00", as milliseconds after midnight; false for anything else. */
bool conf_digest_time(const char *text, int64_t *ms);

/** The one under `reporters:` of this name; NULL for none. */
const struct conf_chosen *conf_reporter_called(
	const struct conf *conf, const char *name);

/** Rules between digests and reporters. */
void conf_check_digests(const struct conf *conf, struct conf_reader *reader);
