#include "agent/chat/cover.h"

#include <string.h>

#include "agent/base/str.h"
#include "conf/chat.h"

#define COVERED "..."

/* Whatever it is, and wherever it stands. */
static bool
is_secret_key(const char *key)
{
	static const char *const parts[] = { "token", "secret", "signature",
		"response_url", "trigger_id", "password" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(key, parts[i]))
			return true;
	return false;
}

static bool
has(const char *text, const char *word)
{
	return word && *word != '\0' && strstr(text, word);
}

/* Of Slack's own an address is as good as a password. */
static bool
is_secret_text(const char *text, const struct conf_chat *chat)
{
	return has(text, chat->token) || has(text, chat->signing_secret)
		|| has(text, "hooks.slack.com/")
		|| has(text, chat->response_host);
}

static void
cover_object(json_t *object, const struct conf_chat *chat)
{
	const char *key;
	json_t *value;
	void *after;
	json_object_foreach_safe(object, after, key, value)
	{
		const char *text = json_string_value(value);
		if (is_secret_text(key, chat))
			json_object_del(object, key);
		else if (is_secret_key(key)
			|| (text && is_secret_text(text, chat)))
			json_object_set_new(object, key, json_string(COVERED));
		else
			chat_cover(value, chat);
	}
}

static void
cover_array(json_t *array, const struct conf_chat *chat)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *value = json_array_get(array, i);
		const char *text = json_string_value(value);
		if (text && is_secret_text(text, chat))
			json_array_set_new(array, i, json_string(COVERED));
		else
			chat_cover(value, chat);
	}
}

void
chat_cover(json_t *json, const struct conf_chat *chat)
{
	if (json_is_object(json))
		cover_object(json, chat);
	else if (json_is_array(json))
		cover_array(json, chat);
}
