/*
 * The cookies of one look: what a hop sets, later hops of the same host send.
 */
#pragma once

#include <stddef.h>

struct arena;

struct cookie;

/** A zeroed one is empty.  All of it lives in the arena that is handed in. */
struct cookies {
	struct cookie *first;
	size_t count;
};

/** Remember what the Set-Cookie lines among `headers` say. */
void cookies_take(struct cookies *cookies, const char *headers,
	const char *host, struct arena *arena);

/** The value of the Cookie header for `host`; NULL when it has none. */
const char *cookies_for(
	const struct cookies *cookies, const char *host, struct arena *arena);
