/*
 *     actions_judge -> judge_failure, judge_redirect, judge_taken, judge_good,
 *                      judge_busy, judge_refusal
 */
#include "agent/actions_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/http/follow.h"
#include "conf/action.h"

enum {
	SAID_RAW_MAX = 16 * 1024, /* of what is cleaned later */
};

/* What of an answer is judged. */
struct judging {
	const struct conf_action *action;
	bool following;
	const struct http_request *request;
	const struct http_response *answer;
	int64_t now_ms;
	struct arena *arena;
	json_t *json; /* its body; NULL */
};

/* What it says. */

static const char *
text_at(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);
	if (json_is_object(value))
		value = json_object_get(value, "message");
	const char *text = json_string_value(value);
	return text && *text != '\0' ? text : NULL;
}

static bool
is_page(const struct http_response *answer)
{
	char type[64];
	return http_response_header(answer, "Content-Type", type, sizeof(type))
		&& str_istarts(type, "text/html");
}

static const char *
said(const struct judging *judging)
{
	static const char *const keys[] = { "text", "message", "result",
		"detail", "error", "status" };
	const struct http_response *answer = judging->answer;
	if (json_is_string(judging->json))
		return json_string_value(judging->json);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = text_at(judging->json, keys[i]);
		if (text)
			return text;
	}
	if (is_page(answer))
		return "";
	size_t len = strnlen(answer->body, answer->body_len);
	if (len > SAID_RAW_MAX)
		len = SAID_RAW_MAX - utf8_tail(answer->body, SAID_RAW_MAX);
	return arena_dup_n(judging->arena, answer->body, len);
}

static bool
status_is(const struct judging *judging, const char *const *words)
{
	const char *status =
		json_string_value(json_object_get(judging->json, "status"));
	if (!status)
		status = json_string_value(
			json_object_get(judging->json, "state"));
	for (; status && *words; words++)
		if (str_ieq(status, *words))
			return true;
	return false;
}

static bool
says_it_runs(const struct judging *judging)
{
	static const char *const words[] = { "running", "pending", "queued",
		"accepted", "started", "starting", "in_progress", "in progress",
		"inprogress", "processing", "working", NULL };
	return status_is(judging, words);
}

static bool
says_it_failed(const struct judging *judging)
{
	static const char *const words[] = { "failed", "failure", "error",
		"canceled", "cancelled", "aborted", "terminated", NULL };
	return status_is(judging, words);
}

/* Verdicts. */

static struct actions_verdict
ended(enum actions_end end, const char *result)
{
	return (struct actions_verdict){ .end = end, .result = result };
}

static struct actions_verdict
again(const char *result, int64_t after_ms)
{
	return (struct actions_verdict){
		.next = ACTIONS_NEXT_AGAIN,
		.result = result,
		.after_ms = after_ms,
	};
}

/* "it answered 503: too many" */
static const char *
answered(const struct judging *judging)
{
	const char *text = said(judging);
	text += strspn(text, " \t\r\n");
	return arena_printf(judging->arena, "it answered %d%s%s",
		judging->answer->status, *text != '\0' ? ": " : "", text);
}

static struct actions_verdict
judge_failure(const struct judging *judging)
{
	const struct http_response *answer = judging->answer;
	bool plain = *answer->detail != '\0' && !strstr(answer->detail, "://");
	const char *why = plain ? answer->detail : http_fail_name(answer->fail);
	why = arena_printf(judging->arena, "it did not answer: %s", why);
	bool hopeless = answer->fail == HTTP_FAIL_URL
		|| answer->fail == HTTP_FAIL_CERTIFICATE;
	if (hopeless && !judging->following)
		return ended(ACTIONS_FAILED, why);
	if (!answer->sent || judging->following || judging->action->repeat)
		return again(why, 0);
	return ended(ACTIONS_UNSURE, why);
}

/* The same place, as far as that may have the secrets. */
static const char *
place_of(const struct judging *judging)
{
	struct http_response redirect = *judging->answer;
	redirect.status = 303;
	return http_follow_url(judging->request, &redirect, judging->arena);
}

static struct actions_verdict
follow(const struct judging *judging, const char *url)
{
	const struct http_response *answer = judging->answer;
	return (struct actions_verdict){
		.next = ACTIONS_NEXT_FOLLOW,
		.result = said(judging),
		.url = url,
		.after_ms = http_response_retry_after(answer, judging->now_ms),
	};
}

static struct actions_verdict
judge_redirect(const struct judging *judging)
{
	const char *url = place_of(judging);
	bool elsewhere = judging->following || judging->answer->status != 303;
	if (url && !elsewhere)
		return follow(judging, url);
	if (url)
		return (struct actions_verdict){
			.next = ACTIONS_NEXT_ELSEWHERE,
			.result = "it sends from one place to another",
			.url = url,
		};
	return ended(judging->following ? ACTIONS_UNSURE : ACTIONS_FAILED,
		arena_printf(judging->arena,
			"it answered %d, which leads to where secrets must not "
			"go; change its URL",
			judging->answer->status));
}

/* 202: it was taken, and may tell elsewhere how it goes. */
static struct actions_verdict
judge_taken(const struct judging *judging)
{
	const char *url = place_of(judging);
	if (url || judging->following)
		return follow(judging, url ? url : judging->request->url);
	return ended(ACTIONS_DONE, said(judging));
}

static struct actions_verdict
judge_good(const struct judging *judging)
{
	if (judging->answer->status == 202)
		return judge_taken(judging);
	if (judging->following && says_it_runs(judging))
		return follow(judging, judging->request->url);
	return ended(says_it_failed(judging) ? ACTIONS_FAILED : ACTIONS_DONE,
		said(judging));
}

static bool
is_busy(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static struct actions_verdict
judge_rest(const struct judging *judging)
{
	const struct http_response *answer = judging->answer;
	const char *why = answered(judging);
	bool may = judging->following || judging->action->repeat;
	if (is_busy(answer->status) && may)
		return again(why,
			http_response_retry_after(answer, judging->now_ms));
	return ended(judging->following ? ACTIONS_UNSURE : ACTIONS_FAILED, why);
}

struct actions_verdict
actions_judge(const struct conf_action *action, bool following,
	const struct http_request *request, const struct http_response *answer,
	int64_t now_ms, struct arena *arena)
{
	struct judging judging = {
		.action = action,
		.following = following,
		.request = request,
		.answer = answer,
		.now_ms = now_ms,
		.arena = arena,
	};
	/* A body that broke off says less, but who answered so has done it. */
	bool good = answer->status >= 200 && answer->status < 300;
	if (answer->fail != HTTP_FAIL_NONE && (!good || following))
		return judge_failure(&judging);
	if (!answer->body_cut)
		judging.json = json_loadb(
			answer->body, answer->body_len, JSON_DECODE_ANY, NULL);
	struct actions_verdict verdict = good	  ? judge_good(&judging)
		: http_follow_is_redirect(answer) ? judge_redirect(&judging)
						  : judge_rest(&judging);
	verdict.result = arena_dup(arena, verdict.result);
	json_decref(judging.json);
	return verdict;
}
