/* How the engine complains: the place, the path, and the sentence. */
#include "conf/reader.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	SENTENCE_MAX = 2048,
	PATH_MAX_BYTES = 512,
	SHOWN_MAX = 80, /* bytes of what a user wrote */
};

struct conf_mark
conf_item_mark(const struct conf_yaml_item *item)
{
	if (item->value.kind == CONF_NODE_NULL && item->key)
		return item->mark;
	return item->value.mark;
}

static void
add_shown(struct buf *out, const char *text)
{
	char shown[SHOWN_MAX];
	buf_add_text(out, str_copy(shown, sizeof(shown), text) ? text : shown);
	if (strlen(text) >= sizeof(shown))
		buf_add_text(out, "...");
}

/* A list item is easier to find by its name than by its number. */
static void
add_label(const struct conf_yaml *map, struct buf *path)
{
	const struct conf_yaml_item *name = conf_yaml_find(map, "name");
	if (!name || name->value.kind == CONF_NODE_NULL
		|| !conf_yaml_is_scalar(&name->value)
		|| *name->value.text == '\0')
		return;
	buf_add_text(path, " (");
	add_shown(path, name->value.text);
	buf_add_char(path, ')');
}

static void
add_key(struct buf *path, const char *key, size_t index)
{
	if (path->len > 0)
		buf_add_char(path, '.');
	add_shown(path, key);
	if (index != CONF_NO_INDEX)
		buf_printf(path, "[%zu]", index);
}

void
conf_frame_path(const struct conf_frame *frame, struct buf *path)
{
	const struct conf_frame *chain[CONF_YAML_DEPTH_MAX + 1];
	size_t n = 0;
	for (; frame->up && n < sizeof(chain) / sizeof(chain[0]);
		frame = frame->up)
		chain[n++] = frame;
	while (n > 0) {
		frame = chain[--n];
		add_key(path, frame->key, frame->index);
		if (frame->index != CONF_NO_INDEX)
			add_label(frame->map, path);
	}
}

static void
complain(struct conf_reader *reader, enum conf_severity severity,
	struct conf_frame *frame, const char *key, size_t index,
	struct conf_mark mark, const char *sentence)
{
	if (severity == CONF_ERROR)
		frame->broken = true;
	struct buf path;
	buf_init(&path, PATH_MAX_BYTES);
	conf_frame_path(frame, &path);
	if (key)
		add_key(&path, key, index);
	conf_complaints_add(
		reader->complaints, severity, mark, path.data, sentence);
	buf_finish(&path);
}

void
conf_complain_at(struct conf_reader *reader, enum conf_severity severity,
	const struct conf_spot *spot, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	complain(reader, severity, spot->frame, spot->key, spot->index,
		spot->mark, sentence);
}

void
conf_complain_key(struct conf_reader *reader, enum conf_severity severity,
	struct conf_frame *frame, const char *key, struct conf_mark mark,
	const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	complain(reader, severity, frame, key, CONF_NO_INDEX, mark, sentence);
}

static void
add_got(struct buf *out, const struct conf_spot *spot)
{
	if (spot->field->flags & CONF_SECRET)
		return;
	switch (spot->value->kind) {
	case CONF_NODE_LIST:
		buf_add_text(out, ", got a list");
		break;
	case CONF_NODE_MAP:
		buf_add_text(out, ", got a map");
		break;
	case CONF_NODE_NULL:
		buf_add_text(out, ", got nothing");
		break;
	default:
		buf_add_text(out, ", got \"");
		add_shown(out, spot->value->text);
		buf_add_char(out, '"');
	}
}

static void
expected(struct conf_reader *reader, const struct conf_spot *spot,
	const char *near, const char *what)
{
	struct buf sentence;
	buf_init(&sentence, SENTENCE_MAX);
	buf_printf(&sentence, "expected %s", what);
	add_got(&sentence, spot);
	if (near)
		buf_printf(&sentence, "; did you mean \"%s\"?", near);
	complain(reader, CONF_ERROR, spot->frame, spot->key, spot->index,
		spot->mark, sentence.data);
	buf_finish(&sentence);
}

bool
conf_expected(struct conf_reader *reader, const struct conf_spot *spot,
	const char *format, ...)
{
	char what[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	expected(reader, spot, NULL, what);
	return false;
}

bool
conf_expected_near(struct conf_reader *reader, const struct conf_spot *spot,
	const char *near, const char *format, ...)
{
	char what[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	expected(reader, spot, near, what);
	return false;
}

const struct conf_yaml_item *
conf_given(const struct conf_reader *reader, const char *key)
{
	return conf_yaml_find(reader->frame->map, key);
}

static void
reject(struct conf_reader *reader, enum conf_severity severity, const char *key,
	const char *sentence)
{
	struct conf_frame *frame = reader->frame;
	const struct conf_yaml_item *item =
		key ? conf_given(reader, key) : NULL;
	complain(reader, severity, frame, key, CONF_NO_INDEX,
		item ? conf_item_mark(item) : frame->mark, sentence);
}

void
conf_reject(
	struct conf_reader *reader, const char *key, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	reject(reader, CONF_ERROR, key, sentence);
}

void
conf_warn(struct conf_reader *reader, const char *key, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	reject(reader, CONF_WARNING, key, sentence);
}

const struct conf_yaml *
conf_given_item(const struct conf_reader *reader, const char *key, size_t index)
{
	const struct conf_yaml_item *list = conf_given(reader, key);
	if (!list || list->value.kind != CONF_NODE_LIST)
		return list && index == 0 ? &list->value : NULL;
	if (index >= list->value.count)
		return NULL;
	return &list->value.items[index].value;
}

static void
reject_item(struct conf_reader *reader, enum conf_severity severity,
	const char *key, size_t index, const char *inner, const char *sentence)
{
	static const struct conf_yaml nothing = { .text = "" };
	const struct conf_yaml *value = conf_given_item(reader, key, index);
	const struct conf_yaml_item *item =
		value && inner ? conf_yaml_find(value, inner) : NULL;
	struct conf_frame frame = {
		.up = reader->frame,
		.key = key,
		.index = index,
		.map = value ? value : &nothing,
		.mark = value ? value->mark : reader->frame->mark,
	};
	complain(reader, severity, &frame, inner, CONF_NO_INDEX,
		item ? conf_item_mark(item) : frame.mark, sentence);
}

void
conf_reject_item(struct conf_reader *reader, const char *key, size_t index,
	const char *inner, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	reject_item(reader, CONF_ERROR, key, index, inner, sentence);
}

void
conf_warn_item(struct conf_reader *reader, const char *key, size_t index,
	const char *inner, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	reject_item(reader, CONF_WARNING, key, index, inner, sentence);
}
