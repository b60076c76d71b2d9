/*
 * The charsets that are met on the web, by all the names that they go by.
 */
#pragma once

#include <stddef.h>

enum charset_kind {
	CHARSET_UTF8 = 0,
	CHARSET_ASCII,
	CHARSET_LATIN1,
	CHARSET_BYTES, /* a byte is a character */
	CHARSET_MULTI, /* one or more are */
	CHARSET_UTF16,
	CHARSET_UTF32,
};

struct charset_name {
	enum charset_kind kind;
	const char *iconv; /* what iconv_open() calls it */
	const char *names; /* lower case, letters and digits, blanks between */
};

/** In whatever case, with whatever marks in it; NULL for an unknown one. */
const struct charset_name *charset_name_find(const char *name, size_t len);
