/*
 * A webhook or a Slack: it takes everything, and remembers what it was told
 * first by each key.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_receiver;

/** What came with one key. */
struct sim_heard {
	unsigned count;
	size_t place; /* when it first came, from 1 */
	int64_t at_ms; /* the same, of the world */
	char *text;
	bool confused; /* the key came with another text as well */
};

struct sim_receiver *sim_receiver_new(void);
void sim_receiver_free(struct sim_receiver *receiver);

void sim_receiver_take(struct sim_receiver *receiver, const char *key,
	const char *text, int64_t now_ms);

/** NULL when it never came. */
const struct sim_heard *sim_receiver_heard(
	const struct sim_receiver *receiver, const char *key);

typedef void sim_receiver_each_fn(
	void *cookie, const char *key, const struct sim_heard *heard);
void sim_receiver_each(const struct sim_receiver *receiver,
	sim_receiver_each_fn *each, void *cookie);
