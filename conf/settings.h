/*
 * Settings as values: whether two of them say the same, and copies of them.
 * By the tables of their sections, so that a new key needs nothing here.
 */
#pragma once

#include <stdbool.h>

#include "conf/schema.h"

struct arena;

/** Both are of `section`.  What no key fills does not count. */
bool conf_settings_same(
	const struct conf_section *section, const void *a, const void *b);

/** Of the same variant, and the same in all of its keys. */
bool conf_chosen_same(const struct conf_chosen *a, const struct conf_chosen *b);

/** What stands at this key, a text; NULL when nothing does. */
const char *conf_chosen_text(const struct conf_chosen *chosen, const char *key);

/** All that it points at is in `arena`, but for its tables. */
struct conf_chosen conf_chosen_copy(
	const struct conf_chosen *from, struct arena *arena);
