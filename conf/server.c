/* `server:`, where the agent answers. */
#include <arpa/inet.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/net.h"
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/reader.h"
#include "conf/secret.h"

#define RATE_MAX 1e6

enum {
	TOKEN_MIN = 16,
	PROXIES_MAX = 256,
	TIMEOUT_MIN_MS = 1000,
	TIMEOUT_MAX_MS = 5 * 60 * 1000,
};

static bool
is_port(const char *text)
{
	int64_t port;
	return str_int(text, &port) && port >= 0 && port <= UINT16_MAX;
}

/* 127.0.0.1:8080 or [::1]:8080; a name might be several addresses. */
static bool
is_listen_address(const char *text)
{
	char host[INET6_ADDRSTRLEN + 2];
	struct in6_addr address;
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	if (len == 0 || len >= sizeof(host) || !is_port(colon + 1))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] != '[' || host[len - 1] != ']')
		return inet_pton(AF_INET, host, &address) == 1;
	host[len - 1] = '\0';
	return inet_pton(AF_INET6, host + 1, &address) == 1;
}

static void
check_listen(const char *text, struct conf_reader *reader)
{
	if (text && !is_listen_address(text))
		conf_reject(reader, "listen",
			"expected an address and a port such as "
			"127.0.0.1:8080 or [::1]:8080");
}

static const struct conf_shape listen_shape = {
	.what = "an address and a port, such as 127.0.0.1:8080 or [::]:8080",
	.pattern = "^([0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]+$",
};

static void
check_tls(const void *section, struct conf_reader *reader)
{
	const struct conf_tls *tls = section;
	check_listen(tls->listen, reader);
	if (tls->certificate && *tls->certificate == '\0')
		conf_reject(reader, "certificate", "expected a path");
	if (tls->key && *tls->key == '\0')
		conf_reject(reader, "key", "expected a path");
}

static const struct conf_field tls_fields[] = {
	{ "listen", CONF_STRING(struct conf_tls, listen),
		.shape = &listen_shape, .otherwise = "that of the server",
		.help = "Where to answer with TLS, beside the server's own"
			" address, which stays without." },
	{ "certificate", CONF_STRING(struct conf_tls, certificate),
		.flags = CONF_REQUIRED | CONF_FILE,
		.help = "The file of the certificate in PEM, with those that"
			" lead to its root behind it; read at the start, when"
			" it changes, and by a reload." },
	{ "key", CONF_STRING(struct conf_tls, key), .flags = CONF_FILE,
		.otherwise = "in the file of the certificate",
		.help = "The file of its key in PEM, without a password." },
	{ 0 },
};

static const struct conf_section tls_section = {
	.name = "tls",
	.size = sizeof(struct conf_tls),
	.fields = tls_fields,
	.check = check_tls,
};

static void
check_proxies(const struct conf_list *proxies, struct conf_reader *reader)
{
	const char *const *texts = proxies->items;
	struct net net;
	struct err err;
	if (proxies->count > PROXIES_MAX)
		conf_reject(reader, "trusted_proxies",
			"expected at most %d of them", PROXIES_MAX);
	for (size_t i = 0; i < proxies->count; i++)
		if (!net_parse(texts[i], &net, &err))
			conf_reject(reader, "trusted_proxies", "%s", err.text);
}

static void
check_server(const void *section, struct conf_reader *reader)
{
	const struct conf_server *server = section;
	check_listen(server->listen, reader);
	conf_check_strength(reader, "token", server->token, TOKEN_MIN);
	if (server->tls && server->tls->listen
		&& str_eq(server->tls->listen, server->listen)
		&& !str_ends(server->listen, ":0"))
		conf_reject(reader, "tls",
			"listens where the server does without TLS: leave its "
			"`listen` out to have TLS alone");
	check_proxies(&server->proxies, reader);
}

static const struct conf_field server_fields[] = {
	{ "listen", CONF_STRING(struct conf_server, listen),
		.fallback = "127.0.0.1:8080", .shape = &listen_shape,
		.help = "The address and port on which to answer." },
	{ "token", CONF_STRING(struct conf_server, token), .flags = CONF_SECRET,
		.otherwise = "nobody may",
		.help = "What to send as \"Authorization: Bearer TOKEN\" to"
			" command from another machine, such as to reload." },
	{ "tls",
		CONF_SECTION(
			struct conf_server, tls, tls_section, struct conf_tls),
		.help = "Answer with TLS 1.2 or 1.3." },
	{ "trusted_proxies", CONF_STRINGS(struct conf_server, proxies),
		.otherwise = "none of them",
		.help = "Proxies in front, as addresses or networks such as"
			" 10.0.0.0/8: what they say in X-Forwarded-For or"
			" Forwarded is believed, of who sent a request." },
	{ "timeout",
		CONF_DURATION(struct conf_server, timeout_ms, TIMEOUT_MIN_MS,
			TIMEOUT_MAX_MS),
		.fallback = "10s",
		.help = "How long a connection may say nothing, or need to"
			" agree on TLS, until it is closed; in whole"
			" seconds." },
	{ "rate_limit", CONF_INT(struct conf_server, rate_limit, 0, RATE_MAX),
		.fallback = "12000",
		.help = "Alerts a minute that are taken from one client, by"
			" its address; the rest is to come again. 0 for any"
			" number." },
	{ 0 },
};

const struct conf_section conf_server_section = {
	.name = "server",
	.size = sizeof(struct conf_server),
	.fields = server_fields,
	.check = check_server,
};
