/*
 * One request of another monitor, or of a chat: its body is gathered, and the
 * connection is suspended until what it said is durable, or answered.
 */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "agent/base/list.h"

struct chat_front;
struct inbound_front;
struct web_client;
struct web_visit;

/** Those who visit a server. */
struct web_visits {
	struct inbound_front *front;
	struct chat_front *chat;
	struct list list;
	void (*wake)(void *cookie); /* a connection was resumed: run */
	void *cookie;
	bool stopping; /* none is suspended any more */
};

/** NULL when no source and no door has this path. */
struct web_visit *web_visit_begin(struct web_visits *visits,
	struct MHD_Connection *connection, const struct web_client *client,
	const char *path);

/** Each call of libmicrohttpd's after the first. */
enum MHD_Result web_visit_go(struct web_visit *visit, const char *path,
	const char *method, const char *upload, size_t *upload_len);

/** The request is over. */
void web_visit_end(struct web_visit *visit);

/** Resume all that are suspended, and suspend no more: with one of them
 * libmicrohttpd would not stop, but abort. */
void web_visits_stop(struct web_visits *visits);
