/*
 * Names as the system looks them up, by nsswitch.conf: getaddrinfo() in a few
 * threads, since it waits.  For resolver.c alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/http/resolver.h"
#include "agent/http/resolver_channel.h"

struct addrinfo;
struct resolver_system;

enum {
	RESOLVER_SYSTEM_THREADS = 16,
};

/** As getaddrinfo(); from any thread. */
typedef int resolver_system_fn(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **found);

/** With one thread to begin with; NULL when there is none. */
struct resolver_system *resolver_system_new(const struct resolver_owner *owner,
	resolver_system_fn *how, struct err *err);

/**
 * Does not wait for a look-up under way: what comes of it is dropped.  Nobody
 * is told.  NULL is allowed.
 */
void resolver_system_free(struct resolver_system *system);

/** Is told of by `found`, never from inside of this, then `turn`. */
void resolver_system_ask(struct resolver_system *system, const char *name,
	int family, void *cookie);
