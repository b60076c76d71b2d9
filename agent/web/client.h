/*
 * Whose request it is, by its connection and what trusted proxies say.
 */
#pragma once

#include <stdbool.h>

#include "agent/base/net.h"

struct MHD_Connection;
struct conf_server;

struct web_client {
	char text[NET_TEXT_SIZE]; /* its address; "" when there is none */

	/* The same, or of IPv6 the network, within which whoever has one
	 * address has all of them. */
	char network[NET_TEXT_SIZE];

	/* A program on this machine that speaks for itself: not a proxy, not a
	 * page in a browser. */
	bool is_from_here;
};

/** `server` may be NULL: then no proxy is trusted. */
void web_client_of(struct MHD_Connection *connection,
	const struct conf_server *server, struct web_client *client);
