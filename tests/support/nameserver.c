#include "tests/support/nameserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MESSAGE_MAX = 1024,
	HEADER = 12,
	TYPE_A = 1,
	TYPE_AAAA = 28,
};

struct nameserver {
	int fd;
	char address[32];
	pthread_t thread;
	atomic_uint asked;
	atomic_bool stopping;
};

struct message {
	unsigned char bytes[MESSAGE_MAX];
	size_t len;
};

/* The first label up to a digit, and where the question ends. */
static size_t
read_question(const struct message *message, char kind[static 64], int *type)
{
	const unsigned char *label = message->bytes + HEADER;
	size_t len = 0;
	while (len < *label && (label[1 + len] < '0' || label[1 + len] > '9')) {
		kind[len] = (char)label[1 + len];
		len++;
	}
	kind[len] = '\0';
	size_t at = HEADER;
	while (at < message->len && message->bytes[at] != 0)
		at += 1 + (size_t)message->bytes[at];
	if (at + 5 > message->len)
		return 0;
	*type = message->bytes[at + 1] << 8 | message->bytes[at + 2];
	return at + 5;
}

static void
add_address(struct message *message, unsigned char last)
{
	const unsigned char record[] = { 0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0,
		60, 0, 4, 127, 0, 0, last };
	memcpy(message->bytes + message->len, record, sizeof(record));
	message->len += sizeof(record);
	message->bytes[7]++;
}

/* ::1 */
static void
add_address_v6(struct message *message)
{
	unsigned char record[28] = { 0xc0, HEADER, 0, TYPE_AAAA, 0, 1, 0, 0, 0,
		60, 0, 16 };
	record[27] = 1;
	memcpy(message->bytes + message->len, record, sizeof(record));
	message->len += sizeof(record);
	message->bytes[7]++;
}

/* False for no answer. */
static bool
answer(struct message *message, const char *kind, int type, size_t end)
{
	static const struct {
		const char *kind;
		unsigned char code;
		unsigned char first, count;
	} rows[] = {
		{ "a", 0, 5, 1 },
		{ "two", 0, 5, 2 },
		{ "many", 0, 1, 12 },
		{ "nodata", 0, 0, 0 },
		{ "six", 0, 0, 0 },
		{ "nx", 3, 0, 0 },
		{ "servfail", 2, 0, 0 },
		{ "refused", 5, 0, 0 },
	};
	message->bytes[2] |= 0x80; /* an answer */
	message->bytes[3] = 0x80; /* of one who looks further */
	memset(message->bytes + 6, 0, 6);
	message->len = end;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].kind, kind) != 0)
			continue;
		message->bytes[3] |= rows[i].code;
		for (unsigned char n = 0; type == TYPE_A && n < rows[i].count;
			n++)
			add_address(
				message, (unsigned char)(rows[i].first + n));
		if (type == TYPE_AAAA && strcmp(kind, "six") == 0)
			add_address_v6(message);
		return true;
	}
	return false;
}

static void *
run(void *cookie)
{
	struct nameserver *server = cookie;
	struct pollfd poll_fd = { .fd = server->fd, .events = POLLIN };
	while (!atomic_load(&server->stopping)) {
		if (poll(&poll_fd, 1, 20) <= 0)
			continue;
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		struct message message;
		ssize_t len = recvfrom(server->fd, message.bytes, 512, 0,
			(struct sockaddr *)&from, &from_len);
		if (len < HEADER + 5)
			continue;
		message.len = (size_t)len;
		char kind[64];
		int type = 0;
		size_t end = read_question(&message, kind, &type);
		if (type == TYPE_A)
			atomic_fetch_add(&server->asked, 1);
		if (end > 0 && answer(&message, kind, type, end))
			sendto(server->fd, message.bytes, message.len, 0,
				(struct sockaddr *)&from, from_len);
	}
	return NULL;
}

struct nameserver *
nameserver_start(void)
{
	struct nameserver *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (server->fd < 0
		|| bind(server->fd, (struct sockaddr *)&address, len) != 0
		|| getsockname(server->fd, (struct sockaddr *)&address, &len)
			!= 0)
		abort();
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
		ntohs(address.sin_port));
	if (pthread_create(&server->thread, NULL, run, server) != 0)
		abort();
	return server;
}

void
nameserver_stop(struct nameserver *server)
{
	atomic_store(&server->stopping, true);
	pthread_join(server->thread, NULL);
	close(server->fd);
	free(server);
}

const char *
nameserver_address(const struct nameserver *server)
{
	return server->address;
}

unsigned
nameserver_asked(struct nameserver *server)
{
	return atomic_load(&server->asked);
}
