/*
 * What came back from an HTTP call: a value that tests and simulations can
 * make up without a network.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Why no complete response arrived.  HTTP_FAIL_NONE says that one did. */
enum http_fail {
	HTTP_FAIL_NONE = 0,
	HTTP_FAIL_URL, /* cannot be asked for at all */
	HTTP_FAIL_NAME_NOT_FOUND,
	HTTP_FAIL_NAME_LOOKUP, /* failed or timed out */
	HTTP_FAIL_REFUSED,
	HTTP_FAIL_UNREACHABLE,
	HTTP_FAIL_CONNECT_TIMEOUT,
	HTTP_FAIL_TLS,
	HTTP_FAIL_CERTIFICATE,
	HTTP_FAIL_CLOSED, /* reset or closed before the headers were complete */
	HTTP_FAIL_TIMEOUT, /* connected, headers not complete in time */
	HTTP_FAIL_BODY_TIMEOUT,
	HTTP_FAIL_BODY, /* cut short, or its framing is broken */
	HTTP_FAIL_TOO_LARGE, /* body above body_max, without cut_body */
	HTTP_FAIL_PROTOCOL,

	/* Our own trouble: the far side was not even asked. */
	HTTP_FAIL_NO_ROUTE,
	HTTP_FAIL_NO_DESCRIPTORS,
	HTTP_FAIL_NO_PORTS,
	HTTP_FAIL_RESOLVER, /* the resolver answers nobody */
};

enum {
	HTTP_FAIL_COUNT = HTTP_FAIL_RESOLVER + 1,
};

struct http_header {
	const char *name;
	const char *value;
};

/** The characters of a token (RFC 9110, 5.6.2): methods, names of headers. */
bool http_is_token(const char *text);

/** No line ends and no other control characters are in it. */
bool http_is_header_value(const char *text);

/** Each is a length; 0 when it did not come to that. */
struct http_timing {
	int64_t dns_us;
	int64_t connect_us; /* TCP */
	int64_t tls_us;
	int64_t wait_us; /* from the request to the first byte of the answer */
	int64_t headers_us; /* from the start to the end of the headers */
	int64_t total_us; /* from the start to the end of the body */
};

/** Everything is borrowed until the callback that brought it returns. */
struct http_response {
	enum http_fail fail;
	const char *detail; /* a sentence; "" when fail is HTTP_FAIL_NONE */

	/*
	 * Of the final (not 1xx) answer.  Also set when its body failed; 0 and
	 * "" when the headers did not arrive.
	 */
	int status;
	const char *headers; /* status line and headers, CRLF; no blank line */
	const char *body; /* NUL-terminated; never NULL */
	size_t body_len;
	bool body_cut; /* there was more */

	bool sent; /* the request may have reached the far side */
	char address[64]; /* the one that was used, or tried last; "" if none */
	struct http_timing timing;

	/*
	 * Wall clock, when the first of the certificates that the far side sent
	 * ends, also when it was refused; 0 when none was seen.
	 */
	int64_t certificate_ends_ms;
};

/**
 * The value of the last header of that name, case-insensitively, without
 * blanks around it.  False when there is none or it does not fit.
 */
bool http_response_header(const struct http_response *response,
	const char *name, char *value, size_t size);

/** The wall clock of the far side by its Date; `now_ms` without one. */
int64_t http_response_date(
	const struct http_response *response, int64_t now_ms);

/**
 * Milliseconds from Retry-After (seconds, or an HTTP date, which is compared
 * with the far side's own clock if it tells that), at most a day; 0 for none,
 * and for a date that has passed.
 */
int64_t http_response_retry_after(
	const struct http_response *response, int64_t now_ms);

/** One lower-case token, such as "connect_timeout". */
const char *http_fail_name(enum http_fail fail);

/** True for the last group: it says nothing of the far side. */
bool http_fail_is_ours(enum http_fail fail);
