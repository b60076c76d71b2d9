/*
 * Names to addresses: c-ares on the loop, which reads hosts file and
 * resolv.conf, or the system in threads, by nsswitch.conf.  One resolver
 * belongs to one loop and one thread.
 *
 * Simultaneous look-ups of one name are merged; nothing is cached, since the
 * look-up is part of what a probe measures.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct err;
struct ev_loop;
struct resolver;
struct resolver_query;

enum {
	RESOLVER_ADDRESSES_MAX = 8, /* of a name; the rest is not used */
	RESOLVER_ADDRESS_SIZE = 46, /* IPv6 without brackets */
};

enum resolver_fail {
	RESOLVER_FAIL_NONE = 0,
	RESOLVER_FAIL_NOT_FOUND, /* no such name, or no address for it */
	RESOLVER_FAIL_LOOKUP, /* servers failed or did not answer */
	RESOLVER_FAIL_NO_ROUTE, /* from here to any address of it */
	RESOLVER_FAIL_NO_DESCRIPTORS,

	/*
	 * Look-ups of several names, or of the only one there is, timed out or
	 * were refused since one was last answered, or are not answered yet
	 * while another fails; the latest of them, but no answer, in the last
	 * 10 s.  Or nobody could be asked at all.
	 */
	RESOLVER_FAIL_DEAD,
};

/** Which addresses are wanted. */
enum resolver_family {
	RESOLVER_ANY = 0,
	RESOLVER_V4,
	RESOLVER_V6,
};

/** Addresses in RFC 6724 order, as numeric text; those without a route from
 * here are left out. */
struct resolver_answer {
	enum resolver_fail fail;
	const char *detail; /* a sentence; "" without a failure */
	size_t n;
	char addresses[RESOLVER_ADDRESSES_MAX][RESOLVER_ADDRESS_SIZE];
};

typedef void resolver_done_fn(
	void *cookie, const struct resolver_answer *answer);

/** True for every address where any will do. */
bool resolver_is_of_family(const char *address, enum resolver_family family);

/** A value of 0 or NULL stands for what is said there. */
struct resolver_settings {
	const char *servers; /* "127.0.0.1:53,[::1]:53"; those of resolv.conf */
	int timeout_ms; /* of the first try, doubled for each round; 1000 */
	int tries; /* of each server; 3 */

	/*
	 * Look-ups under way, the others wait; 2000.  Names that took longer
	 * than slow_ms (2500) the last time get half of it at most.
	 */
	size_t at_once;
	int slow_ms;

	/*
	 * By getaddrinfo(), which reads its settings by itself; servers,
	 * timeout_ms and tries do not count, and at_once is 16 at most.
	 */
	bool system;
};

struct resolver *resolver_new(struct ev_loop *loop, struct err *err);

/** From now on.  Look-ups under way begin anew.  False: nothing changed. */
bool resolver_configure(struct resolver *resolver,
	const struct resolver_settings *settings, struct err *err);

/**
 * From now on `host` has these addresses, in this order, and is not looked up;
 * with none, it is again.  At most RESOLVER_ADDRESSES_MAX.  False when one is
 * not a numeric address.
 */
bool resolver_pin(struct resolver *resolver, const char *host,
	const char *const *addresses, size_t n, struct err *err);

/** Drops every query without calling back.  Not from inside a callback. */
void resolver_free(struct resolver *resolver);

/**
 * Look up `host`: `done` runs exactly once, later, from the loop.  A numeric
 * address is its own answer.  The caller sets the deadline, by cancelling.
 */
struct resolver_query *resolver_ask(struct resolver *resolver, const char *host,
	enum resolver_family family, resolver_done_fn *done, void *cookie);

/** `done` will not run.  NULL is allowed and does nothing. */
void resolver_cancel(struct resolver_query *query);

/**
 * The same where the caller's patience ended: counts towards "dead".  False
 * when nobody was asked yet, since too many look-ups were before it.
 */
bool resolver_give_up(struct resolver_query *query);

/** True while "dead", as explained above. */
bool resolver_is_dead(struct resolver *resolver);

/** "c-ares 1.18.1" for --version. */
const char *resolver_library_version(void);
