/* Which way a connection goes: to an address of the host, or of a proxy. */
#include <stdio.h>
#include <string.h>

#include "agent/base/str.h"
#include "agent/http/client_internal.h"

static void
set_proxy(CURL *easy, const struct http_proxy *proxy)
{
	char text[URL_HOST_SIZE + 24];
	bool v6 = strchr(proxy->host, ':') != NULL;
	snprintf(text, sizeof(text), v6 ? "%s://[%s]:%u" : "%s://%s:%u",
		proxy->tls ? "https" : "http", proxy->host, proxy->port);
	HTTP_EASY_SET(easy, CURLOPT_PROXY, text);
	HTTP_EASY_SET(easy, CURLOPT_PROXYUSERNAME, proxy->user);
	HTTP_EASY_SET(easy, CURLOPT_PROXYPASSWORD, proxy->password);
}

void
http_easy_choose_way(struct http_call *call, const struct http_request *request)
{
	const struct http_proxies *proxies = &call->client->proxies;
	call->proxy = request->direct
		? NULL
		: http_proxy_choose(proxies, &call->origin);
	if (call->proxy)
		set_proxy(call->easy, call->proxy);
}

void
http_easy_forget_way(struct http_call *call)
{
	HTTP_EASY_SET(call->easy, CURLOPT_CONNECT_TO, NULL);
	if (!call->proxy)
		return;
	HTTP_EASY_SET(call->easy, CURLOPT_RESOLVE, NULL);
	HTTP_EASY_SET(call->easy, CURLOPT_PROXY, "");
	HTTP_EASY_SET(call->easy, CURLOPT_PROXYUSERNAME, NULL);
	HTTP_EASY_SET(call->easy, CURLOPT_PROXYPASSWORD, NULL);
	call->proxy = NULL;
}

const char *
http_easy_peer(const struct http_call *call, uint16_t *port)
{
	*port = call->proxy ? call->proxy->port : call->origin.port;
	return call->proxy ? call->proxy->host : call->origin.host;
}

/* CONNECT_TO would make libcurl ask the proxy for that address. */
void
http_easy_connect_to(struct http_call *call, const char *address)
{
	char *text = call->connect_to_text;
	size_t size = sizeof(call->connect_to_text);
	bool v6 = strchr(address, ':') != NULL;
	uint16_t port;
	const char *host = http_easy_peer(call, &port);
	if (str_eq(address, host))
		return;
	if (call->proxy)
		snprintf(text, size, v6 ? "%s:%u:[%s]" : "%s:%u:%s", host, port,
			address);
	else
		snprintf(text, size, v6 ? "::[%s]:" : "::%s:", address);
	call->connect_to = (struct curl_slist){ .data = text };
	if (call->proxy)
		HTTP_EASY_SET(call->easy, CURLOPT_RESOLVE, &call->connect_to);
	else
		HTTP_EASY_SET(
			call->easy, CURLOPT_CONNECT_TO, &call->connect_to);
}
