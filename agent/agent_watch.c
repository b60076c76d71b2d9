/*
 *     on_event -> (quiet for a moment) -> on_quiet -> on_change, if it is
 *                                                     another file
 */
#include "agent/agent_watch.h"

#include <ev.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"

enum {
	/* Editors and Kubernetes do it in several steps. */
	QUIET_MS = 200,
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE
		| IN_ATTRIB,
};

struct agent_watch {
	struct ev_loop *loop;
	const char *path;
	agent_watch_fn *on_change;
	void *cookie;
	int fd;
	struct ev_io events;
	struct ev_timer quiet;
	struct stat seen;
};

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino
		&& a->st_size == b->st_size
		&& a->st_mtim.tv_sec == b->st_mtim.tv_sec
		&& a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
on_quiet(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct agent_watch *watch = timer->data;
	struct stat now;
	/* While it is replaced it may not be there. */
	if (stat(watch->path, &now) != 0 || is_same(&now, &watch->seen))
		return;
	watch->seen = now;
	watch->on_change(watch->cookie);
}

static void
on_event(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)events;
	struct agent_watch *watch = io->data;
	char buffer[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	/* Which file it was is not asked: links have names of their own. */
	while (read(watch->fd, buffer, sizeof(buffer)) > 0)
		;
	ev_timer_stop(loop, &watch->quiet);
	ev_timer_set(&watch->quiet, QUIET_MS / 1000., 0.);
	ev_now_update(loop);
	ev_timer_start(loop, &watch->quiet);
}

static bool
watch_folder(struct agent_watch *watch)
{
	const char *slash = strrchr(watch->path, '/');
	size_t len = slash ? (size_t)(slash - watch->path) : 0;
	char *folder = mem_alloc(len + 2);
	memcpy(folder, watch->path, len);
	folder[len] = '\0';
	const char *name = len > 0 ? folder : slash ? "/" : ".";
	bool good = inotify_add_watch(watch->fd, name, EVENTS) >= 0;
	free(folder);
	return good;
}

struct agent_watch *
agent_watch_new(struct ev_loop *loop, const char *path,
	agent_watch_fn *on_change, void *cookie, struct err *err)
{
	struct agent_watch *watch = mem_zalloc(sizeof(*watch));
	watch->loop = loop;
	watch->path = path;
	watch->on_change = on_change;
	watch->cookie = cookie;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0 || !watch_folder(watch)) {
		err_set(err, "cannot watch the folder of %s: %s", path,
			strerror(errno));
		if (watch->fd >= 0)
			close(watch->fd);
		free(watch);
		return NULL;
	}
	(void)stat(path, &watch->seen);
	ev_io_init(&watch->events, on_event, watch->fd, EV_READ);
	watch->events.data = watch;
	ev_io_start(loop, &watch->events);
	ev_timer_init(&watch->quiet, on_quiet, 0., 0.);
	watch->quiet.data = watch;
	return watch;
}

void
agent_watch_free(struct agent_watch *watch)
{
	if (!watch)
		return;
	ev_timer_stop(watch->loop, &watch->quiet);
	ev_io_stop(watch->loop, &watch->events);
	close(watch->fd);
	free(watch);
}
