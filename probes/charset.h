/*
 * The text of a body as UTF-8: by the charset that it declares, else by its
 * byte order mark, else UTF-8 if it is that, else ISO-8859-1.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum {
	/* No byte becomes more of them; give `out` room for so much. */
	CHARSET_GROWTH = 3,
};

/**
 * `headers` may have a Content-Type; a charset that nobody knows counts as
 * UTF-8.  What is no character becomes U+FFFD, and a byte order mark stays,
 * unless the charset is UTF-16 or UTF-32 by that name.  False when nothing has
 * to be done, and nothing was added: the bytes are UTF-8.
 */
bool charset_convert(
	const char *headers, const char *bytes, size_t len, struct buf *out);
