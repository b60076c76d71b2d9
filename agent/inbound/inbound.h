/*
 * What other monitors send, read: a request becomes an answer and problems.
 *
 * Pure: no loop, no socket, no clock.  Each kind of sender is one function in
 * one file.  Who may send is judged before, in agent/inbound/auth.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model/problem.h"
#include "conf/inbound.h"

struct arena;

enum {
	INBOUND_PROBLEMS_MAX = 10000, /* in one request */
	INBOUND_SUBJECT_MAX = 200,
	INBOUND_IDENTITY_MAX = 400,
	INBOUND_TITLE_MAX = 300,
	INBOUND_TEXT_MAX = 4000,
	INBOUND_LABEL_MAX = 200,
	INBOUND_LABELS_MAX = 32,
	INBOUND_LINK_MAX = 2000,
};

struct inbound_header {
	const char *name;
	const char *value;
};

/** What a certificate of theirs says, fetched from its URL; or that it cannot
 * be had. */
struct inbound_certificate {
	const char *url;
	const char *pem; /* NULL: see `why` */
	size_t len;
	const char *why;
};

struct inbound_request {
	const char *method;
	const char *query; /* as sent, after the `?`; "" for none */
	const struct inbound_header *headers;
	size_t n_headers;
	const char *body;
	size_t body_len;
	const struct conf_inbound *source;
	int64_t now_ms; /* wall clock */
	const char *client; /* its address; NULL when it is not known */
	const char *network; /* by which it is counted; NULL: it is not */

	/* What was asked for with INBOUND_NEED_CERTIFICATE; NULL before. */
	const struct inbound_certificate *certificate;
};

enum inbound_need {
	INBOUND_NEED_NOTHING = 0,

	/* Fetch `url`, then read the request again: nothing else is set. */
	INBOUND_NEED_CERTIFICATE,

	/* Once the problems are durable: visit `url`, which is a secret. */
	INBOUND_NEED_CONFIRM,
};

struct inbound_answer {
	struct arena *arena; /* of all strings */
	int status;
	const char *body; /* one line of plain text */
	const char *why; /* for the log; NULL when it was taken */

	struct problem *problems;
	size_t n_problems;
	size_t size; /* of `problems` */

	enum inbound_need need;
	const char *url;
};

/** Read a request by the source's kind.  `answer` needs its arena only. */
void inbound_read(
	const struct inbound_request *request, struct inbound_answer *answer);

/** NULL when there is no such header; names in any case. */
const char *inbound_header(
	const struct inbound_request *request, const char *name);

typedef void inbound_reader_fn(
	const struct inbound_request *request, struct inbound_answer *answer);

/* One file each. */
inbound_reader_fn inbound_alertmanager;
inbound_reader_fn inbound_cloudmonitor;
inbound_reader_fn inbound_eventbridge;
inbound_reader_fn inbound_gcp;
inbound_reader_fn inbound_generic;
inbound_reader_fn inbound_sns;
