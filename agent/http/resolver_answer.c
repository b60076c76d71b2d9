#include "agent/http/resolver_answer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "agent/http/reach.h"
#include "agent/http/resolver.h"

static const void *
bytes_of(const struct sockaddr *address)
{
	const void *of = address;
	if (address->sa_family == AF_INET)
		return &((const struct sockaddr_in *)of)->sin_addr;
	if (address->sa_family == AF_INET6)
		return &((const struct sockaddr_in6 *)of)->sin6_addr;
	return NULL;
}

bool
resolver_answer_add(struct resolver_answer *answer,
	const struct sockaddr *address, socklen_t len)
{
	const void *bytes = bytes_of(address);
	if (!bytes || answer->n == RESOLVER_ADDRESSES_MAX
		|| !http_reach_has_route(address, len)
		|| !inet_ntop(address->sa_family, bytes,
			answer->addresses[answer->n], RESOLVER_ADDRESS_SIZE))
		return false;
	answer->n++;
	return true;
}
