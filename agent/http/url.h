/*
 * URLs as people write them (a missing scheme is http), taken apart and put
 * together.  No error text holds more of a URL than its scheme, host and port.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;

enum {
	URL_MAX = 8192, /* bytes; a longer one is refused */
	URL_HOST_SIZE = 254, /* a name's 253 and a NUL */
};

/** The parts of an absolute http or https URL (RFC 3986). */
struct url {
	const char *scheme; /* "http" or "https" */
	const char *user; /* as in the text, "user:password"; NULL for none */
	const char *host; /* lower case; IPv6 without brackets */
	uint16_t port; /* the scheme's own when none is given */
	const char *target; /* path and query, at least "/" */
};

/**
 * What a user wrote, made whole: blanks around it dropped, "http://" in front
 * unless it has http:// or https:// in any case.  False for another scheme, for
 * no host, and for what cannot be a URL; what may not stand in a URL, such as
 * blanks and non-ASCII bytes, is percent-encoded, an international host name
 * becomes its ASCII form, the fragment is dropped.  All else stays as it was.
 */
bool url_normalise(const char *text, struct arena *arena, const char **url,
	struct err *err);

/** Take apart what url_normalise() gave. */
bool url_parse(const char *text, struct arena *arena, struct url *url,
	struct err *err);

/** Whom to connect to; two URLs with equal ones have the same origin. */
struct url_origin {
	bool tls;
	uint16_t port;
	char host[URL_HOST_SIZE]; /* lower case; IPv6 without brackets */
};

/** The same check as url_parse(), for those who need no more than this. */
bool url_origin(const char *text, struct url_origin *origin, struct err *err);

/**
 * A mail server: smtp://host:port or smtps://..., or without a scheme, which is
 * as good as smtp.  The port is 0 when none is given.
 */
bool url_mail_server(
	const char *text, struct url_origin *server, struct err *err);

/**
 * Where `location` leads from `base`; both may be anything at all.  False when
 * it leads out of http and https, or is no reference.
 */
bool url_resolve(const char *base, const char *location, struct arena *arena,
	const char **url, struct err *err);

/** The same without user and password: for people, logs and stored things. */
const char *url_public(const char *text, struct arena *arena);

/**
 * The same with all that may be a secret covered: user, path and query, as the
 * URLs of chat robots carry their tokens there: https://hooks.slack.com/...
 */
const char *url_covered(const char *text, struct arena *arena);

/** application/x-www-form-urlencoded, as Python's urlencode does it. */
void url_add_form(struct buf *buf, const char *text);
