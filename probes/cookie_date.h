/*
 * The dates of cookies, which are written in many ways (RFC 6265, 5.1.1).
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Seconds since 1970.  False when the text is no date. */
bool cookie_date_parse(const char *text, size_t len, int64_t *seconds);
