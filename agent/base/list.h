/*
 * Doubly linked lists whose links stand inside what they link.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

static inline void
list_init(struct list *head)
{
	head->prev = head->next = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

/** At the end of the list. */
static inline void
list_add(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/** Leaves `link` linked to itself, so that removing it twice is harmless. */
static inline void
list_remove(struct list *link)
{
	assert(link->prev->next == link && link->next->prev == link);
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#define LIST_ENTRY(link, type, member) \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

/** `at` may be removed, and freed, in the body. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `at` and `after` are declared. */
#define LIST_EACH(at, head, after) \
	for (struct list *at = (head)->next, *after = at->next; at != (head); \
		at = after, after = at->next)
/* NOLINTEND(bugprone-macro-parentheses) */
