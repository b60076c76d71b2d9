/*
 * Chats: who signed, what is asked, what is shown of it, and what is said.
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
#include "agent/base/hmac.h"
#include "agent/base/str.h"
#include "agent/chat/cover.h"
#include "agent/chat/slack_read.h"
#include "agent/chat/slack_say.h"
#include "agent/chat/slack_sign.h"
#include "agent/inbound/inbound.h"
#include "reporters/slack_message.h"

#define NOW_S INT64_C(1709294400)
#define SECRET "7c1de52fa0b94c3e8d6612e4b0f9a3d7"

static const struct conf_chat chat = {
	.signing_secret = SECRET,
	.token = "outgoing-token",
	.trigger = "uptime",
	.response_host = "hooks.slack.com",
};

/* Signatures. */

static void
sign(const char *timestamp, const char *body, char signature[static 80])
{
	char base[200];
	int len = snprintf(base, sizeof(base), "v0:%s:%s", timestamp, body);
	memcpy(signature, "v0=", sizeof("v0="));
	hmac_sha256(SECRET, base, (size_t)len, signature + 3);
}

static void
test_when_a_signature_counts(void **unused)
{
	(void)unused;
	static const struct {
		const char *timestamp;
		bool good;
	} rows[] = {
		{ "1709294400", true },
		{ "1709294100", true },
		{ "1709294099", false },
		{ "1709294700", true },
		{ "1709294701", false },
		{ "01709294400", true },
		{ "", false },
		{ "+1709294400", false },
		{ "-1709294400", false },
		{ " 1709294400", false },
		{ "1709294400 ", false },
		{ "1709294400.0", false },
		{ "1709294400000", false },
		{ "99999999999999999999999999", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char signature[80];
		sign(rows[i].timestamp, "a=b", signature);
		const struct chat_slack_signature given = { rows[i].timestamp,
			signature };
		if (chat_slack_is_signed(&given, SECRET, "a=b", 3, NOW_S * 1000)
			!= rows[i].good)
			fail_msg("\"%s\"", rows[i].timestamp);
	}
}

static void
test_what_is_no_signature(void **unused)
{
	(void)unused;
	char good[80];
	char other[80];
	sign("1709294400", "a=b", good);
	static const char *const prefixes[] = { "v1=", "v0:", "V0=", "" };
	for (size_t i = 0; i < 4; i++) {
		snprintf(other, sizeof(other), "%s%s", prefixes[i], good + 3);
		const struct chat_slack_signature given = { "1709294400",
			other };
		assert_false(chat_slack_is_signed(
			&given, SECRET, "a=b", 3, NOW_S * 1000));
	}
	const struct chat_slack_signature lacks[] = { { NULL, good },
		{ "1709294400", NULL }, { "1709294400", "" },
		{ "1709294400", "v0=" } };
	for (size_t i = 0; i < 4; i++)
		assert_false(chat_slack_is_signed(
			&lacks[i], SECRET, "a=b", 3, NOW_S * 1000));
	const struct chat_slack_signature given = { "1709294400", good };
	assert_true(
		chat_slack_is_signed(&given, SECRET, "a=b", 3, NOW_S * 1000));
	assert_false(
		chat_slack_is_signed(&given, SECRET, "a=b", 2, NOW_S * 1000));
	assert_false(chat_slack_is_signed(
		&given, "another-secret", "a=b", 3, NOW_S * 1000));
}

/* What is asked. */

#define EVENT(more) \
	"{\"type\":\"event_callback\",\"event_id\":\"Ev1\"," \
	"\"authorizations\":[{\"user_id\":\"UBOT\",\"is_bot\":true}]," \
	"\"event\":{\"channel\":\"C1\",\"ts\":\"1.2\"," more "}}"
#define SAYS(text) \
	EVENT("\"type\":\"message\",\"user\":\"U1\",\"text\":\"" text "\"")
#define ALONE(text) \
	EVENT("\"type\":\"message\",\"user\":\"U1\",\"channel_type\":\"im\"," \
	      "\"text\":\"" text "\"")
#define CALLS(text) \
	EVENT("\"type\":\"app_mention\",\"user\":\"U1\",\"text\":\"" text "\"")
#define PRESS(more) \
	"{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"}" more "}"

