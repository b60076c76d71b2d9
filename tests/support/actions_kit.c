#include "tests/support/actions_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/actions_internal.h"
#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "agent/operator.h"
#include "agent/orders.h"
#include "conf/action.h"
#include "conf/conf.h"

static const struct conf_pair header = { "Authorization",
	"Bearer s3cr{{t-value" };
static const char *const secrets[] = { ACTIONS_SECRET };
static const char *const pattern = "make {vm}";
static const char *const user = "U1";
static const char *const channel = "C1";

static const char *const keys[] = { "vm", "api_token", "pass" };
static const struct conf_node values[] = {
	{ .kind = CONF_NODE_TEXT, .text = "{vm} in full" },
	{ .kind = CONF_NODE_TEXT, .text = ACTIONS_TOKEN },
	{ .kind = CONF_NODE_INT, .integer = ACTIONS_NUMBER },
};
static const struct conf_node contents = {
	.kind = CONF_NODE_MAP,
	.count = 3,
	.items = values,
	.keys = keys,
};

struct conf_action actions_kit_all[] = {
	{
		.name = "make",
		.command = "/cloud",
		.patterns = { &pattern, 1 },
		.url = "https://f.test/make/{vm}",
		.method = "POST",
		.headers = { &header, 1 },
		.body = &contents,
		.users = { &user, 1 },
		.channels = { &channel, 1 },
		.timeout_ms = MINUTE,
		.repeat = true,
	},
	{
		.name = "once",
		.url = "https://f.test/once",
		.method = "POST",
		.timeout_ms = MINUTE,
	},
	{
		.name = "long",
		.url = "https://f.test/long",
		.method = "POST",
		.timeout_ms = HOUR,
		.repeat = true,
	},
};

struct actions_scene s;

static void *
on_send(void *cookie, const struct http_request *request, http_done_fn *done,
	void *done_cookie)
{
	(void)cookie;
	assert_true(s.n_sent < sizeof(s.sent) / sizeof(s.sent[0]));
	struct actions_sent *sent = &s.sent[s.n_sent++];
	*sent = (struct actions_sent){ .done = done, .cookie = done_cookie };
	sent->open = true;
	sent->total_ms = request->total_ms;
	snprintf(sent->text, sizeof(sent->text), "%s %s", request->method,
		request->url);
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *own = &request->headers[i];
		if (str_eq(own->name, "Idempotency-Key"))
			str_copy(sent->key, sizeof(sent->key), own->value);
		if (str_eq(own->name, "Authorization"))
			sent->authorized =
				str_eq(own->value, "Bearer " ACTIONS_SECRET);
	}
	return sent;
}

static void
on_cancel(void *cookie, void *call)
{
	(void)cookie;
	struct actions_sent *sent = call;
	assert_true(sent->open);
	sent->open = false;
}

static struct moment
tell_now(void *cookie)
{
	(void)cookie;
	return f.now;
}

static void
on_reply(void *cookie, const struct actions_news *news)
{
	(void)cookie;
	if (s.patient && !news->over)
		return;
	const char *result =
		json_string_value(json_object_get(news->answer, "result"));
	buf_printf(&s.told, "%s %s%s%s; ",
		json_string_value(json_object_get(news->answer, "outcome")),
		json_string_value(json_object_get(news->answer, "name")),
		result ? ": " : "", result ? result : "");
	str_copy(s.reply, sizeof(s.reply), news->reply ? news->reply : "-");
	if (news->over && s.tells)
		actions_told(s.actions, news->run);
}

/* A life of the process. */
void
actions_kit_begin(void)
{
	struct err err;
	s.arena = arena_new();
	s.conf = arena_alloc(s.arena, sizeof(*s.conf));
	s.conf->arena = s.arena;
	s.conf->actions = (struct conf_list){ actions_kit_all,
		sizeof(actions_kit_all) / sizeof(actions_kit_all[0]) };
	s.conf->secrets = (struct conf_list){ secrets, 1 };
	conf_hold(s.conf);
	s.orders = orders_new(f.store, f.ledger);
	s.actions = actions_new(&(struct actions_settings){
		.store = f.store,
		.ledger = f.ledger,
		.orders = s.orders,
		.rng = &f.rng,
		.transport = { on_send, on_cancel, NULL },
		.now = tell_now,
	});
	actions_set_conf(s.actions, s.conf);
	assert_true(actions_load(s.actions, f.now, &err));
	if (s.chat)
		actions_set_reply(s.actions, "slack", s.secret, on_reply, NULL);
}

