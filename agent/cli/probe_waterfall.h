/*
 * Where the time of a look went: phases, and bars of them one below the other.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct cli_probe_hop;

enum cli_phase {
	CLI_PHASE_DNS = 0,
	CLI_PHASE_CONNECT,
	CLI_PHASE_TLS,
	CLI_PHASE_WAIT, /* for the first byte */
	CLI_PHASE_TRANSFER,
	CLI_PHASES,
};

/** One line; one begins where the one above it ends. */
struct cli_bar {
	const char *label;
	int64_t length_us; /* 0: it did not come to that */
	bool is_broken; /* it did not end well */
};

/** The phases of a hop; time in which it failed is that of the phase that did
 * not end.  All of them together take the hop's whole time. */
void cli_probe_phases(
	const struct cli_probe_hop *hop, struct cli_bar bars[CLI_PHASES]);

struct cli_waterfall {
	int columns; /* of the page; numbers alone where bars do not fit */
	bool has_bars;
	bool has_colours;
	const char *total; /* what all of them are called; NULL: "total" */
};

/** Adds a line a bar and one for all of them. */
void cli_waterfall(struct buf *out, const struct cli_bar *bars, size_t n,
	const struct cli_waterfall *how);
