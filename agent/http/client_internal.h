/*
 * What the files of the HTTP client share.  Who calls whom:
 *
 *     http_send --> http_call_begin --> on_answer --> try_next    call.c
 *                                      (resolver)        |
 *     on_multi_wants_timer, on_multi_wants_socket <---- libcurl   client.c
 *                                                        |  ^
 *     on_timeout, on_ready ------ (libev) ---------------|--'     client.c
 *                                                        v
 *         on_open_socket, on_tls_begins, on_connected,
 *         on_header, on_body                                      easy.c
 *     collect ---> http_call_ended --> the next address,          call.c
 *     on_deadline --------'         or http_call_finish
 *     http_client_deliver ---> the caller's `done`                client.c
 *
 * A mail goes another way behind the look-up of the name: see mail.h.
 *
 * Only http_client_deliver() runs foreign code, when libcurl is not on the
 * stack.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>
#include <ev.h>

#include "agent/base/buf.h"
#include "agent/base/list.h"
#include "agent/http/certificate.h"
#include "agent/http/client.h"
#include "agent/http/mail.h"
#include "agent/http/proxy.h"
#include "agent/http/resolver.h"
#include "agent/http/url.h"

enum {
	/*
	 * One multi walks through all of its transfers and connections now and
	 * then; at thousands that costs more than all else.  A host always has
	 * the same multi, so that its connections are found again.
	 */
	HTTP_MULTIS = 16,
	HTTP_KEPT_CONNECTIONS = 16, /* idle ones, in each multi */
	HTTP_SPARE_CALLS = 256, /* with a handle each, of some 17 KiB */
	HTTP_HEADERS_MAX = 64 * 1024,
	HTTP_DETAIL_SIZE = 320, /* libcurl's words and some of ours */
};

struct http_multi {
	CURLM *curl; /* made when first needed */
	struct http_client *client;
	ev_timer timer;
};

struct http_client {
	struct ev_loop *loop;
	struct resolver *resolver;
	struct http_proxies proxies;
	struct http_multi multis[HTTP_MULTIS];

	struct list active, finished, delivering, spare; /* calls */
	size_t n_spare;
	size_t n_busy;
	ev_timer wake; /* to deliver what finished outside of the loop */
	bool in_callback;

	struct list spare_watchers;
	struct http_mails mails;
};

struct http_call {
	struct list link;
	struct http_client *client;
	http_done_fn *done;
	void *cookie;

	/* The request. */
	struct url_origin origin;
	const struct http_proxy *proxy; /* or NULL */
	struct curl_slist *header_list; /* one block with its texts, or NULL */
	bool is_mail;
	bool cut_body, has_body;
	bool own_trust; /* not what is trusted usually */
	enum resolver_family family;
	int64_t start_us;
	int64_t connect_at_us, headers_at_us, total_at_us; /* or INT64_MAX */
	int64_t idle_us;

	/* What goes on. */
	CURL *easy;
	struct http_multi *multi; /* that `easy` is in, or NULL */
	struct http_mail_job *mail; /* instead of those; or NULL */
	struct resolver_query *query; /* while the name is looked up */
	ev_timer timer;
	int64_t timer_at_us;
	int64_t looked_up_us; /* 0 when there was no look-up */

	/* The addresses, and the one that is tried: n_tried - 1. */
	size_t n_addresses, n_tried;
	char addresses[RESOLVER_ADDRESSES_MAX][RESOLVER_ADDRESS_SIZE];
	struct curl_slist connect_to;
	char connect_to_text[URL_HOST_SIZE + RESOLVER_ADDRESS_SIZE + 16];
	int64_t attempt_us, attempt_at_us; /* its start, its deadline */
	int64_t secures_us; /* TCP is there, the TLS handshake begins; or 0 */
	int socket_error; /* of socket(), or 0 */
	unsigned n_handshakes; /* begun; that with a proxy may be the first */
	struct http_certificate certificate; /* that the far side showed */
	bool opened; /* a connection of its own, not one that was kept */
	bool ready; /* connected, and secured: the request goes out */

	/* The answer. */
	struct buf headers, body;
	int64_t headers_us, body_us; /* their end; the last piece of it */
	bool headers_done, body_cut;
	enum http_fail stopped; /* why we made libcurl stop, or NONE */
	char error[CURL_ERROR_SIZE]; /* libcurl's words */

	struct http_response response; /* what was found out so far */
	char detail[HTTP_DETAIL_SIZE];
};

/* easy.c: one libcurl handle and what it calls. */

/* Setting an option fails for lack of memory, or because we are wrong. */
#define HTTP_EASY_SET(easy, option, value) \
	do { \
		if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK) \
			http_easy_refused(#option); \
	} while (0)

void http_easy_refused(const char *option) __attribute__((noreturn));

/** A handle with all that is the same for every request. */
CURL *http_easy_new(struct http_call *call);

/** Everything else.  False for a request that cannot be sent. */
bool http_easy_prepare(struct http_call *call,
	const struct http_request *request, struct err *err);

/** Let go of what was borrowed or copied. */
void http_easy_clean(struct http_call *call);

/* easy_way.c */

/** Through a proxy, if there is one for the origin and it may be used. */
void http_easy_choose_way(
	struct http_call *call, const struct http_request *request);

void http_easy_forget_way(struct http_call *call);

/** Whom to connect to: the proxy, or the origin. */
const char *http_easy_peer(const struct http_call *call, uint16_t *port);

/** The one address to connect to, from now on. */
void http_easy_connect_to(struct http_call *call, const char *address);

/** A TCP connection is there, as far as libcurl knows. */
bool http_easy_is_connected(const struct http_call *call);

/** Read the times of the attempt. */
void http_easy_measure(struct http_call *call);

/* easy_trust.c */

/** False when the environment names certificates that cannot be read. */
bool http_easy_check_trust(struct err *err);

/** What the environment names, else what the system has. */
void http_easy_trust_usual(CURL *easy);

/** The certificates in this file, and no others; NULL: the usual ones. */
void http_easy_trust_origin(CURL *easy, const char *ca_file);

/** The same, and remember it. */
void http_easy_trust(struct http_call *call, const char *ca_file);

/* fail.c: what went wrong, and a sentence about it. */

/** What libcurl's result means, at this point of the call. */
enum http_fail http_fail_of(
	const struct http_call *call, CURLcode code, int os_error);

/** Keep the failure and its sentence, if it says more than an earlier one. */
void http_fail_note(struct http_call *call, enum http_fail fail, int os_error);

/* call.c: one call from its start to its end. */

void http_call_begin(
	struct http_call *call, const struct http_request *request);

/** libcurl is done with it; it is in no multi any more. */
void http_call_ended(struct http_call *call, CURLcode code);

/** Stop all that goes on for it. */
void http_call_stop(struct http_call *call);

/** With the failure and the sentence that are noted in it, if any. */
void http_call_finish(struct http_call *call);

/** For a reason of our own. */
void http_call_finish_badly(
	struct http_call *call, enum http_fail fail, const char *why);

/** The deadline may have come nearer. */
void http_call_watch(struct http_call *call);

/* client.c */

/** The multi for the call's host. */
struct http_multi *http_client_multi(
	struct http_client *client, const char *host);

/** The call is over; tell so from the loop. */
void http_client_finished(struct http_call *call);

/** Tell of the calls that are over. */
void http_client_deliver(struct http_client *client);
