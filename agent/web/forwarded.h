/*
 * Who a request is from when there are proxies in front: pure.
 *
 * A header is believed as far as it was written by a proxy that is trusted:
 * from its end backwards, up to the first address that is of none.  Whoever is
 * not trusted may say in it what he likes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/base/net.h"

struct web_forwarded {
	const struct net *trusted;
	size_t n_trusted;
	const char *x_forwarded_for; /* all such headers in order, by commas */
	const char *forwarded; /* the same; "" for none */
};

bool web_forwarded_is_trusted(
	const struct web_forwarded *said, const struct net_address *address);

/**
 * The client of a request that came from `peer`.  What cannot be read ends the
 * way: then it is the last proxy that could.  So it is `peer` itself where the
 * two headers are both there and contradict one another, since it is not known
 * which of them the proxy wrote, and which it let through.
 */
struct net_address web_forwarded_client(
	const struct web_forwarded *said, const struct net_address *peer);
