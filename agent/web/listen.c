#include "agent/web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	BACKLOG = 128,
	PORT_MAX = 65535,
};

static bool
split(const char *text, char host[static WEB_ADDRESS_SIZE], const char **port)
{
	const char *colon = strrchr(text, ':');
	*port = colon ? colon + 1 : text;
	size_t len = colon ? (size_t)(colon - text) : 0;
	const char *from = text;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']')
		from++, len -= 2;
	else if (memchr(text, ':', len))
		return false; /* IPv6 without brackets */
	if (len == 0)
		return str_copy(host, WEB_ADDRESS_SIZE, "127.0.0.1");
	if (len >= WEB_ADDRESS_SIZE)
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	return str_ieq(host, "localhost")
		? str_copy(host, WEB_ADDRESS_SIZE, "127.0.0.1")
		: true;
}

static bool
fill_in(struct web_address *address, const char *host, uint16_t port)
{
	*address = (struct web_address){ 0 };
	struct sockaddr_in *v4 = (void *)&address->address;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		address->len = sizeof *v4;
		return true;
	}
	struct sockaddr_in6 *v6 = (void *)&address->address;
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		address->len = sizeof *v6;
		return true;
	}
	return false;
}

bool
web_address_parse(
	const char *text, struct web_address *address, struct err *err)
{
	char host[WEB_ADDRESS_SIZE];
	const char *port;
	int64_t number;
	if (split(text, host, &port) && str_int(port, &number) && number >= 0
		&& number <= PORT_MAX
		&& fill_in(address, host, (uint16_t)number))
		return true;
	return err_set(err,
		"cannot listen at \"%s\": expected an address and a port such "
		"as 127.0.0.1:8080 or [::1]:8080",
		text);
}

static void
write_address(const struct sockaddr_storage *address,
	char text[static WEB_ADDRESS_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "";
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)address;
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
		snprintf(text, WEB_ADDRESS_SIZE, "%s:%u", host,
			(unsigned)ntohs(v4->sin_port));
	} else {
		const struct sockaddr_in6 *v6 = (const void *)address;
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
		snprintf(text, WEB_ADDRESS_SIZE, "[%s]:%u", host,
			(unsigned)ntohs(v6->sin6_port));
	}
}

static bool
prepare(int fd, int family)
{
	int yes = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
		return false;
	if (family == AF_INET6
		&& setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes)
			!= 0)
		return false;
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0
		&& fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

int
web_listen(const struct web_address *address, struct err *err)
{
	const struct sockaddr *at = (const void *)&address->address;
	int fd = socket(at->sa_family, SOCK_STREAM, 0);
	if (fd >= 0 && prepare(fd, at->sa_family)
		&& bind(fd, at, address->len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;

	char text[WEB_ADDRESS_SIZE];
	int reason = errno;
	write_address(&address->address, text);
	err_set(err, "cannot listen at %s: %s%s", text, strerror(reason),
		reason == EADDRINUSE ? "; another program has the port, give "
				       "`server.listen` another one"
				     : "");
	if (fd >= 0)
		close(fd);
	return -1;
}

void
web_listens_at(int fd, char text[static WEB_ADDRESS_SIZE])
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;
	if (getsockname(fd, (void *)&address, &len) == 0)
		write_address(&address, text);
	else
		text[0] = '\0';
}
