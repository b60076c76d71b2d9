#include "agent/chat/reply.h"

#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "reporters/payload.h"

const char *
chat_reply_write(
	const struct chat_reply *reply, size_t max, struct arena *arena)
{
	const char *text = payload_write(
		json_pack("{s:o, s:I}", "url", payload_text(reply->url),
			"asked_ms", (json_int_t)reply->asked_ms),
		arena);
	if (strlen(text) <= max)
		return text;
	const struct chat_reply nowhere = { "", reply->asked_ms };
	return chat_reply_write(&nowhere, max, arena);
}

struct chat_reply
chat_reply_read(const void *bytes, size_t len, struct arena *arena)
{
	struct chat_reply reply = { .url = "" };
	json_t *json = bytes ? json_loadb(bytes, len, 0, NULL) : NULL;
	const char *url = json_string_value(json_object_get(json, "url"));
	if (url)
		reply.url = arena_dup(arena, url);
	reply.asked_ms = json_integer_value(json_object_get(json, "asked_ms"));
	json_decref(json);
	return reply;
}
