#include "agent/base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"

enum {
	BLOCK_SIZE = 16 * 1024,
	SMALL_BLOCK_SIZE = 1000, /* with what goes before it, a kilobyte */
};

struct block {
	struct block *next;
	size_t used; /* from the front: what is aligned */
	size_t size; /* less the texts, which grow from the end */
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* the one that is being filled comes first */
	size_t block_size;
};

struct arena *
arena_new(void)
{
	struct arena *arena = mem_zalloc(sizeof(*arena));
	arena->block_size = BLOCK_SIZE;
	return arena;
}

struct arena *
arena_new_small(void)
{
	return arena_new_for(SMALL_BLOCK_SIZE);
}

struct arena *
arena_new_for(size_t size)
{
	struct arena *arena = mem_zalloc(sizeof(*arena));
	arena->block_size = size;
	return arena;
}

void
arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	while (arena->blocks) {
		struct block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
}

static struct block *
block_new(size_t size)
{
	struct block *block = mem_alloc(sizeof(*block) + size);
	block->next = NULL;
	block->used = 0;
	block->size = size;
	return block;
}

/* A block with room for that many bytes. */
static struct block *
block_with(struct arena *arena, size_t size)
{
	struct block *first = arena->blocks;
	if (first && first->size - first->used >= size)
		return first;

	size_t usual = arena->block_size;
	struct block *block = block_new(size > usual ? size : usual);
	if (first && size > usual / 2) {
		/* A large one must not end the block that has room left. */
		block->next = first->next;
		first->next = block;
	} else {
		block->next = first;
		arena->blocks = block;
	}
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t align = _Alignof(max_align_t);
	size = (size + align - 1) & ~(align - 1);

	struct block *block = block_with(arena, size);
	void *bytes = block->bytes + block->used;
	block->used += size;
	return memset(bytes, 0, size);
}

/* A text stands anywhere: they are taken from the end, without gaps. */
static char *
take_text(struct arena *arena, size_t size)
{
	struct block *block = block_with(arena, size);
	block->size -= size;
	return (char *)block->bytes + block->size;
}

char *
arena_dup(struct arena *arena, const char *text)
{
	return arena_dup_n(arena, text, strlen(text));
}

char *
arena_dup_n(struct arena *arena, const void *bytes, size_t len)
{
	char *copy = take_text(arena, len + 1);
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return arena_dup(arena, "");

	char *text = take_text(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
