#include "reporters/webhook.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/sign.h"
#include "conf/body.h"
#include "reporters/outcome.h"
#include "reporters/rows.h"

enum {
	CONNECT_MS = 5 * 1000,
	BODY_MAX = 64 * 1024, /* of the answer */
	OWN_HEADERS = 4,
	RATE_MAX = 100 * 1000, /* requests a minute */
	MINUTE_MS = 60 * 1000,
};

struct webhook {
	struct reporter base;
	const struct webhook_settings *settings;
};

static const struct conf_field fields[] = {
	ROW_NAME(struct webhook_settings),
	{
		.key = "url",
		CONF_SOURCE(struct webhook_settings, url),
		.flags = CONF_REQUIRED | CONF_SECRET | CONF_OF_OLD,
		.words = webhook_words_of_old,
		.help = "Where to send the request.",
	},
	{
		.key = "params",
		CONF_PAIRS(struct webhook_settings, params),
		.flags = CONF_OF_OLD | CONF_PYTHON | CONF_SECRET,
		.words = webhook_words_of_old,
		.help = "Added to the query of the URL.",
	},
	{
		.key = "method",
		CONF_STRING(struct webhook_settings, method),
		.fallback = "POST",
		.help = "Method of the request.",
	},
	{
		.key = "headers",
		CONF_PAIRS(struct webhook_settings, headers),
		.flags = CONF_SECRET,
		.words = webhook_words,
		.help = "More headers.",
	},
	{
		.key = "body",
		CONF_TREE(struct webhook_settings, body),
		.words = webhook_words,
		.shape = &conf_body_shape,
		.otherwise = "an empty one, as cachet-url-monitor sent",
		.help = "A map or list that is sent as JSON, its texts filled "
			"in; or a text that is sent as it is once filled in.  "
			"With it, `url` and `params` may name the same words.",
	},
	{
		.key = "secret",
		CONF_STRING(struct webhook_settings, secret),
		.flags = CONF_SECRET,
		.help = "Signs the request: X-Curlew-Signature is v1= and the "
			"HMAC-SHA256 of timestamp, dot and body.",
	},
	ROW_TIMEOUT(struct webhook_settings),
	{
		.key = "rate_limit",
		CONF_INT(struct webhook_settings, rate_limit, 0, RATE_MAX),
		.fallback = "0",
		.help = "Requests a minute that it is sent at most; 0 for any "
			"number.",
	},
	{ .key = NULL },
};

/* Settings: every template is tried with this event. */

const struct event webhook_sample = {
	.kind = EVENT_OPENED,
	.incident = "019378c5-0000-7000-8000-000000000000",
	.seq = 1,
	.from = STATUS_OPERATIONAL,
	.to = STATUS_MAJOR_OUTAGE,
	.message = "message",
	.endpoint = {
		.name = "name",
		.url = "http://localhost/",
		.method = "GET",
		.titles = { "title", "title", "title" },
	},
};

static bool
is_capitals(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return len > 0 && text[len] == '\0';
}

static void
check_params(const struct webhook_settings *settings,
	struct conf_reader *reader, struct arena *arena)
{
	const struct conf_pair *params = settings->params.items;
	for (size_t i = 0; i < settings->params.count; i++) {
		const char *ignored;
		struct err err;
		if (!webhook_fill_param(settings, &params[i], &webhook_sample,
			    arena, &ignored, &err))
			conf_reject(reader, "params", "%s: %s", params[i].key,
				err.text);
	}
}

static void
check_headers(const struct webhook_settings *settings,
	struct conf_reader *reader, struct arena *arena)
{
	const struct conf_pair *headers = settings->headers.items;
	for (size_t i = 0; i < settings->headers.count; i++) {
		const char *name = headers[i].key;
		const char *ignored;
		struct err err;
		if (!http_is_token(name))
			conf_reject(reader, "headers",
				"\"%s\" is no name of a header", name);
		else if (str_istarts(name, "x-curlew-")
			|| str_ieq(name, "content-length")
			|| str_ieq(name, "transfer-encoding"))
			conf_reject(reader, "headers",
				"%s is set by the agent itself", name);
		else if (!webhook_fill_header(&headers[i], &webhook_sample,
				 arena, &ignored, &err))
			conf_reject(
				reader, "headers", "%s: %s", name, err.text);
	}
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct webhook_settings *settings = section;
	struct arena *arena = arena_new();
	const char *ignored;
	struct err err;
	if (settings->url.text
		&& !webhook_fill_url(
			settings, &webhook_sample, arena, &ignored, &err))
		conf_reject(reader, "url", "%s", err.text);
	check_params(settings, reader, arena);
	if (settings->method && !is_capitals(settings->method))
		conf_reject(reader, "method",
			"expected a method in capitals, such as POST or PUT");
	check_headers(settings, reader, arena);
	if (conf_body_is_given(settings->body)
		&& !webhook_fill_body(
			settings->body, &webhook_sample, arena, &ignored, &err))
		conf_reject(reader, "body", "%s", err.text);
	arena_free(arena);
}

