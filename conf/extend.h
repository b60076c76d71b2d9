/*
 * A configuration gets more endpoints; all else stays to the byte.
 *
 * Pure: text in, text out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf_draft_endpoint;
struct conf_text;
struct err;

/** The file as it is, up to what a configuration may be. */
bool conf_extend_read(const char *path, struct arena *arena,
	struct conf_text *text, struct err *err);

/**
 * Puts them behind the endpoints that are there, as those are written, or where
 * there are none yet, and `section` at the end unless it is NULL.  False when
 * `old` is written in a way in which that cannot be done.  What it gives is not
 * checked.
 */
bool conf_extend(const struct conf_text *old,
	const struct conf_draft_endpoint *endpoints, size_t n_endpoints,
	const char *section, struct arena *arena, struct conf_text *text,
	struct err *err);
