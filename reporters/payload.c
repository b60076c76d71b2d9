#include "reporters/payload.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/response.h"
#include "agent/model/event.h"
#include "agent/model/event_json.h"

enum {
	REAL_DIGITS = 15, /* 0.1 stays 0.1 */
};

json_t *
payload_read(const struct http_response *answer)
{
	if (answer->body_cut)
		return NULL;
	return json_loadb(answer->body, answer->body_len, 0, NULL);
}

const char *
payload_write(json_t *json, struct arena *arena)
{
	char *dump = json_dumps(
		json, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
	json_decref(json);
	const char *text = arena_dup(arena, dump ? dump : "{}");
	free(dump);
	return text;
}

json_t *
payload_text(const char *text)
{
	return event_json_text(text);
}

json_t *
payload_text_cut(const char *text, size_t max)
{
	char *cut = mem_alloc(max + 1);
	str_copy(cut, max + 1, text);
	json_t *string = payload_text(cut);
	free(cut);
	return string;
}

static const char *
labels_of(const struct event_endpoint *endpoint, struct arena *arena)
{
	const char *all = "";
	for (size_t i = 0; i < endpoint->n_labels; i++)
		all = arena_printf(arena, "%s%s%s=%s", all, i > 0 ? ", " : "",
			endpoint->labels[i].name, endpoint->labels[i].value);
	return all;
}

static const char *
tags_of(const struct event_endpoint *endpoint, struct arena *arena)
{
	const char *all = "";
	for (size_t i = 0; i < endpoint->n_tags; i++)
		all = arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "",
			endpoint->tags[i]);
	return all;
}

const char *
payload_known(const struct event_endpoint *endpoint, const char *key,
	struct arena *arena)
{
	const struct {
		const char *key;
		const char *text;
	} texts[] = {
		{ "service", endpoint->service },
		{ "category", endpoint->category },
		{ "account", endpoint->account },
		{ "region", endpoint->region },
		{ "severity", endpoint->severity },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(key, texts[i].key))
			return texts[i].text ? texts[i].text : "";
	if (str_eq(key, "labels"))
		return labels_of(endpoint, arena);
	return str_eq(key, "tags") ? tags_of(endpoint, arena) : NULL;
}

bool
payload_number(const json_t *json, int64_t *number)
{
	if (json_is_object(json))
		json = json_object_get(json, "value");
	if (json_is_string(json))
		return str_int(json_string_value(json), number);
	if (!json_is_integer(json))
		return false;
	*number = json_integer_value(json);
	return true;
}
