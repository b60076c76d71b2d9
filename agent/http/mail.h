/*
 * Mail, for the client alone.  The last dot of a mail is answered while libcurl
 * waits, and so is a QUIT: its multi interface stops there for as long as the
 * server likes (libcurl-multi(3), BLOCKING).  So each mail has a thread of its
 * own for as long as it takes, and the loop stays free.
 *
 *     main thread                      the mail's thread
 *     http_mail_prepare  (copies)
 *     http_mail_start ---------------> http_mail_talk      mail_talk.c
 *     http_mail_hurry --- shutdown --> ... libcurl fails
 *     on_ended <----- ev_async ------- done
 *
 * A thread touches its job and nothing else.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>
#include <ev.h>

#include "agent/base/buf.h"
#include "agent/base/list.h"
#include "agent/http/certificate.h"
#include "agent/http/client.h"
#include "agent/http/url.h"

struct arena;
struct err;
struct http_call;
struct http_client;

enum {
	HTTP_MAILS_MAX = 16, /* threads of one client; others wait */
	HTTP_MAIL_WORDS_MAX = 400, /* of one reply */
};

/** In a client. */
struct http_mails {
	struct list running, waiting; /* jobs */
	size_t n_running;
	ev_async ended; /* active while jobs run */
};

/** How far the dialogue has come: what the next reply answers. */
enum http_mail_verb {
	HTTP_MAIL_CONNECT = 0,
	HTTP_MAIL_EHLO,
	HTTP_MAIL_STARTTLS_VERB,
	HTTP_MAIL_AUTH,
	HTTP_MAIL_MAIL,
	HTTP_MAIL_RCPT,
	HTTP_MAIL_DATA,
	HTTP_MAIL_MESSAGE,
	HTTP_MAIL_QUIT,
};

struct http_mail_job {
	struct list link;
	struct http_call *call; /* NULL when nobody wants to know any more */
	ev_async *ended_async;
	struct ev_loop *loop;
	pthread_t thread;
	bool running; /* there is a thread */

	/* What is to be done; in the arena. */
	struct arena *arena;
	struct url_origin server;
	const char *url, *from, *user, *password, *ca_file;
	struct curl_slist *to;
	enum http_mail_tls tls;
	bool insecure;
	const char *secrets[3]; /* never in the dialogue; or NULL */
	const char *message;
	size_t message_len, message_at;
	size_t n_addresses;
	char addresses[RESOLVER_ADDRESSES_MAX][RESOLVER_ADDRESS_SIZE];
	int64_t connect_at_us, total_at_us;

	pthread_mutex_t lock;
	int fd; /* -1 for none; under the lock */
	bool stopping; /* likewise */
	_Atomic bool ended;

	/* What goes on, and then what went on. */
	size_t n_tried;
	enum http_mail_verb verb;
	bool in_reply; /* a line of it came, and it was not the last */
	bool offered; /* the message was asked for, and may be there */
	int last_code; /* of the last reply, but for QUIT's */
	size_t n_replies;
	int64_t secures_us; /* the TLS handshake begins; or 0 */
	bool secured; /* and was good, as far as replies tell */
	int socket_error;
	struct http_certificate certificate;
	char error[CURL_ERROR_SIZE];
	struct buf dialogue;
	CURLcode code;
	long os_error;
};

void http_mails_init(struct http_client *client);

/** Stops all that run, and waits for their threads. */
void http_mails_finish(struct http_client *client);

/** A job with a copy of everything.  False for what cannot be sent. */
bool http_mail_prepare(struct http_call *call,
	const struct http_request *request, struct err *err);

/** The addresses are known. */
void http_mail_start(struct http_call *call);

/** It took too long. */
void http_mail_hurry(struct http_call *call);

/** Nobody wants to know any more; does nothing for a call without a job. */
void http_mail_let_go(struct http_call *call);

/** In the job's thread: all of it, from connecting to the last dot. */
void http_mail_talk(struct http_mail_job *job);

/** Let it fail soon; from any thread. */
void http_mail_stop(struct http_mail_job *job);
