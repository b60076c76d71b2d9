/*
 * Mail, handed to a mail server by SMTP.
 *
 *     email.c          settings and steps
 *     email_address.c  addresses, as people write them
 *     email_message.c  an event becomes a message
 *     email_answer.c   what the server's replies mean
 *
 * A mail goes to all recipients at once.  Those that a server defers are asked
 * for again, alone, for some minutes; the carry knows who is left.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "reporters/fill.h"
#include "reporters/reporter.h"
#include "reporters/words.h"

extern const struct reporter_type email_type;

enum {
	EMAIL_RECIPIENTS_MAX = 100,
	EMAIL_ADDRESS_MAX = 254,
	EMAIL_ATTEMPTS_MAX = 10, /* for who is left when others have it */
};

/** `name` is "" when there is none. */
struct email_address {
	const char *name, *address;
};

/** "me@example.net" or "My Name <me@example.net>". */
bool email_address_read(const char *text, struct arena *arena,
	struct email_address *address, struct err *err);

struct email {
	struct reporter base;
	struct arena *arena; /* owns all that is below */
	const char *server; /* smtp://host:port */
	const char *host;
	enum http_mail_tls tls;
	struct email_address from;
	const char **to; /* addresses, each once */
	size_t n_to;
	const char *user, *password; /* or NULL */
	const char *ca_file, *hello;
	bool insecure;
	const struct fill_template *template; /* or NULL; the settings own it */
	struct words words;
	int64_t timeout_ms;
	int64_t rate_limit;
};

/** The whole message, its lines ended by CRLF. */
const char *email_message(
	const struct email *email, const struct reporter_context *context);

/** The recipients that this carry leaves; how many. */
size_t email_left(const struct email *email, const char *carry,
	const char *left[static EMAIL_RECIPIENTS_MAX]);

/** Sets everything in `step`, and who is left in the carry. */
void email_judge(const struct email *email,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step);
