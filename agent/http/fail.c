#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"
#include "agent/http/reach.h"

static const char *
address_of(const struct http_call *call)
{
	return call->n_tried > 0 ? call->addresses[call->n_tried - 1]
				 : call->origin.host;
}

static enum http_fail
of_socket(int error)
{
	return error == EAFNOSUPPORT ? HTTP_FAIL_NO_ROUTE
				     : HTTP_FAIL_NO_DESCRIPTORS;
}

/* connect() failed, or TCP told us later. */
static enum http_fail
of_connecting(const struct http_call *call, int os_error)
{
	switch (os_error) {
	case ECONNREFUSED:
		return HTTP_FAIL_REFUSED;
	case ETIMEDOUT:
		return HTTP_FAIL_CONNECT_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
		return HTTP_FAIL_CLOSED;
	case EAGAIN:
		return HTTP_FAIL_NO_PORTS;
	case ENOBUFS:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return HTTP_FAIL_NO_DESCRIPTORS;
	case EPERM:
		return HTTP_FAIL_NO_ROUTE; /* a packet filter of our own */
	default:
		break;
	}
	if (!http_reach_text_has_route(address_of(call)))
		return HTTP_FAIL_NO_ROUTE;
	return os_error == EADDRNOTAVAIL ? HTTP_FAIL_NO_PORTS
					 : HTTP_FAIL_UNREACHABLE;
}

/* HTTP_FAIL_NONE for what is not about TLS. */
static enum http_fail
of_handshake(CURLcode code)
{
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_CACERT_BADFILE:
		return HTTP_FAIL_CERTIFICATE;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_SHUTDOWN_FAILED:
	case CURLE_USE_SSL_FAILED:
		return HTTP_FAIL_TLS;
	default:
		return HTTP_FAIL_NONE;
	}
}

/* No request went out. */
static enum http_fail
of_beginning(const struct http_call *call, CURLcode code, int os_error)
{
	if (call->socket_error != 0)
		return of_socket(call->socket_error);
	enum http_fail fail = of_handshake(code);
	if (fail != HTTP_FAIL_NONE)
		return fail;
	if (call->secures_us != 0)
		return HTTP_FAIL_TLS;
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return HTTP_FAIL_URL;
	case CURLE_COULDNT_RESOLVE_HOST:
		/* A numeric address: libcurl found no IPv6 on this machine. */
		return HTTP_FAIL_NO_ROUTE;
	default:
		return of_connecting(call, os_error);
	}
}

/* On the way to the proxy, or to the far side through it.  Our own trouble
 * remains ours, and that a connection takes too long may be. */
static enum http_fail
of_proxy(const struct http_call *call, CURLcode code, int os_error)
{
	if (call->socket_error != 0)
		return of_socket(call->socket_error);
	if (code == CURLE_COULDNT_RESOLVE_PROXY)
		return HTTP_FAIL_NO_ROUTE; /* as above */
	if (code != CURLE_COULDNT_CONNECT)
		return HTTP_FAIL_UNREACHABLE;
	enum http_fail fail = of_connecting(call, os_error);
	return http_fail_is_ours(fail) || fail == HTTP_FAIL_CONNECT_TIMEOUT
		? fail
		: HTTP_FAIL_UNREACHABLE;
}

/* The request was on its way, and no complete headers came back. */
static enum http_fail
of_exchange(CURLcode code)
{
	switch (code) {
	case CURLE_OK: /* closed in the midst of the headers */
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return HTTP_FAIL_CLOSED;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_FAIL_TIMEOUT;
	default:
		/* Among them what libcurl calls out of memory: a line of the
		 * headers that is longer than it takes. */
		return HTTP_FAIL_PROTOCOL;
	}
}

enum http_fail
http_fail_of(const struct http_call *call, CURLcode code, int os_error)
{
	if (call->stopped != HTTP_FAIL_NONE)
		return call->stopped;
	if (call->headers_done)
		return code == CURLE_OK ? HTTP_FAIL_NONE : HTTP_FAIL_BODY;
	if (call->ready)
		return of_exchange(code);
	if (call->proxy && call->secures_us == 0)
		return of_proxy(call, code, os_error);
	return of_beginning(call, code, os_error);
}

/*
 * Of several addresses the last failure is told, except that one that we could
 * not even try for lack of ports leaves the question open, and that one
 * without a route says nothing of the others.
 */
static bool
says_more(const struct http_call *call, enum http_fail now)
{
	enum http_fail before = call->response.fail;
	if (before == HTTP_FAIL_NONE || http_easy_is_connected(call))
		return true;
	return before != HTTP_FAIL_NO_PORTS && now != HTTP_FAIL_NO_ROUTE;
}

/* What comes from outside is shown to people: one line, printable. */
static void
add_words(char *text, size_t size, const char *before, const char *words)
{
	snprintf(text, size, "%s%s", before, words);
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
}

static void
add_time(char *text, size_t size, const char *before, int64_t from, int64_t to)
{
	char time[DURATION_TEXT_SIZE];
	duration_text((to - from) / 1000, time);
	snprintf(text, size, "%s %s", before, time);
}

