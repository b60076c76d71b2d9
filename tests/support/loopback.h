/*
 * A web server on loopback for unit tests, in threads of the test: it says what
 * the path asks it to say, good and bad.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loopback;

/** What is done once the request was read. */
enum loopback_deed {
	LOOPBACK_KEEP = 0, /* answer, and read the next request */
	LOOPBACK_CLOSE, /* answer, and close */
	LOOPBACK_RESET, /* answer, and reset */
	LOOPBACK_STALL, /* answer, and wait until the client goes */
	LOOPBACK_ECHO, /* answer 200 with the request as the body, and close */
};

struct loopback_page {
	const char *path; /* NULL ends the table */
	const char *answer; /* all bytes of it */
	enum loopback_deed deed;
};

enum loopback_kind {
	LOOPBACK_PLAIN,
	LOOPBACK_TLS,
	LOOPBACK_TALKS_FIRST, /* and not HTTP; then it waits */
};

/** `pages` must outlive the server.  An unknown path is answered with 404. */
struct loopback *loopback_start(
	const struct loopback_page *pages, enum loopback_kind kind);
void loopback_stop(struct loopback *server);

uint16_t loopback_port(const struct loopback *server);

/** Connections, and requests, since the start. */
unsigned loopback_connections(struct loopback *server);
unsigned loopback_requests(struct loopback *server);

/** The server's certificate, for 127.0.0.1 and localhost: a file's name. */
const char *loopback_certificate(const struct loopback *server);

enum {
	LOOPBACK_FULL_FDS = 9,
};

/** A port at `host` that answers no SYN: its queue is full.  Port 0: any.
 * Close all of `fds`. */
uint16_t loopback_full(
	const char *host, uint16_t port, int fds[static LOOPBACK_FULL_FDS]);

/** A port where nobody listens. */
uint16_t loopback_nobody(void);
