/*
 *     inbound_front_take -> admit -> read -> certificate ... on_certificate
 *                                         -> settle -> externals_take
 *                                         ... on_durable -> finish -> done
 */
#include "agent/inbound/front.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/base/arena.h"
#include "agent/base/fault.h"
#include "agent/base/list.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/http/client.h"
#include "agent/inbound/auth.h"
#include "agent/inbound/certificates.h"
#include "agent/inbound/pace.h"
#include "agent/inbound/quiet.h"
#include "conf/conf.h"

enum {
	SOURCES_MAX = 1000,
	CLIENTS_MAX = 4096,
	RETRY_S = 20,
	WAITING_MAX = 512,
	CONFIRM_MS = 15 * 1000,
	CONFIRM_BODY_MAX = 64 * 1024,
	CONFIRMS_MAX = 16,
};

struct confirm {
	struct inbound_front *front;
	struct http_call *call;
	char *source;
	struct list link;
};

struct inbound_front {
	struct agent *agent;
	struct inbound_certificates *certificates;
	struct inbound_pace
		*sources; /* by their names; they stay over a reload */
	struct inbound_pace *clients; /* by their networks */
	struct inbound_quiet *quiet;
	struct list exchanges;
	size_t waiting;
	struct list confirms;
	size_t n_confirms;
	char words[512]; /* of the last reply */
};

struct inbound_exchange {
	struct inbound_front *front;
	struct list link;
	struct arena *arena; /* of all, and of the answer */
	struct conf *conf; /* of the source, held */
	struct inbound_request request;
	struct inbound_answer answer;
	struct inbound_certificate_wait certificate;
	struct external_wait *durable;
	inbound_front_fn *done; /* NULL: the sender is gone */
	void *cookie;
};

struct inbound_front *
inbound_front_new(struct agent *agent)
{
	struct inbound_front *front = mem_zalloc(sizeof(*front));
	front->agent = agent;
	front->certificates = inbound_certificates_new(
		agent_view(agent).http, INBOUND_CERTIFICATE_MS);
	front->sources = inbound_pace_new(SOURCES_MAX);
	front->clients = inbound_pace_new(CLIENTS_MAX);
	front->quiet = inbound_quiet_new();
	list_init(&front->exchanges);
	list_init(&front->confirms);
	return front;
}

static void
free_exchange(struct inbound_exchange *exchange)
{
	list_remove(&exchange->link);
	list_remove(&exchange->certificate.link);
	externals_forget(exchange->durable);
	exchange->front->waiting--;
	conf_free(exchange->conf);
	arena_free(exchange->arena);
	free(exchange);
}

static void
free_confirm(struct confirm *confirm)
{
	http_cancel(confirm->call);
	confirm->front->n_confirms--;
	list_remove(&confirm->link);
	free(confirm->source);
	free(confirm);
}

void
inbound_front_free(struct inbound_front *front)
{
	if (!front)
		return;
	LIST_EACH (at, &front->exchanges, after)
		free_exchange(LIST_ENTRY(at, struct inbound_exchange, link));
	LIST_EACH (at, &front->confirms, after)
		free_confirm(LIST_ENTRY(at, struct confirm, link));
	inbound_certificates_free(front->certificates);
	inbound_pace_free(front->sources);
	inbound_pace_free(front->clients);
	inbound_quiet_free(front->quiet);
	free(front);
}

const struct conf_inbound *
inbound_front_source(const struct inbound_front *front, const char *path)
{
	const struct conf *conf = agent_view(front->agent).conf;
	const struct conf_inbound *sources = conf->inbound.items;
	for (size_t i = 0; i < conf->inbound.count; i++)
		if (str_eq(sources[i].path, path))
			return &sources[i];
	return NULL;
}

/* Who may come in. */

bool
inbound_front_knows(const struct inbound_front *front, const char *path,
	const struct inbound_request *request)
{
	struct inbound_request own = *request;
	own.source = inbound_front_source(front, path);
	return own.source && inbound_authorize(&own) == INBOUND_AUTH_GOOD;
}

/* 0, or in how many seconds this client may come again. */
static int
wait_of_client(struct inbound_front *front,
	const struct inbound_request *request, int64_t mono_ms)
{
	const struct conf_server *server =
		agent_view(front->agent).conf->server;
	if (!server || !request->network || *request->network == '\0')
		return 0;
	return inbound_pace_wait_s(
		front->clients, request->network, server->rate_limit, mono_ms);
}

static bool
takes_method(const struct conf_inbound *source, const char *method)
{
	if (str_eq(method, "GET"))
		return source->type == CONF_INBOUND_CLOUDMONITOR
			|| source->type == CONF_INBOUND_GENERIC;
	return str_eq(method, "POST") || str_eq(method, "PUT");
}

