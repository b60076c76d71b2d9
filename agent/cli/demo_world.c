#include "agent/cli/demo_world.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/demo_show.h"
#include "agent/web/listen.h"

enum {
	CONNECTIONS_MAX = 64,
	BODY_MAX = 64 * 1024,
	SLOWLY_MS = 600,
};

struct demo_world {
	struct demo_show *show;
	struct MHD_Daemon *daemon;
	_Atomic int mood;
	char where[WEB_ADDRESS_SIZE];
};

/* Each connection has a thread of its own, so that one may dawdle. */
static void
dawdle(void)
{
	struct timespec wait = { .tv_nsec = SLOWLY_MS * 1000000L };
	nanosleep(&wait, NULL);
}

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), mem_dup(text), MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued =
		MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result
answer_shop(struct demo_world *world, struct MHD_Connection *connection)
{
	switch ((enum demo_mood)world->mood) {
	case DEMO_HEALTHY:
		break;
	case DEMO_SLOW:
		dawdle();
		break;
	case DEMO_WRONG:
		return answer(connection, MHD_HTTP_OK,
			"Sorry, we are doing some work here.\n");
	case DEMO_DOWN:
		return MHD_NO;
	}
	return answer(connection, MHD_HTTP_OK,
		"Welcome!  Today we have fresh bread and cheese.\n");
}

static enum MHD_Result
answer_page(struct demo_world *world, struct MHD_Connection *connection,
	const char *path)
{
	if (str_eq(path, "/shop"))
		return answer_shop(world, connection);
	return answer(connection, MHD_HTTP_OK, "All is well at home.\n");
}

/* `*state` is the body that is coming in. */
static enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size): as libmicrohttpd has it */
on_request(void *cookie, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_len, void **state)
{
	(void)version;
	struct demo_world *world = cookie;
	if (!*state) {
		struct buf *body = mem_zalloc(sizeof *body);
		buf_init(body, BODY_MAX);
		*state = body;
		return MHD_YES;
	}
	struct buf *body = *state;
	if (*upload_len > 0) {
		buf_add(body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (!str_eq(method, "POST"))
		return answer_page(world, connection, url);
	cli_show_received(world->show, body->data,
		MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, "X-Curlew-Delivery"));
	return answer(connection, MHD_HTTP_OK, "thank you\n");
}

static void
on_request_end(void *cookie, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why)
{
	(void)cookie, (void)connection, (void)why;
	struct buf *body = *state;
	if (!body)
		return;
	buf_finish(body);
	free(body), *state = NULL;
}

struct demo_world *
cli_world_open(struct demo_show *show, struct err *err)
{
	struct web_address address;
	if (!web_address_parse("127.0.0.1:0", &address, err))
		return NULL;
	int fd = web_listen(&address, err);
	if (fd < 0)
		return NULL;

	struct demo_world *world = mem_zalloc(sizeof *world);
	world->show = show;
	web_listens_at(fd, world->where);
	world->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION,
		0, NULL, NULL, on_request, world, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_NOTIFY_COMPLETED, on_request_end, NULL,
		MHD_OPTION_END);
	if (!world->daemon) {
		err_set(err, "cannot start the servers of the demo");
		close(fd);
		free(world);
		return NULL;
	}
	return world;
}

void
cli_world_close(struct demo_world *world)
{
	if (!world)
		return;
	MHD_stop_daemon(world->daemon);
	free(world);
}

void
cli_world_set(struct demo_world *world, enum demo_mood mood)
{
	world->mood = mood;
}

const char *
cli_world_where(const struct demo_world *world)
{
	return world->where;
}
