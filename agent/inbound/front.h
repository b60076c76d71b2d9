/*
 * Where other monitors' requests come in: credentials, ceilings, certificates,
 * and the answer once what they said is durable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/inbound/inbound.h"

struct agent;
struct inbound_exchange;
struct inbound_front;

enum {
	INBOUND_BODY_MAX = 1024 * 1024,
};

/** The agent must outlive it. */
struct inbound_front *inbound_front_new(struct agent *agent);

/** Cancels what waits: no `done` runs.  NULL is allowed and does nothing. */
void inbound_front_free(struct inbound_front *front);

/** NULL when no source has this path.  Borrowed until the next reload. */
const struct conf_inbound *inbound_front_source(
	const struct inbound_front *front, const char *path);

/** Whether its body is worth keeping; `request` needs no body yet. */
bool inbound_front_knows(const struct inbound_front *front, const char *path,
	const struct inbound_request *request);

struct inbound_reply {
	int status;
	const char *type; /* Content-Type; NULL: a line of text */
	const char *body;
	const char *challenge; /* WWW-Authenticate; NULL for none */
	int retry_after_s; /* 0 for none */
};

/** Strings are borrowed until it returns. */
typedef void inbound_front_fn(void *cookie, const struct inbound_reply *reply);

/**
 * Take a whole request; `request` and all in it are borrowed until this
 * returns, its `source` is found by `path`.  `overlong`: it had more body than
 * INBOUND_BODY_MAX.  NULL: `reply` is filled in.  Else `done` runs once, later,
 * unless it is cancelled before.
 */
struct inbound_exchange *inbound_front_take(struct inbound_front *front,
	const char *path, const struct inbound_request *request, bool overlong,
	inbound_front_fn *done, void *cookie, struct inbound_reply *reply);

/** The sender is gone; what it said is taken all the same. */
void inbound_front_cancel(struct inbound_exchange *exchange);
