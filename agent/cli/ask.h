/*
 * Asking the running agent.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct cli_args;
struct err;

/* Rows of the verbs that ask: by what the agent is found. */

#define CLI_ASK_CONFIG \
	{ \
		"config", 'c', "CONFIG", "ask the agent that runs with it" \
	}
#define CLI_ASK_SOCKET \
	{ \
		"socket", 0, "PATH", "ask the agent that is there" \
	}
#define CLI_ASK_STATE \
	{ \
		"state", 0, "PATH", "ask the agent with this state file" \
	}

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

/** An answer as JSON; NULL, with `err` set, when it is none. */
json_t *cli_ask_parse(const struct buf *answer, struct err *err);

/**
 * The same for an answer in JSON.  NULL: `err` says why, in the agent's words
 * when it is the agent that refuses.
 */
json_t *cli_ask_json(
	const struct cli_agent *agent, const char *request, struct err *err);

/**
 * The same for what takes its time: `request` is answered with a number, and
 * "`then` NUMBER" is asked until it is done.
 */
json_t *cli_ask_until_done(const struct cli_agent *agent, const char *request,
	const char *then, struct err *err);
