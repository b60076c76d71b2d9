/*
 * The small listener: libmicrohttpd on the main loop, without a thread.
 */
#pragma once

struct agent;
struct err;
struct web_server;

/**
 * Answer at `listen` (see web_address_parse()) until web_close(), which must
 * come before agent_free().
 */
struct web_server *web_open(
	const char *listen, struct agent *agent, struct err *err);

/** NULL is allowed and does nothing. */
void web_close(struct web_server *server);

/** Where it listens, such as "127.0.0.1:8080". */
const char *web_where(const struct web_server *server);

/** libmicrohttpd's version, such as "0.9.75". */
const char *web_library_version(void);
