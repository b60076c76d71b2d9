/*
 * What is kept so that only who knows a secret can read it: AES-256-GCM with a
 * key made from the secret.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

/**
 * Add it to `out` as base64.  `about` says what it belongs to: with another one
 * it cannot be opened.
 */
void seal_close(const char *secret, const char *about, const void *bytes,
	size_t len, struct buf *out);

/** Add what was sealed to `out`.  False when it was another secret, or is about
 * something else, or was changed. */
bool seal_open(const char *secret, const char *about, const char *sealed,
	struct buf *out);
