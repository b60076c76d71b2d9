/*
 * `curlew probe URL`: an endpoint made of the command line.
 */
#pragma once

#include <stdbool.h>

#include "agent/cli/probe_look.h"
#include "probes/expect_conf.h"
#include "probes/http_conf.h"

struct arena;
struct cli_args;
struct err;

/** The places in the table of options. */
enum cli_probe_option {
	CLI_PROBE_CONFIG = 0,
	CLI_PROBE_HEADER,
	CLI_PROBE_INSECURE,
	CLI_PROBE_JSON,
	CLI_PROBE_LATENCY,
	CLI_PROBE_METHOD,
	CLI_PROBE_REGEX,
	CLI_PROBE_STATUS,
	CLI_PROBE_TIMEOUT,
	CLI_PROBE_OPTIONS,
};

/** The name of an option that says how to look at a URL, or NULL. */
const char *cli_probe_url_option(const struct cli_args *args);

/** What `settings` of http_probe point at. */
struct cli_probe_url {
	struct http_conf settings;
	struct expect_settings expected[3];
	struct conf_node wanted[2];
};

/** False when the command line does not make sense. */
bool cli_probe_url(struct cli_probe_url *url, const struct cli_args *args,
	struct arena *arena, struct cli_probe_asked *asked, struct err *err);
