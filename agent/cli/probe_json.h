/*
 * What a look saw, for programs: one object.  Pure.
 */
#pragma once

#include <jansson.h>

struct cli_probe_asked;
struct cli_probe_seen;

/** For the caller to json_decref(). */
json_t *cli_probe_json(
	const struct cli_probe_asked *asked, const struct cli_probe_seen *seen);

/** The same when it did not come to a look. */
json_t *cli_probe_json_error(const char *sentence);
