/*
 * What to look at when a look did not find what was expected.  Pure.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct cli_probe_seen;

/** Adds a sentence, without a full stop; nothing when all is well. */
void cli_probe_advice(struct buf *out, const struct cli_probe_seen *seen);
