/*
 *     on_ready, on_due -> run -> MHD_run -> on_request
 *                             -> arm: one timer, as libmicrohttpd wishes
 */
#include "agent/web/port.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/web/tls.h"

enum {
	CONNECTIONS_MAX = 128,
	CONNECTION_MEMORY = 32 * 1024, /* for request line and headers */
};

/* Of GnuTLS, with which libmicrohttpd speaks; it wants them without const. */
static char priorities[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

static void
arm(struct web_port *port)
{
	struct ev_loop *loop = port->settings->loop;
	ev_timer_stop(loop, &port->due);
	MHD_UNSIGNED_LONG_LONG wait_ms;
	if (MHD_get_timeout(port->daemon, &wait_ms) != MHD_YES)
		return;
	ev_now_update(loop);
	ev_timer_set(&port->due, (double)wait_ms / 1000., 0.);
	ev_timer_start(loop, &port->due);
}

static unsigned
count(const struct web_port *port)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(
		port->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
	return info ? info->num_connections : 0;
}

static void
run(struct web_port *port)
{
	unsigned before = count(port);
	MHD_run(port->daemon);
	/* With no room it did not listen: it begins to at its next run, for
	 * which there may be no other reason. */
	if (count(port) < before)
		MHD_run(port->daemon);
	if (web_port_is_leaving(port) && count(port) == 0)
		port->settings->on_idle(port->settings->cookie, port);
	else
		arm(port);
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

void
web_port_wake(struct web_port *port)
{
	ev_timer_stop(port->settings->loop, &port->due);
	ev_timer_set(&port->due, 0., 0.);
	ev_timer_start(port->settings->loop, &port->due);
}

static void
watch(struct web_port *port)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(port->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	ev_io_init(&port->ready, on_ready, info->epoll_fd, EV_READ);
	port->ready.data = port;
	ev_io_start(port->settings->loop, &port->ready);
	ev_timer_init(&port->due, on_due, 0., 0.);
	port->due.data = port;
	arm(port);
}

static struct MHD_Daemon *
start(const struct web_port_settings *settings, int fd,
	const struct web_tls *tls)
{
	const struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0,
			tls ? web_tls_certificate(tls) : NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? web_tls_key(tls) : NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	return MHD_start_daemon(flags | (tls ? MHD_USE_TLS : 0), 0, NULL, NULL,
		settings->on_request, settings->cookie,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		settings->timeout_s, MHD_OPTION_NOTIFY_COMPLETED,
		settings->on_completed, settings->cookie, MHD_OPTION_ARRAY,
		tls ? secure : plain, MHD_OPTION_END);
}

struct web_port *
web_port_open(const struct web_port_settings *settings, int fd,
	struct web_tls *tls, struct err *err)
{
	if (tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		err_set(err,
			"libmicrohttpd was built without TLS here: put a proxy "
			"in front");
		return NULL;
	}
	struct MHD_Daemon *daemon = start(settings, fd, tls);
	if (!daemon) {
		err_set(err, "libmicrohttpd refused to listen%s",
			tls ? " with this certificate" : "");
		return NULL;
	}
	struct web_port *port = mem_zalloc(sizeof *port);
	list_init(&port->link);
	port->settings = settings;
	port->daemon = daemon;
	port->fd = fd;
	port->tls = tls;
	watch(port);
	return port;
}

void
web_port_close(struct web_port *port)
{
	ev_io_stop(port->settings->loop, &port->ready);
	ev_timer_stop(port->settings->loop, &port->due);
	MHD_run(port->daemon);
	MHD_stop_daemon(port->daemon);
	web_tls_free(port->tls);
	free(port);
}

void
web_port_leave(struct web_port *port)
{
	MHD_socket fd = MHD_quiesce_daemon(port->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	port->fd = -1;
	web_port_wake(port); /* it may be idle already */
}

bool
web_port_is_leaving(const struct web_port *port)
{
	return port->fd < 0;
}

const struct web_tls *
web_port_tls(const struct web_port *port)
{
	return port->tls;
}

int
web_port_fd(const struct web_port *port)
{
	return port->fd;
}