static struct reporter *
create(const void *section, struct err *err)
{
	const struct webhook_settings *settings = section;
	if (!settings->url.text) {
		err_set(err, "a webhook needs a url");
		return NULL;
	}
	struct webhook *webhook = mem_zalloc(sizeof(*webhook));
	webhook->settings = settings;
	webhook->base.audience = AUDIENCE_ALL;
	webhook->base.id = reporter_id(
		"webhook", settings->name, reporter_hash_url(&settings->url));
	return &webhook->base;
}

static void
destroy(struct reporter *reporter)
{
	free(reporter);
}

/* Requests. */

struct headers {
	struct http_header *items;
	size_t n;
};

static void
add_header(struct headers *headers, const char *name, const char *value)
{
	headers->items[headers->n++] = (struct http_header){ name, value };
}

static bool
has_header(const struct headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->n; i++)
		if (str_ieq(headers->items[i].name, name))
			return true;
	return false;
}

static bool
make_headers(const struct webhook_settings *settings, const char *body,
	const struct reporter_context *context, struct headers *headers,
	struct err *err)
{
	const struct conf_pair *pairs = settings->headers.items;
	size_t n = settings->headers.count;
	headers->n = 0;
	headers->items = arena_alloc(
		context->arena, (n + OWN_HEADERS) * sizeof(*headers->items));
	for (size_t i = 0; i < n; i++) {
		const char *value;
		if (!webhook_fill_header(&pairs[i], context->event,
			    context->arena, &value, err))
			return false;
		add_header(headers, pairs[i].key, value);
	}
	if (conf_body_is_given(settings->body)
		&& !has_header(headers, "Content-Type"))
		add_header(headers, "Content-Type",
			conf_body_type(settings->body));
	add_header(
		headers, "X-Curlew-Delivery", reporter_delivery_key(context));
	headers->n += http_sign(settings->secret, body, context->now_ms,
		context->arena, &headers->items[headers->n]);
	return true;
}

static bool
compose(const struct webhook_settings *settings,
	const struct reporter_context *context, struct http_request *request,
	struct err *err)
{
	const char *url;
	const char *body = "";
	struct headers headers;
	if (!webhook_fill_target(
		    settings, context->event, context->arena, &url, err))
		return false;
	if (conf_body_is_given(settings->body)
		&& !webhook_fill_body(settings->body, context->event,
			context->arena, &body, err))
		return false;
	if (!make_headers(settings, body, context, &headers, err))
		return false;

	int64_t timeout_ms = settings->timeout_ms;
	*request = (struct http_request){
		.method = settings->method,
		.url = url,
		.headers = headers.items,
		.n_headers = headers.n,
		.body = *body != '\0' ? body : NULL,
		.body_len = strlen(body),
		.connect_ms = timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS,
		.total_ms = timeout_ms,
		.body_max = BODY_MAX,
		.cut_body = true,
	};
	return true;
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct webhook *webhook = (const struct webhook *)reporter;
	struct http_request request;
	struct err err;
	if (answer) {
		reporter_usual(answer, context->now_ms, step);
	} else if (compose(webhook->settings, context, &request, &err)) {
		*step = (struct reporter_step){
			.kind = STEP_SEND,
			.request = request,
		};
	} else {
		outcome_set(step, STEP_REJECTED,
			"its request could not be composed: %s", err.text);
	}
}

static struct reporter_limit
limit(const struct reporter *reporter)
{
	const struct webhook *webhook = (const struct webhook *)reporter;
	int64_t count = webhook->settings->rate_limit;
	return (struct reporter_limit){
		.limit = bucket_limit_of((unsigned)count, MINUTE_MS),
		.is_set = count > 0,
	};
}

const struct reporter_type webhook_type = {
	.conf = {
		.name = "webhook",
		.section = {
			.name = "webhook",
			.size = sizeof(struct webhook_settings),
			.fields = fields,
			.of_old = true,
			.check = check,
		},
		.reminds = true,
		.help = "A request to any server.",
	},
	.create = create,
	.destroy = destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = limit,
};
