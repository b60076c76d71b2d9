/*
 * What a look saw, for people, and for programs that read what the plugins of
 * Nagios print: a line of "STATE: text | numbers", the rest below it.  Pure.
 */
#pragma once

#include <stdbool.h>

#include "agent/model/status.h"

struct buf;
struct cli_probe_asked;
struct cli_probe_seen;

/** What Nagios and its like make of exit codes. */
enum cli_probe_state {
	CLI_PROBE_OK = 0,
	CLI_PROBE_WARNING,
	CLI_PROBE_CRITICAL,
	CLI_PROBE_UNKNOWN,
};

enum cli_probe_state cli_probe_state_of(enum status status);

/** "CRITICAL", and the like. */
const char *cli_probe_state_name(enum cli_probe_state state);

/** Where it will be read. */
struct cli_probe_page {
	bool is_terminal; /* bars */
	bool has_colours;
	int columns;
};

/** The reader of plugins takes what stands behind a | for numbers: it is never
 * in these texts, but in its place. */
void cli_probe_text(struct buf *out, const struct cli_probe_asked *asked,
	const struct cli_probe_seen *seen, const struct cli_probe_page *page);

/** A text of ours or from outside as part of a line: printable, no |. */
void cli_probe_add_clean(struct buf *out, const char *text);
