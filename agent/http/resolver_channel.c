#include "agent/http/resolver_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

#include <ares.h>
#include <ev.h>

#include "agent/base/err.h"
#include "agent/base/list.h"
#include "agent/base/mem.h"
#include "agent/http/resolver_answer.h"

enum {
	RECEIVE_BUFFER = 1024 * 1024,
};

/* c-ares is asked this often whether something timed out; its own answer to
 * "when next?" costs a walk over all that is under way. */
static const double TICK_S = 0.1;

struct resolver_channel {
	const struct resolver_owner *owner;
	ares_channel ares;
	struct list sockets;
	size_t busy;
	ev_timer tick;
};

/* What c-ares brings back to us. */
struct question {
	struct resolver_channel *channel;
	void *cookie;
};

struct watcher {
	struct list link;
	struct resolver_channel *channel;
	ev_io io;
};

static enum resolver_outcome
outcome_of(int status, const struct ares_addrinfo *found, size_t kept)
{
	switch (status) {
	case ARES_SUCCESS:
		if (kept > 0)
			return RESOLVER_FOUND;
		return found && found->nodes ? RESOLVER_NO_WAY
					     : RESOLVER_NO_ADDRESS;
	case ARES_ENODATA:
		return RESOLVER_NO_ADDRESS;
	case ARES_ENOTFOUND:
	case ARES_ENONAME:
	case ARES_EBADNAME:
	case ARES_EBADSTR:
		return RESOLVER_NO_SUCH_NAME;
	case ARES_ETIMEOUT:
		return RESOLVER_SILENT;
	case ARES_ECONNREFUSED:
		return RESOLVER_UNSENT;
	case ARES_EREFUSED:
		return RESOLVER_REFUSED;
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		return RESOLVER_ENDED;
	default:
		return RESOLVER_FAILED;
	}
}

static void
on_addresses(
	void *cookie, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *question = cookie;
	struct resolver_channel *channel = question->channel;
	void *theirs = question->cookie;
	(void)timeouts;
	free(question);
	channel->busy--;

	struct resolver_answer answer = { .detail = "" };
	const struct ares_addrinfo_node *node = found ? found->nodes : NULL;
	for (; status == ARES_SUCCESS && node; node = node->ai_next)
		resolver_answer_add(&answer, node->ai_addr, node->ai_addrlen);
	enum resolver_outcome outcome = outcome_of(status, found, answer.n);
	if (found)
		ares_freeaddrinfo(found);
	channel->owner->found(theirs, outcome, &answer, ares_strerror(status));
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct resolver_channel *channel = timer->data;
	(void)events;
	if (channel->busy == 0) {
		ev_timer_stop(loop, timer);
		return;
	}
	ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	channel->owner->turn(channel->owner->self);
}

static void
on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	struct watcher *watcher = io->data;
	struct resolver_channel *channel = watcher->channel;
	ares_socket_t fd = io->fd;
	(void)loop;
	/* This may end the socket, and the watcher with it. */
	ares_process_fd(channel->ares, events & EV_READ ? fd : ARES_SOCKET_BAD,
		events & EV_WRITE ? fd : ARES_SOCKET_BAD);
	channel->owner->turn(channel->owner->self);
}

static struct watcher *
watcher_of(struct resolver_channel *channel, ares_socket_t fd)
{
	LIST_EACH (at, &channel->sockets, after) {
		struct watcher *watcher = LIST_ENTRY(at, struct watcher, link);
		if (watcher->io.fd == fd)
			return watcher;
	}
	return NULL;
}

static void
on_socket_wanted(void *cookie, ares_socket_t fd, int readable, int writable)
{
	struct resolver_channel *channel = cookie;
	struct watcher *watcher = watcher_of(channel, fd);
	int events = (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);

	if (watcher)
		ev_io_stop(channel->owner->loop, &watcher->io);
	if (events == 0) {
		if (watcher)
			list_remove(&watcher->link);
		free(watcher);
		return;
	}
	if (!watcher) {
		watcher = mem_zalloc(sizeof(*watcher));
		watcher->channel = channel;
		list_init(&watcher->link);
		list_add(&channel->sockets, &watcher->link);
	}
	ev_io_init(&watcher->io, on_ready, fd, events);
	watcher->io.data = watcher;
	ev_io_start(channel->owner->loop, &watcher->io);
}

static bool
open_channel(struct resolver_channel *channel, enum resolver_manner manner,
	const struct resolver_settings *settings, struct err *err)
{
	static const int flags[] = {
		[RESOLVER_PATIENT] = ARES_FLAG_IGNTC,
		[RESOLVER_FRANK] = ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP,
		[RESOLVER_WHOLE] = 0,
	};
	char lookups[] = "fb"; /* the hosts file, then the servers */
	struct ares_options options = {
		.flags = flags[manner],
		.timeout = settings->timeout_ms,
		.tries = settings->tries,
		.socket_receive_buffer_size = RECEIVE_BUFFER,
		.lookups = lookups,
		.sock_state_cb = on_socket_wanted,
		.sock_state_cb_data = channel,
	};
	int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
		| ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS
		| ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
	/* Newer ones keep answers, for an hour unless they are told not to. */
	options.qcache_max_ttl = 0;
	given |= ARES_OPT_QUERY_CACHE;
#endif
	int status = ares_init_options(&channel->ares, &options, given);
	if (status != ARES_SUCCESS)
		return err_set(err, "the resolver cannot start: %s",
			ares_strerror(status));
	if (!settings->servers)
		return true;
	status = ares_set_servers_ports_csv(channel->ares, settings->servers);
	if (status == ARES_SUCCESS)
		return true;
	ares_destroy(channel->ares);
	return err_set(err,
		"\"%s\" is no list of name servers such as "
		"127.0.0.1:53,[::1]:53",
		settings->servers);
}

struct resolver_channel *
resolver_channel_new(const struct resolver_owner *owner,
	enum resolver_manner manner, const struct resolver_settings *settings,
	struct err *err)
{
	struct resolver_channel *channel = mem_zalloc(sizeof(*channel));
	channel->owner = owner;
	list_init(&channel->sockets);
	ev_timer_init(&channel->tick, on_tick, 0, TICK_S);
	channel->tick.data = channel;
	if (open_channel(channel, manner, settings, err))
		return channel;
	free(channel);
	return NULL;
}

void
resolver_channel_free(struct resolver_channel *channel)
{
	if (!channel)
		return;
	ares_destroy(channel->ares);
	ev_timer_stop(channel->owner->loop, &channel->tick);
	free(channel);
}

void
resolver_channel_ask(struct resolver_channel *channel, const char *name,
	int family, void *cookie)
{
	struct ares_addrinfo_hints hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};
	struct question *question = mem_alloc(sizeof(*question));
	*question = (struct question){ .channel = channel, .cookie = cookie };
	channel->busy++;
	ares_getaddrinfo(
		channel->ares, name, NULL, &hints, on_addresses, question);
	if (channel->busy > 0 && !ev_is_active(&channel->tick))
		ev_timer_again(channel->owner->loop, &channel->tick);
}

const char *
resolver_library_version(void)
{
	static char text[32];
	snprintf(text, sizeof(text), "c-ares %s", ares_version(NULL));
	return text;
}
