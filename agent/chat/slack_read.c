/*
 *     chat_slack_read -> read_form -> read_slash
 *                                  -> read_interaction -> read_press
 *                     -> read_event -> read_message
 *     chat_slack_read_outgoing
 */
#include "agent/chat/slack_read.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/chat/cover.h"
#include "agent/http/url.h"
#include "agent/inbound/parts.h"
#include "reporters/slack_message.h"

/* Members. */

static const char *
text_at(struct arena *arena, const json_t *json, const char *path)
{
	return inbound_text(arena, json, path);
}

static void
refuse(struct chat_slack_ask *ask, const char *why)
{
	ask->kind = CHAT_SLACK_BAD;
	ask->why = why;
}

void
chat_slack_ask_finish(struct chat_slack_ask *ask)
{
	json_decref(ask->message);
	json_decref(ask->payload);
	ask->message = ask->payload = NULL;
}

static void
clear(struct chat_slack_ask *ask)
{
	*ask = (struct chat_slack_ask){
		.why = "",
		.user = "",
		.user_name = "",
		.channel = "",
		.channel_name = "",
		.command = "",
		.text = "",
		.response_url = "",
		.challenge = "",
		.event_id = "",
		.event_place = "",
		.once = "",
		.incident = "",
	};
}

/* Slash commands. */

static void
read_slash(const json_t *form, struct arena *arena, struct chat_slack_ask *ask)
{
	ask->kind = CHAT_SLACK_COMMAND;
	ask->user = text_at(arena, form, "user_id");
	ask->user_name = text_at(arena, form, "user_name");
	ask->channel = text_at(arena, form, "channel_id");
	ask->channel_name = text_at(arena, form, "channel_name");
	ask->command = text_at(arena, form, "command");
	ask->text = text_at(arena, form, "text");
	ask->response_url = text_at(arena, form, "response_url");
	if (*ask->user == '\0')
		refuse(ask, "it does not say who asks");
}

/* Buttons. */

/* Of ours it is the incident itself. */
static const char *
incident_in(const char *value, struct arena *arena)
{
	size_t len = strlen(value);
	if (len == 0 || len > CHAT_SLACK_VALUE_MAX)
		return "";
	if (*value != '{')
		return value;
	json_t *json = inbound_json(value, len);
	const char *incident = text_at(arena, json, "incident");
	json_decref(json);
	return incident;
}

/* The first that is ours; NULL for none.  Of old it had a name. */
static const json_t *
our_action(const json_t *payload, struct arena *arena)
{
	const json_t *actions = json_object_get(payload, "actions");
	for (size_t i = 0; i < json_array_size(actions); i++) {
		const json_t *action = json_array_get(actions, i);
		if (str_eq(text_at(arena, action, "action_id"), SLACK_ACK)
			|| str_eq(text_at(arena, action, "name"), SLACK_ACK))
			return action;
	}
	return NULL;
}

static void
read_press(const json_t *payload, const json_t *action, struct arena *arena,
	struct chat_slack_ask *ask)
{
	const char *value = text_at(arena, action, "value");
	ask->user = text_at(arena, payload, "user.id");
	ask->user_name = INBOUND_FIRST(text_at(arena, payload, "user.username"),
		text_at(arena, payload, "user.name"));
	ask->channel = INBOUND_FIRST(text_at(arena, payload, "channel.id"),
		text_at(arena, payload, "container.channel_id"));
	ask->channel_name = text_at(arena, payload, "channel.name");
	ask->response_url = text_at(arena, payload, "response_url");
	ask->incident = incident_in(value, arena);
	ask->message = json_object_get(payload, "message");
	if (!ask->message)
		ask->message = json_object_get(payload, "original_message");
	ask->kind = *ask->incident != '\0' && *ask->user != '\0'
		? CHAT_SLACK_PRESS
		: CHAT_SLACK_NOTHING;
}

/* Others than of buttons - shortcuts, dialogues - want no more than a 200, and
 * so do buttons that are not ours, such as one that is a link. */
