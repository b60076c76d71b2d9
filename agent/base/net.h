/*
 * Addresses and networks of the Internet Protocol.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct sockaddr;

enum {
	NET_TEXT_SIZE = 46,
	NET_BYTES = 16,
};

/** IPv4 stands as IPv6 has it, ::ffff:192.0.2.1, and is written as IPv4. */
struct net_address {
	unsigned char bytes[NET_BYTES];
};

/** `len` bytes that are an address and nothing else, without brackets. */
bool net_address_parse(
	const char *text, size_t len, struct net_address *address);

/** False for what is neither IPv4 nor IPv6. */
bool net_address_of(const struct sockaddr *from, struct net_address *address);

void net_address_text(
	const struct net_address *address, char text[static NET_TEXT_SIZE]);

bool net_is_loopback(const struct net_address *address);

struct net {
	struct net_address address;
	unsigned bits; /* that count, of 128 */
};

/** An address, or a network such as 10.0.0.0/8 or 2001:db8::/32. */
bool net_parse(const char *text, struct net *net, struct err *err);

bool net_has(const struct net *net, const struct net_address *address);
