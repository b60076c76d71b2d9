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

/** strerror(), in words that fit the process. */
const char *err_system(int error);

/**
 * What is to be said of EACCES once more than modes and owners may be the
 * reason of it.  Borrowed for ever; before there are threads.
 */
void err_explain_denied(const char *sentence);

/** Cut at the end of `text` if need be.  Always false, to be returned. */
bool err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Put "what: " before the sentence that is there.  Always false. */
bool err_prefix(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
