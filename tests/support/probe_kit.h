/*
 * Looks by HTTP without a network: the kit is the HTTP client.  It notes what
 * it was asked for, and answers as a test tells it to.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/http/client.h"
#include "agent/model/result.h"
#include "probes/probe.h"

struct arena;

enum {
	KIT_AT_MS = 1700000000,
};

/** All that was asked for as text, and the last of it. */
struct kit_client {
	struct buf trace; /* "GET http://h/ X-A=b @::1 v6 ; GET ..." */
	struct http_request request; /* what it borrowed is gone */
	int cancelled;
	int takes_coded; /* requests with our own Accept-Encoding */
};

extern struct kit_client kit_client;

/** An answer, as short as it can be written. */
struct kit_answer {
	int status; /* 0: there is none */
	const char *headers; /* besides the status line; each with CRLF */
	const char *body;
	enum http_fail fail;
	int64_t headers_us;
	size_t body_len; /* of one with a NUL in it; else 0 */
};

#define KIT_SAYS(status, headers, body) \
	{ \
		(status), (headers), (body), HTTP_FAIL_NONE, 0, 0 \
	}
#define KIT_SENDS(status, headers, bytes) \
	{ \
		(status), (headers), (bytes), HTTP_FAIL_NONE, 0, \
			sizeof(bytes) - 1 \
	}
#define KIT_TAKES(us, status, headers, body) \
	{ \
		(status), (headers), (body), HTTP_FAIL_NONE, (us), 0 \
	}
#define KIT_BREAKS(fail, status, headers, body) \
	{ \
		(status), (headers), (body), (fail), 0, 0 \
	}
#define KIT_FAILS(fail) \
	{ \
		0, "", "", (fail), 0, 0 \
	}

/** Answer what was asked for last. */
void kit_answer(const struct kit_answer *answer);

/** One endpoint, from its YAML on. */
struct kit_scene {
	struct arena *arena;
	struct pattern_cache *patterns;
	struct probe_env env;
	struct probe *probe;
	struct buf complaints;
	struct result result; /* the last one */
	int results;
	uint32_t stalls; /* what the loop says */
};

/** The test fails when the YAML is refused. */
void kit_open(struct kit_scene *scene, const char *yaml);
void kit_close(struct kit_scene *scene);

/** NULL when it is refused; says why in `complaints`. */
const void *kit_read(struct kit_scene *scene, const char *yaml);

void kit_look(struct kit_scene *scene);

/** For the whole group of tests. */
int kit_set_up(void **unused);
int kit_tear_down(void **unused);
