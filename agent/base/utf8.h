/*
 * Bytes from outside as text: what is not UTF-8 becomes U+FFFD, as Python
 * decodes with errors="replace".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum {
	UTF8_MENDED_FACTOR = 3, /* a bad byte becomes at most so many */
};

bool utf8_is_valid(const char *text, size_t len);

/** Add it to `out`, whole characters only, as far as there is room. */
void utf8_mend(const char *text, size_t len, struct buf *out);

/** How many bytes at the end begin a character that is not there as a whole. */
size_t utf8_tail(const char *text, size_t len);
