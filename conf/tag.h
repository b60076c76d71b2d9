/*
 * YAML tags: !!int and its like, of which the safe loader of PyYAML knows
 * these.
 */
#pragma once

#include <stdbool.h>

#include "conf/yaml.h"

struct err;

/** Set the kind of the scalar `text`.  False when it cannot be of that. */
bool conf_tag_apply(const char *tag, const char *text, struct conf_yaml *value,
	struct err *err);

/** False unless a list or a map may have that tag; NULL is none. */
bool conf_tag_allow(const char *tag, enum conf_node_kind kind, struct err *err);
