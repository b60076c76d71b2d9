/*
 * Reporters against anything: whatever is answered, a step comes to an end,
 * says why, and gives no secret away.  The golden files tell the stories; this
 * is noise from a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/hmac.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/dingtalk.h"
#include "reporters/feishu.h"
#include "reporters/robot.h"
#include "reporters/slack.h"
#include "reporters/webhook.h"
#include "reporters/wecom.h"

enum {
	SEEDS = 300,
	ROUNDS = 30, /* from the start to an outcome */
	STEPS_MAX = 200, /* requests in one round */
	ITEMS_MAX = 60, /* incidents in a list */
	RATE_SENT = 400,
};

#define UUID "019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
#define SECRET "canary"

static void
test_hmac(void **unused)
{
	(void)unused;
	/* RFC 4231, test case 2. */
	const char *text = "what do ya want for nothing?";
	char hmac[HMAC_TEXT_SIZE];
	hmac_sha256("Jefe", text, strlen(text), hmac);
	assert_string_equal(hmac,
		"5bdcc146bf60754e6a042426089575c7"
		"5a003f089d2739839dec58b964ec3843");
}

static void
test_registry_is_sorted(void **unused)
{
	(void)unused;
	for (size_t i = 1; reporter_types[i - 1] && reporter_types[i]; i++)
		assert_true(strcmp(reporter_types[i - 1]->conf.name,
				    reporter_types[i]->conf.name)
			< 0);
	for (size_t i = 0; reporter_types[i]; i++)
		assert_ptr_equal(reporter_type_of(&reporter_types[i]->conf),
			reporter_types[i]);
	assert_null(reporter_type_of(NULL));
	reporter_free(NULL);
}

/* Noise. */

static size_t
pick(struct rng *rng, size_t n)
{
	return (size_t)rng_below(rng, n);
}

static const char *
some_incident(struct rng *rng, struct arena *arena)
{
	static const char *const metas[] = {
		"{\"curlew\":\"" UUID "\",\"endpoint\":\"shop\"}",
		"{\"curlew\":\"other\",\"endpoint\":\"shop\"}",
		"{\"endpoint\":5}",
		"[]",
		"null",
		"\"{\\\"curlew\\\":\\\"" UUID "\\\"}\"",
		"\"x\"",
	};
	static const char *const ids[] = { "1", "\"2\"", "3",
		"9007199254740993", "-1", "0", "null", "\"x\"", "1e300", "{}" };
	static const char *const names[] = { "\"down\"", "\"slow\"", "5",
		"\"x\"" };
	static const char *const statuses[] = { "1", "\"2\"", "4", "\"4\"", "9",
		"{\"value\":3}", "null", "[]" };
	return arena_printf(arena,
		"{\"id\":%s,\"name\":%s,\"status\":%s,\"meta\":%s}",
		pick(rng, 3) ? arena_printf(arena, "%zu", pick(rng, 9) + 1)
			     : ids[pick(rng, 10)],
		names[pick(rng, 4)], statuses[pick(rng, 8)],
		metas[pick(rng, 7)]);
}

static const char *
some_list(struct rng *rng, struct arena *arena)
{
	const char *list = "";
	size_t n = pick(rng, pick(rng, 8) ? 4 : ITEMS_MAX);
	for (size_t i = 0; i < n; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? "," : "",
			some_incident(rng, arena));
	return arena_printf(arena, "{\"data\":[%s]}", list);
}

static const char *
some_body(struct rng *rng, struct arena *arena)
{
	static const char *const bodies[] = { "", "ok", "OK", "<html>", "{",
		"[]", "null", "5", "{\"data\":null}", "{\"data\":{}}",
		"{\"data\":{\"id\":7}}", "{\"data\":{\"status\":3}}",
		"{\"data\":{\"status\":\"4\"}}", "{\"errors\":[]}",
		"{\"errors\":[{\"meta\":{\"details\":[5]}}]}",
		"{\"errors\":[{\"detail\":\"no\\u0007\"}]}", "rate_limited",
		"no_service", "invalid_payload", "\xff\xfe", "{\"errcode\":0}",
		"{\"code\":0}", "{\"errcode\":\"0\"}",
		"{\"errcode\":310000,\"errmsg\":\"sign not match canary\"}",
		"{\"errcode\":45009}", "{\"errcode\":null}",
		"{\"errcode\":987654,\"errmsg\":\"canary\"}",
		"{\"code\":11246}", "{\"code\":19021,\"msg\":5}",
		"{\"status\":1111,\"wait\":9999999999999}",
		"a_word_that_is_longer_than_any_that_slack_would_answer",
		"[[[[[[[[[[[[[[[[[[[[[[" };
	size_t n = sizeof(bodies) / sizeof(bodies[0]);
	size_t which = pick(rng, n + 12);
	if (which < n)
		return bodies[which];
	if (which < n + 6)
		return some_list(rng, arena);
	return arena_printf(arena, "{\"data\":%s}", some_incident(rng, arena));
}

