/*
 * Texts from editors of every kind, in UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

/** True when its first bytes are the mark of UTF-16. */
bool conf_unicode_is_16(const char *text, size_t len);

/**
 * UTF-16 with a mark in front becomes UTF-8, and a mark of UTF-8 is taken away.
 * False for what is no text: a NUL in it, or halves of characters.
 */
bool conf_unicode(
	const char **text, size_t *len, struct arena *arena, struct err *err);
