#include "agent/web/forwarded.h"

#include <string.h>

#include "agent/base/str.h"

enum {
	HOPS_MAX = 64, /* the last ones; who is further away is not asked for */
};

struct piece {
	const char *at;
	size_t len;
};

static struct piece
trim(struct piece piece)
{
	while (piece.len > 0 && (*piece.at == ' ' || *piece.at == '\t'))
		piece.at++, piece.len--;
	while (piece.len > 0
		&& (piece.at[piece.len - 1] == ' '
			|| piece.at[piece.len - 1] == '\t'))
		piece.len--;
	return piece;
}

struct rest {
	const char *at; /* NULL: there is no more */
	size_t len;
	bool has_quotes; /* what is in quotes is one */
	bool is_open; /* a quote was never closed */
};

/* What is before the next `end`. */
static struct piece
cut(struct rest *rest, char end)
{
	const char *at = rest->at;
	bool is_quoted = false;
	size_t i = 0;
	for (; i < rest->len && (is_quoted || at[i] != end); i++) {
		if (at[i] == '"' && rest->has_quotes)
			is_quoted = !is_quoted;
		else if (at[i] == '\\' && is_quoted && i + 1 < rest->len)
			i++;
	}
	bool more = i < rest->len;
	rest->at = more ? at + i + 1 : NULL;
	rest->len -= more ? i + 1 : rest->len;
	rest->is_open = is_quoted;
	return trim((struct piece){ at, i });
}

static bool
is_port(const char *text, size_t len)
{
	size_t digits = 0;
	while (digits < len && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return len > 0 && digits == len && len <= 5;
}

/* 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80. */
static bool
read_node(struct piece node, struct net_address *address)
{
	const char *colon = memchr(node.at, ':', node.len);
	if (node.len > 0 && node.at[0] == '[') {
		const char *end = memchr(node.at, ']', node.len);
		size_t len = end ? (size_t)(end - node.at) : 0;
		size_t rest = end ? node.len - len - 1 : 0;
		return end && memchr(node.at + 1, ':', len - 1)
			&& (rest == 0
				|| (end[1] == ':'
					&& is_port(end + 2, rest - 1)))
			&& net_address_parse(node.at + 1, len - 1, address);
	}
	if (net_address_parse(node.at, node.len, address))
		return true;
	size_t len = colon ? (size_t)(colon - node.at) : 0;
	return colon && is_port(colon + 1, node.len - len - 1)
		&& net_address_parse(node.at, len, address);
}

/* What `for` is in one element; false when there is none. */
static bool
find_for(struct piece element, struct piece *node)
{
	struct rest rest = { element.at, element.len, true, false };
	bool found = false;
	while (rest.at) {
		struct piece pair = cut(&rest, ';');
		if (pair.len < 4 || !str_istarts(pair.at, "for="))
			continue;
		if (found)
			return false; /* twice: neither is to be believed */
		found = true;
		*node = (struct piece){ pair.at + 4, pair.len - 4 };
	}
	if (found && node->len >= 2 && node->at[0] == '"'
		&& node->at[node->len - 1] == '"')
		*node = (struct piece){ node->at + 1, node->len - 2 };
	return found;
}

bool
web_forwarded_is_trusted(
	const struct web_forwarded *said, const struct net_address *address)
{
	for (size_t i = 0; i < said->n_trusted; i++)
		if (net_has(&said->trusted[i], address))
			return true;
	return false;
}

static struct net_address
walk(const struct web_forwarded *said, const char *text, bool is_standard,
	struct net_address client)
{
	struct piece hops[HOPS_MAX];
	size_t n = 0;
	struct rest rest = { text, strlen(text), is_standard, false };
	for (; rest.at; n++)
		hops[n % HOPS_MAX] = cut(&rest, ',');
	/* The client may have opened it, to hide what a proxy put behind. */
	if (rest.is_open)
		return client;
	size_t kept = n < HOPS_MAX ? n : HOPS_MAX;
	for (size_t i = 0; i < kept; i++) {
		struct piece node = hops[(n - 1 - i) % HOPS_MAX];
		struct net_address address;
		if (!web_forwarded_is_trusted(said, &client)
			|| (is_standard && !find_for(node, &node))
			|| !read_node(node, &address))
			break;
		client = address;
	}
	return client;
}

struct net_address
web_forwarded_client(
	const struct web_forwarded *said, const struct net_address *peer)
{
	struct net_address by_x = *peer;
	struct net_address by_standard = *peer;
	bool has_x = *said->x_forwarded_for != '\0';
	bool has_standard = *said->forwarded != '\0';
	if (has_x)
		by_x = walk(said, said->x_forwarded_for, false, *peer);
	if (has_standard)
		by_standard = walk(said, said->forwarded, true, *peer);
	if (has_x && has_standard
		&& memcmp(&by_x, &by_standard, sizeof(by_x)) != 0)
		return *peer;
	return has_x ? by_x : by_standard;
}
