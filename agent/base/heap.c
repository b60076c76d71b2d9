#include "agent/base/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "agent/base/mem.h"

void
heap_finish(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++)
		heap->items[i]->place = 0;
	free(heap->items);
	*heap = (struct heap){ 0 };
}

struct heap_item *
heap_first(const struct heap *heap)
{
	return heap->count > 0 ? heap->items[0] : NULL;
}

static bool
before(const struct heap_item *a, const struct heap_item *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

/* `place` counts from 1, so that 0 can say "in no heap". */
static void
set(struct heap *heap, size_t place, struct heap_item *item)
{
	heap->items[place - 1] = item;
	item->place = place;
}

static void
rise(struct heap *heap, struct heap_item *item)
{
	while (item->place > 1) {
		size_t parent = item->place / 2;
		struct heap_item *above = heap->items[parent - 1];
		if (!before(item, above))
			return;
		set(heap, item->place, above);
		set(heap, parent, item);
	}
}

static void
sink(struct heap *heap, struct heap_item *item)
{
	for (;;) {
		size_t child = item->place * 2;
		if (child > heap->count)
			return;
		if (child < heap->count
			&& before(heap->items[child], heap->items[child - 1]))
			child++;
		struct heap_item *below = heap->items[child - 1];
		if (!before(below, item))
			return;
		set(heap, item->place, below);
		set(heap, child, item);
	}
}

void
heap_put(struct heap *heap, struct heap_item *item)
{
	if (item->place == 0) {
		if (heap->count == heap->size) {
			heap->size = heap->size > 0 ? heap->size * 2 : 16;
			heap->items = mem_grow(heap->items, heap->size,
				sizeof(struct heap_item *));
		}
		heap->count++;
		set(heap, heap->count, item);
	}
	assert(heap->items[item->place - 1] == item);
	rise(heap, item);
	sink(heap, item);
}

void
heap_remove(struct heap *heap, struct heap_item *item)
{
	if (item->place == 0)
		return;
	assert(heap->items[item->place - 1] == item);
	struct heap_item *last = heap->items[heap->count - 1];
	size_t place = item->place;
	heap->count--;
	item->place = 0;
	if (last == item)
		return;
	set(heap, place, last);
	rise(heap, last);
	sink(heap, last);
}
