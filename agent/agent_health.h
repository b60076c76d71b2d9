/*
 * Whether the running agent is well, as JSON, for `curlew status --health`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;

/**
 * As struct control_verb has it; the cookie is the `struct agent *`.
 *
 * It is well when it has started, its workers turn, and a commit to the state
 * succeeds, which is tried.
 */
bool agent_health(
	void *cookie, const char *argument, uint64_t *at, struct buf *out);
