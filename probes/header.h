/*
 * The headers of an answer, one by one.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/** A header, without blanks around its value; borrowed from the text. */
struct header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

/**
 * Take the next one from `*rest`, which begins as the text of all headers:
 * status line first, lines ended by CRLF.  False when there are no more.
 */
bool header_next(const char **rest, struct header *header);

/** In whatever case. */
bool header_is(const struct header *header, const char *name);

/**
 * A value as it goes out: in Latin-1 where that has all its characters, as
 * Python sends it, else as it is.
 */
const char *header_encode(const char *value, struct arena *arena);

/** The last one of that name; false when there is none. */
bool header_last(const char *headers, const char *name, struct header *header);
