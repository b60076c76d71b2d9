/*
 * Signatures by a shared secret.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	HMAC_SIZE = 32,
	HMAC_TEXT_SIZE = 65,
	HMAC_BASE64_SIZE = 45,
};

/** HMAC-SHA256 in lower-case hexadecimal. */
void hmac_sha256(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_TEXT_SIZE]);

/** The same in base64; no secret and no bytes are allowed. */
void hmac_sha256_base64(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_BASE64_SIZE]);

/** The same as bytes; the secret may be any bytes, too. */
void hmac_sha256_bytes(const void *secret, size_t secret_len, const void *bytes,
	size_t len, unsigned char digest[static HMAC_SIZE]);

/** Takes as long for a wrong guess as for one that is nearly right. */
bool hmac_same_text(const char *a, const char *b);
