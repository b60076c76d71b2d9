/*
 * What the running agent knows, as JSON, for `curlew status`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct agent;
struct buf;
struct external_subject;
struct monitor;

/* As struct control_verb has it; the cookie is the `const struct agent *`. */

/** Of the agent and its receivers. */
bool agent_status_summary(
	void *cookie, const char *argument, uint64_t *at, struct buf *out);

/** Of the endpoints too; or all of the one with this name. */
bool agent_status_all(
	void *cookie, const char *argument, uint64_t *at, struct buf *out);

/* Pieces of it, for the caller to json_decref(). */

/** How many there are, in all and of each status. */
json_t *agent_status_counts(const struct agent *agent);

json_t *agent_status_endpoint(
	const struct agent *agent, const struct monitor *monitor);
json_t *agent_status_subject(
	const struct agent *agent, const struct external_subject *subject);

/** All about it, with the phases of its last probe. */
json_t *agent_status_detail(
	const struct agent *agent, const struct monitor *monitor);