static void
reply_with(struct inbound_reply *reply, int status, const char *body)
{
	*reply = (struct inbound_reply){
		.status = status,
		.body = body,
		.retry_after_s = status == 503 ? RETRY_S : 0,
	};
}

/* False: the reply says why not. */
static bool
admit(struct inbound_front *front, const struct inbound_request *request,
	bool overlong, int64_t mono_ms, struct inbound_reply *reply)
{
	const struct conf_inbound *source = request->source;
	struct externals *externals = agent_view(front->agent).externals;
	const char *unready = agent_unready(front->agent);
	if (!unready)
		unready = externals_unready(externals);
	int wait_s = wait_of_client(front, request, mono_ms);
	if (wait_s > 0) {
		reply_with(reply, 503, "too many requests of this client");
		reply->retry_after_s = wait_s;
	} else if (inbound_authorize(request) != INBOUND_AUTH_GOOD) {
		reply_with(reply, 401, "who are you?");
		reply->challenge = inbound_challenge(source);
	} else if (!takes_method(source, request->method)) {
		reply_with(reply, 405, "this method does not work here");
	} else if (overlong) {
		reply_with(reply, 413, "the body is longer than 1 MiB");
	} else if ((wait_s = inbound_pace_wait_s(front->sources, source->name,
			    source->rate_limit, mono_ms))
		> 0) {
		reply_with(reply, 503, "too many requests in a minute");
		reply->retry_after_s = wait_s;
	} else if (front->waiting >= WAITING_MAX) {
		reply_with(reply, 503, "too many requests at a time");
	} else if (unready) {
		reply_with(reply, 503, unready);
	} else {
		return true;
	}
	return false;
}

/* Who is turned away may try again and again. */
static void
say_refused(struct inbound_front *front, const struct inbound_request *request,
	int status, const char *why)
{
	const char *client = request->client ? request->client : "";
	bool unknown = status == 401;
	int64_t untold;
	if (!inbound_quiet_may_tell(front->quiet,
		    request->network ? request->network : client,
		    clock_now().mono_ms, &untold))
		return;
	log_say(unknown ? LOG_INFO : LOG_WARN,
		"what another monitor sent was not taken",
		log_text("source", request->source->name),
		log_text("client", client), log_int("status", status),
		log_text("reason", unknown ? inbound_auth_fault(request) : why),
		log_int("untold", untold));
}

static void
note(struct inbound_front *front, const struct inbound_request *request,
	int status, const char *why, size_t problems)
{
	externals_note(agent_view(front->agent).externals, status);
	if (status >= 400)
		say_refused(front, request, status, why);
	else
		log_say(LOG_DEBUG, "another monitor said something",
			log_text("source", request->source->name),
			log_text("client",
				request->client ? request->client : ""),
			log_int("messages", (int64_t)problems));
}

/* Confirming. */

static void
on_confirmed(void *cookie, const struct http_response *response)
{
	struct confirm *confirm = cookie;
	confirm->call = NULL;

	if (response->fail == HTTP_FAIL_NONE && response->status == 200)
		log_say(LOG_INFO, "the subscription is confirmed",
			log_text("source", confirm->source));
	else
		log_say(LOG_WARN,
			"the subscription could not be confirmed; SNS sends "
			"the message again when asked to",
			log_text("source", confirm->source),
			log_int("status", response->status));
	free_confirm(confirm);
}

static void
confirm_at(struct inbound_front *front, const struct conf_inbound *source,
	const char *url)
{
	const struct http_request request = {
		.url = url,
		.connect_ms = CONFIRM_MS,
		.headers_ms = CONFIRM_MS,
		.total_ms = CONFIRM_MS,
		.body_max = CONFIRM_BODY_MAX,
		.cut_body = true,
	};
	if (front->n_confirms >= CONFIRMS_MAX)
		return;
	struct confirm *confirm = mem_zalloc(sizeof(*confirm));
	confirm->front = front;
	confirm->source = mem_dup(source->name);
	list_add(&front->confirms, &confirm->link);
	front->n_confirms++;
	confirm->call = http_send(
		agent_view(front->agent).http, &request, on_confirmed, confirm);
}

/* Reading. */

static void
fill_in(const struct inbound_answer *answer, struct inbound_reply *reply)
{
	reply_with(reply, answer->status, answer->body);
}

/* What was said is durable. */
static void
on_durable(void *cookie)
{
	struct inbound_exchange *exchange = cookie;
	exchange->durable = NULL;

	fault_point("inbound_durable");
	const struct inbound_answer *answer = &exchange->answer;
	struct inbound_reply reply;
	if (answer->need == INBOUND_NEED_CONFIRM)
		confirm_at(
			exchange->front, exchange->request.source, answer->url);
	fill_in(answer, &reply);
	if (exchange->done)
		exchange->done(exchange->cookie, &reply);
	free_exchange(exchange);
}

