/*
 * Hands things from one thread to another: any number push, one takes.
 */
#pragma once

#include <stdbool.h>

/** The first member of what is queued. */
struct queue_item {
	struct queue_item *next;
};

struct queue;

struct queue *queue_new(void);

/** The items left in it are the caller's to take first. */
void queue_free(struct queue *queue);

/** Any thread.  True when it was empty: then the taker must be woken. */
bool queue_push(struct queue *queue, struct queue_item *item);

/** All of it, first in first, linked by `next`; NULL when it is empty. */
struct queue_item *queue_take(struct queue *queue);
