/*
 * Where the listener listens.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct err;

enum {
	WEB_ADDRESS_SIZE = 64,
};

struct web_address {
	struct sockaddr_storage address;
	socklen_t len;
};

/**
 * "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; a port alone, with or
 * without a colon, is on 127.0.0.1: who wants to be reached from outside says
 * so.  Port 0 is any free one.
 */
bool web_address_parse(
	const char *text, struct web_address *address, struct err *err);

/** A listening socket, or -1: `err` then names what is in the way. */
int web_listen(const struct web_address *address, struct err *err);

/** Where the socket really listens, as one would write it in a URL. */
void web_listens_at(int fd, char text[static WEB_ADDRESS_SIZE]);
