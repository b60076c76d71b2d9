#include "agent/base/seal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "agent/base/buf.h"
#include "agent/base/hmac.h"
#include "agent/base/mem.h"

enum {
	NONCE_SIZE = 12,
	TAG_SIZE = 16,
	HEAD_SIZE = NONCE_SIZE + TAG_SIZE,
	SEALED_MAX = 64 * 1024, /* bytes that are sealed */
	TEXT_MAX = 128 * 1024,
};

static const char purpose[] = "curlew seal 1";

/* None of the calls fails but without memory. */
static void
need(bool done)
{
	if (done)
		return;
	fputs("curlew: libcrypto cannot do AES-256-GCM\n", stderr);
	abort();
}

static void
make_key(const char *secret, unsigned char key[static HMAC_SIZE])
{
	hmac_sha256_bytes(
		secret, strlen(secret), purpose, sizeof(purpose), key);
}

static void
add_base64(const unsigned char *bytes, size_t len, struct buf *out)
{
	char *text = mem_alloc((len + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	buf_add_text(out, text);
	free(text);
}

void
seal_close(const char *secret, const char *about, const void *bytes, size_t len,
	struct buf *out)
{
	assert(len <= SEALED_MAX);
	unsigned char key[HMAC_SIZE];
	unsigned char *box = mem_alloc(HEAD_SIZE + len + 1);
	unsigned char *nonce = box, *tag = box + NONCE_SIZE;
	int n = 0;
	make_key(secret, key);
	need(RAND_bytes(nonce, NONCE_SIZE) == 1);
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	need(cipher != NULL);
	need(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce));
	need(EVP_EncryptUpdate(cipher, NULL, &n, (const unsigned char *)about,
		(int)strlen(about)));
	need(EVP_EncryptUpdate(cipher, box + HEAD_SIZE, &n, bytes, (int)len));
	need(EVP_EncryptFinal_ex(cipher, box + HEAD_SIZE + n, &n));
	need(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag));
	EVP_CIPHER_CTX_free(cipher);
	OPENSSL_cleanse(key, sizeof(key));
	add_base64(box, HEAD_SIZE + len, out);
	free(box);
}

/* -1 when it is no base64 of anything. */
static int
read_base64(const char *text, unsigned char *bytes)
{
	size_t len = strlen(text);
	if (len == 0 || len % 4 != 0)
		return -1;
	int n = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
	for (size_t i = len; n > 0 && i > len - 2 && text[i - 1] == '='; i--)
		n--;
	return n;
}

static bool
open_box(const unsigned char *key, const char *about, unsigned char *box,
	int len, unsigned char *plain)
{
	int n = 0;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	need(cipher != NULL);
	bool good =
		EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, box)
		&& EVP_DecryptUpdate(cipher, NULL, &n,
			(const unsigned char *)about, (int)strlen(about))
		&& EVP_DecryptUpdate(
			cipher, plain, &n, box + HEAD_SIZE, len - HEAD_SIZE)
		&& EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE,
			box + NONCE_SIZE)
		&& EVP_DecryptFinal_ex(cipher, plain + n, &n) == 1;
	EVP_CIPHER_CTX_free(cipher);
	return good;
}

bool
seal_open(const char *secret, const char *about, const char *sealed,
	struct buf *out)
{
	size_t size = strlen(sealed);
	if (size > TEXT_MAX)
		return false;
	unsigned char key[HMAC_SIZE];
	unsigned char *box = mem_alloc(size + 4);
	unsigned char *plain = mem_alloc(size + 4);
	int len = read_base64(sealed, box);
	make_key(secret, key);
	bool good = len >= HEAD_SIZE && open_box(key, about, box, len, plain);
	if (good)
		buf_add(out, plain, (size_t)(len - HEAD_SIZE));
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(plain, size + 4);
	free(plain);
	free(box);
	return good;
}
