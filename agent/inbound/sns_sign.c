#include "agent/inbound/sns_sign.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/inbound/inbound.h"

enum {
	REGION_MIN = 3,
	SIGNED_MAX = 4 * 1024 * 1024,
	SIGNATURE_MAX = 4096, /* of base64 */
};

/* Where from. */

static bool
is_region(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)at[i]) && at[i] != '-')
			return false;
	return len >= REGION_MIN;
}

static bool
is_host(const char *at, size_t len)
{
	static const char *const domains[] = { ".amazonaws.com",
		".amazonaws.com.cn" };
	char host[128];
	if (len >= sizeof(host))
		return false;
	for (size_t i = 0; i < len; i++)
		host[i] = (char)tolower((unsigned char)at[i]);
	host[len] = '\0';
	if (!str_starts(host, "sns."))
		return false;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		size_t tail = strlen(domains[i]);
		if (str_ends(host, domains[i]) && len > tail + 4
			&& is_region(host + 4, len - 4 - tail))
			return true;
	}
	return false;
}

bool
inbound_sns_url(const char *url, bool is_certificate)
{
	static const char scheme[] = "https://";
	for (const char *at = url; *at != '\0'; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == '\\')
			return false;
	if (!str_istarts(url, scheme))
		return false;
	const char *host = url + sizeof(scheme) - 1;
	size_t len = strcspn(host, "/?#");
	if (!is_host(host, len)) /* which has no "@" and no ":" */
		return false;
	const char *path = host + len;
	if (!is_certificate)
		return *path == '/' && !strchr(path, '#');
	return *path == '/' && !strpbrk(path, "?#") && str_ends(path, ".pem");
}

/* What is signed. */

void
inbound_sns_string_to_sign(const json_t *message, struct buf *out)
{
	static const char *const keys[] = { "Message", "MessageId", "Subject",
		"SubscribeURL", "Timestamp", "Token", "TopicArn", "Type" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *value = json_object_get(message, keys[i]);
		if (!json_is_string(value))
			continue;
		buf_printf(out, "%s\n", keys[i]);
		buf_add(out, json_string_value(value),
			json_string_length(value));
		buf_add_char(out, '\n');
	}
}

/* By whom. */

/* The bytes of base64 text; 0 when it is none. */
static size_t
decode(const char *text, unsigned char *bytes)
{
	size_t len = strlen(text);
	if (len == 0 || len > SIGNATURE_MAX || len % 4 != 0)
		return 0;
	int got = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
	if (got < 0)
		return 0;
	size_t pad = text[len - 1] == '=' ? 1 : 0;
	pad += text[len - 2] == '=';
	return (size_t)got - pad;
}

static X509 *
read_certificate(const struct inbound_certificate *certificate, int64_t now_ms,
	struct err *err)
{
	if (certificate->len > SIGNED_MAX) {
		err_set(err, "the certificate is too long");
		return NULL;
	}
	BIO *bio = BIO_new_mem_buf(certificate->pem, (int)certificate->len);
	X509 *x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	if (!x509) {
		err_set(err, "what lies at its address is no certificate");
		return NULL;
	}
	time_t now = (time_t)(now_ms / 1000);
	if (X509_cmp_time(X509_get0_notBefore(x509), &now) < 0
		&& X509_cmp_time(X509_get0_notAfter(x509), &now) > 0)
		return x509;
	X509_free(x509);
	err_set(err, "the certificate is not valid at this time");
	return NULL;
}

static bool
verify(X509 *x509, const EVP_MD *digest, const struct buf *text,
	const char *signature, struct err *err)
{
	unsigned char bytes[SIGNATURE_MAX];
	size_t len = decode(signature, bytes);
	EVP_PKEY *key = X509_get0_pubkey(x509);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool begun = context && key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA
		&& EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1;
	bool good = begun && len > 0
		&& EVP_DigestVerify(context, bytes, len,
			   (const unsigned char *)text->data, text->len)
			== 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (!begun)
		return err_set(err,
			"this system will not verify such signatures; set "
			"SignatureVersion of the topic to 2");
	return good || err_set(err, "the signature is not of this message");
}

bool
inbound_sns_verify(const json_t *message,
	const struct inbound_certificate *certificate, int64_t now_ms,
	struct err *err)
{
	const char *version =
		json_string_value(json_object_get(message, "SignatureVersion"));
	const char *signature =
		json_string_value(json_object_get(message, "Signature"));
	const EVP_MD *digest = NULL;
	if (version && str_eq(version, "1"))
		digest = EVP_sha1();
	else if (version && str_eq(version, "2"))
		digest = EVP_sha256();
	if (!digest)
		return err_set(
			err, "only signature versions 1 and 2 are known");
	if (!signature)
		return err_set(err, "it has no signature");

	X509 *x509 = read_certificate(certificate, now_ms, err);
	if (!x509)
		return false;
	struct buf text;
	buf_init(&text, SIGNED_MAX);
	inbound_sns_string_to_sign(message, &text);
	bool good = text.full ? err_set(err, "it is too long")
			      : verify(x509, digest, &text, signature, err);
	buf_finish(&text);
	X509_free(x509);
	return good;
}
