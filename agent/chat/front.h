/*
 * Where what people say in chats comes in: who sent it, ceilings, and what is
 * answered at once.
 */
#pragma once

#include <stdbool.h>

struct agent;
struct chat_exchange;
struct chat_front;
struct inbound_reply;
struct inbound_request;

/** The agent must outlive it. */
struct chat_front *chat_front_new(struct agent *agent);

/** No `done` runs.  NULL is allowed and does nothing. */
void chat_front_free(struct chat_front *front);

/** There is another configuration. */
void chat_front_reload(struct chat_front *front);

/** Some door has this path. */
bool chat_front_has(const struct chat_front *front, const char *path);

/** Whether its body is worth keeping, by its headers. */
bool chat_front_knows(const struct chat_front *front, const char *path,
	const struct inbound_request *request);

/** Strings are borrowed until it returns. */
typedef void chat_front_fn(void *cookie, const struct inbound_reply *reply);

/**
 * Take a whole request; `request` and all in it are borrowed until this
 * returns.  `overlong`: it had more body than INBOUND_BODY_MAX.  NULL: `reply`
 * is filled in, its body borrowed until the next call.  Else `done` runs once,
 * later, within CHAT_PATIENCE_MS.
 */
struct chat_exchange *chat_front_take(struct chat_front *front,
	const char *path, const struct inbound_request *request, bool overlong,
	chat_front_fn *done, void *cookie, struct inbound_reply *reply);

/** The sender is gone; what was asked for is done all the same. */
void chat_front_cancel(struct chat_exchange *exchange);
