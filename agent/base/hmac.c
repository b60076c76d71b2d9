#include "agent/base/hmac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

void
hmac_sha256(const char *secret, const void *bytes, size_t len,
	char text[static HMAC_TEXT_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), bytes, len, digest,
		    &size)) {
		fputs("curlew: libcrypto cannot do HMAC-SHA256\n", stderr);
		abort();
	}
	for (unsigned i = 0; i < size; i++)
		snprintf(text + (size_t)i * 2, 3, "%02x", digest[i]);
}
