#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/queue.h"

enum {
	THREADS = 4,
	EACH = 5000,
};

struct thing {
	struct queue_item item; /* first */
	int thread;
	int number;
};

struct pusher {
	pthread_t thread;
	struct queue *queue;
	int number;
	int wakes;
};

static void *
push_all(void *cookie)
{
	struct pusher *pusher = cookie;
	for (int i = 0; i < EACH; i++) {
		struct thing *thing = malloc(sizeof(*thing));
		if (!thing)
			abort();
		thing->thread = pusher->number;
		thing->number = i;
		if (queue_push(pusher->queue, &thing->item))
			pusher->wakes++;
	}
	return NULL;
}

static void
test_first_in_is_first_out(void **unused)
{
	(void)unused;
	struct queue *queue = queue_new();
	struct thing things[3] = { 0 };
	assert_null(queue_take(queue));
	assert_true(queue_push(queue, &things[0].item));
	assert_false(queue_push(queue, &things[1].item));
	assert_false(queue_push(queue, &things[2].item));
	struct queue_item *item = queue_take(queue);
	for (int i = 0; i < 3; i++) {
		assert_ptr_equal(item, &things[i].item);
		item = item->next;
	}
	assert_null(item);
	assert_null(queue_take(queue));
	assert_true(queue_push(queue, &things[1].item));
	assert_ptr_equal(queue_take(queue), &things[1].item);
	queue_free(queue);
	queue_free(NULL);
}

static void
test_many_push_and_nothing_is_lost(void **unused)
{
	(void)unused;
	struct queue *queue = queue_new();
	struct pusher pushers[THREADS] = { 0 };
	for (int i = 0; i < THREADS; i++) {
		pushers[i].queue = queue;
		pushers[i].number = i;
		assert_int_equal(pthread_create(&pushers[i].thread, NULL,
					 push_all, &pushers[i]),
			0);
	}
	int next[THREADS] = { 0 };
	int taken = 0;
	int batches = 0;
	while (taken < THREADS * EACH) {
		struct queue_item *item = queue_take(queue);
		if (item)
			batches++;
		while (item) {
			struct thing *thing = (struct thing *)item;
			item = item->next;
			/* What one thread pushed comes in its order. */
			assert_int_equal(thing->number, next[thing->thread]);
			next[thing->thread]++;
			taken++;
			free(thing);
		}
	}
	int wakes = 0;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(pushers[i].thread, NULL);
		wakes += pushers[i].wakes;
	}
	/* Each time that something was there, somebody was told to wake us. */
	assert_int_equal(wakes, batches);
	assert_null(queue_take(queue));
	queue_free(queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_is_first_out),
		cmocka_unit_test(test_many_push_and_nothing_is_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
