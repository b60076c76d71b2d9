/*
 * The HTTP client as a test uses it: ask, run the loop, look at a copy of what
 * came back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ev.h>

#include "agent/http/client.h"
#include "agent/http/resolver.h"

struct fetch {
	struct http_call *call; /* NULL once it was answered */
	unsigned answers;
	struct http_response response; /* its texts are below */
	char detail[400];
	char headers[2048];
	char body[8192];
};

/** What all tests of a suite share. */
struct fetch_kit {
	struct ev_loop *loop;
	struct resolver *resolver;
	struct http_client *client;
};

void fetch_kit_open(struct fetch_kit *kit);

/** Also checks that nothing of it stays in the loop. */
void fetch_kit_close(struct fetch_kit *kit);

/** "http://127.0.0.1:PORT/path", until the next but few calls of this. */
const char *fetch_url(
	const char *scheme, const char *host, unsigned port, const char *path);

/** Deadlines and limits that fit most tests; a fresh connection. */
struct http_request fetch_request(const char *url);

void fetch_start(struct fetch_kit *kit, struct fetch *fetch,
	const struct http_request *request);
void fetch_wait(struct fetch_kit *kit, struct fetch *fetch);

/** Both, and fails the test if the outcome is another one. */
void fetch_expect(struct fetch_kit *kit, struct fetch *fetch,
	const struct http_request *request, enum http_fail fail, int status);
