/*
 * The items of a map: merge keys (`<<`) filled in, and of repeated keys the
 * last one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/yaml.h"

struct arena;
struct err;

struct conf_merger {
	struct conf_yaml_item *items; /* what is being put together */
	struct conf_merger_ref *refs; /* the same, sorted */
	size_t size;
	size_t count;
	size_t room; /* items that may still come out of merging */
};

/** The key of an item that merges; compared by address. */
extern const char conf_merge_key[];

void conf_merger_finish(struct conf_merger *merger);

/**
 * Keys must be the same pointer when they are the same text.  The result lives
 * in `arena`; `count` becomes what is left.
 */
const struct conf_yaml_item *conf_merge(struct conf_merger *merger,
	const struct conf_yaml_item *items, size_t *count, struct arena *arena,
	struct err *err, struct conf_mark *where);
