/*
 * A receiver that sends us on, as the plain-text door of a web server does: the
 * same request goes there if it may, and people are told what to change.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct http_request;
struct http_response;
struct reporter;

/** How far one request was sent on. */
struct moved {
	unsigned behind; /* redirects in a row; 0 for a new request */
};

/**
 * True when the request, aimed at where the answer leads, is to be sent again.
 * `said` is set once the log says so; it is not said again then.
 */
bool moved_follow(struct moved *moved, const struct reporter *reporter,
	struct http_request *request, const struct http_response *answer,
	struct arena *arena, bool *said);