static struct http_response
some_answer(struct rng *rng, struct arena *arena)
{
	static const int statuses[] = { 200, 200, 200, 200, 201, 204, 301, 302,
		304, 400, 401, 403, 404, 404, 405, 408, 409, 410, 413, 422, 425,
		429, 500, 502, 503, 504, 599 };
	static const char *const waits[] = { "", "Retry-After: 5\r\n",
		"Retry-After: -5\r\n", "Retry-After: 99999999999999999999\r\n",
		"Retry-After: Fri, 20 Nov 2026 21:36:33 GMT\r\n",
		"Retry-After: soon\r\n" };
	struct http_response answer = {
		.detail = "",
		.headers = "",
		.body = "",
		.sent = true,
	};
	if (pick(rng, 6) == 0) {
		answer.fail =
			(enum http_fail)(1 + pick(rng, HTTP_FAIL_COUNT - 1));
		answer.detail = pick(rng, 2) ? "http://h/" SECRET : "it broke";
		answer.sent = pick(rng, 2);
		return answer;
	}
	size_t n = sizeof(statuses) / sizeof(statuses[0]);
	answer.status = statuses[pick(rng, n)];
	answer.headers = arena_printf(
		arena, "HTTP/1.1 %d\r\n%s", answer.status, waits[pick(rng, 6)]);
	answer.body = some_body(rng, arena);
	answer.body_len = strlen(answer.body);
	answer.body_cut = pick(rng, 10) == 0;
	return answer;
}

static struct event
some_event(struct rng *rng)
{
	struct event event = {
		.kind = (enum event_kind)pick(rng, 4),
		.incident = UUID,
		.seq = 1 + (unsigned)pick(rng, 3),
		.first = pick(rng, 2),
		.at_ms = 1795210492000 + (int64_t)pick(rng, 10) - 5,
		.opened_ms = 1795210492000,
		.from = (enum status)pick(rng, STATUS_COUNT),
		.to = (enum status)pick(rng, STATUS_COUNT),
		.cause = (enum cause)pick(rng, CAUSE_COUNT),
		.message = pick(rng, 2) ? "<b> \xff & {x}" : "",
		.latency_us = (int64_t)pick(rng, 2) * 312400,
		.endpoint = {
			.name = "shop",
			.url = "http://shop.example.net/",
			.method = "GET",
			.component_id = (int64_t)pick(rng, 2) * 7,
			.n_actions = 1 + pick(rng, 2),
			.titles = { "down", "slow", "up" },
		},
	};
	bool swap = pick(rng, 2);
	event.endpoint.actions[swap] = ACTION_CREATE_INCIDENT;
	event.endpoint.actions[!swap] = ACTION_UPDATE_STATUS;
	return event;
}

static const char *
some_carry(struct rng *rng)
{
	static const char *const carries[] = { "", "", "", "verify 1",
		"verify doubt set 3 3", "check", "drop 1 2 3", "sweep 2 1 3",
		"look", "update 5 6", "update", "replace 1", "write",
		"nonsense", "verify -1 x", "create doubt", "waited",
		"read doubt 1", "drop doubt 99999999999999999999999 1",
		"begin" };
	return carries[pick(rng, sizeof(carries) / sizeof(carries[0]))];
}

/* One part of one event, to its end. */

struct noise {
	struct rng rng;
	const struct reporter *reporter;
	struct event event;
	struct reporter_context context;
	struct reporter_part part;
	char carry[REPORTER_CARRY_MAX];
};

static void
check_request(const struct noise *noise, const struct reporter_step *step)
{
	const struct http_request *request = &step->request;
	assert_non_null(request->method);
	assert_true(str_starts(request->url, "http"));
	assert_true(request->total_ms > 0);
	assert_true(request->body_max > 0 && request->cut_body);
	assert_true(noise->carry[0] == '\0' || strlen(noise->carry) < 2000);
	if (step->once)
		assert_string_equal(request->method, "POST");
	for (size_t i = 0; i < request->n_headers; i++)
		assert_null(strpbrk(request->headers[i].value, "\r\n"));
}