void
actions_kit_end(void)
{
	actions_free(s.actions);
	orders_free(s.orders);
	conf_free(s.conf);
}

int
actions_kit_set_up(void **unused)
{
	s = (struct actions_scene){
		.secret = "signing", .chat = true, .tells = true
	};
	buf_init(&s.told, 4096);
	int code = outbox_kit_set_up(unused);
	actions_kit_begin();
	return code;
}

int
actions_kit_tear_down(void **unused)
{
	actions_kit_end();
	buf_finish(&s.told);
	return outbox_kit_tear_down(unused);
}

/* As a kill: what was not committed is gone. */
void
actions_kit_restart(void)
{
	actions_kit_end();
	outbox_kit_restart();
	actions_kit_begin();
}

void
actions_kit_turn(void)
{
	int64_t due = f.now.mono_ms;
	for (int i = 0; due >= 0 && due <= f.now.mono_ms; i++) {
		assert_true(i < 20);
		actions_turn(s.actions, f.now);
		ledger_turn(f.ledger, f.now);
		due = actions_launch(s.actions, f.now);
	}
	f.next_ms = due;
}

/* As the loop would: a turn whenever one is due. */
void
actions_kit_wait(int64_t ms)
{
	int64_t end_ms = f.now.mono_ms + ms;
	actions_kit_turn();
	while (f.next_ms >= 0 && f.next_ms <= end_ms) {
		f.now.wall_ms += f.next_ms - f.now.mono_ms;
		f.now.mono_ms = f.next_ms;
		actions_kit_turn();
	}
	f.now.wall_ms += end_ms - f.now.mono_ms;
	f.now.mono_ms = end_ms;
}

const char *
actions_kit_run_from(const char *source, const char *text)
{
	struct arena *arena = arena_new();
	struct actions_found found;
	struct err err;
	bool full;
	const struct operator_asker asker = {
		.who = "ann",
		.source = source,
		.channel = "C1",
		.user = "U1",
		.reply = ACTIONS_REPLY,
		.reply_len = strlen(ACTIONS_REPLY) + 1,
	};
	const char *run = NULL;
	if (!actions_find(s.actions, text, arena, &found, &err))
		fail_msg("%s: %s", text, err.text);
	run = actions_start(s.actions, &found, &asker, f.now, &full, &err);
	arena_free(arena);
	return run;
}

const char *
actions_kit_run(const char *text)
{
	return actions_kit_run_from("slack", text);
}

struct actions_sent *
actions_kit_the_call(size_t i, const char *text)
{
	if (i >= s.n_sent)
		fail_msg("%s was not sent", text);
	assert_string_equal(s.sent[i].text, text);
	return &s.sent[i];
}

static void
answer_with(size_t i, const struct http_response *answer)
{
	struct actions_sent *sent = &s.sent[i];
	assert_true(i < s.n_sent && sent->open);
	sent->open = false;
	sent->done(sent->cookie, answer);
	actions_kit_turn();
}

void
actions_kit_answer(size_t i, int status, const char *headers, const char *body)
{
	struct arena *arena = arena_new();
	answer_with(i,
		&(struct http_response){
			.status = status,
			.detail = "",
			.headers = arena_printf(
				arena, "HTTP/1.1 %d X\r\n%s", status, headers),
			.body = body,
			.body_len = strlen(body),
			.sent = true,
		});
	arena_free(arena);
}

/* No answer; `sent`: the request may have arrived. */
void
actions_kit_lose(size_t i, bool sent)
{
	answer_with(i,
		&(struct http_response){
			.fail = sent ? HTTP_FAIL_CLOSED : HTTP_FAIL_REFUSED,
			.detail = sent ? "the connection was closed"
				       : "nobody listens",
			.headers = "",
			.body = "",
			.sent = sent,
		});
}

void
actions_kit_assert_told(const char *expected)
{
	assert_string_equal(s.told.data, expected);
	buf_clear(&s.told);
	s.told.data[0] = '\0';
}

static void
on_audit(void *cookie, const struct store_audit *audit)
{
	buf_printf(cookie, "%s %s: %s; ", audit->who, audit->command,
		audit->outcome);
}

void
actions_kit_assert_record(const char *expected)
{
	struct err err;
	struct buf record;
	buf_init(&record, 4096);
	assert_true(store_audits(f.store, 1, on_audit, &record, &err));
	assert_string_equal(record.data, expected);
	buf_finish(&record);
}