static const struct {
	const char *body;
	enum chat_slack_kind kind;
	const char *text; /* or the incident, or the challenge */
} asks[] = {
	/* Slash commands: any order, twice, two ways to write a blank. */
	{ "command=%2Fu&text=ack+a%20b&user_id=U1", CHAT_SLACK_COMMAND,
		"ack a b" },
	{ "user_id=U0&text=x&command=%2Fu&text=%2B+y&user_id=U1",
		CHAT_SLACK_COMMAND, "+ y" },
	{ "command=%2Fu&user_id=U1", CHAT_SLACK_COMMAND, "" },
	{ "command=%2Fu&user_id=U1&text=%ff%FE%zz%00!", CHAT_SLACK_COMMAND,
		"\xef\xbf\xbd\xef\xbf\xbd%zz !" },
	{ "command=%2Fu&text=check", CHAT_SLACK_BAD, "" },
	{ "text=check&user_id=U1", CHAT_SLACK_BAD, "" },
	{ "{\"command\":\"/u\",\"user_id\":\"U1\",\"text\":\"down\"}",
		CHAT_SLACK_COMMAND, "down" },
	{ "", CHAT_SLACK_BAD, "" },
	{ "[]", CHAT_SLACK_BAD, "" },
	{ "{", CHAT_SLACK_BAD, "" },
	{ "ssl_check=1&token=x", CHAT_SLACK_NOTHING, "" },
	{ "ssl_check=0&token=x", CHAT_SLACK_BAD, "" },

	/* Buttons. */
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"curlew_ack\","
			   "\"value\":\"i-1\"}]"),
		CHAT_SLACK_PRESS, "i-1" },
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"other\"},"
			   "{\"action_id\":\"curlew_ack\",\"value\":"
			   "\"{\\\"incident\\\":\\\"i-2\\\"}\"}]"),
		CHAT_SLACK_PRESS, "i-2" },
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"other\","
			   "\"value\":\"i-1\"}]"),
		CHAT_SLACK_NOTHING, "" },
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"a\",\"url\":"
			   "\"https://a.test\"}]"),
		CHAT_SLACK_NOTHING, "" },
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"curlew_ack\"}]"),
		CHAT_SLACK_NOTHING, "" },
	{ "payload=" PRESS(",\"actions\":[{\"action_id\":\"curlew_ack\","
			   "\"value\":\"{\"}]"),
		CHAT_SLACK_NOTHING, "" },
	{ "payload=" PRESS(",\"actions\":{}"), CHAT_SLACK_NOTHING, "" },
	{ "payload={\"type\":\"interactive_message\",\"user\":{\"id\":\"U1\"},"
	  "\"callback_id\":\"c\",\"actions\":[{\"name\":\"curlew_ack\","
	  "\"type\":\"button\",\"value\":\"i-3\"}]}",
		CHAT_SLACK_PRESS, "i-3" },
	{ "payload={\"type\":\"shortcut\"}", CHAT_SLACK_NOTHING, "" },
	{ "payload={\"type\":\"block_actions\",\"actions\":[{\"action_id\":"
	  "\"curlew_ack\",\"value\":\"i-1\"}]}",
		CHAT_SLACK_NOTHING, "" },
	{ "payload=nothing", CHAT_SLACK_BAD, "" },

	/* Events. */
	{ "{\"type\":\"url_verification\",\"challenge\":\"abc\"}",
		CHAT_SLACK_CHALLENGE, "abc" },
	{ "{\"type\":\"url_verification\"}", CHAT_SLACK_BAD, "" },
	{ SAYS("uptime check"), CHAT_SLACK_MESSAGE, "check" },
	{ SAYS("Uptime:  check a"), CHAT_SLACK_MESSAGE, "check a" },
	{ SAYS("uptime"), CHAT_SLACK_MESSAGE, "" },
	{ SAYS("uptimes are good"), CHAT_SLACK_NOTHING, "" },
	{ SAYS("what is the uptime"), CHAT_SLACK_NOTHING, "" },
	{ SAYS("check"), CHAT_SLACK_NOTHING, "" },
	{ ALONE("check"), CHAT_SLACK_MESSAGE, "check" },
	{ ALONE("uptime check"), CHAT_SLACK_MESSAGE, "check" },
	{ CALLS("<@UBOT> check"), CHAT_SLACK_MESSAGE, "check" },
	{ CALLS("<@UBOT|curlew>: uptime check"), CHAT_SLACK_MESSAGE, "check" },
	{ CALLS("<@UBOT>"), CHAT_SLACK_MESSAGE, "" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"bot_id\":\"B1\","
		"\"text\":\"uptime check\""),
		CHAT_SLACK_NOTHING, "" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"subtype\":"
		"\"message_changed\",\"text\":\"uptime check\""),
		CHAT_SLACK_NOTHING, "" },
	{ EVENT("\"type\":\"message\",\"user\":\"UBOT\",\"text\":"
		"\"uptime check\""),
		CHAT_SLACK_NOTHING, "" },
	{ EVENT("\"type\":\"message\",\"user\":\"USLACKBOT\",\"text\":"
		"\"uptime check\""),
		CHAT_SLACK_NOTHING, "" },
	{ EVENT("\"type\":\"message\",\"text\":\"uptime check\""),
		CHAT_SLACK_NOTHING, "" },
	{ EVENT("\"type\":\"reaction_added\",\"user\":\"U1\""),
		CHAT_SLACK_NOTHING, "" },
	{ "{\"type\":\"event_callback\"}", CHAT_SLACK_NOTHING, "" },
	{ "{\"type\":\"app_rate_limited\"}", CHAT_SLACK_NOTHING, "" },
};

