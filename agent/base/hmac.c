#include "agent/base/hmac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void
hmac_sha256_bytes(const void *secret, size_t secret_len, const void *bytes,
	size_t len, unsigned char digest[static HMAC_SIZE])
{
	unsigned char result[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (!HMAC(EVP_sha256(), secret, (int)secret_len, bytes, len, result,
		    &size)
		|| size != HMAC_SIZE) {
		fputs("curlew: libcrypto cannot do HMAC-SHA256\n", stderr);
		abort();
	}
	memcpy(digest, result, HMAC_SIZE);
}

void
hmac_sha256(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_TEXT_SIZE])
{
	unsigned char digest[HMAC_SIZE];
	hmac_sha256_bytes(secret, strlen(secret), bytes, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + i * 2, 3, "%02x", digest[i]);
}

void
hmac_sha256_base64(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_BASE64_SIZE])
{
	unsigned char digest[HMAC_SIZE];
	hmac_sha256_bytes(secret, strlen(secret), bytes, len, digest);
	EVP_EncodeBlock((unsigned char *)text, digest, (int)sizeof(digest));
}

bool
hmac_same_text(const char *a, const char *b)
{
	static const char key[] = "same";
	unsigned char digests[2][HMAC_SIZE];
	hmac_sha256_bytes(key, sizeof(key), a, strlen(a), digests[0]);
	hmac_sha256_bytes(key, sizeof(key), b, strlen(b), digests[1]);
	return CRYPTO_memcmp(digests[0], digests[1], HMAC_SIZE) == 0;
}
