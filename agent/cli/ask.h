/*
 * Asking the running agent.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct err;

/** How to find it; each may be NULL. */
struct cli_agent {
	const char *socket;
	const char *state;
	const char *config;
};

/**
 * Send one request line and add the whole answer to `answer`.  False when there
 * is no agent, or it did not answer.
 */
bool cli_ask(const struct cli_agent *agent, const char *request,
	struct buf *answer, struct err *err);
