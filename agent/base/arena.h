/*
 * Memory of one origin and one end: allocated bit by bit, freed at once.
 */
#pragma once

#include <stddef.h>

struct arena;

struct arena *arena_new(void);

/** For little: it takes memory by the kilobyte, where there are thousands. */
struct arena *arena_new_small(void);

/** For about so many bytes, and seldom more. */
struct arena *arena_new_for(size_t size);

/** NULL is allowed and does nothing. */
void arena_free(struct arena *arena);

/** Forget all that was allocated; what it pointed at is gone. */
void arena_reset(struct arena *arena);

/** Zeroed and aligned for anything. */
void *arena_alloc(struct arena *arena, size_t size)
	__attribute__((returns_nonnull));

/** This and the others that make texts: aligned for nothing. */
char *arena_dup(struct arena *arena, const char *text)
	__attribute__((returns_nonnull));

/** `len` bytes and a NUL. */
char *arena_dup_n(struct arena *arena, const void *bytes, size_t len)
	__attribute__((returns_nonnull));

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));
