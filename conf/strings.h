/*
 * Texts that are kept once however often they are met: an endpoint's
 * "HTTP_STATUS" is that of all.  And so are its expectations, as long as they
 * say the same.
 */
#pragma once

#include <stddef.h>

struct arena;
struct conf_strings;

/** The texts live in `arena` and outlive the table. */
struct conf_strings *conf_strings_new(struct arena *arena);

/** NULL is allowed and does nothing. */
void conf_strings_free(struct conf_strings *strings);

/** The same pointer for the same text. */
const char *conf_strings_keep(struct conf_strings *strings, const char *text);

/**
 * The same pointer for the same bytes, aligned for anything.  What these point
 * at is the same only if it was kept here as well.
 */
const void *conf_strings_share(
	struct conf_strings *strings, const void *bytes, size_t size);
