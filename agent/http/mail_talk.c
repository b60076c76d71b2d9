/*
 * One mail, in a thread of its own.  libcurl speaks SMTP; what is said is
 * followed, to know which step was refused, and by whom.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"
#include "agent/http/mail.h"

enum {
	CODE_START_MESSAGE = 354,
};

/* By enum http_mail_verb: what libcurl's line begins with. */
static const struct {
	const char *name, *line;
} verbs[] = {
	[HTTP_MAIL_CONNECT] = { "CONNECT", NULL },
	[HTTP_MAIL_EHLO] = { "EHLO", "EHLO " },
	[HTTP_MAIL_STARTTLS_VERB] = { "STARTTLS", "STARTTLS\r" },
	[HTTP_MAIL_AUTH] = { "AUTH", "AUTH " },
	[HTTP_MAIL_MAIL] = { "MAIL", "MAIL " },
	[HTTP_MAIL_RCPT] = { "RCPT", "RCPT " },
	[HTTP_MAIL_DATA] = { "DATA", "DATA\r" },
	[HTTP_MAIL_MESSAGE] = { "MESSAGE", NULL },
	[HTTP_MAIL_QUIT] = { "QUIT", "QUIT\r" },
};

/* What libcurl does. */

static curl_socket_t
on_open_socket(
	void *cookie, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_mail_job *job = cookie;
	(void)purpose;
	pthread_mutex_lock(&job->lock);
	int fd = -1;
	if (!job->stopping)
		fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
			address->protocol);
	if (fd < 0 && !job->stopping)
		job->socket_error = errno;
	job->fd = fd;
	pthread_mutex_unlock(&job->lock);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int
on_close_socket(void *cookie, curl_socket_t fd)
{
	struct http_mail_job *job = cookie;
	pthread_mutex_lock(&job->lock);
	if (job->fd == fd)
		job->fd = -1;
	int result = close(fd);
	pthread_mutex_unlock(&job->lock);
	return result;
}

static CURLcode
on_tls_begins(CURL *easy, void *context, void *cookie)
{
	struct http_mail_job *job = cookie;
	(void)easy;
	job->secures_us = clock_mono_us();
	http_certificate_watch(&job->certificate, context);
	return CURLE_OK;
}

static size_t
on_message_wanted(char *bytes, size_t size, size_t count, void *cookie)
{
	struct http_mail_job *job = cookie;
	size_t len = job->message_len - job->message_at;
	if (len > size * count)
		len = size * count;
	memcpy(bytes, job->message + job->message_at, len);
	job->message_at += len;
	return len;
}

/* libcurl would wait for the answer to its QUIT, for as long as that takes;
 * there is none once we do not listen. */
static void
stop_listening(struct http_mail_job *job)
{
	pthread_mutex_lock(&job->lock);
	if (job->fd >= 0)
		shutdown(job->fd, SHUT_RD);
	pthread_mutex_unlock(&job->lock);
}

/* NOLINTBEGIN(readability-non-const-parameter): it is libcurl's type */
static int
on_said(CURL *easy, curl_infotype type, char *bytes, size_t len, void *cookie)
{
	struct http_mail_job *job = cookie;
	(void)easy;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const char *line = verbs[i].line;
		if (line && len >= strlen(line)
			&& memcmp(bytes, line, strlen(line)) == 0)
			job->verb = (enum http_mail_verb)i;
	}
	if (job->verb == HTTP_MAIL_QUIT)
		stop_listening(job);
	return 0;
}
/* NOLINTEND(readability-non-const-parameter) */

/* Replies. */

static bool
is_covered(const struct http_mail_job *job, const char *words)
{
	for (size_t i = 0; i < 3; i++)
		if (job->secrets[i] && strstr(words, job->secrets[i]))
			return true;
	return false;
}

