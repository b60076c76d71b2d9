/*
 * From a name to a number, in eight bytes or so an entry: the names stay where
 * they are, and whoever has them says what the name of a number is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** NULL is no name.  The same answer while the number is in the index. */
typedef const char *index_name_fn(const void *cookie, uint32_t number);

/** Zeroed but for the first two, it is empty. */
struct index {
	index_name_fn *name;
	const void *cookie;

	uint32_t *slots; /* a number and one more; 0 where there is none */
	size_t size; /* a power of two, at most half of it in use */
	size_t count;
};

void index_finish(struct index *index);

/** No other number in it has the same name.  Below UINT32_MAX. */
void index_put(struct index *index, uint32_t number);

/** False when there is no such name. */
bool index_find(const struct index *index, const char *name, uint32_t *number);

/** Nothing happens when there is no such name. */
void index_remove(struct index *index, const char *name);
