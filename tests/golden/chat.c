/*
 * What Slack sends, by what is published of it: payloads/INDEX.json and
 * vectors.json; and each body in other words.
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
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/command.h"
#include "agent/chat/slack_read.h"
#include "agent/chat/slack_sign.h"
#include "agent/inbound/parts.h"
#include "reporters/slack_message.h"
#include "tests/golden/golden.h"

#define FOLDER GOLDEN_FOLDER "/chat"

static const struct conf_chat chat = {
	.signing_secret = "7c1de52fa0b94c3e8d6612e4b0f9a3d7",
	.token = "outgoingTokenCurlew000001",
	.trigger = "uptime",
	.response_host = "hooks.slack.com",
};

/* What must be in no payload that is shown. */
static const char *const secrets[] = { "outgoingTokenCurlew000001",
	"verifTokenCurlewTest0001", "hooks.slack.com/", "wrongToken",
	"6700000000002.123", "6700000000003.123" };

static const char *
text(const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));
	return value ? value : "";
}

static int64_t
number(const char *digits)
{
	int64_t found;
	assert_true(str_int(digits, &found));
	return found;
}

/* Signatures. */

static bool
is_signed(const json_t *vector, int64_t now_s)
{
	const char *body = text(vector, "body");
	const struct chat_slack_signature given = {
		text(vector, "timestamp"),
		text(vector, "signature"),
	};
	return chat_slack_is_signed(&given, text(vector, "signing_secret"),
		body, strlen(body), now_s * 1000);
}

static void
test_signatures(void **unused)
{
	(void)unused;
	json_t *all = golden_load(FOLDER "/vectors.json");
	const json_t *slack = json_object_get(all, "slack_v0");
	const json_t *vectors = json_object_get(slack, "vectors");
	const json_t *verdicts = json_object_get(slack, "verdicts");
	size_t i;
	const json_t *one;
	json_array_foreach (vectors, i, one)
		assert_true(is_signed(one, number(text(one, "timestamp"))));
	assert_true(i >= 6);
	json_array_foreach (verdicts, i, one)
		assert_int_equal(is_signed(one,
					 json_integer_value(
						 json_object_get(one, "now"))),
			str_eq(text(one, "verdict"), "accept"));
	assert_true(i >= 7);
	json_decref(all);
}

/* Texts. */

static void
test_links(void **unused)
{
	(void)unused;
	json_t *all = golden_load(FOLDER "/vectors.json");
	const json_t *rows = json_object_get(
		json_object_get(all, "slack_link_unwrap"), "vectors");
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row) {
		struct arena *arena = arena_new_small();
		struct command command;
		struct err err;
		const char *host = text(row, "host");
		assert_true(command_parse(
			arena_printf(arena, "remove %s", text(row, "raw")),
			arena, &command, &err));
		if (*text(row, "url") != '\0')
			assert_string_equal(command.said, text(row, "url"));
		else if (*host != '\0')
			assert_string_equal(command.name, host);
		else
			assert_string_equal(command.name, "a@b.example");
		arena_free(arena);
	}
	rows = json_object_get(
		json_object_get(all, "slack_mrkdwn_escape"), "vectors");
	json_array_foreach (rows, i, row) {
		struct arena *arena = arena_new_small();
		assert_string_equal(slack_escape(text(row, "raw"), 1000, arena),
			text(row, "escaped"));
		arena_free(arena);
	}
	json_decref(all);
}

/* Requests. */

struct body {
	char *data;
	size_t len;
	bool is_outgoing;
};

static void
read_as(const struct body *body, struct arena *arena,
	struct chat_slack_ask *ask, const char **token)
{
	const struct inbound_request request = {
		.method = "POST",
		.query = "",
		.body = body->data,
		.body_len = body->len,
	};
	*token = "";
	if (body->is_outgoing)
		chat_slack_read_outgoing(&request, &chat, arena, ask, token);
	else
		chat_slack_read(&chat, &request, arena, ask);
}

static void
assert_covered(const struct chat_slack_ask *ask)
{
	char *shown = ask->payload ? json_dumps(ask->payload, 0) : NULL;
	for (size_t i = 0; shown && i < sizeof(secrets) / sizeof(*secrets); i++)
		if (strstr(shown, secrets[i]))
			fail_msg("%d: %s", ask->kind, shown);
	free(shown);
}

static void
assert_command(const json_t *expect, const char *said, struct arena *arena)
{
	struct command command;
	struct err err;
	assert_true(command_parse(said, arena, &command, &err));
	assert_string_equal(
		command_rows[command.verb].word, text(expect, "command"));
	assert_string_equal(command.name, text(expect, "host"));
}

