/*
 *     on_ready, on_due -> run -> MHD_run -> on_request -> web_route
 *                             -> arm: one timer, as libmicrohttpd wishes
 */
#include "agent/web/server.h"

#include <netinet/in.h>

#include <ev.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/inbound/front.h"
#include "agent/web/listen.h"
#include "agent/web/pieces.h"
#include "agent/web/router.h"
#include "agent/web/visit.h"

enum {
	CONNECTIONS_MAX = 128,
	CONNECTION_MEMORY = 32 * 1024, /* for request line and headers */
	CONNECTION_TIMEOUT_S = 10,
};

struct web_server {
	struct agent *agent;
	struct ev_loop *loop;
	struct MHD_Daemon *daemon;
	struct ev_io ready;
	struct ev_timer due;
	struct web_visits visits;
	char where[WEB_ADDRESS_SIZE];
};

/* libmicrohttpd takes the body over. */
static struct MHD_Response *
whole_response(struct buf *body)
{
	size_t len = body->len;
	return MHD_create_response_from_buffer(
		len, buf_steal(body), MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result
send_answer(struct MHD_Connection *connection,
	const struct web_request *request, struct web_answer *answer)
{
	struct MHD_Response *response = answer->piece
		? web_pieces_response(answer->piece, request)
		: whole_response(&answer->body);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(
		response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	MHD_add_response_header(
		response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (answer->allow)
		MHD_add_response_header(
			response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	enum MHD_Result queued = MHD_queue_response(
		connection, (unsigned)answer->status, response);
	MHD_destroy_response(response);
	return queued;
}

static const char *
header_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool
is_loopback(const struct sockaddr *address)
{
	const void *bytes = address;
	const struct sockaddr_in6 *six = bytes;
	const struct sockaddr_in *four = bytes;
	if (address->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->sa_family == AF_INET6
		&& IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* A proxy on this machine speaks for others, and a browser for web pages. */
static bool
is_from_here(struct MHD_Connection *connection)
{
	static const char *const signs[] = { "Forwarded", "X-Forwarded-For",
		"X-Real-IP", "Via", "Origin" };
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (!info || !info->client_addr || !is_loopback(info->client_addr))
		return false;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (header_of(connection, signs[i]))
			return false;
	return true;
}

/*
 * Called once with the headers, then with each piece of the body, then once
 * more at its end.  To answer at the first of them costs the connection, so
 * only what is refused is answered there.
 */
static enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size): as libmicrohttpd has it */
on_request(void *cookie, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_len, void **state)
{
	(void)version;
	struct web_server *server = cookie;
	struct web_request request = {
		.method = method,
		.path = url,
		.agent = server->agent,
		.from_here = is_from_here(connection),
		.authorization = header_of(connection, "Authorization"),
	};
	struct web_visit *visit =
		*state && *state != connection ? *state : NULL;
	if (visit)
		return web_visit_go(visit, url, method, upload, upload_len);
	if (!*state) {
		visit = web_visit_begin(&server->visits, connection, url);
		*state = connection;
		if (visit) {
			*state = visit;
			return MHD_YES;
		}
		if (web_takes(web_routes, &request))
			return MHD_YES;
	} else if (*upload_len > 0) {
		*upload_len = 0; /* no route has a use for a body so far */
		return MHD_YES;
	}
	struct web_answer answer = { 0 };
	buf_init(&answer.body, WEB_BODY_MAX);
	web_route(web_routes, &request, &answer);
	enum MHD_Result queued = send_answer(connection, &request, &answer);
	buf_finish(&answer.body);
	return queued;
}

static void
on_completed(void *cookie, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why)
{
	(void)cookie, (void)why;
	if (*state && *state != connection)
		web_visit_end(*state);
	*state = NULL;
}

static void
arm(struct web_server *server)
{
	ev_timer_stop(server->loop, &server->due);
	MHD_UNSIGNED_LONG_LONG wait_ms;
	if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES)
		return;
	ev_now_update(server->loop);
	ev_timer_set(&server->due, (double)wait_ms / 1000., 0.);
	ev_timer_start(server->loop, &server->due);
}

static void
run(struct web_server *server)
{
	MHD_run(server->daemon);
	arm(server);
}

static void
on_ready(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop, (void)events;
	run(io->data);
}

static void
on_due(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	run(timer->data);
}

/* From within the loop's turn: at once, but not here. */
static void
on_resumed(void *cookie)
{
	struct web_server *server = cookie;
	ev_timer_stop(server->loop, &server->due);
	ev_timer_set(&server->due, 0., 0.);
	ev_timer_start(server->loop, &server->due);
}

static void
watch(struct web_server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	ev_io_init(&server->ready, on_ready, info->epoll_fd, EV_READ);
	server->ready.data = server;
	ev_io_start(server->loop, &server->ready);
	ev_timer_init(&server->due, on_due, 0., 0.);
	server->due.data = server;
	arm(server);
}

struct web_server *
web_open(const char *listen, struct agent *agent, struct err *err)
{
	struct web_address address;
	if (!web_address_parse(listen, &address, err))
		return NULL;
	int fd = web_listen(&address, err);
	if (fd < 0)
		return NULL;

	struct web_server *server = mem_zalloc(sizeof *server);
	server->agent = agent;
	server->loop = agent_loop(agent);
	list_init(&server->visits.list);
	server->visits.wake = on_resumed;
	server->visits.cookie = server;
	server->visits.front = inbound_front_new(agent);
	web_listens_at(fd, server->where);
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
		MHD_OPTION_END);
	if (!server->daemon) {
		err_set(err, "cannot listen at %s: libmicrohttpd refused",
			server->where);
		close(fd);
		inbound_front_free(server->visits.front);
		free(server);
		return NULL;
	}
	watch(server);
	return server;
}

void
web_close(struct web_server *server)
{
	if (!server)
		return;
	ev_io_stop(server->loop, &server->ready);
	ev_timer_stop(server->loop, &server->due);
	web_visits_resume(&server->visits);
	MHD_run(server->daemon);
	MHD_stop_daemon(server->daemon);
	inbound_front_free(server->visits.front);
	free(server);
}

const char *
web_where(const struct web_server *server)
{
	return server->where;
}

const char *
web_library_version(void)
{
	return MHD_get_version();
}
