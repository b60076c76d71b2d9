#include "conf/merge.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"

enum {
	SMALL = 24,
};

/* One item of the whole, for finding those with the same key. */
struct conf_merger_ref {
	const char *key;
	size_t index;
};

const char conf_merge_key[] = "<<";

void
conf_merger_finish(struct conf_merger *merger)
{
	free(merger->items);
	free(merger->refs);
	*merger = (struct conf_merger){ 0 };
}

static void
append(struct conf_merger *merger, const struct conf_yaml_item *items,
	size_t count)
{
	if (count == 0)
		return;
	size_t need = merger->count + count;
	if (need > merger->size) {
		merger->size = need * 2;
		merger->items = mem_grow(
			merger->items, merger->size, sizeof(*merger->items));
		merger->refs = mem_grow(
			merger->refs, merger->size, sizeof(*merger->refs));
	}
	memcpy(merger->items + merger->count, items, count * sizeof(*items));
	merger->count = need;
}

static bool
append_map(struct conf_merger *merger, const struct conf_yaml *map,
	struct err *err, struct conf_mark *where)
{
	if (map->kind != CONF_NODE_MAP) {
		*where = map->mark;
		return err_set(err,
			"<< takes a map, or a list of maps, such as *base");
	}
	if (map->count > merger->room) {
		*where = map->mark;
		return err_set(err, "merging makes more than %d keys",
			CONF_YAML_NODES_MAX);
	}
	merger->room -= map->count;
	append(merger, map->items, map->count);
	for (size_t i = 0; i < map->count; i++)
		merger->items[merger->count - 1 - i].value.shared = true;
	return true;
}

/* What comes later wins, so that the first of a list comes last. */
static bool
append_merged(struct conf_merger *merger, const struct conf_yaml *value,
	struct err *err, struct conf_mark *where)
{
	if (value->kind != CONF_NODE_LIST)
		return append_map(merger, value, err, where);
	for (size_t i = value->count; i > 0; i--)
		if (!append_map(merger, &value->items[i - 1].value, err, where))
			return false;
	return true;
}

static int
by_key(const void *a, const void *b)
{
	const struct conf_merger_ref *left = a, *right = b;
	if (left->key != right->key)
		return (uintptr_t)left->key < (uintptr_t)right->key ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

/* Clears the key of each item that a later one replaces. */
static void
drop_replaced(struct conf_merger *merger, size_t merged)
{
	for (size_t i = 0; i < merger->count; i++)
		merger->refs[i] =
			(struct conf_merger_ref){ merger->items[i].key, i };
	qsort(merger->refs, merger->count, sizeof(*merger->refs), by_key);
	for (size_t i = 1; i < merger->count; i++) {
		size_t before = merger->refs[i - 1].index;
		size_t after = merger->refs[i].index;
		if (merger->refs[i - 1].key != merger->refs[i].key)
			continue;
		merger->items[before].key = NULL;
		if (before >= merged)
			merger->items[after].repeated = true;
	}
}

static const struct conf_yaml_item *
keep(const struct conf_merger *merger, size_t *count, struct arena *arena)
{
	size_t n = 0;
	for (size_t i = 0; i < merger->count; i++)
		n += merger->items[i].key != NULL;
	struct conf_yaml_item *kept = arena_alloc(arena, n * sizeof(*kept));
	*count = n;
	n = 0;
	for (size_t i = 0; i < merger->count; i++)
		if (merger->items[i].key)
			kept[n++] = merger->items[i];
	return kept;
}

/* True for the usual map, in which each key is once and none merges. */
static bool
is_simple(const struct conf_yaml_item *items, size_t count)
{
	if (count > SMALL)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (items[i].key == conf_merge_key)
			return false;
		for (size_t j = 0; j < i; j++)
			if (items[j].key == items[i].key)
				return false;
	}
	return true;
}

const struct conf_yaml_item *
conf_merge(struct conf_merger *merger, const struct conf_yaml_item *items,
	size_t *count, struct arena *arena, struct err *err,
	struct conf_mark *where)
{
	merger->count = 0;
	if (is_simple(items, *count)) {
		append(merger, items, *count);
		return keep(merger, count, arena);
	}
	for (size_t i = 0; i < *count; i++)
		if (items[i].key == conf_merge_key
			&& !append_merged(merger, &items[i].value, err, where))
			return NULL;
	size_t merged = merger->count;
	for (size_t i = 0; i < *count; i++)
		if (items[i].key != conf_merge_key)
			append(merger, &items[i], 1);
	if (merger->count > 0)
		drop_replaced(merger, merged);
	return keep(merger, count, arena);
}