static void
read_interaction(
	const json_t *payload, struct arena *arena, struct chat_slack_ask *ask)
{
	const char *type = text_at(arena, payload, "type");
	const json_t *action = our_action(payload, arena);
	if ((str_eq(type, "block_actions")
		    || str_eq(type, "interactive_message"))
		&& action)
		read_press(payload, action, arena, ask);
}

/* Events. */

static bool
is_own(const json_t *payload, const char *user, struct arena *arena)
{
	const json_t *all = json_object_get(payload, "authorizations");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);
		if (json_is_true(json_object_get(one, "is_bot"))
			&& str_eq(text_at(arena, one, "user_id"), user))
			return true;
	}
	return str_eq(user, "USLACKBOT");
}

/* "<@U0BOT0001> check" and "<@U0BOT0001|curlew>: check", without. */
static const char *
skip_mention(const char *text)
{
	const char *end = str_starts(text, "<@") ? strchr(text, '>') : NULL;
	if (!end)
		return text;
	end++;
	end += strspn(end, ":,");
	return end + strspn(end, " \t");
}

/* What stands behind the word; NULL when it is another one. */
static const char *
after_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	text += strspn(text, " \t\r\n");
	if (len == 0 || !str_istarts(text, word))
		return NULL;
	const char *rest = text + len;
	rest += strspn(rest, ":,");
	if (*rest != '\0' && !strchr(" \t\r\n", *rest))
		return NULL;
	return rest + strspn(rest, " \t\r\n");
}

/* NULL: it is not said to us. */
static const char *
said_to_us(const struct conf_chat *chat, const json_t *event, const char *type,
	struct arena *arena)
{
	const char *text = text_at(arena, event, "text");
	bool named = str_eq(type, "app_mention");
	bool alone = str_eq(text_at(arena, event, "channel_type"), "im");
	const char *rest = named ? skip_mention(text) : text;
	const char *behind = after_word(rest, chat->trigger);
	if (behind)
		return behind;
	return named || alone ? rest : NULL;
}

static void
read_message(const struct conf_chat *chat, const json_t *payload,
	struct arena *arena, struct chat_slack_ask *ask)
{
	const json_t *event = json_object_get(payload, "event");
	const char *type = text_at(arena, event, "type");
	const char *stamp = text_at(arena, event, "ts");
	ask->event_id = text_at(arena, payload, "event_id");
	ask->user = text_at(arena, event, "user");
	ask->channel = text_at(arena, event, "channel");
	if ((!str_eq(type, "message") && !str_eq(type, "app_mention"))
		|| json_object_get(event, "bot_id")
		|| json_object_get(event, "subtype") || *ask->user == '\0'
		|| is_own(payload, ask->user, arena))
		return;
	const char *text = said_to_us(chat, event, type, arena);
	if (!text)
		return;
	ask->text = text;
	if (*stamp != '\0')
		ask->event_place =
			arena_printf(arena, "%s %s", ask->channel, stamp);
	ask->kind = CHAT_SLACK_MESSAGE;
}

static void
read_event(const struct conf_chat *chat, const json_t *payload,
	struct arena *arena, struct chat_slack_ask *ask)
{
	const char *type = text_at(arena, payload, "type");
	const char *challenge = text_at(arena, payload, "challenge");
	if (str_eq(type, "url_verification")) {
		ask->kind = CHAT_SLACK_CHALLENGE;
		ask->challenge = challenge;
		if (*challenge == '\0'
			|| strlen(challenge) > CHAT_SLACK_CHALLENGE_MAX)
			refuse(ask, "it has no challenge");
	} else if (str_eq(type, "event_callback")) {
		read_message(chat, payload, arena, ask);
	} else {
		read_interaction(payload, arena, ask);
	}
}

/* All of them. */

static bool
is_check(const json_t *form, struct arena *arena)
{
	return str_eq(text_at(arena, form, "ssl_check"), "1");
}

