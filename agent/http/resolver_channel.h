/*
 * c-ares on the loop, for resolver.c alone: one set of name servers, the
 * sockets to them, and the look-ups under way.  No other file includes
 * <ares.h>.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/http/resolver.h"

struct resolver_channel;

enum resolver_outcome {
	RESOLVER_FOUND,
	RESOLVER_NO_WAY, /* found, but there is no route to any of them */
	RESOLVER_NO_SUCH_NAME,
	RESOLVER_NO_ADDRESS, /* the name is there */
	RESOLVER_SILENT, /* timed out */
	RESOLVER_UNSENT, /* to no server, or each said what may be next */
	RESOLVER_REFUSED, /* the server wants nothing of us */
	RESOLVER_FAILED, /* the server says that it could not find out */
	RESOLVER_ENDED, /* the channel was freed */
};

/**
 * `text` is a sentence's end, such as "Could not contact DNS servers".  May be
 * called from inside resolver_channel_ask(): then no server was asked, or none
 * could be.  It must not ask, nor free the channel.
 */
typedef void resolver_found_fn(void *cookie, enum resolver_outcome outcome,
	const struct resolver_answer *found, const char *text);

/** Something was found, and c-ares is off the stack. */
typedef void resolver_turn_fn(void *self);

enum resolver_manner {
	/* When a server refuses, or cannot find out, go on to the next. */
	RESOLVER_PATIENT,
	/* That is the answer.  c-ares 1.18 does not tell it otherwise. */
	RESOLVER_FRANK,
	/*
	 * As the first, but asks by TCP for what UDP has no room for.  When
	 * that fails, c-ares 1.18 drops all else that the server was asked on
	 * the channel; so the others take what there was room for, and this
	 * is for one look-up alone.
	 */
	RESOLVER_WHOLE,
};

/** What a channel works for; it must outlive the channel. */
struct resolver_owner {
	struct ev_loop *loop;
	resolver_found_fn *found;
	resolver_turn_fn *turn;
	void *self; /* for `turn` */
};

/** `settings` are complete. */
struct resolver_channel *resolver_channel_new(
	const struct resolver_owner *owner, enum resolver_manner manner,
	const struct resolver_settings *settings, struct err *err);

/** Everything under way ends, before this returns.  NULL is allowed. */
void resolver_channel_free(struct resolver_channel *channel);

/** `family` is AF_UNSPEC, AF_INET or AF_INET6. */
void resolver_channel_ask(struct resolver_channel *channel, const char *name,
	int family, void *cookie);
