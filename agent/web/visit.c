#include "agent/web/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/chat/front.h"
#include "agent/http/url.h"
#include "agent/inbound/front.h"
#include "agent/web/client.h"

enum {
	HEADERS_MAX = 64,
	QUERY_MAX = 8192,
	NUMBER_SIZE = 16,
};

struct web_visit {
	struct web_visits *visits;
	struct list link;
	struct MHD_Connection *connection;
	struct web_client client;
	struct buf body;
	bool is_chat; /* else of another monitor */
	struct inbound_exchange *exchange; /* suspended for it, or for this: */
	struct chat_exchange *talk;
	bool is_judged; /* by its headers */
	bool is_known;
	bool is_answered;
	int status;
	int retry_after_s;
	const char *challenge; /* a literal, or NULL */
	const char *type; /* the same; NULL for a line of text */
	char *text;
};

struct web_visit *
web_visit_begin(struct web_visits *visits, struct MHD_Connection *connection,
	const struct web_client *client, const char *path)
{
	bool is_source = inbound_front_source(visits->front, path) != NULL;
	if (!is_source && !chat_front_has(visits->chat, path))
		return NULL;
	struct web_visit *visit = mem_zalloc(sizeof(*visit));
	visit->visits = visits;
	visit->connection = connection;
	visit->client = *client;
	visit->is_chat = !is_source;
	buf_init(&visit->body, INBOUND_BODY_MAX);
	list_add(&visits->list, &visit->link);
	return visit;
}

static bool
is_suspended(const struct web_visit *visit)
{
	return visit->exchange || visit->talk;
}

static void
leave(struct web_visit *visit)
{
	if (visit->exchange)
		inbound_front_cancel(visit->exchange);
	if (visit->talk)
		chat_front_cancel(visit->talk);
	visit->exchange = NULL;
	visit->talk = NULL;
}

void
web_visit_end(struct web_visit *visit)
{
	leave(visit);
	list_remove(&visit->link);
	buf_finish(&visit->body);
	free(visit->text);
	free(visit);
}

static void
keep(struct web_visit *visit, const struct inbound_reply *reply)
{
	visit->is_answered = true;
	visit->status = reply->status;
	visit->retry_after_s = reply->retry_after_s;
	visit->challenge = reply->challenge;
	visit->type = reply->type;
	free(visit->text);
	visit->text = mem_dup(reply->body);
}

static void
on_reply(void *cookie, const struct inbound_reply *reply)
{
	struct web_visit *visit = cookie;
	visit->exchange = NULL;
	visit->talk = NULL;

	keep(visit, reply);
	MHD_resume_connection(visit->connection);
	visit->visits->wake(visit->visits->cookie);
}

static const struct inbound_reply stopping = {
	.status = 503,
	.body = "the agent is stopping",
	.retry_after_s = 5,
};

void
web_visits_stop(struct web_visits *visits)
{
	visits->stopping = true;
	LIST_EACH (at, &visits->list, after) {
		struct web_visit *visit =
			LIST_ENTRY(at, struct web_visit, link);
		if (!is_suspended(visit))
			continue;
		leave(visit);
		keep(visit, &stopping);
		MHD_resume_connection(visit->connection);
	}
}

static enum MHD_Result
answer(const struct web_visit *visit)
{
	char number[NUMBER_SIZE];
	struct buf body;
	buf_init(&body, strlen(visit->text) + 1);
	buf_add_text(&body, visit->text);
	if (!visit->type)
		buf_add_char(&body, '\n');
	size_t len = body.len;
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, buf_steal(&body), MHD_RESPMEM_MUST_FREE);
	buf_finish(&body);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
		visit->type ? visit->type : "text/plain; charset=utf-8");
	MHD_add_response_header(
		response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (visit->challenge)
		MHD_add_response_header(response,
			MHD_HTTP_HEADER_WWW_AUTHENTICATE, visit->challenge);
	if (visit->retry_after_s > 0) {
		snprintf(number, sizeof(number), "%d", visit->retry_after_s);
		MHD_add_response_header(
			response, MHD_HTTP_HEADER_RETRY_AFTER, number);
	}
	enum MHD_Result queued = MHD_queue_response(
		visit->connection, (unsigned)visit->status, response);
	MHD_destroy_response(response);
	return queued;
}

