#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"

struct heard {
	unsigned count;
	size_t place;
	char *body;
};

struct sim_receiver {
	struct map *heard; /* by key */
	size_t n;
	bool confused;
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
	struct heard *heard = thing;
	free(heard->body);
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
sim_receiver_take(
	struct sim_receiver *receiver, const char *key, const char *body)
{
	struct heard *heard = map_get(receiver->heard, key);
	if (!heard) {
		heard = mem_zalloc(sizeof(*heard));
		heard->place = ++receiver->n;
		heard->body = mem_dup(body);
		map_put(receiver->heard, key, heard);
	}
	heard->count++;
	if (strcmp(heard->body, body) != 0)
		receiver->confused = true;
}

unsigned
sim_receiver_count(
	const struct sim_receiver *receiver, const char *key, size_t *place)
{
	const struct heard *heard = map_get(receiver->heard, key);
	*place = heard ? heard->place : 0;
	return heard ? heard->count : 0;
}

bool
sim_receiver_confused(const struct sim_receiver *receiver)
{
	return receiver->confused;
}
