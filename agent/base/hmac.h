/*
 * Signatures by a shared secret.
 */
#pragma once

#include <stddef.h>

enum {
	HMAC_TEXT_SIZE = 65,
};

/** HMAC-SHA256 in lower-case hexadecimal. */
void hmac_sha256(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_TEXT_SIZE]);