static void
test_what_is_asked(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct arena *arena = arena_new();
		struct chat_slack_ask ask;
		const struct inbound_request request = {
			.method = "POST",
			.query = "command=%2Fu&user_id=U9&text=remove+all",
			.body = asks[i].body,
			.body_len = strlen(asks[i].body),
		};
		chat_slack_read(&chat, &request, arena, &ask);
		const char *said = ask.kind == CHAT_SLACK_PRESS ? ask.incident
			: ask.kind == CHAT_SLACK_CHALLENGE	? ask.challenge
								: ask.text;
		if (ask.kind != asks[i].kind
			|| (ask.kind != CHAT_SLACK_BAD
				&& !str_eq(said, asks[i].text)))
			fail_msg("%s: %d \"%s\"", asks[i].body, ask.kind, said);
		assert_true(ask.kind != CHAT_SLACK_BAD || *ask.why != '\0');
		chat_slack_ask_finish(&ask);
		arena_free(arena);
	}
}

/* The signature of a GET is that of no body at all. */
static void
test_a_query_commands_nothing(void **unused)
{
	(void)unused;
	static const struct {
		const char *query;
		enum chat_slack_kind kind;
	} rows[] = {
		{ "ssl_check=1", CHAT_SLACK_NOTHING },
		{ "command=%2Fu&user_id=U1&text=remove+a", CHAT_SLACK_BAD },
		{ "", CHAT_SLACK_BAD },
	};
	for (size_t i = 0; i < 3; i++) {
		struct arena *arena = arena_new();
		struct chat_slack_ask ask;
		const struct inbound_request request = {
			.method = "GET", .query = rows[i].query, .body = ""
		};
		chat_slack_read(&chat, &request, arena, &ask);
		assert_int_equal(ask.kind, rows[i].kind);
		chat_slack_ask_finish(&ask);
		arena_free(arena);
	}
}

