/*
 * Where to answer to, as it is kept with what takes long: sealed, by whoever
 * keeps it, since a URL is in it that lets one post.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct chat_reply {
	const char *url; /* a response_url; "" for none */
	int64_t asked_ms; /* wall clock: when it was given */
};

/** As text of at most `max` bytes, in the arena; without the URL if that is too
 * long. */
const char *chat_reply_write(
	const struct chat_reply *reply, size_t max, struct arena *arena);

/** What cannot be read is nowhere: there is no URL then. */
struct chat_reply chat_reply_read(
	const void *bytes, size_t len, struct arena *arena);
