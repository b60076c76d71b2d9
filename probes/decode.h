/*
 * Content codings undone: gzip and deflate, also one upon the other, as
 * Python's urllib3 does it.  Pure.  The only file that includes zlib.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	DECODE_CODINGS_MAX = 5,
};

enum decode_coding {
	DECODE_GZIP = 0,
	DECODE_DEFLATE, /* in a zlib wrapper or without */
};

/** What is to be undone, the outermost first. */
struct decode_plan {
	size_t n;
	uint8_t codings[DECODE_CODINGS_MAX]; /* enum decode_coding */
	bool is_beyond; /* there are more than anyone means well */
};

/**
 * What the Content-Encoding lines among `headers` ask for, up to a coding that
 * is not known: that, and what is beneath it, is left as it is.
 */
void decode_plan(const char *headers, struct decode_plan *plan);

/**
 * Undo it, into `out` up to its ceiling.  What ends too early counts as far as
 * it goes, and so does what is more than fits.  False when it is not what it
 * says it is; `out` then has what came before that showed.
 */
bool decode_body(const struct decode_plan *plan, const char *bytes, size_t len,
	struct buf *out);

/** Without undoing anything: false when it cannot be what it says it is. */
bool decode_is_plausible(
	const struct decode_plan *plan, const char *bytes, size_t len);
