/*
 * Redirects of requests that bear a secret: followed as they are, method and
 * body with them, but never to another host, nor from https to http.  Pure.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct http_request;
struct http_response;

enum {
	HTTP_FOLLOW_MAX = 5, /* redirects in a row */
};

/** True for an answer that leads elsewhere, wherever that is. */
bool http_follow_is_redirect(const struct http_response *answer);

/**
 * Where the request is to be sent again; NULL when the answer leads nowhere,
 * or to where a secret must not go.
 */
const char *http_follow_url(const struct http_request *request,
	const struct http_response *answer, struct arena *arena);

/**
 * Where an answer leads, for people: only what cannot be a secret of it.  NULL
 * when it does not say it in full.
 */
const char *http_follow_place(
	const struct http_response *answer, struct arena *arena);

/**
 * What the URL should begin with instead of `base`, when a request to `from`
 * that began with it was sent on to `to`; NULL when that cannot be said.
 */
const char *http_follow_base(const char *base, const char *from, const char *to,
	struct arena *arena);
