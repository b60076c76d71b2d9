#include "conf/strings.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"

enum {
	FIRST_SLOTS = 256, /* a power of two */
};

struct slot {
	const void *bytes; /* NULL when free */
	uint64_t hash;
	size_t size;
	bool is_text; /* aligned for nothing */
};

/* Open addressing, at most half full. */
struct conf_strings {
	struct arena *arena;
	struct slot *slots;
	size_t size;
	size_t count;
};

struct conf_strings *
conf_strings_new(struct arena *arena)
{
	struct conf_strings *strings = mem_zalloc(sizeof(*strings));
	strings->arena = arena;
	strings->size = FIRST_SLOTS;
	strings->slots = mem_zalloc(FIRST_SLOTS * sizeof(*strings->slots));
	return strings;
}

void
conf_strings_free(struct conf_strings *strings)
{
	if (!strings)
		return;
	free(strings->slots);
	free(strings);
}

/* Where the same is, or would be. */
static struct slot *
slot_of(const struct conf_strings *strings, const struct slot *wanted)
{
	size_t at = wanted->hash & (strings->size - 1);
	for (;; at = (at + 1) & (strings->size - 1)) {
		struct slot *slot = &strings->slots[at];
		if (!slot->bytes)
			return slot;
		if (slot->hash == wanted->hash && slot->size == wanted->size
			&& slot->is_text == wanted->is_text
			&& memcmp(slot->bytes, wanted->bytes, slot->size) == 0)
			return slot;
	}
}

static void
grow(struct conf_strings *strings)
{
	struct slot *old = strings->slots;
	size_t old_size = strings->size;
	strings->size *= 2;
	strings->slots = mem_zalloc(strings->size * sizeof(*strings->slots));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].bytes)
			*slot_of(strings, &old[i]) = old[i];
	free(old);
}

static const void *
copy(struct arena *arena, const struct slot *wanted)
{
	if (wanted->is_text)
		return arena_dup_n(arena, wanted->bytes, wanted->size);
	void *bytes = arena_alloc(arena, wanted->size);
	return memcpy(bytes, wanted->bytes, wanted->size);
}

static const void *
keep(struct conf_strings *strings, struct slot wanted)
{
	wanted.hash = hash_bytes(wanted.bytes, wanted.size);
	struct slot *slot = slot_of(strings, &wanted);
	if (slot->bytes)
		return slot->bytes;
	if (strings->count * 2 >= strings->size) {
		grow(strings);
		slot = slot_of(strings, &wanted);
	}
	strings->count++;
	wanted.bytes = copy(strings->arena, &wanted);
	*slot = wanted;
	return slot->bytes;
}

const char *
conf_strings_keep(struct conf_strings *strings, const char *text)
{
	return keep(strings,
		(struct slot){
			.bytes = text,
			.size = strlen(text),
			.is_text = true,
		});
}

const void *
conf_strings_share(struct conf_strings *strings, const void *bytes, size_t size)
{
	return keep(strings, (struct slot){ .bytes = bytes, .size = size });
}
