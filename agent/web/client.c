#include "agent/web/client.h"

#include <microhttpd.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/web/forwarded.h"
#include "conf/conf.h"

enum {
	VALUE_MAX = 32 * 1024, /* as much as a connection has memory */
	NETWORK_BYTES = 8, /* of an IPv6 address */
};

/* One header may stand in several lines, which are one list. */
struct gathered {
	const char *name;
	struct buf value;
};

static enum MHD_Result
on_header(void *cookie, enum MHD_ValueKind kind, const char *name,
	const char *value)
{
	(void)kind;
	struct gathered *gathered = cookie;
	if (!str_ieq(name, gathered->name))
		return MHD_YES;
	if (gathered->value.len > 0)
		buf_add_text(&gathered->value, ", ");
	buf_add_text(&gathered->value, value ? value : "");
	return MHD_YES;
}

static void
gather(struct gathered *gathered, struct MHD_Connection *connection)
{
	buf_init(&gathered->value, VALUE_MAX);
	MHD_get_connection_values(
		connection, MHD_HEADER_KIND, on_header, gathered);
}

static bool
find_peer(struct MHD_Connection *connection, struct net_address *peer)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return info && info->client_addr
		&& net_address_of(info->client_addr, peer);
}

/* A proxy on this machine speaks for others, and a browser for web pages. */
static bool
has_sign(struct MHD_Connection *connection)
{
	static const char *const signs[] = { "Forwarded", "X-Forwarded-For",
		"X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via",
		"Origin" };
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (MHD_lookup_connection_value(
			    connection, MHD_HEADER_KIND, signs[i]))
			return true;
	return false;
}

static void
write_texts(const struct net_address *address, struct web_client *client)
{
	struct net_address network = *address;
	net_address_text(address, client->text);
	if (strchr(client->text, ':'))
		memset(network.bytes + NETWORK_BYTES, 0,
			sizeof(network.bytes) - NETWORK_BYTES);
	net_address_text(&network, client->network);
}

/* The configuration was checked: each can be read. */
static size_t
read_nets(const struct conf_list *proxies, struct net *nets)
{
	size_t n = 0;
	const char *const *texts = proxies->items;
	struct err err;
	for (size_t i = 0; i < proxies->count; i++)
		n += net_parse(texts[i], &nets[n], &err);
	return n;
}

static void
ask_proxy(struct MHD_Connection *connection, const struct net *nets, size_t n,
	const struct net_address *peer, struct web_client *client)
{
	struct gathered x = { .name = "X-Forwarded-For" };
	struct gathered standard = { .name = "Forwarded" };
	gather(&x, connection);
	gather(&standard, connection);
	/* Without its end, nothing of it is to be believed. */
	struct web_forwarded said = { nets, n,
		x.value.full ? "?" : x.value.data,
		standard.value.full ? "?" : standard.value.data };
	struct net_address address = web_forwarded_client(&said, peer);
	write_texts(&address, client);
	buf_finish(&x.value);
	buf_finish(&standard.value);
}

void
web_client_of(struct MHD_Connection *connection,
	const struct conf_server *server, struct web_client *client)
{
	struct net_address peer;
	size_t n = server ? server->proxies.count : 0;
	*client = (struct web_client){ .text = "" };
	if (!find_peer(connection, &peer))
		return;
	write_texts(&peer, client);
	client->is_from_here = net_is_loopback(&peer) && !has_sign(connection);
	if (n == 0)
		return;
	struct arena *arena = arena_new_small();
	struct net *nets = arena_alloc(arena, n * sizeof(*nets));
	n = read_nets(&server->proxies, nets);
	struct web_forwarded trust = { nets, n, "", "" };
	if (web_forwarded_is_trusted(&trust, &peer)) {
		client->is_from_here = false; /* even if it says nothing */
		ask_proxy(connection, nets, n, &peer, client);
	}
	arena_free(arena);
}
