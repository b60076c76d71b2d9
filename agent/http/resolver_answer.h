/*
 * What is kept of what was found.  For the resolver alone.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

struct resolver_answer;

/**
 * Behind those that are there, if there is room and a route from here.  A
 * machine may have no way to the world and yet one to its own network, so each
 * address is asked for.
 */
bool resolver_answer_add(struct resolver_answer *answer,
	const struct sockaddr *address, socklen_t len);
