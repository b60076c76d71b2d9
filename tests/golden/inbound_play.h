/*
 * One request to an inbound source.
 *
 * A case is a JSON map:
 *
 *     about         a sentence
 *     type          "gcp", "sns", ... as in config.yml
 *     method        POST
 *     query         what follows the `?`
 *     headers       {}
 *     body          a text, or a map that is sent as JSON
 *     file          the body, in payloads/
 *     settings      of the source: topics, confirm, raw
 *     certificates  {url: file, or null when it cannot be had}
 *     now_ms        the time
 */
#pragma once

#include <jansson.h>

#include "agent/inbound/inbound.h"

enum {
	INBOUND_HEADERS_MAX = 16,
	INBOUND_TOPICS_MAX = 4,
};

/** A case, read.  `request` may be changed and played again. */
struct inbound_case {
	struct arena *arena;
	const json_t *game;
	struct inbound_request request;
	struct conf_inbound source;
	struct inbound_header headers[INBOUND_HEADERS_MAX];
	const char *topics[INBOUND_TOPICS_MAX];
	const char *pem; /* of the certificate that there is */
};

void inbound_case_init(struct inbound_case *one, const json_t *game);
void inbound_case_finish(struct inbound_case *one);

/** The answer; a certificate that is asked for is given. */
void inbound_case_play(struct inbound_case *one, struct inbound_answer *answer);

/** As text; the caller frees it. */
char *inbound_case_text(const struct inbound_answer *answer);

/** "gcp" -> its type; aborts for what there is not. */
int inbound_case_type(const char *name);
