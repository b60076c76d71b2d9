/*
 * One request after another, for verbs that need an answer before they go on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct http_request;
struct http_response;

struct cli_fetch;

/** NULL with a sentence. */
struct cli_fetch *cli_fetch_new(struct err *err);

/** NULL is allowed. */
void cli_fetch_free(struct cli_fetch *fetch);

/** Returns when it was answered or has failed; all of it lives in `arena`. */
const struct http_response *cli_fetch_send(struct cli_fetch *fetch,
	const struct http_request *request, struct arena *arena);

/** Let time pass. */
void cli_fetch_wait(struct cli_fetch *fetch, int64_t ms);
