/*
 * One look may take several questions: where each goes and what it brings
 * along, as Python's requests has it.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/response.h"
#include "agent/http/url.h"
#include "probes/cookies.h"

struct arena;
struct http_conf;

/** What it lacks lives in the arena. */
struct hop {
	const struct http_conf *settings;
	struct arena *arena;
	unsigned behind; /* how many lie behind us */
	const char *method;
	const char *url; /* without user and password */
	struct url parts;
	struct url first; /* of the first one */
	const char *authorization; /* NULL for none */
	bool is_emptied; /* what spoke of a body was left behind */
	struct cookies cookies;
};

/** The first one; the settings are what the loader accepted. */
void hop_begin(
	struct hop *hop, const struct http_conf *settings, struct arena *arena);

enum hop_way {
	HOP_ENDS = 0, /* this answer is the last */
	HOP_LEADS, /* the hop is the next one now */
	HOP_ASTRAY, /* too many, or to where we do not go */
};

/** Where an answer leads, at `now_ms` (wall clock). */
enum hop_way hop_follow(
	struct hop *hop, const struct http_response *response, int64_t now_ms);

/** True while it goes to the host of the first one. */
bool hop_is_at_first(const struct hop *hop);

/** The headers to send, `*n` of them. */
const struct http_header *hop_headers(const struct hop *hop, size_t *n);