/* What libmicrohttpd took apart. */

struct gathering {
	struct inbound_header *headers;
	size_t n;
	struct buf *query;
};

static enum MHD_Result
on_header(void *cookie, enum MHD_ValueKind kind, const char *name,
	const char *value)
{
	(void)kind;
	struct gathering *gathering = cookie;
	if (gathering->n == HEADERS_MAX)
		return MHD_NO;
	gathering->headers[gathering->n++] = (struct inbound_header){
		.name = name,
		.value = value ? value : "",
	};
	return MHD_YES;
}

static enum MHD_Result
on_argument(void *cookie, enum MHD_ValueKind kind, const char *name,
	const char *value)
{
	(void)kind;
	const struct gathering *gathering = cookie;
	struct buf *query = gathering->query;
	if (query->len > 0)
		buf_add_char(query, '&');
	url_add_form(query, name);
	buf_add_char(query, '=');
	if (value)
		url_add_form(query, value);
	return MHD_YES;
}

/* Borrowed from the connection, but for the query. */
struct gathered {
	struct inbound_header headers[HEADERS_MAX];
	struct buf query;
	struct inbound_request request;
};

static void
gather(struct gathered *gathered, struct web_visit *visit, const char *method)
{
	struct gathering gathering = {
		.headers = gathered->headers,
		.query = &gathered->query,
	};
	buf_init(&gathered->query, QUERY_MAX);
	MHD_get_connection_values(
		visit->connection, MHD_HEADER_KIND, on_header, &gathering);
	MHD_get_connection_values(visit->connection, MHD_GET_ARGUMENT_KIND,
		on_argument, &gathering);
	gathered->request = (struct inbound_request){
		.method = method,
		.query = gathered->query.data,
		.headers = gathered->headers,
		.n_headers = gathering.n,
		.body = visit->body.data,
		.body_len = visit->body.len,
		.client = visit->client.text,
		.network = visit->client.network,
	};
}

static enum MHD_Result
take(struct web_visit *visit, const char *path, const char *method)
{
	struct gathered gathered;
	struct inbound_reply reply;
	if (visit->visits->stopping) {
		keep(visit, &stopping);
		return answer(visit);
	}
	gather(&gathered, visit, method);
	if (visit->is_chat)
		visit->talk = chat_front_take(visit->visits->chat, path,
			&gathered.request, visit->body.full, on_reply, visit,
			&reply);
	else
		visit->exchange = inbound_front_take(visit->visits->front, path,
			&gathered.request, visit->body.full, on_reply, visit,
			&reply);
	buf_finish(&gathered.query);
	if (!is_suspended(visit)) {
		keep(visit, &reply);
		return answer(visit);
	}
	MHD_suspend_connection(visit->connection);
	return MHD_YES;
}

static bool
is_known(const struct web_visit *visit, const char *path,
	const struct inbound_request *request)
{
	return visit->is_chat
		? chat_front_knows(visit->visits->chat, path, request)
		: inbound_front_knows(visit->visits->front, path, request);
}

/* Who is not known gets no room; it is told so at the end, since an answer
 * before the end of the body would not be seen. */
static void
keep_body(struct web_visit *visit, const char *path, const char *method,
	const char *upload, size_t len)
{
	if (!visit->is_judged) {
		struct gathered gathered;
		gather(&gathered, visit, method);
		visit->is_judged = true;
		visit->is_known = is_known(visit, path, &gathered.request);
		buf_finish(&gathered.query);
	}
	if (visit->is_known)
		buf_add(&visit->body, upload, len);
}

enum MHD_Result
web_visit_go(struct web_visit *visit, const char *path, const char *method,
	const char *upload, size_t *upload_len)
{
	if (*upload_len > 0) {
		keep_body(visit, path, method, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (visit->is_answered)
		return answer(visit);
	return is_suspended(visit) ? MHD_YES : take(visit, path, method);
}
