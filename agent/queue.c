#include "agent/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "agent/base/mem.h"

struct queue {
	pthread_mutex_t lock;
	struct queue_item *first;
	struct queue_item *last;
};

struct queue *
queue_new(void)
{
	struct queue *queue = mem_zalloc(sizeof(*queue));
	pthread_mutex_init(&queue->lock, NULL);
	return queue;
}

void
queue_free(struct queue *queue)
{
	if (!queue)
		return;
	assert(!queue->first);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

bool
queue_push(struct queue *queue, struct queue_item *item)
{
	item->next = NULL;
	pthread_mutex_lock(&queue->lock);
	bool was_empty = !queue->first;
	if (was_empty)
		queue->first = item;
	else
		queue->last->next = item;
	queue->last = item;
	pthread_mutex_unlock(&queue->lock);
	return was_empty;
}

struct queue_item *
queue_take(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	struct queue_item *first = queue->first;
	queue->first = NULL;
	queue->last = NULL;
	pthread_mutex_unlock(&queue->lock);
	return first;
}
