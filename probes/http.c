/*
 *     start -> ask -> on_answer -> follow -> ask ...
 *                               -> judge | fail -> finish
 */
#include "probes/http.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "agent/http/url.h"
#include "agent/model/result.h"
#include "probes/cookies.h"
#include "probes/excerpt.h"
#include "probes/expect.h"
#include "probes/expect_conf.h"
#include "probes/failure.h"
#include "probes/http_conf.h"
#include "probes/pattern.h"
#include "probes/redirect.h"

enum {
	BODY_MAX = 1024 * 1024,
	TIMEOUT_OF_ZERO_MS = 1000, /* as in the old tool */
	TOTAL_LEAST_MS = 30 * 1000,
	TOTAL_TIMEOUTS = 10,
	LOCATION_SIZE = 8192,
};

/* One look; there is none while the probe is idle. */
struct look {
	struct arena *arena; /* for what lives as long as the look */
	struct http_call *call;
	int64_t at_ms;
	int64_t left_ms; /* of the time for all hops */
	uint32_t stalls; /* when this hop began */
	unsigned hops; /* that lie behind us */
	const char *method;
	const char *url; /* of this hop, without user and password */
	struct url parts;
	struct url first; /* of the first hop */
	const char *authorization; /* NULL for none */
	struct cookies cookies;
};

struct http {
	struct probe probe; /* first */
	const struct http_conf *settings;
	const struct probe_env *env;
	struct look *look;
	size_t n_rules;
	struct expect_rule rules[];
};

static bool
has_regex(const struct http *http)
{
	for (size_t i = 0; i < http->n_rules; i++)
		if (http->rules[i].kind == EXPECT_REGEX)
			return true;
	return false;
}

static int64_t
timeout_of(const struct http *http)
{
	int64_t timeout_ms = http->settings->timeout_ms;
	return timeout_ms > 0 ? timeout_ms : TIMEOUT_OF_ZERO_MS;
}

static uint32_t
stalls_now(const struct http *http)
{
	const struct probe_env *env = http->env;
	return env->stalls ? env->stalls(env->cookie) : 0;
}

static void
end_look(struct http *http)
{
	struct look *look = http->look;
	http->look = NULL;
	arena_free(look->arena);
	free(look);
}

static void
finish(struct http *http, struct result *result)
{
	result->at_ms = http->look->at_ms;
	end_look(http);
	probe_finish(&http->probe, result);
}

/* What of the answer is told whatever it is taken for. */
static struct result
result_of(const struct http_response *response)
{
	const struct http_timing *timing = &response->timing;
	struct result result = {
		.code = response->status,
		.phases = {
			.dns_us = timing->dns_us,
			.connect_us = timing->connect_us,
			.tls_us = timing->tls_us,
			.wait_us = timing->wait_us,
		},
	};
	if (response->status == 0)
		return result;
	result.latency_us = timing->headers_us;
	int64_t first_byte_us = timing->dns_us + timing->connect_us
		+ timing->tls_us + timing->wait_us;
	if (timing->total_us > first_byte_us)
		result.phases.transfer_us = timing->total_us - first_byte_us;
	return result;
}

static const char unexpected[] = "Unexpected HTTP response";

/* The message may be shorter than the URL. */
static void
say_unreachable(const struct http *http, struct result *result)
{
	struct probe_target target =
		http_conf_target(http->settings, http->look->arena);
	const char *text = arena_printf(http->look->arena,
		"The URL is unreachable: %s %s", target.method, target.url);
	str_copy(result->message, sizeof(result->message), text);
}