static void
check_outcome(const struct reporter_step *step)
{
	assert_null(strstr(step->detail, SECRET));
	assert_true(step->after_ms >= 0 && step->after_ms <= 3600000);
	if (step->kind == STEP_DONE)
		assert_string_equal(step->detail, "");
	else
		assert_string_not_equal(step->detail, "");
}

static enum reporter_step_kind
play_round(struct noise *noise)
{
	struct arena *arena = arena_new();
	noise->context.arena = arena;
	struct reporter_step step = { .kind = STEP_SEND };
	const struct reporter_type *type = noise->reporter->type;
	type->step(noise->reporter, &noise->context, NULL, &step);
	int steps = 0;
	for (; step.kind == STEP_SEND && steps < STEPS_MAX; steps++) {
		check_request(noise, &step);
		if (step.undone)
			noise->context.uncertain = false;
		if (step.once) {
			noise->context.uncertain = true;
			noise->context.begun_ms = noise->context.now_ms;
		}
		struct http_response answer = some_answer(&noise->rng, arena);
		type->step(noise->reporter, &noise->context, &answer, &step);
	}
	assert_true(steps < STEPS_MAX);
	check_outcome(&step);
	if (step.undone || step.kind == STEP_DONE)
		noise->context.uncertain = false;
	int64_t pause = step.after_ms > 0 ? step.after_ms : 1000;
	bool final = step.kind == STEP_REJECTED
		|| (step.kind == STEP_DONE && step.after_ms == 0);
	noise->context.now_ms += pause;
	arena_free(arena);
	return final ? STEP_REJECTED : step.kind;
}

static void
play_noise(const struct reporter *reporter, uint64_t seed)
{
	struct noise noise = { .reporter = reporter };
	rng_seed(&noise.rng, seed);
	noise.event = some_event(&noise.rng);
	struct reporter_plan plan = { 0 };
	reporter->type->plan(reporter, &noise.event, &plan);
	assert_true(plan.n <= REPORTER_PARTS_MAX);
	if (plan.n == 0)
		return;
	noise.part = plan.parts[pick(&noise.rng, plan.n)];
	static const char *const memories[] = { "", "2.3", "2.4", "2.4 sure",
		"3", "3 sure", "noise" };
	str_copy(reporter->memory, REPORTER_MEMORY_SIZE, memories[seed % 7]);
	snprintf(
		noise.carry, sizeof(noise.carry), "%s", some_carry(&noise.rng));
	noise.context = (struct reporter_context){
		.event = &noise.event,
		.part = &noise.part,
		.now_ms = 1795210493000,
		.opening = (enum reporter_opening)pick(
			&noise.rng, OPENING_SET + 1),
		.ref = pick(&noise.rng, 2) ? "100" : "",
		.uncertain = pick(&noise.rng, 2),
		.begun_ms = 1795210493000 + (int64_t)pick(&noise.rng, 40000)
			- 20000,
		.mirror = (enum status)pick(&noise.rng, STATUS_COUNT),
		.carry = noise.carry,
		.token = reporter->token_source ? SECRET : NULL,
	};
	for (int i = 0; i < ROUNDS; i++)
		if (play_round(&noise) == STEP_REJECTED)
			return;
}

/* Reporters with settings as the loader makes them. */

static void
make_noise(const struct reporter_type *type, const void *settings)
{
	const struct conf_chosen chosen = { &type->conf, settings };
	struct err err;
	struct reporter *reporter = reporter_new(&chosen, &err);
	assert_non_null(reporter);
	assert_null(strstr(reporter->id, SECRET));
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		play_noise(reporter, seed);
	reporter_free(reporter);
}

static const struct conf_source url = {
	.text = "https://h.example.net/" SECRET,
	.raw = "${URL}",
};

static void *
default_settings(const struct reporter_type *type)
{
	static _Alignas(max_align_t) char settings[1024];
	assert_true(type->conf.section.size <= sizeof(settings));
	memset(settings, 0, sizeof(settings));
	const struct conf_field *field = type->conf.section.fields;
	for (; field->key; field++) {
		void *at = settings + field->offset;
		if (field->kind == CONF_KIND_DURATION)
			*(int64_t *)at = 10000;
		if (field->kind == CONF_KIND_SOURCE)
			*(struct conf_source *)at = url;
		if (field->kind == CONF_KIND_STRING && field->fallback)
			*(const char **)at = field->fallback;
	}
	return settings;
}

