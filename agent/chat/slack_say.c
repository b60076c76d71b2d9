#include "agent/chat/slack_say.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/slack_read.h"
#include "reporters/payload.h"
#include "reporters/slack_message.h"

enum {
	TEXT_MAX = 3000,
	NAME_MAX_BYTES = 100,
};

static const char *const words[][WORDS_LANGUAGES] = {
	[CHAT_SLACK_LATER] = { "One moment: the answer follows.",
		"잠시 기다려 주세요. 곧 답을 보내 드립니다.",
		"请稍候，结果随后给出。" },
	[CHAT_SLACK_ASK_AGAIN] = { "It takes longer than Slack waits; ask "
				   "again in a minute.",
		"Slack이 기다리는 시간보다 오래 걸립니다. 1분 뒤에 다시 "
		"요청해 주세요.",
		"所需时间超过 Slack 的等待时间，请一分钟后再问。" },
	[CHAT_SLACK_REPEATED] = { "This came before, and is not done twice.",
		"이미 받은 요청이므로 다시 실행하지 않습니다.",
		"该请求先前已收到，不会重复执行。" },
};

const char *
chat_slack_word(int language, enum chat_slack_word word)
{
	return words[word][language];
}

json_t *
chat_slack_sentence(const char *text)
{
	struct arena *arena = arena_new_small();
	json_t *message = json_pack("{s:o}", "text",
		payload_text(slack_escape(text, TEXT_MAX, arena)));
	arena_free(arena);
	return message;
}

void
chat_slack_address(json_t *message, bool to_all)
{
	json_object_set_new(message, "response_type",
		json_string(to_all ? "in_channel" : "ephemeral"));
}

/* In place of the button. */

static const char *
acknowledged(
	const struct chat_slack_ask *ask, int language, struct arena *arena)
{
	static const char *const by[WORDS_LANGUAGES] = {
		"acknowledged by %s",
		"%s 님이 확인했습니다",
		"%s 已确认",
	};
	const char *who = arena_printf(
		arena, "<@%s>", slack_escape(ask->user, NAME_MAX_BYTES, arena));
	const char *mark = strstr(by[language], "%s");
	return arena_printf(arena, "%.*s%s%s", (int)(mark - by[language]),
		by[language], who, mark + 2);
}

static bool
is_button(const json_t *block)
{
	const char *type = json_string_value(json_object_get(block, "type"));
	const json_t *elements = json_object_get(block, "elements");
	for (size_t i = 0; i < json_array_size(elements); i++) {
		const char *id = json_string_value(json_object_get(
			json_array_get(elements, i), "action_id"));
		if (id && str_eq(id, SLACK_ACK))
			return type && str_eq(type, "actions");
	}
	return false;
}

/* The block that said it is what says by whom now. */
static void
change_blocks(json_t *blocks, const char *said)
{
	for (size_t i = 0; i < json_array_size(blocks); i++) {
		if (!is_button(json_array_get(blocks, i)))
			continue;
		json_array_set_new(blocks, i,
			json_pack("{s:s, s:[{s:s, s:o}]}", "type", "context",
				"elements", "type", "mrkdwn", "text",
				payload_text(said)));
	}
}

static void
change_attachments(json_t *attachments, const char *said)
{
	for (size_t i = 0; i < json_array_size(attachments); i++) {
		json_t *attachment = json_array_get(attachments, i);
		change_blocks(json_object_get(attachment, "blocks"), said);
		if (json_object_get(attachment, "actions")) /* of old */
			json_object_del(attachment, "actions");
	}
}

json_t *
chat_slack_replacement(const struct chat_slack_ask *ask, int language)
{
	struct arena *arena = arena_new_small();
	const json_t *was = ask->message;
	const char *text = json_string_value(json_object_get(was, "text"));
	const char *said = acknowledged(ask, language, arena);
	json_t *message = json_pack("{s:b, s:o}", "replace_original", true,
		"text",
		payload_text(text && *text != '\0'
				? arena_printf(arena, "%s - %s", text, said)
				: said));
	json_t *blocks = json_deep_copy(json_object_get(was, "blocks"));
	json_t *attachments =
		json_deep_copy(json_object_get(was, "attachments"));
	change_blocks(blocks, said);
	change_attachments(attachments, said);
	if (json_array_size(blocks) > 0)
		json_object_set(message, "blocks", blocks);
	if (json_array_size(attachments) > 0)
		json_object_set(message, "attachments", attachments);
	json_decref(blocks);
	json_decref(attachments);
	arena_free(arena);
	return message;
}

char *
chat_slack_write(json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	return text ? text : mem_dup("{}");
}