static void
add_place(const struct http_call *call, char *text, size_t size,
	const char *before, const char *behind)
{
	const char *address = address_of(call);
	const char *proxy = call->proxy ? "the proxy " : "";
	uint16_t port;
	http_easy_peer(call, &port);
	snprintf(text, size,
		strchr(address, ':') ? "%s%s[%s]:%u%s" : "%s%s%s:%u%s", before,
		proxy, address, port, behind);
}

static void
explain_connecting(const struct http_call *call, enum http_fail fail,
	int os_error, char *text, size_t size)
{
	char reason[80] = "";
	if (os_error != 0 && strerror_r(os_error, reason, sizeof(reason)) != 0)
		reason[0] = '\0';
	char behind[96];
	snprintf(behind, sizeof(behind), "%s%s", *reason ? ": " : "", reason);

	switch (fail) {
	case HTTP_FAIL_REFUSED:
		add_place(call, text, size, "", " refuses connections");
		break;
	case HTTP_FAIL_CONNECT_TIMEOUT:
		add_place(call, text, size, "no connection to ", " in time");
		break;
	case HTTP_FAIL_NO_ROUTE:
		add_place(call, text, size, "no route from here to ", "");
		break;
	case HTTP_FAIL_NO_PORTS:
		add_place(call, text, size, "no local port is left to reach ",
			"");
		break;
	case HTTP_FAIL_NO_DESCRIPTORS:
		snprintf(text, size, "no descriptor is left for a socket%s",
			behind);
		break;
	default:
		add_place(call, text, size, "no connection to ", behind);
		break;
	}
}

static void
explain_certificate(const struct http_call *call, char *text, size_t size)
{
	char words[256];
	http_certificate_explain(
		&call->certificate, call->origin.host, words, sizeof(words));
	add_words(text, size, "the certificate is not accepted: ",
		*words ? words : call->error);
}

/* What it said, or what TLS with it came to. */
static void
explain_proxy(const struct http_call *call, char *text, size_t size)
{
	add_place(call, text, size, "", " does not serve us: ");
	size_t len = strlen(text);
	add_words(text + len, size - len, "", call->error);
}

static void
explain_time(const struct http_call *call, enum http_fail fail, char *text,
	size_t size)
{
	int64_t now = clock_mono_us();
	bool idle = call->body_us != 0 && now < call->total_at_us;
	if (fail == HTTP_FAIL_TIMEOUT)
		add_time(text, size,
			call->ready ? "no complete answer within"
				    : "the TLS handshake did not end within",
			call->start_us, now);
	else if (idle)
		add_time(
			text, size, "the body stalled for", call->body_us, now);
	else
		add_time(text, size, "the body was not complete within",
			call->start_us, now);
}

static void
explain_protocol(const struct http_call *call, char *text, size_t size)
{
	if (call->stopped != HTTP_FAIL_NONE)
		snprintf(text, size, "the headers are larger than %d bytes",
			HTTP_HEADERS_MAX);
	else
		add_words(text, size,
			call->is_mail ? "it does not speak SMTP: "
				      : "the answer is not HTTP: ",
			call->error);
}

static void
explain(const struct http_call *call, enum http_fail fail, int os_error,
	char *text, size_t size)
{
	switch (fail) {
	case HTTP_FAIL_NONE:
		*text = '\0';
		break;
	case HTTP_FAIL_TIMEOUT:
	case HTTP_FAIL_BODY_TIMEOUT:
		explain_time(call, fail, text, size);
		break;
	case HTTP_FAIL_TLS:
		add_words(
			text, size, "the TLS handshake failed: ", call->error);
		break;
	case HTTP_FAIL_CERTIFICATE:
		explain_certificate(call, text, size);
		break;
	case HTTP_FAIL_CLOSED:
		str_copy(text, size,
			"the connection was closed before there was an "
			"answer");
		break;
	case HTTP_FAIL_BODY:
		add_words(
			text, size, "the body is not complete: ", call->error);
		break;
	case HTTP_FAIL_TOO_LARGE:
		snprintf(text, size, "the body is larger than %zu bytes",
			call->body.max);
		break;
	case HTTP_FAIL_PROTOCOL:
		explain_protocol(call, text, size);
		break;
	case HTTP_FAIL_UNREACHABLE:
		if (call->proxy && os_error == 0)
			explain_proxy(call, text, size);
		else
			explain_connecting(call, fail, os_error, text, size);
		break;
	case HTTP_FAIL_URL:
		add_words(text, size, "the URL is not usable: ", call->error);
		break;
	default:
		explain_connecting(call, fail, os_error, text, size);
		break;
	}
}

void
http_fail_note(struct http_call *call, enum http_fail fail, int os_error)
{
	struct http_response *response = &call->response;
	if (!says_more(call, fail))
		return;
	response->fail = fail;
	explain(call, fail, os_error, call->detail, sizeof(call->detail));
}
