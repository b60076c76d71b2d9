/*
 * A YAML file as it stands there: every value and every key with its place.
 *
 * Aliases are shared and merge keys filled in.  Ceilings count what the file
 * would be with every alias written out, so that a short file cannot become an
 * endless one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/schema.h"

struct arena;
struct err;

enum {
	CONF_YAML_BYTES_MAX = 64 * 1024 * 1024,
	CONF_YAML_NODES_MAX = 10 * 1000 * 1000,
	CONF_YAML_DEPTH_MAX = 64,
};

/** Where something stands; both count from 1, and 0 is the file as a whole. */
struct conf_mark {
	uint32_t line;
	uint32_t column;
};

/** A value.  Copies share what it holds. */
struct conf_yaml {
	uint8_t kind; /* enum conf_node_kind */
	uint8_t depth; /* of what it holds, from 1 */
	bool quoted; /* a scalar that is a text whatever it looks like */
	bool shared; /* by an alias or a merge key: it stands elsewhere too */
	uint32_t count; /* of the items of a list or a map */
	uint32_t
		weight; /* values in it, itself included, aliases written out */
	struct conf_mark mark;
	union {
		const char *text; /* of a scalar, as written */
		const struct conf_yaml_item *items;
	};
};

struct conf_yaml_item {
	const char *key; /* NULL in a list */
	struct conf_mark mark; /* of the key */
	bool repeated; /* the map had the key before; the last one counts */
	struct conf_yaml value;
};

/**
 * All of it lives in `arena`.  An empty file is a null without a place.  False
 * when the file cannot be read or is not YAML: one sentence and its place.
 */
bool conf_yaml_load(const char *path, struct arena *arena,
	struct conf_yaml *root, struct err *err, struct conf_mark *where);

/** The same for a text that is there already, of one byte at least. */
bool conf_yaml_read(const char *text, size_t len, struct arena *arena,
	struct conf_yaml *root, struct err *err, struct conf_mark *where);

/** NULL when `map` is not a map or has no such key. */
const struct conf_yaml_item *conf_yaml_find(
	const struct conf_yaml *map, const char *key);

/** True for everything but lists and maps. */
bool conf_yaml_is_scalar(const struct conf_yaml *value);
