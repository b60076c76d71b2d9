/*
 * Which keys somebody asks about.
 */
#pragma once

#include "conf/outline.h"

enum {
	CONF_FOUND_MAX = 64,
};

struct conf_found {
	const struct conf_entry *entries[CONF_FOUND_MAX];
	size_t count;
	const char *near; /* when there is none: what was meant; or NULL */
};

/**
 * All that `key` may be: a path as complaints have it, such as
 * "endpoints[3] (shop).timeout", the end of one, the name of a type, another
 * spelling, or one of the values.  `near` lives as long as the outline.
 */
void conf_explain_find(const struct conf_outline *outline, const char *key,
	struct conf_found *found);

/** How many entries after this one stand inside of it. */
size_t conf_explain_inside(
	const struct conf_outline *outline, const struct conf_entry *entry);
