#include "agent/base/sigv4.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"

enum {
	DATE_LEN = 8, /* of the time, its first part */
	TEXT_MAX = 256 * 1024, /* headers have their own ceilings before */
};

void
sigv4_time(int64_t wall_ms, char text[static SIGV4_TIME_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	if (!gmtime_r(&seconds, &tm)
		|| strftime(text, SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", &tm) == 0)
		snprintf(text, SIGV4_TIME_SIZE, "19700101T000000Z");
}

static void
add_hex(struct buf *out, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%02x", bytes[i]);
}

static void
add_sha256(struct buf *out, const void *bytes, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (!EVP_Digest(len > 0 ? bytes : "", len, digest, &size, EVP_sha256(),
		    NULL)) {
		fputs("curlew: libcrypto cannot do SHA-256\n", stderr);
		abort();
	}
	add_hex(out, digest, size);
}

/* Headers: by lower-case name, with their blanks trimmed and collapsed. */

static int
compare_headers(const void *a, const void *b)
{
	const struct sigv4_header *const *one = a;
	const struct sigv4_header *const *other = b;
	const char *p = (*one)->name;
	const char *q = (*other)->name;
	while (*p != '\0'
		&& tolower((unsigned char)*p) == tolower((unsigned char)*q))
		p++, q++;
	return tolower((unsigned char)*p) - tolower((unsigned char)*q);
}

/* In order; the caller frees the list. */
static const struct sigv4_header **
sorted(const struct sigv4_request *request)
{
	size_t n = request->n_headers;
	const struct sigv4_header **headers =
		mem_alloc((n + 1) * sizeof(struct sigv4_header *));
	for (size_t i = 0; i < n; i++)
		headers[i] = &request->headers[i];
	headers[n] = NULL;
	qsort(headers, n, sizeof(struct sigv4_header *), compare_headers);
	return headers;
}

static void
add_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++)
		buf_add_char(out, (char)tolower((unsigned char)*name));
}

static void
add_value(struct buf *out, const char *value)
{
	const char *blanks = " \t";
	value += strspn(value, blanks);
	while (*value != '\0') {
		size_t len = strcspn(value, blanks);
		buf_add(out, value, len);
		value += len;
		value += strspn(value, blanks);
		if (*value != '\0')
			buf_add_char(out, ' ');
	}
}

static void
add_signed_names(struct buf *out, const struct sigv4_request *request)
{
	const struct sigv4_header **headers = sorted(request);
	for (size_t i = 0; headers[i]; i++) {
		if (i > 0)
			buf_add_char(out, ';');
		add_name(out, headers[i]->name);
	}
	free(headers);
}

/* The steps. */

void
sigv4_canonical(const struct sigv4_request *request, struct buf *out)
{
	buf_printf(out, "%s\n%s\n\n", request->method, request->path);
	const struct sigv4_header **headers = sorted(request);
	for (size_t i = 0; headers[i]; i++) {
		add_name(out, headers[i]->name);
		buf_add_char(out, ':');
		add_value(out, headers[i]->value);
		buf_add_char(out, '\n');
	}
	free(headers);
	buf_add_char(out, '\n');
	add_signed_names(out, request);
	buf_add_char(out, '\n');
	add_sha256(out, request->body, request->body_len);
}

static void
add_scope(struct buf *out, const struct sigv4_signer *signer)
{
	buf_printf(out, "%.*s/%s/%s/" TERMINATOR, DATE_LEN, signer->time,
		signer->region, signer->service);
}

void
sigv4_string_to_sign(const struct sigv4_request *request,
	const struct sigv4_signer *signer, struct buf *out)
{
	struct buf canonical;
	buf_init(&canonical, TEXT_MAX);
	sigv4_canonical(request, &canonical);
	buf_printf(out, ALGORITHM "\n%s\n", signer->time);
	add_scope(out, signer);
	buf_add_char(out, '\n');
	add_sha256(out, canonical.data, canonical.len);
	buf_finish(&canonical);
}

void
sigv4_key(
	const struct sigv4_signer *signer, unsigned char key[static HMAC_SIZE])
{
	struct buf secret;
	buf_init(&secret, TEXT_MAX);
	buf_printf(&secret, "AWS4%s", signer->secret);
	hmac_sha256_bytes(secret.data, secret.len, signer->time, DATE_LEN, key);
	OPENSSL_cleanse(secret.data, secret.len);
	buf_finish(&secret);

	const char *const rest[] = { signer->region, signer->service,
		TERMINATOR };
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		unsigned char next[HMAC_SIZE];
		hmac_sha256_bytes(
			key, HMAC_SIZE, rest[i], strlen(rest[i]), next);
		memcpy(key, next, sizeof(next));
	}
}

void
sigv4_authorization(const struct sigv4_request *request,
	const struct sigv4_signer *signer, struct buf *out)
{
	struct buf text;
	buf_init(&text, TEXT_MAX);
	sigv4_string_to_sign(request, signer, &text);
	unsigned char key[HMAC_SIZE];
	unsigned char signature[HMAC_SIZE];
	sigv4_key(signer, key);
	hmac_sha256_bytes(key, sizeof(key), text.data, text.len, signature);
	OPENSSL_cleanse(key, sizeof(key));
	buf_finish(&text);

	buf_printf(out, ALGORITHM " Credential=%s/", signer->key_id);
	add_scope(out, signer);
	buf_add_text(out, ", SignedHeaders=");
	add_signed_names(out, request);
	buf_add_text(out, ", Signature=");
	add_hex(out, signature, sizeof(signature));
}
