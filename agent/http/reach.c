#include "agent/http/reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum {
	ANY_PORT = 53, /* nothing is sent to it */
};

bool
http_reach_parse(const char *text, uint16_t port,
	struct sockaddr_storage *address, socklen_t *len)
{
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	bool is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;
	if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		return false;
	if (address) {
		*len = is_v4 ? sizeof(v4) : sizeof(v6);
		memcpy(address, is_v4 ? (void *)&v4 : (void *)&v6, *len);
	}
	return true;
}

/* connect() of a datagram socket asks the routing table, and sends nothing. */
bool
http_reach_has_route(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno != EAFNOSUPPORT;
	bool routed = connect(fd, address, len) == 0 || errno == EINTR;
	close(fd);
	return routed;
}

bool
http_reach_text_has_route(const char *text)
{
	struct sockaddr_storage address;
	socklen_t len;
	return !http_reach_parse(text, ANY_PORT, &address, &len)
		|| http_reach_has_route((const struct sockaddr *)&address, len);
}

bool
http_reach_has_descriptor(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno != EMFILE && errno != ENFILE && errno != ENOBUFS
			&& errno != ENOMEM;
	close(fd);
	return true;
}
