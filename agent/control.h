/*
 * The unix socket behind `curlew status`.
 *
 * One request line, "VERB [ARGUMENT]\n"; the answer is one JSON document, after
 * which the connection is closed.  Only the owner of the process may connect.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct control;
struct err;
struct ev_loop;

/** What may be asked for. */
struct control_verb {
	const char *name; /* NULL ends the table, which is sorted */

	/**
	 * Add a piece of the answer to `out`.  True: there is more, and this is
	 * called again once that much was sent.  `*at` is 0 the first time and
	 * is left alone between the pieces; `argument` is "" for none.
	 */
	bool (*answer)(void *cookie, const char *argument, uint64_t *at,
		struct buf *out);
};

/**
 * Listen at `path`; `verbs` and `cookie` must outlive it.  What a dead process
 * left there is replaced; a socket at which somebody answers is not.
 */
struct control *control_open(struct ev_loop *loop, const char *path,
	const struct control_verb *verbs, void *cookie, struct err *err);

/** Hangs up on everybody and removes the socket.  NULL is allowed. */
void control_close(struct control *control);
