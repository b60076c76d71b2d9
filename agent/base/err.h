/*
 * One sentence about what went wrong and what would be right, without a full
 * stop.  A function that can fail returns bool or NULL and takes a
 * `struct err *` last; it is written only on failure.
 */
#pragma once

#include <stdbool.h>

struct err {
	char text[512];
};

/** Cut at the end of `text` if need be.  Always false, to be returned. */
bool err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Put "what: " before the sentence that is there.  Always false. */
bool err_prefix(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
