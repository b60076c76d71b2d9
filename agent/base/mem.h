/*
 * Memory that is there or the process is not: running out aborts with a
 * message.  What these return is freed with free().
 */
#pragma once

#include <stddef.h>

/** Give large pieces back to the system at once.  Before the first thread. */
void mem_give_back(void);

void *mem_alloc(size_t size) __attribute__((returns_nonnull, malloc));
void *mem_zalloc(size_t size) __attribute__((returns_nonnull, malloc));

/** realloc() of an array; aborts also when count * size overflows. */
void *mem_grow(void *old, size_t count, size_t size)
	__attribute__((returns_nonnull, warn_unused_result));

char *mem_dup(const char *text) __attribute__((returns_nonnull, malloc));

/** `len` bytes and a NUL. */
char *mem_dup_n(const void *bytes, size_t len)
	__attribute__((returns_nonnull, malloc));
