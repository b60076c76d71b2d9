/*
 * From a request to an answer, by a table: a page, the API and metrics are one
 * row each.  Knows nothing of libmicrohttpd, so that a test can ask it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/buf.h"

struct agent;

enum {
	WEB_BODY_MAX = 16 * 1024 * 1024,
};

enum web_method {
	WEB_GET = 1 << 0, /* and HEAD */
	WEB_POST = 1 << 1,
};

struct web_request {
	const char *method;
	const char *path; /* decoded, without the query */
	struct agent *agent;
	bool from_here; /* of this machine, and passed on by nobody */
	const char *authorization; /* the header; NULL for none */
};

/**
 * Adds a piece of a body to `out`.  True: there is more, and this is called
 * again once that much was sent.  `*at` is 0 the first time and is left alone
 * between the pieces.
 */
typedef bool web_piece_fn(struct agent *agent, uint64_t *at, struct buf *out);

struct web_answer {
	int status;
	const char *type; /* Content-Type */
	const char *allow; /* for 405: the methods; NULL for none */
	struct buf body;
	web_piece_fn *piece; /* makes the body while it is sent; or NULL */
};

struct web_route {
	const char *path; /* NULL ends the table */
	unsigned methods; /* of enum web_method */
	void (*answer)(
		const struct web_request *request, struct web_answer *answer);
};

/** The table.  Sorted by path. */
extern const struct web_route web_routes[];

/** 404 where no route is, 405 where it does not take the method. */
void web_route(const struct web_route *routes,
	const struct web_request *request, struct web_answer *answer);

/** Makes a text of one line of the answer. */
void web_answer_text(struct web_answer *answer, int status, const char *text);

/** False when web_route() would answer 404 or 405: no body is waited for. */
bool web_takes(
	const struct web_route *routes, const struct web_request *request);
