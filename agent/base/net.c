#include "agent/base/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	BITS = 8 * NET_BYTES,
	BITS_4 = 32,
	BYTES_4 = 4,
	BEFORE_4 = NET_BYTES - BYTES_4,
};

static const unsigned char mapped[BEFORE_4] = { [10] = 0xff, [11] = 0xff };

static bool
is_4(const struct net_address *address)
{
	return memcmp(address->bytes, mapped, BEFORE_4) == 0;
}

static void
set_4(struct net_address *address, const void *bytes)
{
	memcpy(address->bytes, mapped, BEFORE_4);
	memcpy(address->bytes + BEFORE_4, bytes, BYTES_4);
}

bool
net_address_parse(const char *text, size_t len, struct net_address *address)
{
	char whole[NET_TEXT_SIZE];
	struct in_addr four;
	if (len >= sizeof(whole) || memchr(text, '\0', len))
		return false;
	memcpy(whole, text, len);
	whole[len] = '\0';
	if (inet_pton(AF_INET, whole, &four) == 1) {
		set_4(address, &four);
		return true;
	}
	return inet_pton(AF_INET6, whole, address->bytes) == 1;
}

bool
net_address_of(const struct sockaddr *from, struct net_address *address)
{
	const void *bytes = from;
	const struct sockaddr_in *four = bytes;
	const struct sockaddr_in6 *six = bytes;
	if (from->sa_family == AF_INET)
		set_4(address, &four->sin_addr);
	else if (from->sa_family == AF_INET6)
		memcpy(address->bytes, &six->sin6_addr, NET_BYTES);
	else
		return false;
	return true;
}

void
net_address_text(
	const struct net_address *address, char text[static NET_TEXT_SIZE])
{
	const void *bytes =
		address->bytes + (is_4(address) ? (size_t)BEFORE_4 : 0);
	text[0] = '\0';
	(void)inet_ntop(
		is_4(address) ? AF_INET : AF_INET6, bytes, text, NET_TEXT_SIZE);
}

bool
net_is_loopback(const struct net_address *address)
{
	return is_4(address)
		? address->bytes[BEFORE_4] == IN_LOOPBACKNET
		: memcmp(address->bytes, &in6addr_loopback, NET_BYTES) == 0;
}

bool
net_parse(const char *text, struct net *net, struct err *err)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	int64_t bits = -1;
	bool good = net_address_parse(text, len, &net->address)
		&& (!slash || str_int(slash + 1, &bits));
	bool is_short = good && !memchr(text, ':', len);
	int64_t max = is_short ? BITS_4 : BITS;
	if (good && !slash)
		bits = max;
	if (!good || bits < 0 || bits > max)
		return err_set(err,
			"\"%.80s\" is no address and no network; expected one "
			"such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32",
			text);
	net->bits = (unsigned)(bits + BITS - max);
	return true;
}

bool
net_has(const struct net *net, const struct net_address *address)
{
	size_t whole = net->bits / 8;
	unsigned rest = net->bits % 8;
	const unsigned char *a = net->address.bytes;
	const unsigned char *b = address->bytes;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}
