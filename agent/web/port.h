/*
 * One libmicrohttpd on the main loop, without a thread: plain, or with one
 * certificate as long as it lives.
 */
#pragma once

#include <ev.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "agent/base/list.h"

struct err;
struct web_port;
struct web_tls;

/** All but the numbers must outlive the ports. */
struct web_port_settings {
	struct ev_loop *loop;
	unsigned timeout_s;
	MHD_AccessHandlerCallback on_request;
	MHD_RequestCompletedCallback on_completed;

	/** It left, and its last connection is gone; it may be closed now. */
	void (*on_idle)(void *cookie, struct web_port *port);
	void *cookie;
};

struct web_port {
	struct list link; /* the owner's */
	const struct web_port_settings *settings;
	struct MHD_Daemon *daemon;
	struct web_tls *tls; /* NULL: plain */
	int fd; /* -1 once it left */
	struct ev_io ready;
	struct ev_timer due;
};

/** A port that answers at this socket; it owns both, unless it is NULL. */
struct web_port *web_port_open(const struct web_port_settings *settings, int fd,
	struct web_tls *tls, struct err *err);

/** Connections end at once. */
void web_port_close(struct web_port *port);

/** Something was resumed: run, soon. */
void web_port_wake(struct web_port *port);

/** Take no more connections; those that are there go on.  Not from inside a
 * request. */
void web_port_leave(struct web_port *port);

bool web_port_is_leaving(const struct web_port *port);

const struct web_tls *web_port_tls(const struct web_port *port);

/** The socket on which it listens. */
int web_port_fd(const struct web_port *port);
