/*
 * Notices that a file is another one: written anew, replaced by an editor, or
 * behind a link that leads elsewhere now, as Kubernetes does it.
 *
 * What is watched is its folder, since a file that is replaced takes the watch
 * on it along.
 */
#pragma once

#include <stdbool.h>

struct agent_watch;
struct err;
struct ev_loop;

/** Some time after the last change of several. */
typedef void agent_watch_fn(void *cookie);

/** `path` must outlive it.  NULL: the kernel does not let us. */
struct agent_watch *agent_watch_new(struct ev_loop *loop, const char *path,
	agent_watch_fn *on_change, void *cookie, struct err *err);

/** NULL is allowed and does nothing. */
void agent_watch_free(struct agent_watch *watch);
