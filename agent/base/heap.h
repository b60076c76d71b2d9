/*
 * The earliest of many: a binary heap whose items know their place, so that
 * they can be moved and taken out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Stands inside what is ordered. */
struct heap_item {
	int64_t due; /* the least comes first */
	uint64_t order; /* among equals, the least comes first */
	size_t place; /* 1 or more; 0 while it is in no heap */
};

struct heap {
	struct heap_item **items;
	size_t count;
	size_t size;
};

/** A zeroed heap is an empty one.  The items are the caller's. */
void heap_finish(struct heap *heap);

/** NULL when it is empty. */
struct heap_item *heap_first(const struct heap *heap);

/** Put it in, or move it to where its `due` and `order` now belong. */
void heap_put(struct heap *heap, struct heap_item *item);

/** Does nothing when it is in no heap. */
void heap_remove(struct heap *heap, struct heap_item *item);
