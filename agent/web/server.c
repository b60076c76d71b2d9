/*
 *     port.c: MHD_run -> on_request -> web_route, or web_visit_go
 *     on_change, on_reloaded ... on_look -> renew: another port in place of
 *                            the one with the former certificate
 */
#include "agent/web/server.h"

#include <errno.h>
#include <ev.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/agent_reload.h"
#include "agent/agent_watch.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/front.h"
#include "agent/inbound/front.h"
#include "agent/web/client.h"
#include "agent/web/listen.h"
#include "agent/web/pieces.h"
#include "agent/web/port.h"
#include "agent/web/router.h"
#include "agent/web/tls.h"
#include "agent/web/visit.h"
#include "conf/conf.h"

enum {
	PORTS_MAX = 6, /* some of them with a former certificate */
	LOOK_MS = 500, /* two files are not replaced at once */
};

struct web_server {
	struct agent *agent;
	struct ev_loop *loop;
	struct web_port_settings settings;
	struct list ports; /* struct web_port */
	struct web_port *tls; /* the one that takes connections; or NULL */
	struct agent_watch *watches[2]; /* of certificate and key; or NULL */
	struct conf *conf; /* of whose paths they are; held */
	struct ev_timer look;
	struct web_visits visits;
	char where[WEB_ADDRESS_SIZE];
	char where_tls[WEB_ADDRESS_SIZE]; /* "" for nowhere */
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
	struct web_client client;
	struct web_visit *visit =
		*state && *state != connection ? *state : NULL;
	if (visit)
		return web_visit_go(visit, url, method, upload, upload_len);
	web_client_of(
		connection, agent_view(server->agent).conf->server, &client);
	struct web_request request = {
		.method = method,
		.path = url,
		.agent = server->agent,
		.from_here = client.is_from_here,
		.authorization = header_of(connection, "Authorization"),
	};
	if (!*state) {
		visit = web_visit_begin(
			&server->visits, connection, &client, url);
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

/* From within the loop's turn: at once, but not here. */
static void
on_resumed(void *cookie)
{
	struct web_server *server = cookie;
	LIST_EACH (at, &server->ports, after)
		web_port_wake(LIST_ENTRY(at, struct web_port, link));
}

static void
drop(struct web_server *server, struct web_port *port)
{
	list_remove(&port->link);
	if (server->tls == port)
		server->tls = NULL;
	web_port_close(port);
}

/* Those with a former certificate go when the last connection has. */
static void
on_idle(void *cookie, struct web_port *port)
{
	drop(cookie, port);
}

/* NULL: nothing has changed, where `fd` is still open. */
static struct web_port *
add_port(
	struct web_server *server, int fd, struct web_tls *tls, struct err *err)
{
	struct web_port *port = web_port_open(&server->settings, fd, tls, err);
	if (port)
		list_add(&server->ports, &port->link);
	return port;
}

/* Another certificate. */

static size_t
count_ports(const struct web_server *server)
{
	size_t n = 0;
	LIST_EACH (at, &server->ports, after)
		n++;
	return n;
}

/* The oldest of those that take no connections any more. */
static void
make_room(struct web_server *server)
{
	LIST_EACH (at, &server->ports, after) {
		struct web_port *port = LIST_ENTRY(at, struct web_port, link);
		if (count_ports(server) < PORTS_MAX)
			return;
		/* One with suspended requests cannot be dropped. */
		if (web_port_is_leaving(port)
			&& list_empty(&server->visits.list))
			drop(server, port);
	}
}

static bool
renew(struct web_server *server, const struct conf_tls *conf, struct err *err)
{
	struct web_tls *tls = web_tls_read(conf->certificate, conf->key, err);
	if (!tls)
		return false;
	if (web_tls_same(tls, web_port_tls(server->tls))) {
		web_tls_free(tls);
		return true;
	}
	make_room(server);
	if (count_ports(server) >= PORTS_MAX) {
		web_tls_free(tls);
		return err_set(
			err, "requests under former ones have not ended yet");
	}
	const char *ends = web_tls_ends(tls);
	int fd = dup(web_port_fd(server->tls));
	struct web_port *port = fd < 0 ? NULL : add_port(server, fd, tls, err);
	if (!port) {
		if (fd < 0)
			err_set(err, "%s", err_system(errno));
		else
			close(fd);
		web_tls_free(tls);
		return false;
	}
	web_port_leave(server->tls);
	server->tls = port;
	agent_note_certificate(server->agent, web_tls_ends_ms(tls));
	log_say(LOG_INFO, "there is another certificate",
		log_text("file", conf->certificate), log_text("ends", ends));
	return true;
}

static void watch_files(struct web_server *server);

static void
on_look(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct web_server *server = timer->data;
	const struct conf_server *conf = agent_view(server->agent).conf->server;
	struct err err;
	watch_files(server);
	if (!server->tls || !conf || !conf->tls)
		return;
	if (!renew(server, conf->tls, &err))
		log_say(LOG_ERROR,
			"the certificate is not to be had, going on with the "
			"one before",
			log_text("reason", err.text));
}

static void
look_in(struct web_server *server, int64_t wait_ms)
{
	ev_timer_stop(server->loop, &server->look);
	ev_timer_set(&server->look, (double)wait_ms / 1000., 0.);
	ev_timer_start(server->loop, &server->look);
}

static void
on_change(void *cookie)
{
	look_in(cookie, LOOK_MS);
}

/* It may be one of our requests that asked for it: not from inside. */
static void
on_reloaded(void *cookie)
{
	struct web_server *server = cookie;
	chat_front_reload(server->visits.chat);
	look_in(cookie, 0);
}

static void
watch_file(
	struct web_server *server, struct agent_watch **watch, const char *path)
{
	struct err err;
	agent_watch_free(*watch), *watch = NULL;
	if (!path)
		return;
	*watch = agent_watch_new(server->loop, path, on_change, server, &err);
	if (!*watch)
		log_say(LOG_WARN,
			"another certificate will not be noticed without a "
			"reload",
			log_text("reason", err.text));
}

/* Of the configuration that is now. */
static void
watch_files(struct web_server *server)
{
	struct conf *conf = agent_view(server->agent).conf;
	if (!server->tls || conf == server->conf)
		return;
	struct conf *former = server->conf;
	server->conf = conf_hold(conf);
	const struct conf_tls *tls = conf->server ? conf->server->tls : NULL;
	watch_file(server, &server->watches[0], tls ? tls->certificate : NULL);
	watch_file(server, &server->watches[1], tls ? tls->key : NULL);
	conf_free(former);
}

/* Beginning and end. */

static struct web_port *
open_port(struct web_server *server, const char *listen, struct web_tls *tls,
	char where[static WEB_ADDRESS_SIZE], struct err *err)
{
	struct web_address address;
	if (!web_address_parse(listen, &address, err))
		return NULL;
	int fd = web_listen(&address, err);
	if (fd < 0)
		return NULL;
	web_listens_at(fd, where);
	struct web_port *port = add_port(server, fd, tls, err);
	if (!port)
		close(fd);
	return port;
}

static bool
open_tls(struct web_server *server, const struct conf_server *conf,
	struct err *err)
{
	const struct conf_tls *files = conf->tls;
	struct web_tls *tls = web_tls_read(files->certificate, files->key, err);
	if (!tls)
		return err_prefix(err, "server.tls");
	server->tls =
		open_port(server, files->listen ? files->listen : conf->listen,
			tls, server->where_tls, err);
	if (!server->tls) {
		web_tls_free(tls);
		return false;
	}
	agent_note_certificate(server->agent, web_tls_ends_ms(tls));
	return true;
}

static bool
open_ports(struct web_server *server, const struct conf_server *conf,
	struct err *err)
{
	bool is_plain = !conf->tls || conf->tls->listen;
	return (!is_plain
		       || open_port(
			       server, conf->listen, NULL, server->where, err))
		&& (!conf->tls || open_tls(server, conf, err));
}

struct web_server *
web_open(struct agent *agent, struct err *err)
{
	const struct conf_server *conf = agent_view(agent).conf->server;
	struct web_server *server = mem_zalloc(sizeof *server);
	server->agent = agent;
	server->loop = agent_loop(agent);
	list_init(&server->ports);
	list_init(&server->visits.list);
	server->visits.wake = on_resumed;
	server->visits.cookie = server;
	server->visits.front = inbound_front_new(agent);
	server->visits.chat = chat_front_new(agent);
	server->settings = (struct web_port_settings){
		.loop = server->loop,
		.timeout_s = (unsigned)((conf->timeout_ms + 999) / 1000),
		.on_request = on_request,
		.on_completed = on_completed,
		.on_idle = on_idle,
		.cookie = server,
	};
	ev_timer_init(&server->look, on_look, 0., 0.);
	server->look.data = server;
	agent_reload_hear(agent, on_reloaded, server);
	if (!open_ports(server, conf, err)) {
		web_close(server);
		return NULL;
	}
	watch_files(server);
	return server;
}

void
web_close(struct web_server *server)
{
	if (!server)
		return;
	agent_reload_hear(server->agent, NULL, NULL);
	ev_timer_stop(server->loop, &server->look);
	for (size_t i = 0; i < 2; i++)
		agent_watch_free(server->watches[i]);
	web_visits_stop(&server->visits);
	LIST_EACH (at, &server->ports, after)
		drop(server, LIST_ENTRY(at, struct web_port, link));
	inbound_front_free(server->visits.front);
	chat_front_free(server->visits.chat);
	conf_free(server->conf);
	free(server);
}

const char *
web_where(const struct web_server *server)
{
	return server->where;
}

const char *
web_where_tls(const struct web_server *server)
{
	return server->where_tls;
}

const char *
web_library_version(void)
{
	return MHD_get_version();
}