static void
test_noise_for_cachet(void **unused)
{
	(void)unused;
	setenv("CACHET_API_URL", "http://me:" SECRET "@cachet.example.net", 1);
	setenv("CACHET_TOKEN", SECRET, 1);
	make_noise(&cachet_type, default_settings(&cachet_type));
	unsetenv("CACHET_API_URL");
	unsetenv("CACHET_TOKEN");
}

static void
test_noise_for_slack(void **unused)
{
	(void)unused;
	make_noise(&slack_type, default_settings(&slack_type));
}

static void
test_noise_for_webhooks(void **unused)
{
	(void)unused;
	struct webhook_settings *settings = default_settings(&webhook_type);
	const struct conf_node body = {
		.kind = CONF_NODE_TEXT,
		.text = "{title} {message} {at}",
	};
	const struct conf_pair pair = { "X-Text", "{message} {name}" };
	make_noise(&webhook_type, settings);
	settings->body = &body;
	settings->headers = (struct conf_list){ &pair, 1 };
	settings->params = (struct conf_list){ &pair, 1 };
	settings->secret = SECRET;
	make_noise(&webhook_type, settings);
}

/* A robot that signs, and mentions by what takes the most steps. */
static void
test_noise_for_robots(void **unused)
{
	(void)unused;
	static const struct reporter_type *const types[] = { &dingtalk_type,
		&feishu_type, &wecom_type };
	const struct conf_node people = {
		.kind = CONF_NODE_TEXT,
		.text = "zhangsan, mobile:13800000001",
	};
	for (size_t i = 0; i < 3; i++) {
		struct robot_settings *settings = default_settings(types[i]);
		make_noise(types[i], settings);
		settings->secret = SECRET;
		settings->keyword = "curlew";
		settings->mention = &people;
		settings->language = WORDS_ZH;
		make_noise(types[i], settings);
	}
}

/* As fast as they may: what was published is kept in any window, whenever it
 * begins, also by what is answered at once. */
static unsigned
most_within(const struct reporter_type *type, int64_t rate, int64_t window_ms)
{
	int64_t sent[RATE_SENT];
	struct robot_settings *settings = default_settings(type);
	settings->rate_limit = rate;
	const struct conf_chosen chosen = { &type->conf, settings };
	struct err err;
	struct reporter *reporter = reporter_new(&chosen, &err);
	struct bucket bucket = { 0 };
	bucket_set(&bucket, type->limit(reporter).limit, 0);
	int64_t now_ms = 0;
	unsigned most = 0;
	for (unsigned i = 0, first = 0; i < RATE_SENT; i++) {
		now_ms = bucket_due(&bucket, now_ms);
		bucket_take(&bucket, now_ms);
		bucket_answered(&bucket, NULL, now_ms);
		sent[i] = now_ms;
		while (sent[i] - sent[first] >= window_ms)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	reporter_free(reporter);
	return most;
}

static void
test_robots_keep_to_the_limits_of_their_vendors(void **unused)
{
	(void)unused;
	const int64_t minute_ms = INT64_C(60) * 1000;
	assert_int_equal(most_within(&dingtalk_type, 20, minute_ms), 20);
	assert_int_equal(most_within(&wecom_type, 20, minute_ms), 20);
	assert_int_equal(most_within(&feishu_type, 100, minute_ms), 100);
	assert_true(most_within(&feishu_type, 100, 1000) <= 5);
	assert_int_equal(most_within(&wecom_type, 1, minute_ms), 1);
}

static void
test_delivery_key(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct event event = { .incident = UUID, .seq = 3 };
	const struct reporter_context context = {
		.event = &event,
		.part_number = 1,
		.arena = arena,
	};
	assert_string_equal(reporter_delivery_key(&context), UUID ":3:1");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_registry_is_sorted),
		cmocka_unit_test(test_delivery_key),
		cmocka_unit_test(test_noise_for_cachet),
		cmocka_unit_test(test_noise_for_slack),
		cmocka_unit_test(test_noise_for_webhooks),
		cmocka_unit_test(test_noise_for_robots),
		cmocka_unit_test(
			test_robots_keep_to_the_limits_of_their_vendors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