/* True: the reply is filled in, and nothing was taken. */
static bool
settle(struct inbound_exchange *exchange, struct inbound_reply *reply)
{
	struct inbound_front *front = exchange->front;
	const struct inbound_answer *answer = &exchange->answer;
	struct externals *externals = agent_view(front->agent).externals;
	note(front, &exchange->request, answer->status, answer->why,
		answer->n_problems);
	if (answer->status != 200 || answer->n_problems == 0) {
		fill_in(answer, reply);
		return true;
	}
	externals_take(externals, exchange->request.source, answer->problems,
		answer->n_problems, clock_now());
	exchange->durable = externals_wait(externals, on_durable, exchange);
	return false;
}

static void
read_again(struct inbound_exchange *exchange,
	const struct inbound_certificate *found)
{
	exchange->request.certificate = found;
	exchange->answer = (struct inbound_answer){ .arena = exchange->arena };
	inbound_read(&exchange->request, &exchange->answer);
	exchange->request.certificate = NULL;
}

static void
on_certificate(void *cookie, const struct inbound_certificate *found)
{
	struct inbound_exchange *exchange = cookie;
	struct inbound_reply reply;
	read_again(exchange, found);
	if (!settle(exchange, &reply))
		return;
	if (exchange->done)
		exchange->done(exchange->cookie, &reply);
	free_exchange(exchange);
}

/* False: it is being fetched. */
static bool
find_certificate(struct inbound_exchange *exchange)
{
	const struct conf_inbound *source = exchange->request.source;
	const char *url = exchange->answer.url;
	struct inbound_certificate found = { .url = url };
	exchange->certificate.done = on_certificate;
	exchange->certificate.cookie = exchange;
	if (source->certificate) {
		found.pem = source->certificate;
		found.len = strlen(found.pem);
	} else if (!inbound_certificates_get(exchange->front->certificates, url,
			   clock_now().mono_ms, &exchange->certificate,
			   &found)) {
		return false;
	}
	read_again(exchange, &found);
	return true;
}

static void
copy_headers(struct inbound_exchange *exchange)
{
	struct inbound_request *request = &exchange->request;
	struct inbound_header *copies = arena_alloc(exchange->arena,
		(request->n_headers + 1) * sizeof(struct inbound_header));
	for (size_t i = 0; i < request->n_headers; i++)
		copies[i] = (struct inbound_header){
			arena_dup(exchange->arena, request->headers[i].name),
			arena_dup(exchange->arena, request->headers[i].value),
		};
	request->headers = copies;
}

/* The request is needed again when the certificate is there. */
static struct inbound_exchange *
open_exchange(
	struct inbound_front *front, const struct inbound_request *request)
{
	struct inbound_exchange *exchange = mem_zalloc(sizeof(*exchange));
	exchange->front = front;
	exchange->arena = arena_new();
	exchange->conf = conf_hold(agent_view(front->agent).conf);
	exchange->request = *request;
	list_add(&front->exchanges, &exchange->link);
	list_init(&exchange->certificate.link);
	front->waiting++;
	exchange->request.network = NULL; /* it was counted */
	if (request->client)
		exchange->request.client =
			arena_dup(exchange->arena, request->client);
	exchange->request.method = arena_dup(exchange->arena, request->method);
	exchange->request.query = arena_dup(exchange->arena, request->query);
	exchange->request.body =
		arena_dup_n(exchange->arena, request->body, request->body_len);
	copy_headers(exchange);
	return exchange;
}

struct inbound_exchange *
inbound_front_take(struct inbound_front *front, const char *path,
	const struct inbound_request *request, bool overlong,
	inbound_front_fn *done, void *cookie, struct inbound_reply *reply)
{
	struct moment now = clock_now();
	struct inbound_request own = *request;
	own.source = inbound_front_source(front, path);
	own.now_ms = now.wall_ms;
	own.certificate = NULL;
	if (!own.source) { /* a reload took it away meanwhile */
		reply_with(reply, 404, "there is nothing here");
		return NULL;
	}
	if (!admit(front, &own, overlong, now.mono_ms, reply)) {
		note(front, &own, reply->status, reply->body, 0);
		return NULL;
	}
	fault_point("inbound_read");
	struct inbound_exchange *exchange = open_exchange(front, &own);
	exchange->done = done;
	exchange->cookie = cookie;
	read_again(exchange, NULL);
	if (exchange->answer.need == INBOUND_NEED_CERTIFICATE
		&& !find_certificate(exchange))
		return exchange;
	if (!settle(exchange, reply))
		return exchange;
	/* Its words must outlive it: they are literals, or short. */
	str_copy(front->words, sizeof(front->words), reply->body);
	reply->body = front->words;
	free_exchange(exchange);
	return NULL;
}

void
inbound_front_cancel(struct inbound_exchange *exchange)
{
	exchange->done = NULL;
}
