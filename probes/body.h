/*
 * What the body of an answer says: its codings undone, as text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/base/buf.h"

struct http_response;

struct body {
	const char *text; /* UTF-8 */
	size_t len;
	struct buf decoded, converted; /* what `text` points into, or empty */
};

/**
 * Read the first `max` bytes of it, its codings undone.  False when it is not
 * coded as it says; then `text` is what came, whatever that is.  The response
 * must outlive the body, which wants body_finish() either way.
 */
bool body_read(
	struct body *body, const struct http_response *response, size_t max);
void body_finish(struct body *body);

/** At a glance, without reading: false when it is not coded as it says. */
bool body_is_plausible(const struct http_response *response);
