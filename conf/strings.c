#include "conf/strings.h"

#include <stdint.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FIRST_SLOTS = 256, /* a power of two */
};

struct slot {
	const char *text; /* NULL when free */
	uint64_t hash;
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

/* Where the text is, or would be. */
static struct slot *
slot_of(const struct conf_strings *strings, const char *text, uint64_t hash)
{
	size_t at = hash & (strings->size - 1);
	while (strings->slots[at].text
		&& (strings->slots[at].hash != hash
			|| !str_eq(strings->slots[at].text, text)))
		at = (at + 1) & (strings->size - 1);
	return &strings->slots[at];
}

static void
grow(struct conf_strings *strings)
{
	struct slot *old = strings->slots;
	size_t old_size = strings->size;
	strings->size *= 2;
	strings->slots = mem_zalloc(strings->size * sizeof(*strings->slots));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].text)
			*slot_of(strings, old[i].text, old[i].hash) = old[i];
	free(old);
}

const char *
conf_strings_keep(struct conf_strings *strings, const char *text)
{
	uint64_t hash = hash_text(text);
	struct slot *slot = slot_of(strings, text, hash);
	if (slot->text)
		return slot->text;
	if (strings->count * 2 >= strings->size) {
		grow(strings);
		slot = slot_of(strings, text, hash);
	}
	strings->count++;
	slot->text = arena_dup(strings->arena, text);
	slot->hash = hash;
	return slot->text;
}