/* Its query is not signed, so nothing is done by it. */
static void
read_get(const json_t *query, struct arena *arena, struct chat_slack_ask *ask)
{
	if (!is_check(query, arena))
		refuse(ask, "expected a POST");
}

/* Consumes the form; its payload takes its place, if it has one. */
static json_t *
read_form(json_t *form, struct arena *arena, struct chat_slack_ask *ask)
{
	const char *text = text_at(arena, form, "payload");
	json_t *payload =
		*text != '\0' ? inbound_json(text, strlen(text)) : NULL;
	if (is_check(form, arena)) {
		/* There is nothing to be answered. */
	} else if (json_is_object(payload)) {
		read_interaction(payload, arena, ask);
		json_decref(form);
		return payload;
	} else if (*text != '\0') {
		refuse(ask, "its payload is no JSON object");
	} else if (json_object_get(form, "command")) {
		read_slash(form, arena, ask);
	} else {
		refuse(ask, "it is neither a command nor a button");
	}
	json_decref(payload);
	return form;
}

void
chat_slack_read(const struct conf_chat *chat,
	const struct inbound_request *request, struct arena *arena,
	struct chat_slack_ask *ask)
{
	struct inbound_answer answer = { .arena = arena };
	clear(ask);
	json_t *map = inbound_map(request, &answer);
	if (!map)
		refuse(ask, "expected a form, or a JSON object");
	else if (str_eq(request->method, "GET"))
		read_get(map, arena, ask);
	else if (json_object_get(map, "type")
		&& !json_object_get(map, "command"))
		read_event(chat, map, arena, ask);
	else
		map = read_form(map, arena, ask);
	if (ask->message)
		ask->message = json_deep_copy(ask->message);
	if (ask->kind == CHAT_SLACK_BAD) {
		json_decref(map); /* nobody knows where secrets are in it */
		return;
	}
	chat_cover(map, chat);
	ask->payload = map;
}

/* Outgoing webhooks. */

void
chat_slack_read_outgoing(const struct inbound_request *request,
	const struct conf_chat *chat, struct arena *arena,
	struct chat_slack_ask *ask, const char **token)
{
	struct inbound_answer answer = { .arena = arena };
	clear(ask);
	*token = "";
	json_t *map = inbound_map(request, &answer);
	if (!map) {
		refuse(ask, "expected a form");
		return;
	}
	const char *trigger = text_at(arena, map, "trigger_word");
	const char *text = text_at(arena, map, "text");
	const char *behind = after_word(text, trigger);
	bool is_bot = *text_at(arena, map, "bot_id") != '\0';
	*token = text_at(arena, map, "token");
	ask->user = text_at(arena, map, "user_id");
	ask->user_name = text_at(arena, map, "user_name");
	ask->channel = text_at(arena, map, "channel_id");
	ask->channel_name = text_at(arena, map, "channel_name");
	ask->text = behind ? behind : text;
	const char *timestamp = text_at(arena, map, "timestamp");
	if (*timestamp != '\0')
		ask->once = arena_printf(
			arena, "%s %s %s", ask->channel, timestamp, text);
	ask->payload = map;
	chat_cover(map, chat);
	if (is_check(map, arena) || is_bot || *ask->user == '\0'
		|| str_eq(ask->user, "USLACKBOT"))
		return;
	ask->kind = CHAT_SLACK_OUTGOING;
}

/* Where answers go. */

const char *
chat_slack_response_url(
	const struct conf_chat *chat, const char *text, struct arena *arena)
{
	struct url_origin wanted;
	struct url_origin given;
	struct url parts;
	struct err err;
	const char *url;
	if (*text == '\0' || !str_istarts(text, "http")
		|| !url_normalise(text, arena, &url, &err)
		|| !url_parse(url, arena, &parts, &err)
		|| !url_origin(url, &given, &err)
		|| !conf_chat_response_origin(chat, &wanted, &err))
		return NULL;
	bool same = given.tls == wanted.tls && given.port == wanted.port
		&& str_eq(given.host, wanted.host) && !parts.user;
	return same ? url : NULL;
}
