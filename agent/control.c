/*
 *     on_knock -> client_new
 *     on_client -> client_read -> answer -> client_write ... client_free
 *     on_late -> client_free
 */
#include "agent/control.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/list.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/control_address.h"

enum {
	CLIENTS_MAX = 8,
	REQUEST_SIZE = 16 * 1024, /* a command may be long */
	PIECE_MAX = 256 * 1024,
	PATIENCE_S = 5, /* for the request, and for each piece to be taken */
};

struct control {
	struct ev_loop *loop;
	const struct control_verb *verbs;
	void *cookie;
	char *path;
	int fd;
	struct ev_io knock;
	struct list clients;
	unsigned n_clients;
};

struct client {
	struct list link;
	struct control *control;
	struct ev_io io;
	struct ev_timer late;
	char request[REQUEST_SIZE];
	size_t request_len;

	const struct control_verb *verb; /* NULL: nothing more to add */
	const char *argument;
	uint64_t at;
	struct buf out;
	size_t sent;
};

static void
client_free(struct client *client)
{
	struct control *control = client->control;
	ev_io_stop(control->loop, &client->io);
	ev_timer_stop(control->loop, &client->late);
	close(client->io.fd);
	buf_finish(&client->out);
	list_remove(&client->link);
	free(client);

	/* There is room for one more again. */
	control->n_clients--;
	ev_io_start(control->loop, &control->knock);
}

static void
on_late(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	client_free(timer->data);
}

/* Send what there is, then ask for the next piece, as far as the other side
 * takes it. */
static void
client_write(struct client *client)
{
	for (;;) {
		if (client->sent == client->out.len) {
			if (!client->verb)
				break;
			buf_clear(&client->out), client->sent = 0;
			if (!client->verb->answer(client->control->cookie,
				    client->argument, &client->at,
				    &client->out))
				client->verb = NULL;
			continue;
		}
		ssize_t n = send(client->io.fd, client->out.data + client->sent,
			client->out.len - client->sent, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			break;
		client->sent += (size_t)n;
		ev_timer_again(client->control->loop, &client->late);
		return; /* the agent and the other clients have a turn */
	}
	client_free(client);
}

static const struct control_verb *
find_verb(const struct control *control, const char *name)
{
	const struct control_verb *verb = control->verbs;
	while (verb->name && !str_eq(verb->name, name))
		verb++;
	return verb->name ? verb : NULL;
}

/* The line is complete and terminated. */
static void
client_answer(struct client *client)
{
	char *space = strchr(client->request, ' ');
	if (space)
		*space = '\0';
	client->argument = space ? space + 1 : "";
	client->verb = find_verb(client->control, client->request);
	if (!client->verb)
		buf_add_text(&client->out,
			"{\"error\": \"this agent does not know the "
			"request\"}\n");

	struct ev_loop *loop = client->control->loop;
	ev_io_stop(loop, &client->io);
	ev_io_set(&client->io, client->io.fd, EV_WRITE);
	ev_io_start(loop, &client->io);
}

static void
client_read(struct client *client)
{
	size_t room = sizeof client->request - client->request_len;
	ssize_t n = recv(
		client->io.fd, client->request + client->request_len, room, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_free(client);
		return;
	}
	char *line = client->request + client->request_len;
	char *end = memchr(line, '\n', (size_t)n);
	client->request_len += (size_t)n;
	if (end) {
		*end = '\0';
		client_answer(client);
	} else if (client->request_len == sizeof client->request) {
		client_free(client);
	}
}

static void
on_client(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	struct client *client = io->data;

	if (events & EV_WRITE)
		client_write(client);
	else
		client_read(client);
}

static void
client_new(struct control *control, int fd)
{
	struct client *client = mem_zalloc(sizeof *client);
	client->control = control;
	buf_init(&client->out, PIECE_MAX);
	list_add(&control->clients, &client->link);
	control->n_clients++;

	ev_io_init(&client->io, on_client, fd, EV_READ);
	client->io.data = client;
	ev_io_start(control->loop, &client->io);
	ev_timer_init(&client->late, on_late, 0., PATIENCE_S);
	client->late.data = client;
	ev_timer_again(control->loop, &client->late);
}

static bool
make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0
		&& fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void
on_knock(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)events;
	struct control *control = io->data;

	int fd = accept(control->fd, NULL, NULL);
	if (fd < 0)
		return;
	if (!make_nonblocking(fd)) {
		close(fd);
		return;
	}
	client_new(control, fd);
	if (control->n_clients == CLIENTS_MAX)
		ev_io_stop(loop, &control->knock);
}

struct control *
control_open(struct ev_loop *loop, const char *path,
	const struct control_verb *verbs, void *cookie, struct err *err)
{
	int fd = control_address_listen(path, err);
	if (fd < 0)
		return NULL;
	make_nonblocking(fd);

	struct control *control = mem_zalloc(sizeof *control);
	control->loop = loop;
	control->verbs = verbs;
	control->cookie = cookie;
	control->path = mem_dup(path);
	control->fd = fd;
	list_init(&control->clients);
	ev_io_init(&control->knock, on_knock, fd, EV_READ);
	control->knock.data = control;
	ev_io_start(loop, &control->knock);
	return control;
}

void
control_close(struct control *control)
{
	if (!control)
		return;
	LIST_EACH (link, &control->clients, after)
		client_free(LIST_ENTRY(link, struct client, link));
	assert(control->n_clients == 0);
	ev_io_stop(control->loop, &control->knock);
	close(control->fd);
	unlink(control->path);
	free(control->path);
	free(control);
}
