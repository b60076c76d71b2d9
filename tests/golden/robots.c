/*
 * The robots of DingTalk, Feishu and WeCom, and Slack, against what their
 * vendors publish: each answer and what it means, each signature, and bodies
 * for a given event.  All of it is in robots.json, and is played as a golden
 * file is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/golden/play.h"

enum {
	TRIES = 4, /* as often as one may be asked in a row */
};

static json_t *document;

static const char *
text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	assert_non_null(text);
	return text;
}

static const char *
url_of(const char *type)
{
	return str_eq(type, "dingtalk") ? "https://oapi.dingtalk.com/robot/send"
					  "?access_token=0f1e2d3c4b5a"
					: "https://example.net/hook/canary";
}

/* What was done, for the caller to free. */
static char *
play_with(const char *type, const char *secret, int64_t now_ms, json_t *answers)
{
	json_t *game = json_pack("{s:s, s:s, s:{s:s}, s:{s:I}, s:o}", "about",
		"", "type", type, "settings", "url", url_of(type), "context",
		"now_ms", (json_int_t)now_ms, "answers", answers);
	assert_non_null(game);
	if (secret)
		json_object_set_new(json_object_get(game, "settings"), "secret",
			json_string(secret));
	char *text = play(game);
	json_decref(game);
	return text;
}

/* The first outcome, "done" and so on, up to the end of its line. */
static char *
outcome_of(const char *text)
{
	const char *at = strstr(text, "\n=> ");
	assert_non_null(at);
	char *line = mem_dup(at + strlen("\n=> "));
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* The JSON of the request of this number, which counts from 1. */
static json_t *
body_of(const char *text, int64_t number)
{
	const char *at = text;
	for (; at && number > 0; number--)
		at = strstr(at + 1, "\nPOST ");
	if (at)
		at = strstr(at, "\n{");
	json_t *json =
		json_loads(at ? at + 1 : "", JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(json);
	return json;
}

static bool
is_of_class(const char *outcome, const char *class)
{
	if (str_eq(class, "ok"))
		return str_eq(outcome, "done");
	if (str_eq(class, "retry"))
		return str_starts(outcome, "retry");
	return str_starts(outcome, "rejected")
		|| str_starts(outcome, "suspended");
}

static bool
is_signed(const char *type)
{
	return str_eq(type, "dingtalk") || str_eq(type, "feishu");
}

static void
test_answers(void **unused)
{
	(void)unused;
	size_t i;
	json_t *row;
	const json_t *rows = json_object_get(document, "answers");
	assert_true(json_array_size(rows) > 50);
	json_array_foreach (rows, i, row) {
		json_t *answers = json_array();
		for (int n = 0; n < TRIES; n++)
			json_array_append(answers, row);
		char *text = play_with(text_at(row, "type"),
			is_signed(text_at(row, "type")) ? "SECx" : NULL,
			1709294400000, answers);
		char *outcome = outcome_of(text);
		if (!is_of_class(outcome, text_at(row, "class")))
			fail_msg("%s is %s, not %s", text_at(row, "body"),
				outcome, text_at(row, "class"));
		free(outcome);
		free(text);
	}
}

/* Who is asked for less waits for a minute, and no alert is lost of it. */
static void
test_limits(void **unused)
{
	(void)unused;
	static const struct {
		const char *type;
		const char *body;
	} rows[] = {
		{ "dingtalk", "{\"errcode\":130101,\"errmsg\":\"x\"}" },
		{ "dingtalk", "{\"errcode\":1,\"errmsg\":\"Send TOO fast\"}" },
		{ "dingtalk", "{\"status\":1111,\"wait\":5}" },
		{ "feishu", "{\"code\":11232,\"msg\":\"x\"}" },
		{ "feishu", "{\"code\":9499,\"msg\":\"frequency limited\"}" },
		{ "wecom", "{\"errcode\":45009,\"errmsg\":\"x\"}" },
		{ "wecom", "{\"errcode\":45033,\"errmsg\":\"x\"}" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = play_with(rows[i].type, NULL, 1709294400000,
			json_pack("[{s:i, s:s}]", "status", 200, "body",
				rows[i].body));
		char *outcome = outcome_of(text);
		assert_true(
			str_starts(outcome, "retry after 60000 ms, limited"));
		free(outcome);
		free(text);
	}
}

static void
test_signatures(void **unused)
{
	(void)unused;
	size_t i;
	json_t *row;
	const json_t *rows = json_object_get(document, "signatures");
	assert_true(json_array_size(rows) > 5);
	json_array_foreach (rows, i, row) {
		char *text = play_with(text_at(row, "type"),
			text_at(row, "secret"),
			json_integer_value(json_object_get(row, "now_ms")),
			json_array());
		if (json_object_get(row, "url")) {
			const char *url = text_at(row, "url");
			const char *at = strstr(text, url);
			assert_non_null(at);
			assert_int_equal(at[strlen(url)], '\n');
		} else {
			json_t *body = body_of(text, 1);
			assert_string_equal(text_at(body, "timestamp"),
				text_at(row, "timestamp"));
			assert_string_equal(
				text_at(body, "sign"), text_at(row, "sign"));
			json_decref(body);
		}
		free(text);
	}
}

static void
test_bodies(void **unused)
{
	(void)unused;
	size_t i;
	json_t *row;
	const json_t *rows = json_object_get(document, "bodies");
	assert_true(json_array_size(rows) > 0);
	json_array_foreach (rows, i, row) {
		json_t *ok = json_pack("[{s:i, s:s}]", "status", 200, "body",
			"{\"errcode\":0}");
		json_object_set_new(row, "answers", ok);
		char *text = play(row);
		json_t *body = body_of(text,
			json_integer_value(json_object_get(row, "request")));
		if (!json_equal(body, json_object_get(row, "expect")))
			fail_msg("%s: %s", text_at(row, "about"), text);
		json_decref(body);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_bodies),
	};
	json_error_t where;
	document = json_load_file(GOLDEN_FOLDER "/robots.json", 0, &where);
	if (!document) {
		fprintf(stderr, "robots.json:%d: %s\n", where.line, where.text);
		return 1;
	}
	int failed = cmocka_run_group_tests_name("robots", tests, NULL, NULL);
	json_decref(document);
	return failed;
}
