/*
 * How a receiver that shares a secret with us knows that a request is ours.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/http/response.h"

struct arena;

enum {
	HTTP_SIGN_HEADERS = 2,
};

/**
 * X-Curlew-Timestamp, in seconds, and X-Curlew-Signature: v1= and the
 * HMAC-SHA256 of timestamp, dot and body.  How many headers it is: none without
 * a secret.  Their values live in the arena.
 */
size_t http_sign(const char *secret, const char *body, int64_t now_ms,
	struct arena *arena,
	struct http_header headers[static HTTP_SIGN_HEADERS]);
