#include "tests/sim/receiver.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"

struct sim_receiver {
	struct map *heard; /* struct sim_heard by key, in their order */
};

struct sim_receiver *
sim_receiver_new(void)
{
	struct sim_receiver *receiver = mem_zalloc(sizeof(*receiver));
	receiver->heard = map_new();
	return receiver;
}

static void
free_heard(void *cookie, const char *key, void *thing)
{
	(void)cookie;
	(void)key;
	struct sim_heard *heard = thing;
	free(heard->text);
	free(heard);
}

void
sim_receiver_free(struct sim_receiver *receiver)
{
	map_each(receiver->heard, free_heard, NULL);
	map_free(receiver->heard);
	free(receiver);
}

void
sim_receiver_take(struct sim_receiver *receiver, const char *key,
	const char *text, int64_t now_ms)
{
	struct sim_heard *heard = map_get(receiver->heard, key);
	if (!heard) {
		heard = mem_zalloc(sizeof(*heard));
		heard->place = map_count(receiver->heard) + 1;
		heard->at_ms = now_ms;
		heard->text = mem_dup(text);
		map_put(receiver->heard, key, heard);
	}
	heard->count++;
	if (strcmp(heard->text, text) != 0)
		heard->confused = true;
}

const struct sim_heard *
sim_receiver_heard(const struct sim_receiver *receiver, const char *key)
{
	return map_get(receiver->heard, key);
}

struct each {
	sim_receiver_each_fn *each;
	void *cookie;
};

static void
on_each(void *cookie, const char *key, void *thing)
{
	struct each *each = cookie;
	each->each(each->cookie, key, thing);
}

void
sim_receiver_each(const struct sim_receiver *receiver,
	sim_receiver_each_fn *each, void *cookie)
{
	struct each call = { each, cookie };
	map_each(receiver->heard, on_each, &call);
}
