/*
 *     start -> ask -> on_answer -> go_on -> ask ...
 *                               -> judge | fail -> finish
 */
#include "probes/http.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "agent/model/result.h"
#include "probes/body.h"
#include "probes/excerpt.h"
#include "probes/expect.h"
#include "probes/expect_conf.h"
#include "probes/failure.h"
#include "probes/hop.h"
#include "probes/http_conf.h"

enum {
	BODY_MAX = 8 * 1024 * 1024, /* coded, and again undone */
	TIMEOUT_OF_ZERO_MS = 1000, /* as in the old tool */
	TOTAL_LEAST_MS = 30 * 1000,
	TOTAL_TIMEOUTS = 10,
};

/* One look; there is none while the probe is idle. */
struct look {
	struct arena *arena; /* for what lives as long as the look */
	struct http_call *call;
	int64_t at_ms;
	int64_t left_ms; /* of the time for all hops */
	int64_t took_us; /* by those so far */
	uint32_t stalls; /* when this hop began */
	struct hop hop;
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

/* What somebody who looks on wants to see. */
static void
tell_hop(const struct http *http, const struct http_response *response)
{
	const struct probe_watch *watch = http->env->watch;
	struct probe_hop hop = {
		.method = http->look->hop.method,
		.url = http->look->hop.url,
		.response = response,
	};
	if (watch)
		watch->on_hop(watch->cookie, &hop);
}

/* NULL: there is nothing to judge. */
static void
tell_findings(const struct http *http, const struct expect_seen *seen)
{
	const struct probe_watch *watch = http->env->watch;
	if (watch)
		expect_each(http->rules, http->n_rules, seen, watch);
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
	result->took_us = http->look->took_us;
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
		.certificate_ends_ms = response->certificate_ends_ms,
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

/* The endpoint may have an opinion of its own. */
static enum status
severity_of(const struct http *http, const struct failure *failure)
{
	const struct http_conf *settings = http->settings;
	int said = 0;
	if (failure->wording == FAILURE_UNREACHABLE)
		said = settings->on_unreachable;
	else if (failure->wording == FAILURE_TIMED_OUT)
		said = settings->on_timeout;
	return said != 0 ? (enum status)said : failure->status;
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
	tell_findings(http, NULL);
	result.status = severity_of(http, &failure);
	result.cause = failure.cause;
	if (*response->detail != '\0')
		result.detail = mem_dup(response->detail);
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
		result.evidence = excerpt_new(response, http->settings);
	finish(http, &result);
}

/* It leads to where we do not go, or is not coded as it says. */
static void
fail_unexpected(struct http *http, const struct http_response *response,
	enum cause cause)
{
	struct result result = result_of(response);
	tell_findings(http, NULL);
	result.status = STATUS_PARTIAL_OUTAGE;
	result.cause = cause;
	str_copy(result.message, sizeof(result.message), unexpected);
	result.evidence = excerpt_new(response, http->settings);
	finish(http, &result);
}

static void
judge_text(struct http *http, const struct http_response *response,
	const char *text, size_t len)
{
	struct result result = result_of(response);
	struct expect_seen seen = {
		.status = response->status,
		.latency_us = result.latency_us,
		.stalled = stalls_now(http) != http->look->stalls,
		.body = text,
		.body_len = len,
	};
	result.whole = true;
	expect_judge(http->rules, http->n_rules, &seen, &result);
	tell_findings(http, &seen);
	if (status_is_bad(result.status))
		result.evidence = excerpt_new(response, http->settings);
	finish(http, &result);
}

/* Only a pattern asks for what the body says. */
static void
judge(struct http *http, const struct http_response *response)
{
	struct body body = { 0 };
	bool is_good = has_regex(http) ? body_read(&body, response, BODY_MAX)
				       : body_is_plausible(response);
	if (is_good)
		judge_text(http, response, body.text, body.len);
	else
		fail_unexpected(http, response, CAUSE_BODY);
	body_finish(&body);
}

static void on_answer(void *cookie, const struct http_response *response);

static void
ask(struct http *http)
{
	struct look *look = http->look;
	int64_t timeout_ms = timeout_of(http);
	struct http_request request = {
		.method = look->hop.method,
		.url = look->hop.url,
		.connect_ms = timeout_ms,
		.headers_ms = timeout_ms,
		.idle_ms = timeout_ms,
		.total_ms = look->left_ms,
		.body_max = has_regex(http) || http->env->watch
			? BODY_MAX
			: EXCERPT_BODY_MAX,
		.cut_body = true,
		.insecure = http->settings->insecure,
		.fresh = true,
		.family = (enum resolver_family)http->settings->ip_version,
	};
	if (http->settings->resolve.count > 0 && hop_is_at_first(&look->hop)) {
		request.addresses = http->settings->resolve.items;
		request.n_addresses = http->settings->resolve.count;
	}
	request.headers = hop_headers(&look->hop, &request.n_headers);
	look->stalls = stalls_now(http);
	look->call = http_send(http->env->http, &request, on_answer, http);
}

static void
go_on(struct http *http, const struct http_response *response)
{
	struct look *look = http->look;
	look->left_ms -= response->timing.total_us / 1000;
	if (look->left_ms <= 0) {
		struct http_response late = *response;
		late.fail = HTTP_FAIL_BODY_TIMEOUT;
		fail(http, &late);
		return;
	}
	ask(http);
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct http *http = cookie;
	struct look *look = http->look;
	look->call = NULL;
	look->took_us += response->timing.total_us;
	tell_hop(http, response);

	/* Nobody looks into the body of an answer that leads elsewhere. */
	bool has_headers = response->fail == HTTP_FAIL_NONE
		|| response->fail == HTTP_FAIL_BODY
		|| response->fail == HTTP_FAIL_TOO_LARGE;
	enum hop_way way = has_headers
		? hop_follow(&look->hop, response, look->at_ms)
		: HOP_ENDS;
	if (way == HOP_LEADS)
		go_on(http, response);
	else if (way == HOP_ASTRAY)
		fail_unexpected(http, response, CAUSE_REDIRECT);
	else if (response->fail != HTTP_FAIL_NONE)
		fail(http, response);
	else
		judge(http, response);
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
	hop_begin(&look->hop, http->settings, look->arena);
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
		.help = "A request by HTTP or HTTPS.",
	},
	.target = http_conf_target,
	.create = create,
	.start = start,
	.cancel = cancel,
	.destroy = destroy,
};
