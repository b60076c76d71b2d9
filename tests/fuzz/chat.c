/* What Slack sends; the first byte chooses what reads the rest. */
#include <assert.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/chat/command.h"
#include "agent/chat/slack_read.h"
#include "agent/chat/slack_say.h"
#include "agent/chat/slack_sign.h"
#include "agent/http/url.h"
#include "agent/inbound/inbound.h"
#include "tests/fuzz/fuzz.h"

static const struct conf_chat chat = {
	.signing_secret = "7c1de52fa0b94c3e8d6612e4b0f9a3d7",
	.token = "outgoing-token",
	.trigger = "uptime",
	.response_host = "hooks.slack.com",
};

static void
check_shown(const struct chat_slack_ask *ask)
{
	char *shown = ask->payload ? json_dumps(ask->payload, 0) : NULL;
	assert(!shown || !strstr(shown, chat.token));
	assert(!shown || !strstr(shown, chat.signing_secret));
	assert(!shown || !strstr(shown, "hooks.slack.com"));
	free(shown);
}

/* Whatever it is, it can be said. */
static void
check_said(const struct chat_slack_ask *ask, struct arena *arena)
{
	struct command command;
	struct err err;
	command_parse(ask->text, arena, &command, &err);
	if (ask->kind == CHAT_SLACK_PRESS) {
		char *said = chat_slack_write(
			chat_slack_replacement(ask, CONF_CHAT_ZH));
		assert(strstr(said, "replace_original"));
		free(said);
	}
}

static void
check_ask(struct chat_slack_ask *ask, struct arena *arena)
{
	assert(ask->kind <= CHAT_SLACK_OUTGOING);
	assert(ask->kind != CHAT_SLACK_BAD || *ask->why != '\0');
	assert(strlen(ask->incident) <= CHAT_SLACK_VALUE_MAX);
	assert(ask->kind != CHAT_SLACK_CHALLENGE
		|| strlen(ask->challenge) <= CHAT_SLACK_CHALLENGE_MAX);
	assert(ask->kind == CHAT_SLACK_NOTHING || ask->kind == CHAT_SLACK_BAD
		|| ask->kind == CHAT_SLACK_CHALLENGE || *ask->user != '\0');
	check_shown(ask);
	check_said(ask, arena);
	chat_slack_ask_finish(ask);
}

static void
read_request(bool is_get, bool is_outgoing, const char *body, size_t len)
{
	struct arena *arena = arena_new();
	struct chat_slack_ask ask;
	const char *token = "";
	char *query = mem_dup_n(is_get ? body : "", is_get ? len : 0);
	const struct inbound_request request = {
		.method = is_get ? "GET" : "POST",
		.query = query,
		.body = body,
		.body_len = is_get ? 0 : len,
	};
	if (is_outgoing)
		chat_slack_read_outgoing(&request, &chat, arena, &ask, &token);
	else
		chat_slack_read(&chat, &request, arena, &ask);
	assert(is_outgoing || !is_get || ask.kind == CHAT_SLACK_NOTHING
		|| ask.kind == CHAT_SLACK_BAD);
	check_ask(&ask, arena);
	free(query);
	arena_free(arena);
}

static void
read_url(const char *text)
{
	struct arena *arena = arena_new_small();
	const char *url = chat_slack_response_url(&chat, text, arena);
	struct url_origin origin;
	struct err err;
	bool is_there = !url || url_origin(url, &origin, &err);
	assert(is_there);
	assert(!url || str_eq(origin.host, "hooks.slack.com"));
	assert(!url || (origin.tls && origin.port == 443));
	arena_free(arena);
}

/* Nobody guesses one. */
static void
read_signature(const char *text)
{
	const struct chat_slack_signature given = { "1709294400", text };
	const struct chat_slack_signature times = { text, "v0=0" };
	bool good = chat_slack_is_signed(
		&given, chat.signing_secret, "a=b", 3, INT64_C(1709294400000));
	assert(!good);
	chat_slack_may_be_signed(&times, INT64_C(1709294400000));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	int what = (data[0] - 'A') & 7;
	size_t len = size - 1;
	char *exact = mem_alloc(len > 0 ? len : 1);
	memcpy(exact, data + 1, len);
	char *text = mem_dup_n(exact, len);
	if (what < 4)
		read_request(what & 1, what & 2, exact, len);
	else if (what < 6)
		read_url(text);
	else
		read_signature(text);
	free(text);
	free(exact);
	return 0;
}