static void
fail(struct http *http, const struct http_response *response)
{
	struct failure failure = failure_of(response->fail);
	bool is_late =
		failure.is_timing && stalls_now(http) != http->look->stalls;
	if (is_late)
		failure = failure_lag;

	struct result result = result_of(response);
	result.status = failure.status;
	result.cause = failure.cause;
	size_t size = sizeof(result.message);
	switch (failure.wording) {
	case FAILURE_UNREACHABLE:
		say_unreachable(http, &result);
		break;
	case FAILURE_TIMED_OUT:
		str_copy(result.message, size, "Request timed out");
		break;
	case FAILURE_UNEXPECTED:
		str_copy(result.message, size, unexpected);
		break;
	case FAILURE_OURS:
		snprintf(result.message, size, "The agent could not look: %s",
			is_late ? "it was late itself" : response->detail);
		break;
	}
	if (status_is_bad(result.status))
		result.evidence = excerpt_new(response);
	finish(http, &result);
}

static void
judge(struct http *http, const struct http_response *response)
{
	struct result result = result_of(response);
	struct expect_seen seen = {
		.status = response->status,
		.latency_us = result.latency_us,
		.stalled = stalls_now(http) != http->look->stalls,
		.body = response->body,
		.body_len = response->body_len,
	};
	expect_judge(http->rules, http->n_rules, &seen, &result);
	if (status_is_bad(result.status))
		result.evidence = excerpt_new(response);
	finish(http, &result);
}

/* It leads to where we do not go. */
static void
fail_redirect(struct http *http, const struct http_response *response)
{
	struct result result = result_of(response);
	result.status = STATUS_PARTIAL_OUTAGE;
	result.cause = CAUSE_REDIRECT;
	str_copy(result.message, sizeof(result.message), unexpected);
	result.evidence = excerpt_new(response);
	finish(http, &result);
}

/* Whether a configured header is for this hop, too. */
static bool
is_for_hop(const struct look *look, const char *name)
{
	if (str_ieq(name, "Authorization"))
		return false; /* it has its own place */
	if (str_ieq(name, "Cookie"))
		return look->hops == 0;
	if (str_ieq(name, "Host"))
		return str_eq(look->parts.host, look->first.host)
			&& look->parts.port == look->first.port;
	return true;
}

/* As with keys of a map, the last one counts, in whatever case. */
static bool
is_given_again(const struct conf_list *headers, size_t i)
{
	const struct conf_pair *pairs = headers->items;
	for (size_t later = i + 1; later < headers->count; later++)
		if (str_ieq(pairs[i].key, pairs[later].key))
			return true;
	return false;
}

static size_t
collect_headers(const struct http *http, struct http_header *headers)
{
	const struct look *look = http->look;
	const struct conf_list *configured = &http->settings->headers;
	const struct conf_pair *pairs = configured->items;
	size_t n = 0;
	for (size_t i = 0; i < configured->count; i++)
		if (is_for_hop(look, pairs[i].key)
			&& !is_given_again(configured, i))
			headers[n++] = (struct http_header){
				.name = pairs[i].key,
				.value = pairs[i].value,
			};
	if (look->authorization)
		headers[n++] = (struct http_header){
			.name = "Authorization",
			.value = look->authorization,
		};
	const char *cookies =
		cookies_for(&look->cookies, look->parts.host, look->arena);
	if (cookies)
		headers[n++] = (struct http_header){
			.name = "Cookie",
			.value = cookies,
		};
	return n;
}

static void on_answer(void *cookie, const struct http_response *response);

static void
ask(struct http *http)
{
	struct look *look = http->look;
	size_t most = http->settings->headers.count + 2;
	struct http_header *headers =
		arena_alloc(look->arena, most * sizeof(*headers));
	int64_t timeout_ms = timeout_of(http);
	struct http_request request = {
		.method = look->method,
		.url = look->url,
		.headers = headers,
		.n_headers = collect_headers(http, headers),
		.connect_ms = timeout_ms,
		.headers_ms = timeout_ms,
		.idle_ms = timeout_ms,
		.total_ms = look->left_ms,
		.body_max = has_regex(http) ? BODY_MAX : EXCERPT_BODY_MAX,
		.cut_body = true,
		.insecure = http->settings->insecure,
		.fresh = true,
	};
	look->stalls = stalls_now(http);
	look->call = http_send(http->env->http, &request, on_answer, http);
}

