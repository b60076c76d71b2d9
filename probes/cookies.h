/*
 * The cookies of one look: what a hop sets, later hops send where it belongs
 * (RFC 6265).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct cookie;
struct url;

/** A zeroed one is empty.  All of it lives in the arena that is handed in. */
struct cookies {
	struct cookie *first;
	size_t count;
};

/**
 * Remember, or forget, what the Set-Cookie lines among `headers` say, which
 * `from` has sent.  What is still good at `now_ms` (wall clock) is good for as
 * long as the look takes.
 */
void cookies_take(struct cookies *cookies, const char *headers,
	const struct url *from, int64_t now_ms, struct arena *arena);

/** The value of the Cookie header for `to`; NULL when it has none. */
const char *cookies_for(const struct cookies *cookies, const struct url *to,
	struct arena *arena);
