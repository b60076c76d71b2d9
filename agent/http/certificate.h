/*
 * What was wrong with a server's certificate, in words that tell its owner what
 * to do.  For the client alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

/** Zeroed to begin with. */
struct http_certificate {
	X509 *leaf; /* the server's own */
	X509 *bad; /* of its chain, the one that `error` is about */
	int error; /* X509_V_OK when it is not the chain */
	int depth; /* of `bad`; 0 is the server's own */
	int64_t ends_ms; /* when the first of those that it sent ends */
};

/** Once a process. */
void http_certificate_init(void);

/** Watch one handshake that is about to begin. */
void http_certificate_watch(
	struct http_certificate *certificate, SSL_CTX *context);

void http_certificate_forget(struct http_certificate *certificate);

/**
 * After it was refused by a client that asked for `host`: "it expired on ...".
 * Says nothing ("") where nothing was seen.  What comes from the certificate
 * may hold anything.
 */
void http_certificate_explain(const struct http_certificate *certificate,
	const char *host, char *text, size_t size);
