#include "agent/base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"

/* uthash asks for memory by this; ours does not come back empty-handed. */
#define uthash_malloc(size) mem_alloc(size)
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	void *thing;
	char name[];
};

struct map {
	struct entry *entries;
};

struct map *
map_new(void)
{
	return mem_zalloc(sizeof(struct map));
}

/* What uthash's macros expand to is not ours to mend. */
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough" /* clang */
/* NOLINTBEGIN(bugprone-*,clang-analyzer-*,readability-*,performance-*) */

void
map_free(struct map *map)
{
	if (!map)
		return;
	struct entry *entry, *next;
	HASH_ITER (hh, map->entries, entry, next) {
		HASH_DEL(map->entries, entry);
		free(entry);
	}
	free(map);
}

size_t
map_count(const struct map *map)
{
	return HASH_COUNT(map->entries);
}

void *
map_get(const struct map *map, const char *name)
{
	struct entry *entry;
	HASH_FIND_STR(map->entries, name, entry);
	return entry ? entry->thing : NULL;
}

void *
map_put(struct map *map, const char *name, void *thing)
{
	struct entry *entry;
	size_t len = strlen(name);
	HASH_FIND(hh, map->entries, name, len, entry);
	if (entry) {
		void *old = entry->thing;
		entry->thing = thing;
		return old;
	}
	entry = mem_alloc(sizeof(*entry) + len + 1);
	memcpy(entry->name, name, len + 1);
	entry->thing = thing;
	HASH_ADD_KEYPTR(hh, map->entries, entry->name, len, entry);
	return NULL;
}

void *
map_remove(struct map *map, const char *name)
{
	struct entry *entry;
	HASH_FIND_STR(map->entries, name, entry);
	if (!entry)
		return NULL;
	void *thing = entry->thing;
	HASH_DEL(map->entries, entry);
	free(entry);
	return thing;
}

void
map_each(const struct map *map, map_each_fn *each, void *cookie)
{
	struct entry *entry, *next;
	HASH_ITER (hh, map->entries, entry, next)
		each(cookie, entry->name, entry->thing);
}

/* NOLINTEND(bugprone-*,clang-analyzer-*,readability-*,performance-*) */
