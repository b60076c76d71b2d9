/*
 * What this machine itself says about an address, without a packet being sent:
 * whether its routing table has a way there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	HTTP_REACH_TEXT_SIZE = 46, /* of a numeric address, INET6_ADDRSTRLEN */
};

/**
 * The address in numeric text form; false when it is none.  The socket
 * address may be NULL when only the question matters.
 */
bool http_reach_parse(const char *text, uint16_t port,
	struct sockaddr_storage *address, socklen_t *len);

/**
 * False when the local routing table has no way to the address, or forbids it.
 * True when there is one, and when we cannot tell.
 */
bool http_reach_has_route(const struct sockaddr *address, socklen_t len);

/** The same for numeric text. */
bool http_reach_text_has_route(const char *text);

/** False when the process or the system has no descriptor for a socket. */
bool http_reach_has_descriptor(void);
