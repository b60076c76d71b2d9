/*
 * From a name to a thing.  The only file that includes uthash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);

/** The things are the caller's.  NULL is allowed and does nothing. */
void map_free(struct map *map);

size_t map_count(const struct map *map);

/** NULL when there is no such name. */
void *map_get(const struct map *map, const char *name);

/** Copies `name`.  Returns what stood there before, or NULL. */
void *map_put(struct map *map, const char *name, void *thing);

/** Returns what stood there, or NULL. */
void *map_remove(struct map *map, const char *name);

/** In order of insertion; the map must not change meanwhile. */
typedef void map_each_fn(void *cookie, const char *name, void *thing);
void map_each(const struct map *map, map_each_fn *each, void *cookie);
