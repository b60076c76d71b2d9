/*
 * A worker, its HTTP client and real sockets: endpoints of one small server on
 * the loopback, of which some answer and some hang.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/http/client.h"
#include "agent/worker.h"
#include "probes/http.h"
#include "probes/http_conf.h"

enum {
	ENDPOINTS = 200,
	HANGING = 10, /* the first so many */
	CONNECTIONS_MAX = 1000,
	URL_SIZE = 64,
};

/* The server: a thread of its own, one request a connection. */

struct connection {
	size_t len;
	char request[512];
	int path; /* of one that hangs; -1 for none */
};

struct server {
	pthread_t thread;
	int stop[2];
	uint16_t port;
	nfds_t n;
	struct pollfd fds[CONNECTIONS_MAX]; /* the first two: stop, listener */
	struct connection connections[CONNECTIONS_MAX];

	/* By endpoint. */
	int open[ENDPOINTS];
	int doubled;
	atomic_int asked[ENDPOINTS];
};

static void
drop(struct server *server, nfds_t i)
{
	if (server->connections[i].path >= 0)
		server->open[server->connections[i].path]--;
	close(server->fds[i].fd);
	server->n--;
	server->fds[i] = server->fds[server->n];
	server->connections[i] = server->connections[server->n];
}

static void
take_in(struct server *server)
{
	int fd = accept(server->fds[1].fd, NULL, NULL);
	if (fd < 0)
		return;
	if (server->n == CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	server->fds[server->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	server->connections[server->n] = (struct connection){ .path = -1 };
	server->n++;
}

/* False when the connection is done with. */
static bool
reply(struct server *server, nfds_t i)
{
	static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				   "\r\nok";
	struct connection *connection = &server->connections[i];
	long path = strtol(connection->request + strlen("GET /"), NULL, 10);
	if (path < 0 || path >= ENDPOINTS)
		return false;
	atomic_fetch_add(&server->asked[path], 1);
	if (path >= HANGING) {
		send(server->fds[i].fd, good, sizeof(good) - 1, MSG_NOSIGNAL);
		return false;
	}
	connection->path = (int)path;
	if (server->open[path]++ > 0)
		server->doubled++;
	return true;
}

static bool
listen_to(struct server *server, nfds_t i)
{
	struct connection *connection = &server->connections[i];
	size_t room = sizeof(connection->request) - 1 - connection->len;
	ssize_t got = recv(server->fds[i].fd,
		connection->request + connection->len, room, 0);
	if (got <= 0)
		return false;
	connection->len += (size_t)got;
	connection->request[connection->len] = '\0';
	if (!strstr(connection->request, "\r\n\r\n"))
		return true;
	return reply(server, i);
}

static void *
serve(void *cookie)
{
	struct server *server = cookie;
	while (poll(server->fds, server->n, -1) >= 0
		&& server->fds[0].revents == 0) {
		for (nfds_t i = server->n; i-- > 2;)
			if (server->fds[i].revents != 0
				&& !listen_to(server, i))
				drop(server, i);
		if (server->fds[1].revents != 0)
			take_in(server);
	}
	return NULL;
}

static struct server *
start_server(void)
{
	struct server *server = calloc(1, sizeof(*server));
	assert_non_null(server);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 511), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pipe(server->stop), 0);
	server->fds[0] = (struct pollfd){ server->stop[0], POLLIN, 0 };
	server->fds[1] = (struct pollfd){ fd, POLLIN, 0 };
	server->n = 2;
	assert_int_equal(
		pthread_create(&server->thread, NULL, serve, server), 0);
	return server;
}

static void
stop_server(struct server *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
	while (server->n > 0) {
		server->n--;
		close(server->fds[server->n].fd);
	}
	free(server);
}

/* The main thread. */

static struct endpoint {
	struct http_conf conf;
	char url[URL_SIZE];
	int good;
	int bad;
} endpoints[ENDPOINTS];

static void
remove_one(struct worker *worker, uint32_t endpoint)
{
	worker_remove(worker, &(struct worker_task){ .endpoint = endpoint }, 1);
	worker_settle(worker);
}

static struct worker_task
task_of(const struct server *server, uint32_t number)
{
	struct endpoint *endpoint = &endpoints[number];
	*endpoint = (struct endpoint){ 0 };
	snprintf(endpoint->url, sizeof(endpoint->url), "http://127.0.0.1:%u/%u",
		server->port, number);
	endpoint->conf.url = endpoint->url;
	endpoint->conf.method = "GET";
	endpoint->conf.timeout_ms = 60000;
	return (struct worker_task){
		.endpoint = number,
		.generation = 1,
		.type = &http_probe,
		.settings = &endpoint->conf,
		.period_us = 100000,
		.hash = hash_bytes(&number, sizeof(number)),
	};
}

static void
on_wake(void *cookie)
{
	int *pipe_end = cookie;
	assert_int_equal(write(*pipe_end, "", 1), 1);
}

static void
take(struct queue *results)
{
	struct queue_item *item = queue_take(results);
	while (item) {
		struct worker_result *it = (struct worker_result *)item;
		item = item->next;
		struct endpoint *endpoint = &endpoints[it->result.endpoint];
		if (it->result.status == STATUS_OPERATIONAL)
			endpoint->good++;
		else
			endpoint->bad++;
		assert_int_equal(it->result.generation, 1);
		result_finish(&it->result);
		free(it);
	}
}

/* Each endpoint that answers has answered so often. */
static bool
all_answered(int times)
{
	for (size_t i = HANGING; i < ENDPOINTS; i++)
		if (endpoints[i].good + endpoints[i].bad < times)
			return false;
	return true;
}

static void
test_endpoints_are_probed_on_real_sockets(void **unused)
{
	(void)unused;
	struct server *server = start_server();
	struct queue *results = queue_new();
	int wakes[2];
	assert_int_equal(pipe(wakes), 0);
	struct err err;
	struct worker *worker = worker_new(
		&(struct worker_settings){
			.results = results,
			.busy_max = 1000,
			.wake = on_wake,
			.cookie = &wakes[1],
		},
		&err);
	if (!worker)
		fail_msg("%s", err.text);
	struct worker_task tasks[ENDPOINTS];
	for (uint32_t i = 0; i < ENDPOINTS; i++)
		tasks[i] = task_of(server, i);
	worker_add(worker, tasks, ENDPOINTS);

	char byte;
	struct worker_stats stats = { 0 };
	while (!all_answered(5) || stats.missed < (uint64_t)HANGING * 5) {
		assert_int_equal(read(wakes[0], &byte, 1), 1);
		take(results);
		worker_stats(worker, &stats);
	}
	assert_true(stats.busy >= HANGING);
	remove_one(worker, 0);
	remove_one(worker, ENDPOINTS - 1);
	worker_free(worker);
	take(results);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		assert_int_equal(endpoints[i].bad, 0);
		if (i < HANGING)
			assert_true(server->asked[i] <= 1);
	}
	assert_int_equal(server->doubled, 0);
	queue_free(results);
	close(wakes[0]);
	close(wakes[1]);
	stop_server(server);
}

static int
set_up(void **unused)
{
	(void)unused;
	struct err err;
	return http_global_init(&err) ? 0 : -1;
}

static int
tear_down(void **unused)
{
	(void)unused;
	http_global_finish();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints_are_probed_on_real_sockets),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
