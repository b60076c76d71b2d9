/*
 * The token of one receiver: found by its providers, kept, and asked for again
 * when the receiver refuses it.
 *
 * Like the outbox it knows no loop, no timer and no socket: time is an
 * argument, the network a transport, the environment a pair of functions.  It
 * logs what each provider says, and never a token or a key.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/outbox.h"

struct buf;
struct credentials;
struct err;
struct token_source;

/** What may be asked of this machine. */
struct credentials_world {
	/** As getenv(): NULL when it is not set. */
	const char *(*variable)(void *cookie, const char *name);

	/**
	 * Add the content of the file.  False with `err` set when it cannot be
	 * read; `*missing` tells whether there is no such file.
	 */
	bool (*file)(void *cookie, const char *path, struct buf *text,
		bool *missing, struct err *err);
	void *cookie;
};

/** This machine as it is. */
extern const struct credentials_world credentials_here;

/** There is a token that is another than before. */
typedef void credentials_found_fn(void *cookie);

/** All of it must outlive the credentials. */
struct credentials_settings {
	const char *owner; /* whose token it is, for the log */
	const struct token_source *source;
	const struct credentials_world *world;
	struct outbox_transport transport;
	struct moment (*now)(void *cookie); /* for answers, between turns */
	void *now_cookie;
	credentials_found_fn *on_found; /* NULL for none */
	void *found_cookie;
};

/** Asks nothing before its first turn. */
struct credentials *credentials_new(
	const struct credentials_settings *settings);

/** Cancels what is in flight.  NULL is allowed and does nothing. */
void credentials_free(struct credentials *credentials);

/** The token, until the next one is found; NULL as long as there is none. */
const char *credentials_token(const struct credentials *credentials);

/** All providers were asked, once at least. */
bool credentials_are_settled(const struct credentials *credentials);

/**
 * Why there is no token: a sentence of what each provider said last; "" when
 * all is well.
 */
const char *credentials_trouble(const struct credentials *credentials);

/** There is no token, and no reason to hope for one by asking again. */
bool credentials_are_hopeless(const struct credentials *credentials);

/**
 * The receiver refused `token`: ask the providers again, at most once a minute,
 * until they have another one.
 */
void credentials_refused(
	struct credentials *credentials, const char *token, struct moment now);

/**
 * Ask if it is time to.  Call it when the time that it returned has come, and
 * after anything happened: milliseconds of the monotonic clock, or -1.
 */
int64_t credentials_turn(struct credentials *credentials, struct moment now);
