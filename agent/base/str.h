/*
 * Small questions about strings.  ASCII where case matters: names of headers,
 * schemes and keys.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool str_eq(const char *a, const char *b);
bool str_ieq(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
bool str_istarts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/**
 * Copy what fits and terminate it.  UTF-8 is cut between characters.  False
 * when something was left out.
 */
bool str_copy(char *to, size_t size, const char *from);

/** A whole decimal number and nothing else; false also when out of range. */
bool str_int(const char *text, int64_t *number);

/** A finite decimal number such as 1, 0.5 or 1e3, and nothing else. */
bool str_number(const char *text, double *number);