static void
test_outgoing_webhooks(void **unused)
{
	(void)unused;
	static const struct {
		const char *query;
		const char *text; /* NULL: ignored */
	} rows[] = {
		{ "user_id=U1&trigger_word=uptime&text=uptime+check", "check" },
		{ "user_id=U1&trigger_word=uptime:&text=uptime:+down", "down" },
		{ "user_id=U1&trigger_word=uptime&text=UPTIME", "" },
		{ "user_id=U1&text=check", "check" },
		{ "user_id=U1&trigger_word=up&text=uptime+check",
			"uptime check" },
		{ "user_id=USLACKBOT&trigger_word=uptime&text=uptime+check",
			NULL },
		{ "user_id=U1&bot_id=B1&trigger_word=uptime&text=uptime",
			NULL },
		{ "trigger_word=uptime&text=uptime+check", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct chat_slack_ask ask;
		const char *token;
		const struct inbound_request request = {
			.method = "GET", .query = rows[i].query, .body = ""
		};
		chat_slack_read_outgoing(&request, &chat, arena, &ask, &token);
		assert_int_equal(ask.kind,
			rows[i].text ? CHAT_SLACK_OUTGOING
				     : CHAT_SLACK_NOTHING);
		if (rows[i].text)
			assert_string_equal(ask.text, rows[i].text);
		assert_string_equal(token, "");
		chat_slack_ask_finish(&ask);
		arena_free(arena);
	}
}

/* What is shown, and what is said. */

static void
test_what_is_covered(void **unused)
{
	(void)unused;
	json_t *json = json_pack("{s:s,s:s,s:s,s:{s:[s,s,{s:s}]},s:s,s:i,s:s}",
		"token", "canary", "text", "hello", "trigger_id", "canary", "a",
		"b", "a https://hooks.slack.com/services/canary", "fine",
		"bot_access_token", "canary", "response_urls", "canary", "n", 5,
		"said", "it is outgoing-token, canary");
	chat_cover(json, &chat);
	char *shown = json_dumps(json, JSON_COMPACT);
	assert_null(strstr(shown, "canary"));
	assert_non_null(strstr(shown, "\"text\":\"hello\""));
	assert_non_null(strstr(shown, "fine"));
	free(shown);
	json_decref(json);
	chat_cover(NULL, &chat);
}

static void
test_what_stands_in_place_of_the_button(void **unused)
{
	(void)unused;
	static const char button[] =
		"{\"type\":\"actions\",\"elements\":[{\"type\":\"button\","
		"\"action_id\":\"" SLACK_ACK "\",\"value\":\"i-1\"}]}";
	char text[1000];
	snprintf(text, sizeof(text),
		"{\"text\":\"shop is "
		"down\",\"attachments\":[{\"color\":\"#f00\","
		"\"blocks\":[{\"type\":\"section\"},%s]},{\"actions\":[1]}],"
		"\"blocks\":[%s,{\"type\":\"divider\"}]}",
		button, button);
	struct chat_slack_ask ask = {
		.user = "U1",
		.message = json_loads(text, 0, NULL),
	};
	char *said = chat_slack_write(chat_slack_replacement(&ask, 0));
	assert_string_equal(said,
		"{\"replace_original\":true,\"text\":\"shop is down - "
		"acknowledged by <@U1>\",\"blocks\":[{\"type\":\"context\","
		"\"elements\":[{\"type\":\"mrkdwn\",\"text\":\"acknowledged by "
		"<@U1>\"}]},{\"type\":\"divider\"}],\"attachments\":[{"
		"\"color\":"
		"\"#f00\",\"blocks\":[{\"type\":\"section\"},{\"type\":"
		"\"context\",\"elements\":[{\"type\":\"mrkdwn\",\"text\":"
		"\"acknowledged by <@U1>\"}]}]},{}]}");
	free(said);
	chat_slack_ask_finish(&ask);

	said = chat_slack_write(chat_slack_replacement(&ask, CONF_CHAT_KO));
	assert_string_equal(said,
		"{\"replace_original\":true,\"text\":\"<@U1> 님이 "
		"확인했습니다\"}");
	free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when_a_signature_counts),
		cmocka_unit_test(test_what_is_no_signature),
		cmocka_unit_test(test_what_is_asked),
		cmocka_unit_test(test_a_query_commands_nothing),
		cmocka_unit_test(test_outgoing_webhooks),
		cmocka_unit_test(test_what_is_covered),
		cmocka_unit_test(test_what_stands_in_place_of_the_button),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
