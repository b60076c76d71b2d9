/*
 * AWS Signature Version 4: a request that proves who sends it.  Pure: the time
 * is an argument, and no key is kept.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/hmac.h"

struct buf;

enum {
	SIGV4_TIME_SIZE = sizeof("20240301T120000Z"),
};

struct sigv4_header {
	const char *name;
	const char *value;
};

/** What is signed.  All of it must be sent just so. */
struct sigv4_request {
	const char *method;
	const char *path; /* percent-encoded, at least "/"; no query */

	/* With Host and X-Amz-Date among them, in any order. */
	const struct sigv4_header *headers;
	size_t n_headers;
	const void *body;
	size_t body_len;
};

struct sigv4_signer {
	const char *key_id;
	const char *secret;
	const char *region;
	const char *service;
	const char *time; /* the value of X-Amz-Date, by sigv4_time() */
};

/** As X-Amz-Date has it: 20240301T120000Z. */
void sigv4_time(int64_t wall_ms, char text[static SIGV4_TIME_SIZE]);

/** Add the value of the Authorization header. */
void sigv4_authorization(const struct sigv4_request *request,
	const struct sigv4_signer *signer, struct buf *out);

/* The steps to it, for tests. */

void sigv4_canonical(const struct sigv4_request *request, struct buf *out);
void sigv4_string_to_sign(const struct sigv4_request *request,
	const struct sigv4_signer *signer, struct buf *out);
void sigv4_key(
	const struct sigv4_signer *signer, unsigned char key[static HMAC_SIZE]);
