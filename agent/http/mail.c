#include "agent/http/mail.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/evp.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"

enum {
	STACK_SIZE = 1024 * 1024,
	DIALOGUE_MAX = 64 * 1024,
};

/* Copies. */

static bool
is_address(const char *text)
{
	const char *at = strrchr(text, '@');
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == '<' || *c == '>')
			return false;
	return at && at != text && at[1] != '\0';
}

static const char *
copy(struct arena *arena, const char *text)
{
	return text ? arena_dup(arena, text) : NULL;
}

static bool
copy_addresses(struct http_mail_job *job, const struct http_mail *mail,
	struct err *err)
{
	struct arena *arena = job->arena;
	if (mail->n_to == 0)
		return err_set(err, "the mail is for nobody");
	struct curl_slist *links =
		arena_alloc(arena, mail->n_to * sizeof(*links));
	for (size_t i = 0; i < mail->n_to; i++) {
		if (!is_address(mail->to[i]))
			return err_set(err, "an address of the mail is none");
		links[i].data = arena_printf(arena, "<%s>", mail->to[i]);
		links[i].next = i + 1 < mail->n_to ? &links[i + 1] : NULL;
	}
	if (!is_address(mail->from))
		return err_set(err, "the sender of the mail is no address");
	job->from = arena_printf(arena, "<%s>", mail->from);
	job->to = links;
	return true;
}

/* libcurl takes the name for EHLO from the path. */
static bool
copy_server(struct http_mail_job *job, const struct http_request *request,
	struct err *err)
{
	const struct http_mail *mail = request->mail;
	struct url_origin *server = &job->server;
	const char *hello = mail->hello ? mail->hello : "";
	if (!url_mail_server(request->url, server, err))
		return err_prefix(err, "the mail server");
	for (const char *at = hello; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 0x7f || strchr("%?#/\\", *at))
			return err_set(err, "the name for EHLO is no name");
	bool implicit = mail->tls == HTTP_MAIL_IMPLICIT;
	if (server->port == 0)
		server->port = implicit ? 465 : 587;
	job->url = arena_printf(job->arena,
		strchr(server->host, ':') ? "%s://[%s]:%u/%s" : "%s://%s:%u/%s",
		implicit ? "smtps" : "smtp", server->host, server->port, hello);
	return true;
}

static const char *
base64(struct arena *arena, const char *bytes, size_t len)
{
	unsigned char *text = arena_alloc(arena, len / 3 * 4 + 5);
	EVP_EncodeBlock(text, (const unsigned char *)bytes, (int)len);
	return (const char *)text;
}

/* A server may say what it was told. */
static void
note_secrets(struct http_mail_job *job)
{
	struct arena *arena = job->arena;
	if (!job->user || !job->password || *job->password == '\0')
		return;
	size_t user = strlen(job->user), password = strlen(job->password);
	char *plain = arena_alloc(arena, user + password + 3);
	memcpy(plain + 1, job->user, user);
	memcpy(plain + user + 2, job->password, password);
	job->secrets[0] = job->password;
	job->secrets[1] = base64(arena, job->password, password);
	job->secrets[2] = base64(arena, plain, user + password + 2);
}

static void
job_free(struct http_mail_job *job)
{
	list_remove(&job->link);
	http_certificate_forget(&job->certificate);
	buf_finish(&job->dialogue);
	pthread_mutex_destroy(&job->lock);
	arena_free(job->arena);
	free(job);
}

bool
http_mail_prepare(struct http_call *call, const struct http_request *request,
	struct err *err)
{
	const struct http_mail *mail = request->mail;
	struct http_mail_job *job = mem_zalloc(sizeof(*job));
	list_init(&job->link);
	job->arena = arena_new_for(request->body_len + 2048);
	pthread_mutex_init(&job->lock, NULL);
	job->fd = -1;
	buf_init(&job->dialogue, DIALOGUE_MAX);
	job->user = copy(job->arena, mail->user);
	job->password = copy(job->arena, mail->password);
	note_secrets(job);
	job->ca_file = copy(job->arena, request->ca_file);
	job->tls = mail->tls;
	job->insecure = request->insecure;
	job->message = arena_dup_n(job->arena,
		request->body ? request->body : "", request->body_len);
	job->message_len = request->body_len;
	if (!copy_server(job, request, err)
		|| !copy_addresses(job, mail, err)) {
		job_free(job);
		return false;
	}
	call->origin = job->server;
	call->mail = job;
	job->call = call;
	return true;
}

/* What became of it. */

static bool
is_refusal(int code)
{
	return code >= 400 && code < 600;
}

/* As if the call had done it itself, for the sentences of fail.c. */
static void
fill_call(struct http_call *call, struct http_mail_job *job)
{
	call->n_tried = job->n_tried;
	call->secures_us = job->secures_us;
	call->socket_error = job->socket_error;
	call->ready =
		job->n_replies > 0 && (job->secures_us == 0 || job->secured);
	http_certificate_forget(&call->certificate);
	call->certificate = job->certificate;
	job->certificate = (struct http_certificate){ 0 };
	str_copy(call->error, sizeof(call->error), job->error);
	buf_add(&call->body, job->dialogue.data, job->dialogue.len);

	struct http_response *response = &call->response;
	response->sent = job->offered;
	if (job->code == CURLE_OK || is_refusal(job->last_code))
		response->status = job->last_code;
}

