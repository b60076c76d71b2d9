#include "agent/cover.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "conf/schema.h"

enum {
	SHORT = 4, /* a shorter word stands anywhere, and says little */
	SHORT_IN_PATH = 8, /* of a path: hook and send are no secrets */
	WORD_MAX = 64 * 1024,
	FILE_MAX = 4 * 1024 * 1024,
	TEXT_MAX = 4 * 1024 * 1024,
	NAME_SIZE = 256,
	DEPTH_MAX = 32,
};

struct cover {
	char **words; /* the longest first */
	size_t n;
};

struct cover *
cover_new(void)
{
	return mem_zalloc(sizeof(struct cover));
}

void
cover_free(struct cover *cover)
{
	if (!cover)
		return;
	for (size_t i = 0; i < cover->n; i++)
		free(cover->words[i]);
	free((void *)cover->words);
	free(cover);
}

static void
add(struct cover *cover, const char *word, size_t len)
{
	if (len < SHORT || len > WORD_MAX)
		return;
	cover->words = mem_grow(
		(void *)cover->words, cover->n + 1, sizeof(*cover->words));
	size_t at = cover->n++;
	for (; at > 0 && strlen(cover->words[at - 1]) < len; at--)
		cover->words[at] = cover->words[at - 1];
	cover->words[at] = mem_dup_n(word, len);
}

/* As it stands inside of JSON, where that is something else. */
static void
add_escaped(struct cover *cover, const char *word)
{
	json_t *json = json_string(word);
	char *text = json_dumps(json, JSON_ENCODE_ANY);
	size_t len = text ? strlen(text) : 0;
	if (len > strlen(word) + 2)
		add(cover, text + 1, len - 2);
	free(text);
	json_decref(json);
}

/* The same of a form. */
static void
add_of_form(struct cover *cover, const char *word)
{
	struct buf form;
	buf_init(&form, TEXT_MAX);
	url_add_form(&form, word);
	if (form.len > strlen(word))
		add(cover, form.data, form.len);
	buf_finish(&form);
}

void
cover_add(struct cover *cover, const char *word)
{
	if (!word)
		return;
	add(cover, word, strlen(word));
	add_escaped(cover, word);
	add_of_form(cover, word);
}

void
cover_add_url(struct cover *cover, const char *url)
{
	const char *mark = url ? strstr(url, "://") : NULL;
	if (!mark)
		return;
	const char *at = mark + strlen("://");
	size_t authority = strcspn(at, "/?#");
	for (size_t i = 0; i < authority; i++)
		if (at[i] == '@') {
			size_t user = strcspn(at, ":@");
			add(cover, at, user);
			if (user < i)
				add(cover, at + user + 1, i - user - 1);
		}
	at += authority;
	size_t path = strcspn(at, "?#");
	for (const char *end = at + path; at < end;) {
		at += strspn(at, "/");
		size_t len = strcspn(at, "/?#");
		if (len >= SHORT_IN_PATH)
			add(cover, at, len);
		at += len;
	}
	while (*at != '\0') {
		at += strcspn(at, "=");
		at += *at == '=';
		size_t len = strcspn(at, "&#");
		add(cover, at, len);
		at += len;
	}
}

static void
add_node(struct cover *cover, const struct conf_node *node, unsigned depth)
{
	if (!node || depth > DEPTH_MAX)
		return;
	if (node->kind == CONF_NODE_TEXT)
		cover_add(cover, node->text);
	for (size_t i = 0; i < node->count; i++)
		add_node(cover, &node->items[i], depth + 1);
}

static void
add_pairs(struct cover *cover, const struct conf_list *list)
{
	const struct conf_pair *pairs = list->items;
	for (size_t i = 0; i < list->count; i++)
		cover_add(cover, pairs[i].value);
}

static void
add_field(
	struct cover *cover, const struct conf_field *field, const void *member)
{
	const struct conf_source *source = member;
	switch (field->kind) {
	case CONF_KIND_STRING:
		cover_add(cover, *(const char *const *)member);
		break;
	case CONF_KIND_SOURCE:
		if (source->text && strstr(source->text, "://"))
			cover_add_url(cover, source->text);
		else
			cover_add(cover, source->text);
		break;
	case CONF_KIND_PAIRS:
		add_pairs(cover, member);
		break;
	case CONF_KIND_TREE:
		add_node(cover, *(const struct conf_node *const *)member, 0);
		break;
	default:
		break;
	}
}

void
cover_add_settings(struct cover *cover, const struct conf_chosen *settings)
{
	const struct conf_field *field = settings->variant->section.fields;
	for (; field->key; field++)
		if (field->flags & CONF_SECRET)
			add_field(cover, field,
				(const char *)settings->settings
					+ field->offset);
}

/* Files. */

static char *
read_file(const char *path)
{
	struct buf buf;
	buf_init(&buf, FILE_MAX);
	struct err err;
	file_read(path, &buf, &err);
	char *text = buf_steal(&buf);
	buf_finish(&buf);
	return text;
}

static void
add_file(struct cover *cover, const char *path)
{
	char *text = read_file(path);
	add(cover, text, strcspn(text, "\r\n"));
	free(text);
}

static void
add_reference(struct cover *cover, const char *text, size_t len)
{
	char name[NAME_SIZE];
	if (len >= sizeof(name))
		return;
	memcpy(name, text, len);
	name[len] = '\0';
	char *fallback = strstr(name, ":-");
	if (fallback) {
		*fallback = '\0';
		cover_add(cover, fallback + strlen(":-"));
	}
	const char *value;
	if (str_starts(name, "file:")) {
		add_file(cover, name + strlen("file:"));
	} else if ((value = getenv(name)) != NULL) {
		if (strstr(value, "://"))
			cover_add_url(cover, value);
		else
			cover_add(cover, value);
	}
}

void
cover_add_file(struct cover *cover, const char *path)
{
	char *text = read_file(path);
	for (const char *at = text; (at = strstr(at, "${")) != NULL;) {
		at += strlen("${");
		size_t len = strcspn(at, "}\n");
		if (at[len] == '}')
			add_reference(cover, at, len);
	}
	free(text);
}

/* Texts. */

static size_t
covered_at(const struct cover *cover, const char *text)
{
	for (size_t i = 0; i < cover->n; i++)
		if (str_starts(text, cover->words[i]))
			return strlen(cover->words[i]);
	return 0;
}

const char *
cover_text(const struct cover *cover, const char *text, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	while (*text != '\0') {
		size_t len = covered_at(cover, text);
		if (len > 0)
			buf_add_text(&buf, "...");
		else
			buf_add_char(&buf, *text);
		text += len > 0 ? len : 1;
	}
	const char *covered = arena_dup(arena, buf.data);
	buf_finish(&buf);
	return covered;
}
