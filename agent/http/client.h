/*
 * The one HTTP client: libcurl's multi interface, driven by libev, with names
 * resolved by our own resolver.
 *
 * Everything that speaks HTTP outwards - probes, reporters - goes through
 * here, and mail too.  No other folder includes <curl/curl.h>.  One client
 * belongs to one loop and one thread.  Redirects are never followed: that is
 * the caller's rule to make.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/resolver.h"
#include "agent/http/response.h"

struct err;
struct ev_loop;
struct http_call;
struct http_client;

/** How the way to a mail server is protected. */
enum http_mail_tls {
	HTTP_MAIL_STARTTLS = 0, /* asked for, and nothing is sent without */
	HTTP_MAIL_IMPLICIT, /* from the first byte */
	HTTP_MAIL_CLEAR, /* not at all */
};

/**
 * A mail, to be handed to a mail server by SMTP.  Addresses are without < and
 * >, in ASCII.  Recipients that the server refuses keep nobody else from
 * getting it.
 *
 * The answer's `status` is the last code that counts: 250 when the mail was
 * taken, else what refused it; 0 when it did not come to that.  Its body is the
 * dialogue, a line for each reply: "RCPT 550 5.1.1 no such user".  Those of
 * RCPT are in the order of `to`.  The other verbs are CONNECT, EHLO, STARTTLS,
 * AUTH, MAIL, DATA and MESSAGE; the code 000 says what the server should offer
 * and does not.  No password is in it.  `sent` says that all of the message may
 * be there.
 */
struct http_mail {
	const char *hello; /* what we call ourselves; NULL: this machine */
	const char *from;
	const char *const *to;
	size_t n_to;
	const char *user, *password; /* NULL: without a login */
	enum http_mail_tls tls;
};

/** What to ask.  Everything is borrowed until http_send() returns. */
struct http_request {
	const char *method; /* NULL means GET; HEAD expects no body */
	const char *url; /* http or https, as url_normalise() gives it */

	/*
	 * Sent as they are; User-Agent and Accept have defaults.  A value of
	 * NULL: without this header, if it is one that would be sent unasked.
	 */
	const struct http_header *headers;
	size_t n_headers;
	const void *body; /* NULL for none */
	size_t body_len;

	/*
	 * Deadlines, each in milliseconds from http_send(), but for idle_ms; 0
	 * for none, but `total_ms` must be above zero.
	 */
	int64_t connect_ms; /* look-up and TCP, over all addresses */
	int64_t headers_ms; /* until the headers of the answer are complete */
	int64_t total_ms;
	int64_t idle_ms; /* the longest pause inside the body */

	size_t body_max; /* most bytes of the answer's body to keep */
	bool cut_body; /* past body_max: read on, keep no more, do not fail */
	bool insecure; /* accept any certificate */
	const char *ca_file; /* whom to trust instead of the usual; or NULL */
	bool fresh; /* a new connection: measure DNS, TCP and TLS too */
	bool direct; /* through no proxy, whatever the environment says */

	/*
	 * The only addresses to connect to, instead of a look-up, as numeric
	 * text; NULL looks the name up.  At most RESOLVER_ADDRESSES_MAX count.
	 */
	const char *const *addresses;
	size_t n_addresses;
	enum resolver_family family; /* of all that is connected to */

	/*
	 * NULL, or it is no HTTP: `url` is smtp://host:port, the body is the
	 * message with lines that end in CRLF, and there is no proxy on the
	 * way.
	 */
	const struct http_mail *mail;
};

/** `loop` and `resolver` must outlive the client. */
struct http_client *http_client_new(
	struct ev_loop *loop, struct resolver *resolver);

/** Drop every call without calling back.  Not from inside a callback. */
void http_client_free(struct http_client *client);

/** Calls under way. */
size_t http_client_busy(const struct http_client *client);

typedef void http_done_fn(void *cookie, const struct http_response *response);

/**
 * Send `request`; once it has been answered or has failed, run
 * `done(cookie, response)` exactly once, from the loop and never from inside
 * http_send().  A request that cannot even start fails the same way, so a
 * caller has one path for failure.
 *
 * Goes through a proxy where the environment says so (see proxy.h); what is
 * looked up and connected to is the proxy then.
 *
 * The name is looked up, its addresses are tried one after the other, each with
 * a fair share of what is left of `connect_ms`; the first that connects is
 * used.  The returned call is valid until `done` is entered or http_cancel() is
 * called, whichever comes first.
 */
struct http_call *http_send(struct http_client *client,
	const struct http_request *request, http_done_fn *done, void *cookie);

/** Forget the call; `done` will not run.  NULL is allowed and does nothing. */
void http_cancel(struct http_call *call);

/**
 * Once a process, before the first client and after the last.  False when the
 * environment names certificates (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE: a file
 * or a folder) that cannot be read, or a proxy that cannot be used.
 */
bool http_global_init(struct err *err);
void http_global_finish(void);

/** False when `path` is no file of certificates to trust, in PEM. */
bool http_check_ca_file(const char *path, struct err *err);

/** "libcurl/7.88.1 OpenSSL/3.0.22 ..." for --version. */
const char *http_library_version(void);
