#include "agent/http/certificate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"

enum {
	NAME_SIZE = 120, /* of whom it is for, and by whom */
	NAMES_SIZE = 200,
	TIME_SIZE = 40,
};

/* Where a context knows whose it is. */
static int place = -1;

void
http_certificate_init(void)
{
	if (place < 0)
		place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (place < 0)
		abort(); /* no memory */
}

static void
keep(X509 **kept, X509 *certificate)
{
	if (*kept || !certificate)
		return;
	X509_up_ref(certificate);
	*kept = certificate;
}

static int64_t
end_of(const X509 *certificate)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return INT64_MAX;
	int64_t hours =
		clock_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 24
		+ tm.tm_hour;
	return ((hours * 60 + tm.tm_min) * 60 + tm.tm_sec) * 1000;
}

/* Of those that the server sent, whatever chain is made of them. */
static int64_t
earliest_end(const STACK_OF(X509) * sent)
{
	int64_t earliest = INT64_MAX;
	for (int i = 0; i < sk_X509_num(sent); i++) {
		int64_t end = end_of(sk_X509_value(sent, i));
		if (end < earliest)
			earliest = end;
	}
	return earliest < INT64_MAX ? earliest : 0;
}

static int
on_certificate(int is_good, X509_STORE_CTX *chain)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct http_certificate *certificate =
		SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place);
	keep(&certificate->leaf, X509_STORE_CTX_get0_cert(chain));
	if (certificate->ends_ms == 0)
		certificate->ends_ms =
			earliest_end(X509_STORE_CTX_get0_untrusted(chain));
	if (!is_good && certificate->error == X509_V_OK) {
		certificate->error = X509_STORE_CTX_get_error(chain);
		certificate->depth = X509_STORE_CTX_get_error_depth(chain);
		keep(&certificate->bad, X509_STORE_CTX_get_current_cert(chain));
	}
	return is_good;
}

void
http_certificate_watch(struct http_certificate *certificate, SSL_CTX *context)
{
	http_certificate_forget(certificate);
	if (SSL_CTX_set_ex_data(context, place, certificate) == 1)
		SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context),
			on_certificate);
}

void
http_certificate_forget(struct http_certificate *certificate)
{
	X509_free(certificate->leaf);
	X509_free(certificate->bad);
	*certificate = (struct http_certificate){ 0 };
}

/* "CN=shop.example.com,O=Example" */
static void
write_name(const X509_NAME *name, char text[static NAME_SIZE])
{
	BIO *out = BIO_new(BIO_s_mem());
	int len = -1;
	if (out && name
		&& X509_NAME_print_ex(out, name, 0,
			   XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB)
			>= 0)
		len = BIO_read(out, text, NAME_SIZE - 1);
	text[len > 0 ? len : 0] = '\0';
	BIO_free(out);
}

static void
write_time(const ASN1_TIME *time, char text[static TIME_SIZE])
{
	struct tm tm;
	text[0] = '\0';
	if (time && ASN1_TIME_to_tm(time, &tm) == 1)
		strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

static bool
write_one(const GENERAL_NAME *name, char text[static NAME_SIZE])
{
	if (name->type == GEN_DNS) {
		snprintf(text, NAME_SIZE, "%.*s",
			ASN1_STRING_length(name->d.dNSName),
			(const char *)ASN1_STRING_get0_data(name->d.dNSName));
		return true;
	}
	if (name->type != GEN_IPADD)
		return false;
	int len = ASN1_STRING_length(name->d.iPAddress);
	const unsigned char *bytes = ASN1_STRING_get0_data(name->d.iPAddress);
	return (len == 4 || len == 16)
		&& inet_ntop(
			len == 4 ? AF_INET : AF_INET6, bytes, text, NAME_SIZE);
}

/* "a.test, b.test", or the subject when it names no host. */
static void
write_hosts(const X509 *leaf, char text[static NAMES_SIZE])
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;
	text[0] = '\0';
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		char one[NAME_SIZE];
		if (!write_one(sk_GENERAL_NAME_value(names, i), one))
			continue;
		if (len + strlen(one) + sizeof(", ...") >= NAMES_SIZE) {
			snprintf(text + len, NAMES_SIZE - len, ", ...");
			break;
		}
		len += (size_t)snprintf(text + len, NAMES_SIZE - len, "%s%s",
			len > 0 ? ", " : "", one);
	}
	GENERAL_NAMES_free(names);
	if (len == 0)
		write_name(X509_get_subject_name(leaf), text);
}

/* "it", or "that of CN=Some Authority" further up. */
static void
write_which(const struct http_certificate *certificate,
	char text[static NAME_SIZE + 16])
{
	char name[NAME_SIZE];
	str_copy(text, NAME_SIZE + 16, "it");
	if (certificate->depth == 0)
		return;
	write_name(X509_get_subject_name(certificate->bad), name);
	snprintf(text, NAME_SIZE + 16, "that of %s", name);
}

static void
explain_chain(
	const struct http_certificate *certificate, char *text, size_t size)
{
	const X509 *bad = certificate->bad;
	char which[NAME_SIZE + 16], issuer[NAME_SIZE], time[TIME_SIZE];
	write_which(certificate, which);
	write_name(X509_get_issuer_name(bad), issuer);
	switch (certificate->error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		write_time(X509_get0_notAfter(bad), time);
		snprintf(text, size, "%s expired on %s", which, time);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		write_time(X509_get0_notBefore(bad), time);
		snprintf(text, size, "%s is not valid before %s", which, time);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		snprintf(text, size, "it is self-signed, by %s", issuer);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		snprintf(text, size, "its authority %s is not trusted here",
			issuer);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		snprintf(text, size,
			"the chain is not complete: that of its issuer %s is "
			"neither sent by the server nor trusted here",
			issuer);
		break;
	default:
		snprintf(text, size, "%s: %s", which,
			X509_verify_cert_error_string(certificate->error));
		break;
	}
}

void
http_certificate_explain(const struct http_certificate *certificate,
	const char *host, char *text, size_t size)
{
	text[0] = '\0';
	if (certificate->error != X509_V_OK && certificate->bad) {
		explain_chain(certificate, text, size);
	} else if (certificate->error == X509_V_OK && certificate->leaf) {
		char hosts[NAMES_SIZE];
		write_hosts(certificate->leaf, hosts);
		snprintf(
			text, size, "it is for %s and not for %s", hosts, host);
	}
}
