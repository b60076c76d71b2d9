#include "agent/web/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FILE_MAX = 256 * 1024,
};

struct web_tls {
	char *certificate;
	char *key;
	int64_t ends_ms;
	char ends[CLOCK_TEXT_SIZE];
};

static char *
read_whole(int fd, const char *path, struct err *err)
{
	char *text = mem_zalloc(FILE_MAX + 1);
	size_t len = 0;
	ssize_t got = 1;
	while (len < FILE_MAX && got > 0) {
		got = read(fd, text + len, FILE_MAX - len);
		len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		err_set(err, "cannot read %s: %s", path, err_system(errno));
	else if (len == FILE_MAX)
		err_set(err, "%s is longer than 256 KiB", path);
	else if (strlen(text) != len)
		err_set(err, "%s is no PEM: it has a zero byte in it", path);
	else
		return text;
	OPENSSL_cleanse(text, FILE_MAX);
	free(text);
	return NULL;
}

/* Of opening it.  A sandbox hinders that, and lets one look. */
static void
say_unread(const char *path, int number, struct err *err)
{
	if (number == EACCES && access(path, R_OK) == 0)
		err_set(err,
			"cannot read %s: it is in none of the folders that "
			"the configuration named at the start, and the sandbox "
			"lets no others be read; restart the agent",
			path);
	else
		err_set(err, "cannot read %s: %s", path, err_system(number));
}

static char *
read_file(const char *path, struct err *err)
{
	/* A pipe without a writer would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;
	if (fd < 0) {
		say_unread(path, errno, err);
		return NULL;
	}
	char *text = NULL;
	if (fstat(fd, &about) == 0 && !S_ISREG(about.st_mode))
		err_set(err, "%s is no file", path);
	else
		text = read_whole(fd, path, err);
	close(fd);
	return text;
}

static int
/* NOLINTNEXTLINE(readability-non-const-parameter): as OpenSSL has it */
on_password(char *text, int size, int is_written, void *cookie)
{
	(void)text, (void)size, (void)is_written, (void)cookie;
	return -1; /* nobody is there to ask */
}

static X509 *
parse_certificate(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, on_password, NULL);
	BIO_free(bio);
	return x509;
}

static EVP_PKEY *
parse_key(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, on_password, NULL);
	BIO_free(bio);
	return key;
}

static void
note_end(struct web_tls *tls, const X509 *x509)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(x509));
	tls->ends_ms = (INT64_C(86400) * days + seconds) * 1000;
	clock_text(tls->ends_ms, tls->ends);
	ASN1_TIME_free(epoch);
}

/* They belong together. */
static bool
look(struct web_tls *tls, const char *certificate, const char *key,
	struct err *err)
{
	X509 *x509 = parse_certificate(tls->certificate);
	EVP_PKEY *pkey = parse_key(tls->key);
	bool good = false;
	if (!x509)
		err_set(err,
			"%s has no certificate in PEM, which begins with "
			"-----BEGIN CERTIFICATE-----",
			certificate);
	else if (!pkey && strstr(tls->key, "ENCRYPTED"))
		err_set(err,
			"the key in %s has a password: write it without one, "
			"readable by the agent alone",
			key);
	else if (!pkey)
		err_set(err, "%s has no private key in PEM", key);
	else if (X509_check_private_key(x509, pkey) != 1)
		err_set(err,
			"the key in %s is not that of the certificate "
			"in %s",
			key, certificate);
	else
		good = true;
	if (good)
		note_end(tls, x509);
	X509_free(x509);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}

struct web_tls *
web_tls_read(const char *certificate, const char *key, struct err *err)
{
	struct web_tls *tls = mem_zalloc(sizeof *tls);
	if (!key)
		key = certificate;
	if ((tls->certificate = read_file(certificate, err))
		&& (tls->key = read_file(key, err))
		&& look(tls, certificate, key, err))
		return tls;
	web_tls_free(tls);
	return NULL;
}

static void
wipe(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void
web_tls_free(struct web_tls *tls)
{
	if (!tls)
		return;
	wipe(tls->certificate);
	wipe(tls->key);
	free(tls);
}

bool
web_tls_same(const struct web_tls *a, const struct web_tls *b)
{
	return str_eq(a->certificate, b->certificate) && str_eq(a->key, b->key);
}

char *
web_tls_certificate(const struct web_tls *tls)
{
	return tls->certificate;
}

char *
web_tls_key(const struct web_tls *tls)
{
	return tls->key;
}

int64_t
web_tls_ends_ms(const struct web_tls *tls)
{
	return tls->ends_ms;
}

const char *
web_tls_ends(const struct web_tls *tls)
{
	return tls->ends;
}
