#include "agent/base/index.h"

#include <stdlib.h>

#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FIRST_SIZE = 16,
};

static const char *
name_at(const struct index *index, size_t slot)
{
	return index->name(index->cookie, index->slots[slot] - 1);
}

static size_t
home_of(const struct index *index, const char *name)
{
	return (size_t)hash_text(name) & (index->size - 1);
}

static size_t
after(const struct index *index, size_t slot)
{
	return (slot + 1) & (index->size - 1);
}

/* Where the name is, or would be; there is a free slot. */
static size_t
slot_of(const struct index *index, const char *name)
{
	size_t slot = home_of(index, name);
	while (index->slots[slot] != 0 && !str_eq(name_at(index, slot), name))
		slot = after(index, slot);
	return slot;
}

static void
insert(struct index *index, uint32_t number)
{
	const char *name = index->name(index->cookie, number);
	index->slots[slot_of(index, name)] = number + 1;
}

static void
grow(struct index *index)
{
	uint32_t *old = index->slots;
	size_t old_size = index->size;
	index->size = old_size > 0 ? old_size * 2 : FIRST_SIZE;
	index->slots = mem_zalloc(index->size * sizeof(*index->slots));
	for (size_t i = 0; i < old_size; i++)
		if (old[i] != 0)
			insert(index, old[i] - 1);
	free(old);
}

void
index_finish(struct index *index)
{
	free(index->slots);
	index->slots = NULL;
	index->size = index->count = 0;
}

void
index_put(struct index *index, uint32_t number)
{
	if (index->count * 2 >= index->size)
		grow(index);
	insert(index, number);
	index->count++;
}

bool
index_find(const struct index *index, const char *name, uint32_t *number)
{
	if (index->count == 0)
		return false;
	size_t slot = slot_of(index, name);
	if (index->slots[slot] == 0)
		return false;
	*number = index->slots[slot] - 1;
	return true;
}

/* What stands behind a slot that became free may belong before it. */
static void
close_gap(struct index *index, size_t gap)
{
	for (size_t at = after(index, gap); index->slots[at] != 0;
		at = after(index, at)) {
		size_t mask = index->size - 1;
		size_t home = home_of(index, name_at(index, at));
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		index->slots[gap] = index->slots[at];
		gap = at;
	}
	index->slots[gap] = 0;
}

void
index_remove(struct index *index, const char *name)
{
	if (index->count == 0)
		return;
	size_t slot = slot_of(index, name);
	if (index->slots[slot] == 0)
		return;
	close_gap(index, slot);
	index->count--;
}
