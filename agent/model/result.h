/*
 * What one probe saw: a value that travels from a worker to the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/model/cause.h"
#include "agent/model/status.h"

enum {
	RESULT_MESSAGE_SIZE = 256,
	RESULT_EVIDENCE_MAX = 12 * 1024, /* 8 KiB of headers, 4 KiB of body */
};

/** Where the time went; each is a length, 0 when it did not come to that. */
struct result_phases {
	int64_t dns_us;
	int64_t connect_us;
	int64_t tls_us;
	int64_t wait_us; /* from the request to the first byte of an answer */
	int64_t transfer_us; /* from there to the end of the body */
};

struct result {
	uint32_t endpoint; /* the number that the main thread gave it */
	uint32_t generation; /* of its settings */
	int64_t at_ms; /* wall clock when the probe began */

	enum status status;
	enum cause cause;
	int code; /* the protocol's own, such as 503; 0 without an answer */
	bool whole; /* an answer came, and all of it could be read */
	int64_t latency_us; /* of the last hop: look-up to end of headers */
	struct result_phases phases; /* of the last hop */
	int64_t took_us; /* all hops, to the end of the body or the failure */
	int64_t certificate_ends_ms; /* the first of the chain; 0: none seen */
	uint64_t missed; /* ticks skipped so far because one was under way */

	/** What was wrong, for people; "" when nothing was. */
	char message[RESULT_MESSAGE_SIZE];

	/**
	 * More of what was wrong, for who looks closer, such as what is wrong
	 * with a certificate; NULL for none.  Owned by the result.
	 */
	char *detail;

	/**
	 * What the endpoint said when it failed: status line, headers and the
	 * first 4 KiB of the body, secrets covered.  NULL when it said nothing
	 * or did not fail.  Owned by the result.
	 */
	char *evidence;
};

/** Free what the result owns. */
void result_finish(struct result *result);
