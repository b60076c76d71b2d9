/*
 * Percent-encoding, the way from it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

/** `%` and two hexadecimal digits stand there. */
bool inbound_is_group(const char *at, size_t len);

/** Add the text without its %XX, and its `+` as `plus`; NULs become blanks, and
 * what is no group stays. */
void inbound_unescape(const char *text, size_t len, char plus, struct buf *out);
