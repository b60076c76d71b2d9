/*
 * What the running agent knows, as JSON, for `curlew status`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* As struct control_verb has it; the cookie is the `const struct agent *`. */

/** Of the agent and its receivers. */
bool agent_status_summary(
	void *cookie, const char *argument, uint64_t *at, struct buf *out);

/** Of the endpoints too; or all of the one with this name. */
bool agent_status_all(
	void *cookie, const char *argument, uint64_t *at, struct buf *out);
