/*
 * A certificate and its key, from files, looked at before they are used.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct web_tls;

/** `key` NULL: it is in the file of the certificate.  NULL: they cannot be
 * read, are not what they should be, or do not belong together. */
struct web_tls *web_tls_read(
	const char *certificate, const char *key, struct err *err);

/** NULL is allowed and does nothing. */
void web_tls_free(struct web_tls *tls);

bool web_tls_same(const struct web_tls *a, const struct web_tls *b);

/** In PEM; for libmicrohttpd, which wants them without const. */
char *web_tls_certificate(const struct web_tls *tls);
char *web_tls_key(const struct web_tls *tls);

/** When it ends: on the wall clock, and as people write it; borrowed. */
int64_t web_tls_ends_ms(const struct web_tls *tls);
const char *web_tls_ends(const struct web_tls *tls);