/* All that INDEX.json says of it. */
static void
assert_expected(const json_t *expect, const struct chat_slack_ask *ask,
	const char *token, struct arena *arena)
{
	json_int_t status =
		json_integer_value(json_object_get(expect, "answer"));
	if (*text(expect, "command") != '\0')
		assert_command(expect, ask->text, arena);
	if (json_is_true(json_object_get(expect, "ignored")))
		assert_int_equal(ask->kind, CHAT_SLACK_NOTHING);
	if (*text(expect, "action_id") != '\0')
		assert_int_equal(ask->kind, CHAT_SLACK_PRESS);
	if (json_object_get(expect, "incident"))
		assert_int_equal(number(ask->incident),
			json_integer_value(
				json_object_get(expect, "incident")));
	if (*text(expect, "answer_body") != '\0')
		assert_string_equal(
			ask->challenge, text(expect, "answer_body"));
	if (status == 200)
		assert_int_not_equal(ask->kind, CHAT_SLACK_BAD);
	if (status == 401)
		assert_string_not_equal(token, chat.token);
}

static void
check(const json_t *entry, const struct body *body)
{
	struct arena *arena = arena_new();
	struct chat_slack_ask ask;
	const char *token;
	read_as(body, arena, &ask, &token);
	if (entry)
		assert_expected(
			json_object_get(entry, "expect"), &ask, token, arena);
	assert_covered(&ask);
	chat_slack_ask_finish(&ask);
	arena_free(arena);
}

static struct body
read_body(const json_t *entry)
{
	char path[512];
	struct buf buf;
	struct err err;
	buf_init(&buf, 1 << 20);
	snprintf(
		path, sizeof(path), FOLDER "/payloads/%s", text(entry, "file"));
	assert_true(file_read(path, &buf, &err));
	while (buf.len > 0 && buf.data[buf.len - 1] == '\n')
		buf.data[--buf.len] = '\0';
	const struct body body = { mem_dup(buf.data), buf.len,
		str_eq(text(entry, "source"), "slack-outgoing") };
	buf_finish(&buf);
	return body;
}

static void
assert_headers(const json_t *entry, const struct body *body)
{
	const json_t *headers = json_object_get(entry, "headers");
	const struct chat_slack_signature given = {
		text(headers, "X-Slack-Request-Timestamp"),
		text(headers, "X-Slack-Signature"),
	};
	if (headers)
		assert_true(chat_slack_is_signed(&given,
			text(entry, "signing_secret"), body->data, body->len,
			INT64_C(1709294400000)));
}

/* In other words. */

/* Its fields from the last to the first, without number `without`. */
static struct body
turned_form(const struct body *body, size_t without, const char *more)
{
	struct buf buf;
	buf_init(&buf, body->len + 100);
	const char *end = body->data + body->len;
	for (size_t i = 0; end > body->data; i++) {
		const char *at = end;
		while (at > body->data && at[-1] != '&')
			at--;
		if (i != without)
			buf_printf(&buf, "%.*s&", (int)(end - at), at);
		end = at > body->data ? at - 1 : at;
	}
	buf_add_text(&buf, more);
	const struct body turned = { mem_dup_n(buf.data, buf.len), buf.len,
		body->is_outgoing };
	buf_finish(&buf);
	return turned;
}

static struct body
turned_json(const struct body *body, size_t without, const char *more)
{
	json_t *json = json_loadb(body->data, body->len, 0, NULL);
	json_t *turned = json_object();
	size_t n = json_object_size(json);
	for (size_t i = 0; i < n; i++) {
		void *at = json_object_iter(json);
		for (size_t k = i + 1; k < n; k++)
			at = json_object_iter_next(json, at);
		if (i != without)
			json_object_set(turned, json_object_iter_key(at),
				json_object_iter_value(at));
	}
	if (*more != '\0')
		json_object_set_new(turned, more, json_integer(1));
	char *dumped = json_dumps(turned, 0);
	json_decref(json);
	json_decref(turned);
	return (struct body){ dumped, strlen(dumped), body->is_outgoing };
}

static struct body
turned(const struct body *body, size_t without, const char *more)
{
	return body->data[0] == '{' ? turned_json(body, without, more)
				    : turned_form(body, without, more);
}

static void
check_turned(const json_t *entry, const struct body *body)
{
	struct body other = turned(body, SIZE_MAX, "");
	check(entry, &other);
	free(other.data);
	other = turned(body, SIZE_MAX, "unknown%5B%5D=%F0%9F%90%A6");
	check(entry, &other);
	free(other.data);
	for (size_t i = 0; i < 20; i++) {
		other = turned(body, i, "");
		check(NULL, &other);
		free(other.data);
	}
}

static void
check_cut(const struct body *body)
{
	for (size_t len = 0; len < body->len; len++) {
		const struct body cut = { mem_dup_n(body->data, len), len,
			body->is_outgoing };
		check(NULL, &cut);
		free(cut.data);
	}
}

static void
test_the_published_bodies(void **unused)
{
	(void)unused;
	json_t *index = golden_load(FOLDER "/payloads/INDEX.json");
	size_t i;
	const json_t *entry;
	json_array_foreach (index, i, entry) {
		struct body body = read_body(entry);
		assert_headers(entry, &body);
		check(entry, &body);
		check_turned(entry, &body);
		check_cut(&body);
		free(body.data);
	}
	assert_int_equal(i, 12);
	json_decref(index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_the_published_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
