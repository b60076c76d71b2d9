/*
 * The small listener: libmicrohttpd on the main loop, without a thread.
 */
#pragma once

struct agent;
struct err;
struct web_server;

/**
 * Answer where the configuration of the agent has its `server` until
 * web_close(), which must come before agent_free().  A certificate is read
 * again when its files change and after each reload.
 */
struct web_server *web_open(struct agent *agent, struct err *err);

/** NULL is allowed and does nothing. */
void web_close(struct web_server *server);

/** Where it listens, such as "127.0.0.1:8080", and where with TLS; "" for
 * nowhere. */
const char *web_where(const struct web_server *server);
const char *web_where_tls(const struct web_server *server);

/** libmicrohttpd's version, such as "0.9.75". */
const char *web_library_version(void);
