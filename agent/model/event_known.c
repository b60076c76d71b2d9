/* What is known of an endpoint besides: labels, tags, service and the like. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/model/event_json.h"

struct known {
	const char *key; /* in JSON */
	size_t offset;
};

static const struct known texts[] = {
	{ "service", offsetof(struct event_endpoint, service) },
	{ "category", offsetof(struct event_endpoint, category) },
	{ "account", offsetof(struct event_endpoint, account) },
	{ "region", offsetof(struct event_endpoint, region) },
	{ "severity", offsetof(struct event_endpoint, severity) },
};

enum {
	TEXTS = sizeof(texts) / sizeof(texts[0]),
};

static const char *
nth(const struct event_endpoint *endpoint, size_t i)
{
	const char *text;
	memcpy(&text, (const char *)endpoint + texts[i].offset, sizeof(text));
	return text;
}

static void
set_nth(struct event_endpoint *endpoint, size_t i, const char *text)
{
	memcpy((char *)endpoint + texts[i].offset, &text, sizeof(text));
}

const char *
event_label(const struct event_endpoint *endpoint, const char *name)
{
	for (size_t i = 0; i < endpoint->n_labels; i++)
		if (str_eq(endpoint->labels[i].name, name))
			return endpoint->labels[i].value;
	return NULL;
}

static bool
is_label(const struct event_label *label, const char *word)
{
	size_t len = strlen(label->name);
	return str_istarts(word, label->name) && word[len] == '='
		&& str_ieq(word + len + 1, label->value);
}

bool
event_bears(const struct event_endpoint *endpoint, const char *word)
{
	for (size_t i = 0; i < endpoint->n_tags; i++)
		if (str_ieq(endpoint->tags[i], word))
			return true;
	for (size_t i = 0; i < endpoint->n_labels; i++)
		if (is_label(&endpoint->labels[i], word))
			return true;
	return endpoint->service && str_ieq(endpoint->service, word);
}

/* Copies. */

static void
copy_labels(struct event_endpoint *endpoint, struct arena *arena)
{
	size_t n = endpoint->n_labels;
	if (n == 0)
		return;
	struct event_label *labels = arena_alloc(arena, n * sizeof(*labels));
	for (size_t i = 0; i < n; i++) {
		labels[i].name = arena_dup(arena, endpoint->labels[i].name);
		labels[i].value = arena_dup(arena, endpoint->labels[i].value);
	}
	endpoint->labels = labels;
}

static void
copy_tags(struct event_endpoint *endpoint, struct arena *arena)
{
	size_t n = endpoint->n_tags;
	if (n == 0)
		return;
	const char **tags = arena_alloc(arena, n * sizeof(*tags));
	for (size_t i = 0; i < n; i++)
		tags[i] = arena_dup(arena, endpoint->tags[i]);
	endpoint->tags = tags;
}

void
event_copy_known(struct event_endpoint *endpoint, struct arena *arena)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = nth(endpoint, i);
		if (text)
			set_nth(endpoint, i, arena_dup(arena, text));
	}
	copy_labels(endpoint, arena);
	copy_tags(endpoint, arena);
}

size_t
event_size_known(const struct event_endpoint *endpoint)
{
	size_t size = endpoint->n_labels * sizeof(struct event_label)
		+ endpoint->n_tags * sizeof(const char *);
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = nth(endpoint, i);
		size += text ? strlen(text) + 1 : 0;
	}
	for (size_t i = 0; i < endpoint->n_labels; i++)
		size += strlen(endpoint->labels[i].name)
			+ strlen(endpoint->labels[i].value) + 2;
	for (size_t i = 0; i < endpoint->n_tags; i++)
		size += strlen(endpoint->tags[i]) + 1;
	return size;
}

/* JSON. */

json_t *
event_json_text(const char *text)
{
	json_t *string = json_string(text);
	if (string)
		return string;
	char *plain = mem_dup(text);
	for (char *at = plain; *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	string = json_string(plain);
	free(plain);
	return string;
}

const char *
event_json_text_at(const json_t *json, const char *key, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? arena_dup(arena, text) : "";
}

static json_t *
labels_of(const struct event_endpoint *endpoint)
{
	json_t *labels = json_array();
	for (size_t i = 0; i < endpoint->n_labels; i++) {
		json_t *label = json_array();
		json_array_append_new(
			label, event_json_text(endpoint->labels[i].name));
		json_array_append_new(
			label, event_json_text(endpoint->labels[i].value));
		json_array_append_new(labels, label);
	}
	return labels;
}

void
event_json_add_known(json_t *json, const struct event_endpoint *endpoint)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = nth(endpoint, i);
		if (text)
			json_object_set_new(
				json, texts[i].key, event_json_text(text));
	}
	if (endpoint->n_labels > 0)
		json_object_set_new(json, "labels", labels_of(endpoint));
	json_t *tags = endpoint->n_tags > 0 ? json_array() : NULL;
	for (size_t i = 0; i < endpoint->n_tags; i++)
		json_array_append_new(tags, event_json_text(endpoint->tags[i]));
	if (tags)
		json_object_set_new(json, "tags", tags);
}

static void
read_labels(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint)
{
	size_t n = json_array_size(json);
	if (n == 0)
		return;
	if (n > EVENT_LABELS_MAX)
		n = EVENT_LABELS_MAX;
	struct event_label *labels = arena_alloc(arena, n * sizeof(*labels));
	endpoint->labels = labels;
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(json, i);
		const char *name = json_string_value(json_array_get(item, 0));
		const char *value = json_string_value(json_array_get(item, 1));
		if (name && value)
			labels[endpoint->n_labels++] = (struct event_label){
				arena_dup(arena, name),
				arena_dup(arena, value),
			};
	}
}

static void
read_tags(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint)
{
	size_t n = json_array_size(json);
	if (n == 0)
		return;
	if (n > EVENT_TAGS_MAX)
		n = EVENT_TAGS_MAX;
	const char **tags = arena_alloc(arena, n * sizeof(*tags));
	endpoint->tags = tags;
	for (size_t i = 0; i < n; i++) {
		const char *tag = json_string_value(json_array_get(json, i));
		if (tag)
			tags[endpoint->n_tags++] = arena_dup(arena, tag);
	}
}

void
event_json_read_known(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text =
			event_json_text_at(json, texts[i].key, arena);
		set_nth(endpoint, i, *text != '\0' ? text : NULL);
	}
	read_labels(json_object_get(json, "labels"), arena, endpoint);
	read_tags(json_object_get(json, "tags"), arena, endpoint);
}

char *
event_encode_known(const struct event_endpoint *endpoint)
{
	json_t *json = json_object();
	event_json_add_known(json, endpoint);
	char *text = json_object_size(json) > 0 ? json_dumps(json, JSON_COMPACT)
						: NULL;
	json_decref(json);
	return text ? text : mem_dup("");
}

void
event_decode_known(
	const char *text, struct arena *arena, struct event_endpoint *endpoint)
{
	json_t *json = json_loads(text, 0, NULL);
	event_json_read_known(json, arena, endpoint);
	json_decref(json);
}
