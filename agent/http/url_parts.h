/*
 * The pieces of a URL, for url.c alone.  Nothing is copied: a piece points into
 * the text that was split.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/url.h"

/** `at` is NULL when there is no such piece; an empty one is there. */
struct url_piece {
	const char *at;
	size_t len;
};

/** RFC 3986, appendix B.  The fragment is left out: it is never sent. */
struct url_parts {
	struct url_piece scheme;
	struct url_piece authority;
	struct url_piece path;
	struct url_piece query;
};

struct url_authority {
	struct url_piece user;
	struct url_piece host;
	struct url_piece port;
	bool literal; /* an IPv6 address in brackets, which `host` is without */
};

struct url_piece url_piece(const char *at, size_t len);

/** Without regard to case. */
bool url_piece_is(struct url_piece piece, const char *text);

/** The last `c` in the piece, or NULL. */
const char *url_piece_last(struct url_piece piece, char c);

/** 0 when the text does not begin with a scheme and a colon. */
size_t url_scheme_length(const char *text);

/** Any reference, also a relative one; nothing is checked. */
struct url_parts url_split(struct url_piece text);

bool url_split_authority(struct url_piece text, struct url_authority *authority,
	struct err *err);

bool url_read_host(const struct url_authority *authority,
	char host[static URL_HOST_SIZE], struct err *err);

/** `fallback` when there is none. */
bool url_read_port(struct url_piece digits, uint16_t fallback, uint16_t *port,
	struct err *err);

/** That it is http or https, and has an authority. */
bool url_check_scheme(const struct url_parts *parts, struct err *err);

/** Checks all of it. */
bool url_read_origin(const struct url_parts *parts,
	struct url_authority *authority, struct url_origin *origin,
	struct err *err);

/** Not too long, no control characters. */
bool url_check_characters(struct url_piece text, struct err *err);
