/*
 * Asking the running agent.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct err;

/** How to find it; each may be NULL. */
struct cli_agent {
	const char *socket;
	const char *state;
	const char *config;
	int64_t patience_ms; /* with each step; 0 for the usual 10 s */
};

/**
 * Send one request line and add the whole answer to `answer`.  False when there
 * is no agent, or it did not answer.
 */
bool cli_ask(const struct cli_agent *agent, const char *request,
	struct buf *answer, struct err *err);

/**
 * The same for an answer in JSON.  NULL: `err` says why, in the agent's words
 * when it is the agent that refuses.
 */
json_t *cli_ask_json(
	const struct cli_agent *agent, const char *request, struct err *err);
