/*
 * What the benchmark looks at: one thread that answers every request at any
 * address of this machine with the same small page and closes the connection.
 *
 * usage: bench-target PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS = 512,
	ACCEPTS = 64, /* in one turn, so that those who wait are served too */
	FDS = 1 << 20,
};

static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: text/plain\r\n"
			     "Content-Length: 12\r\n"
			     "Connection: close\r\n"
			     "\r\n"
			     "all is well\n";

/* How much of "\r\n\r\n" was seen, by descriptor. */
static unsigned char seen[FDS];

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Did the request end within these bytes? */
static bool
is_whole(int fd, const char *bytes, size_t n)
{
	static const char end[] = "\r\n\r\n";
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == end[seen[fd]])
			seen[fd]++;
		else
			seen[fd] = bytes[i] == '\r' ? 1 : 0;
		if (seen[fd] == 4)
			return true;
	}
	return false;
}

/* True when the connection was closed, false when there is more to wait for. */
static bool
serve(int fd)
{
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n > 0 && !is_whole(fd, bytes, (size_t)n))
		return false;
	if (n > 0)
		(void)send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
	close(fd);
	return true;
}

static void
accept_some(int epoll, int listener)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(
			listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (fd >= FDS) {
			close(fd);
			continue;
		}
		seen[fd] = 0;
		if (serve(fd))
			continue;
		struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
			fail("epoll_ctl");
	}
}

static int
listen_at(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	int yes = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("bind");
	if (listen(fd, 65535) != 0)
		fail("listen");
	return fd;
}

int
main(int argc, char **argv)
{
	char *end = NULL;
	long port = argc == 2 ? strtol(argv[1], &end, 10) : 0;
	if (port < 1 || port > 65535 || *end != '\0') {
		fprintf(stderr, "usage: bench-target PORT\n");
		return 2;
	}
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);

	int listener = listen_at((uint16_t)port);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
		fail("epoll");
	puts("listening");
	fflush(stdout);

	static struct epoll_event events[EVENTS];
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_some(epoll, listener);
			else
				serve(events[i].data.fd);
		}
	}
}
