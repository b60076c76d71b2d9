/*
 * Bytes that grow up to a ceiling.  Always NUL-terminated, so `data` is a
 * string when what was added holds no NUL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* never NULL after buf_init */
	size_t len;
	size_t size;
	size_t max;
	bool full; /* something did not fit; what did is kept */
};

void buf_init(struct buf *buf, size_t max);
void buf_finish(struct buf *buf);

/** Forget the content, keep the memory. */
void buf_clear(struct buf *buf);

/** Adds what fits.  False when not all of it did. */
bool buf_add(struct buf *buf, const void *bytes, size_t len);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_char(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The caller owns what is returned; the buffer is empty again. */
char *buf_steal(struct buf *buf);