/* What the server does not offer is a step that we broke off. */
static void
explain_missing(struct http_call *call, const struct http_mail_job *job)
{
	const char *why;
	const char *verb;
	if (job->code == CURLE_USE_SSL_FAILED && call->ready) {
		verb = "STARTTLS";
		why = "the mail server offers no STARTTLS, and without it "
		      "nothing is sent";
	} else if (job->code == CURLE_LOGIN_DENIED) {
		verb = "AUTH";
		why = "the mail server offers no way to log in that is known "
		      "here";
	} else {
		return;
	}
	buf_printf(&call->body, "%s 000 %s\n", verb, why);
	str_copy(call->detail, sizeof(call->detail), why);
}

/* What http_fail_of() cannot tell from what it knows. */
static enum http_fail
fail_of(const struct http_call *call, const struct http_mail_job *job)
{
	CURLcode code = job->stopping ? CURLE_OPERATION_TIMEDOUT : job->code;
	bool begun = call->ready || job->secures_us != 0;
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return begun ? HTTP_FAIL_TIMEOUT : HTTP_FAIL_CONNECT_TIMEOUT;
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_WEIRD_SERVER_REPLY:
		if (!begun)
			return HTTP_FAIL_CLOSED;
		break;
	default:
		break;
	}
	return http_fail_of(call, code, (int)job->os_error);
}

static void
tell(struct http_call *call, struct http_mail_job *job)
{
	fill_call(call, job);
	call->mail = NULL;
	job->call = NULL;
	if (call->response.status == 0) {
		http_fail_note(call, fail_of(call, job), (int)job->os_error);
		explain_missing(call, job);
	}
	http_call_finish(call);
}

/* Jobs. */

static void *
run(void *cookie)
{
	struct http_mail_job *job = cookie;
	http_mail_talk(job);
	job->ended = true;
	ev_async_send(job->loop, job->ended_async);
	return NULL;
}

static int
start_thread(struct http_mail_job *job)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&job->thread, &attributes, run, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void
launch(struct http_client *client, struct http_mail_job *job)
{
	struct http_mails *mails = &client->mails;
	list_remove(&job->link);
	if (mails->n_running == 0)
		ev_async_start(client->loop, &mails->ended);
	int error = start_thread(job);
	if (error == 0) {
		job->running = true;
		mails->n_running++;
		list_add(&mails->running, &job->link);
		return;
	}
	if (mails->n_running == 0)
		ev_async_stop(client->loop, &mails->ended);
	struct http_call *call = job->call;
	call->mail = NULL;
	job_free(job);
	http_call_finish_badly(call, HTTP_FAIL_NO_DESCRIPTORS,
		"no thread could be started for the mail");
}

static void
start_waiting(struct http_client *client)
{
	struct http_mails *mails = &client->mails;
	LIST_EACH (at, &mails->waiting, after) {
		if (mails->n_running == HTTP_MAILS_MAX)
			return;
		launch(client, LIST_ENTRY(at, struct http_mail_job, link));
	}
}

static void
reap(struct http_client *client, struct http_mail_job *job)
{
	struct http_mails *mails = &client->mails;
	pthread_join(job->thread, NULL);
	mails->n_running--;
	if (mails->n_running == 0)
		ev_async_stop(client->loop, &mails->ended);
	if (job->call)
		tell(job->call, job);
	job_free(job);
}

static void
on_ended(struct ev_loop *loop, ev_async *async, int events)
{
	struct http_client *client = async->data;
	(void)loop;
	(void)events;
	LIST_EACH (at, &client->mails.running, after) {
		struct http_mail_job *job =
			LIST_ENTRY(at, struct http_mail_job, link);
		if (job->ended)
			reap(client, job);
	}
	start_waiting(client);
	http_client_deliver(client);
}

void
http_mails_init(struct http_client *client)
{
	struct http_mails *mails = &client->mails;
	list_init(&mails->running);
	list_init(&mails->waiting);
	ev_async_init(&mails->ended, on_ended);
	mails->ended.data = client;
}

void
http_mails_finish(struct http_client *client)
{
	LIST_EACH (at, &client->mails.running, after)
		reap(client, LIST_ENTRY(at, struct http_mail_job, link));
}

void
http_mail_start(struct http_call *call)
{
	struct http_client *client = call->client;
	struct http_mail_job *job = call->mail;
	job->loop = client->loop;
	job->ended_async = &client->mails.ended;
	job->n_addresses = call->n_addresses;
	memcpy(job->addresses, call->addresses, sizeof(job->addresses));
	job->connect_at_us = call->connect_at_us;
	job->total_at_us = call->total_at_us;
	list_add(&client->mails.waiting, &job->link);
	start_waiting(client);
}

void
http_mail_stop(struct http_mail_job *job)
{
	pthread_mutex_lock(&job->lock);
	job->stopping = true;
	if (job->fd >= 0)
		shutdown(job->fd, SHUT_RDWR);
	pthread_mutex_unlock(&job->lock);
}

void
http_mail_hurry(struct http_call *call)
{
	struct http_mail_job *job = call->mail;
	if (job->running) {
		http_mail_stop(job);
		return;
	}
	call->mail = NULL;
	job_free(job);
	http_call_finish_badly(call, HTTP_FAIL_TIMEOUT,
		"too many mails were under way before this one");
}

void
http_mail_let_go(struct http_call *call)
{
	struct http_mail_job *job = call->mail;
	if (!job)
		return;
	call->mail = NULL;
	job->call = NULL;
	if (job->running)
		http_mail_stop(job); /* it is freed when it has ended */
	else
		job_free(job);
}
