/*
 * The reporters that a configuration asks for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct err;
struct reporter;

struct agent_reporters {
	struct reporter **items;
	size_t count;
};

/**
 * Makes all of them: `cachet`, `webhooks` and `reporters`, in this order, each
 * with its audience and an id of its own.  `conf` must outlive them.  On
 * failure there are none.
 */
bool agent_reporters_init(struct agent_reporters *reporters,
	const struct conf *conf, struct err *err);

void agent_reporters_finish(struct agent_reporters *reporters);