static void
note_words(struct http_mail_job *job, int code, const char *line, size_t len)
{
	char words[HTTP_MAIL_WORDS_MAX];
	size_t n = 0;
	for (size_t i = 4; i < len && n + 1 < sizeof(words); i++) {
		unsigned char c = (unsigned char)line[i];
		words[n++] = line[i];
		if (c < ' ' || c == 0x7f)
			words[n - 1] = ' ';
	}
	while (n > 0 && words[n - 1] == ' ')
		n--;
	words[n] = '\0';
	buf_printf(&job->dialogue, "%s %03d %s\n", verbs[job->verb].name, code,
		is_covered(job, words) ? "(covered)" : words);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
end_reply(struct http_mail_job *job, int code)
{
	job->n_replies++;
	job->last_code = code;
	job->secured = job->secures_us != 0;
	if (job->verb == HTTP_MAIL_DATA && code == CODE_START_MESSAGE) {
		job->verb = HTTP_MAIL_MESSAGE;
		job->offered = true;
	}
}

static size_t
on_line(char *line, size_t size, size_t count, void *cookie)
{
	struct http_mail_job *job = cookie;
	size_t len = size * count;
	if (job->verb == HTTP_MAIL_QUIT || len < 4 || !is_digit(line[0])
		|| !is_digit(line[1]) || !is_digit(line[2]))
		return len;
	int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	if (!job->in_reply)
		note_words(job, code, line, len);
	job->in_reply = line[3] == '-';
	if (!job->in_reply)
		end_reply(job, code);
	return len;
}

/* One address after the other. */

static void
set_security(CURL *easy, const struct http_mail_job *job)
{
	HTTP_EASY_SET(easy, CURLOPT_USE_SSL,
		job->tls == HTTP_MAIL_CLEAR ? (long)CURLUSESSL_NONE
					    : (long)CURLUSESSL_ALL);
	HTTP_EASY_SET(easy, CURLOPT_SSL_VERIFYPEER, job->insecure ? 0L : 1L);
	HTTP_EASY_SET(easy, CURLOPT_SSL_VERIFYHOST, job->insecure ? 0L : 2L);
	http_easy_trust_origin(easy, job->ca_file);
	if (!job->user)
		return;
	/* Not those that ask the machine who we are (Kerberos, NTLM, a
	 * certificate): there is a user with a password. */
	HTTP_EASY_SET(easy, CURLOPT_LOGIN_OPTIONS,
		"AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5;AUTH=DIGEST-MD5;"
		"AUTH=SCRAM-SHA-256");
	HTTP_EASY_SET(easy, CURLOPT_USERNAME, job->user);
	HTTP_EASY_SET(
		easy, CURLOPT_PASSWORD, job->password ? job->password : "");
}

static CURL *
make_easy(struct http_mail_job *job)
{
	CURL *easy = curl_easy_init();
	if (!easy)
		http_easy_refused("another handle");
	HTTP_EASY_SET(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	HTTP_EASY_SET(easy, CURLOPT_NOSIGNAL, 1L);
	HTTP_EASY_SET(easy, CURLOPT_PROXY, "");
	HTTP_EASY_SET(easy, CURLOPT_NOPROXY, "");
	HTTP_EASY_SET(easy, CURLOPT_ERRORBUFFER, job->error);
	HTTP_EASY_SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	HTTP_EASY_SET(easy, CURLOPT_OPENSOCKETDATA, job);
	HTTP_EASY_SET(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	HTTP_EASY_SET(easy, CURLOPT_CLOSESOCKETDATA, job);
	HTTP_EASY_SET(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_begins);
	HTTP_EASY_SET(easy, CURLOPT_SSL_CTX_DATA, job);
	HTTP_EASY_SET(easy, CURLOPT_VERBOSE, 1L);
	HTTP_EASY_SET(easy, CURLOPT_DEBUGFUNCTION, on_said);
	HTTP_EASY_SET(easy, CURLOPT_DEBUGDATA, job);
	HTTP_EASY_SET(easy, CURLOPT_HEADERFUNCTION, on_line);
	HTTP_EASY_SET(easy, CURLOPT_HEADERDATA, job);
	HTTP_EASY_SET(easy, CURLOPT_READFUNCTION, on_message_wanted);
	HTTP_EASY_SET(easy, CURLOPT_READDATA, job);

	HTTP_EASY_SET(easy, CURLOPT_URL, job->url);
	HTTP_EASY_SET(easy, CURLOPT_UPLOAD, 1L);
	HTTP_EASY_SET(
		easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)job->message_len);
	HTTP_EASY_SET(easy, CURLOPT_MAIL_FROM, job->from);
	HTTP_EASY_SET(easy, CURLOPT_MAIL_RCPT, job->to);
	HTTP_EASY_SET(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	HTTP_EASY_SET(easy, CURLOPT_FORBID_REUSE, 1L);
	HTTP_EASY_SET(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	set_security(easy, job);
	return easy;
}

static long
until(int64_t at_us, int64_t now_us)
{
	int64_t left_ms = at_us == INT64_MAX ? 24L * 60 * 60 * 1000
					     : (at_us - now_us) / 1000;
	return left_ms > 0 ? (long)left_ms : 1;
}

static void
try_address(CURL *easy, struct http_mail_job *job)
{
	char text[RESOLVER_ADDRESS_SIZE + 16];
	const char *address = job->addresses[job->n_tried];
	int64_t now = clock_mono_us();
	size_t left = job->n_addresses - job->n_tried;
	snprintf(text, sizeof(text),
		strchr(address, ':') ? "::[%s]:" : "::%s:", address);
	struct curl_slist to = { .data = text };

	job->n_tried++;
	job->error[0] = '\0';
	job->secures_us = 0;
	http_certificate_forget(&job->certificate);
	HTTP_EASY_SET(easy, CURLOPT_CONNECT_TO, &to);
	HTTP_EASY_SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
		until(job->connect_at_us, now) / (long)left + 1);
	HTTP_EASY_SET(easy, CURLOPT_TIMEOUT_MS, until(job->total_at_us, now));
	job->code = curl_easy_perform(easy);
	job->os_error = 0;
	if (job->code != CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &job->os_error);
	HTTP_EASY_SET(easy, CURLOPT_CONNECT_TO, NULL);
}

/* Nothing was heard from it: perhaps another one is there. */
static bool
may_try_another(struct http_mail_job *job)
{
	pthread_mutex_lock(&job->lock);
	bool stopping = job->stopping;
	pthread_mutex_unlock(&job->lock);
	return !stopping && job->code != CURLE_OK && job->n_replies == 0
		&& job->secures_us == 0 && job->socket_error == 0
		&& job->n_tried < job->n_addresses;
}

void
http_mail_talk(struct http_mail_job *job)
{
	CURL *easy = make_easy(job);
	do {
		try_address(easy, job);
	} while (may_try_another(job));
	curl_easy_cleanup(easy);
}