/* Set the look to the URL; false for one that cannot be. */
static bool
aim(struct look *look, const char *url)
{
	struct err err;
	if (!url_parse(url, look->arena, &look->parts, &err))
		return false;
	look->url = url_public(url, look->arena);
	return true;
}

static void
follow(struct http *http, const struct http_response *response,
	const char *location)
{
	struct look *look = http->look;
	struct err err;
	const char *url;
	struct url from = look->parts;
	look->left_ms -= response->timing.total_us / 1000;
	cookies_take(&look->cookies, response->headers, from.host, look->arena);
	if (look->hops == REDIRECT_MAX
		|| !url_resolve(look->url, location, look->arena, &url, &err)
		|| !aim(look, url)) {
		fail_redirect(http, response);
		return;
	}
	if (look->left_ms <= 0) {
		struct http_response late = *response;
		late.fail = HTTP_FAIL_BODY_TIMEOUT;
		fail(http, &late);
		return;
	}
	look->hops++;
	look->method = redirect_method(response->status, look->method);
	if (!redirect_keeps_auth(&from, &look->parts))
		look->authorization = NULL;
	ask(http);
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct http *http = cookie;
	http->look->call = NULL;

	/* Nobody looks into the body of an answer that leads elsewhere. */
	bool is_whole = response->fail == HTTP_FAIL_NONE
		|| response->fail == HTTP_FAIL_BODY
		|| response->fail == HTTP_FAIL_TOO_LARGE;
	char location[LOCATION_SIZE];
	if (is_whole && redirect_is(response->status)
		&& http_response_header(
			response, "Location", location, sizeof(location)))
		follow(http, response, location);
	else if (response->fail == HTTP_FAIL_NONE)
		judge(http, response);
	else
		fail(http, response);
}

static struct probe *
create(const void *settings, const struct probe_env *env)
{
	const struct http_conf *conf = settings;
	size_t n = expect_conf_count(&conf->expectation);
	struct http *http =
		mem_zalloc(sizeof(*http) + n * sizeof(struct expect_rule));
	http->settings = conf;
	http->env = env;
	http->n_rules = n;
	expect_conf_compile(&conf->expectation, env->patterns, http->rules);
	return &http->probe;
}

static void
start(struct probe *probe, int64_t now_ms)
{
	struct http *http = (struct http *)probe;
	struct look *look = mem_zalloc(sizeof(*look));
	http->look = look;
	look->arena = arena_new_small();
	look->at_ms = now_ms;
	look->left_ms = TOTAL_TIMEOUTS * timeout_of(http);
	if (look->left_ms < TOTAL_LEAST_MS)
		look->left_ms = TOTAL_LEAST_MS;
	look->method = http_conf_method(http->settings, look->arena);

	/* What the loader accepted has a URL that can be asked for. */
	struct err err;
	const char *url;
	bool is_good =
		url_normalise(http->settings->url, look->arena, &url, &err)
		&& aim(look, url);
	assert(is_good);
	look->first = look->parts;
	look->authorization = http_conf_authorization(
		http->settings, look->parts.user, look->arena);
	ask(http);
}

static void
cancel(struct probe *probe)
{
	struct http *http = (struct http *)probe;
	http_cancel(http->look->call);
	end_look(http);
}

static void
destroy(struct probe *probe)
{
	struct http *http = (struct http *)probe;
	assert(!http->look);
	expect_finish(http->rules, http->n_rules);
	free(http);
}

const struct probe_type http_probe = {
	.conf = {
		.name = "http",
		.section = {
			.name = "http",
			.size = sizeof(struct http_conf),
			.fields = http_conf_fields,
			.of_old = true,
			.check = http_conf_check,
		},
	},
	.target = http_conf_target,
	.create = create,
	.start = start,
	.cancel = cancel,
	.destroy = destroy,
};
