#include "conf/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/owner.h"
#include "agent/base/str.h"
#include "conf/merge.h"
#include "conf/scalar.h"
#include "conf/strings.h"
#include "conf/tag.h"
#include "conf/timestamp.h"

/* A list or a map that has begun and not ended. */
struct level {
	struct conf_yaml value;
	struct anchor *anchor; /* NULL for none */
	size_t first; /* of its items in loader.pending */
	const char *key; /* of a map, when its value comes next */
	struct conf_mark key_mark;
};

struct anchor {
	bool open; /* its end has not come yet */
	struct conf_yaml value;
};

struct loader {
	yaml_parser_t parser;
	FILE *file;
	size_t bytes;
	bool too_long;

	struct arena *arena;
	struct conf_strings *strings;
	struct map *anchors; /* struct anchor, in the arena */
	struct conf_merger merger;
	struct level levels[CONF_YAML_DEPTH_MAX];
	size_t depth;
	struct conf_yaml_item *pending; /* of all levels, one after the other */
	size_t n_pending;
	size_t pending_size;
	struct conf_yaml root;
	bool has_root;

	struct err *err;
	struct conf_mark *where;
};

static struct conf_mark
mark_of(const yaml_mark_t *mark)
{
	return (struct conf_mark){ (uint32_t)mark->line + 1,
		(uint32_t)mark->column + 1 };
}

static bool __attribute__((format(printf, 3, 4)))
fail(struct loader *loader, struct conf_mark mark, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(loader->err->text, sizeof(loader->err->text), format, args);
	va_end(args);
	*loader->where = mark;
	return false;
}

static void
push(struct loader *loader, const struct conf_yaml_item *item)
{
	if (loader->n_pending == loader->pending_size) {
		loader->pending_size = loader->pending_size * 2 + 64;
		loader->pending = mem_grow(loader->pending,
			loader->pending_size, sizeof(*loader->pending));
	}
	loader->pending[loader->n_pending++] = *item;
}

/* `at` is where it is used, which for an alias is not where it stands. */
static bool
add_value(struct loader *loader, const struct conf_yaml *value,
	struct conf_mark at)
{
	if (value->weight > CONF_YAML_NODES_MAX
		|| loader->n_pending >= CONF_YAML_NODES_MAX)
		return fail(loader, at,
			"the file holds more than %d values, aliases written "
			"out",
			CONF_YAML_NODES_MAX);
	if (loader->depth + value->depth > CONF_YAML_DEPTH_MAX)
		return fail(loader, at,
			"lists and maps are nested more than %d deep",
			CONF_YAML_DEPTH_MAX);
	if (loader->depth == 0) {
		loader->root = *value;
		loader->has_root = true;
		return true;
	}
	struct level *level = &loader->levels[loader->depth - 1];
	push(loader,
		&(struct conf_yaml_item){ .key = level->key,
			.mark = level->key_mark,
			.value = *value });
	level->key = NULL;
	return true;
}

/* True where a map is at the place of a key. */
static bool
wants_key(const struct loader *loader)
{
	if (loader->depth == 0)
		return false;
	const struct level *level = &loader->levels[loader->depth - 1];
	return level->value.kind == CONF_NODE_MAP && !level->key;
}

static void
set_key(struct loader *loader, const struct conf_yaml *key)
{
	struct level *level = &loader->levels[loader->depth - 1];
	bool merges = !key->quoted && str_eq(key->text, conf_merge_key);
	level->key = merges ? conf_merge_key : key->text;
	level->key_mark = key->mark;
}

static struct anchor *
anchor_new(struct loader *loader, const yaml_char_t *name)
{
	if (!name)
		return NULL;
	struct anchor *anchor = arena_alloc(loader->arena, sizeof(*anchor));
	anchor->open = true;
	map_put(loader->anchors, (const char *)name, anchor);
	return anchor;
}

static void
anchor_set(struct anchor *anchor, const struct conf_yaml *value)
{
	if (!anchor)
		return;
	anchor->open = false;
	anchor->value = *value;
}

/* What PyYAML finds no meaning for, where a value stands. */
static bool
is_reserved(const struct conf_yaml *value)
{
	return !value->quoted
		&& (str_eq(value->text, "=")
			|| str_eq(value->text, conf_merge_key));
}

/* What the scalar is, by its tag or by its looks. */
static bool
resolve(struct loader *loader, const yaml_event_t *event,
	struct conf_yaml *value)
{
	const char *text = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;
	if (tag && str_eq(tag, "!"))
		tag = NULL;
	char date[CONF_TIMESTAMP_SIZE];
	value->quoted = tag || !event->data.scalar.plain_implicit;
	if (tag) {
		struct err err;
		if (!conf_tag_apply(tag, text, value, &err))
			return fail(loader, value->mark, "%s", err.text);
	} else if (!value->quoted) {
		value->kind = (uint8_t)conf_scalar_kind(text);
		if (value->kind == CONF_NODE_TEXT
			&& conf_timestamp_text(text, date))
			text = date;
	}
	value->text = conf_strings_keep(loader->strings, text);
	return true;
}

static bool
on_scalar(struct loader *loader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct conf_yaml value = {
		.kind = CONF_NODE_TEXT,
		.weight = 1,
		.mark = mark_of(&event->start_mark),
	};
	if (strlen(text) != event->data.scalar.length)
		return fail(loader, value.mark, "a text holds a NUL");
	if (!resolve(loader, event, &value))
		return false;
	anchor_set(anchor_new(loader, event->data.scalar.anchor), &value);
	if (wants_key(loader)) {
		set_key(loader, &value);
		return true;
	}
	if (is_reserved(&value))
		return fail(loader, value.mark,
			"%s alone is no value; write it in quotes", text);
	return add_value(loader, &value, value.mark);
}

static bool
on_alias(struct loader *loader, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct conf_mark mark = mark_of(&event->start_mark);
	const struct anchor *anchor = map_get(loader->anchors, name);
	if (!anchor)
		return fail(loader, mark, "there is no anchor &%s above this",
			name);
	if (anchor->open)
		return fail(loader, mark, "&%s would hold itself", name);
	struct conf_yaml value = anchor->value;
	value.shared = true;
	if (!wants_key(loader))
		return add_value(loader, &value, mark);
	if (!conf_yaml_is_scalar(&value))
		return fail(loader, mark, "a key must be a text");
	set_key(loader, &value);
	return true;
}

static bool
on_start(struct loader *loader, const yaml_event_t *event,
	enum conf_node_kind kind, const yaml_char_t *anchor,
	const yaml_char_t *tag)
{
	struct err err;
	struct conf_mark mark = mark_of(&event->start_mark);
	if (!conf_tag_allow((const char *)tag, kind, &err))
		return fail(loader, mark, "%s", err.text);
	if (wants_key(loader))
		return fail(loader, mark, "a key must be a text");
	if (loader->depth == CONF_YAML_DEPTH_MAX)
		return fail(loader, mark,
			"lists and maps are nested more than %d deep",
			CONF_YAML_DEPTH_MAX);
	loader->levels[loader->depth++] = (struct level){
		.value = { .kind = (uint8_t)kind, .mark = mark },
		.anchor = anchor_new(loader, anchor),
		.first = loader->n_pending,
	};
	return true;
}

static void
weigh(struct conf_yaml *value)
{
	uint64_t weight = 1;
	uint8_t depth = 0;
	for (size_t i = 0; i < value->count; i++) {
		const struct conf_yaml *inner = &value->items[i].value;
		weight += inner->weight;
		if (inner->depth > depth)
			depth = inner->depth;
	}
	value->depth = (uint8_t)(depth + 1);
	value->weight = weight > UINT32_MAX ? UINT32_MAX : (uint32_t)weight;
}

static bool
on_end(struct loader *loader)
{
	struct level *level = &loader->levels[--loader->depth];
	struct conf_yaml value = level->value;
	const struct conf_yaml_item *items =
		loader->pending ? loader->pending + level->first : NULL;
	size_t count = loader->n_pending - level->first;
	if (value.kind == CONF_NODE_MAP) {
		value.items = conf_merge(&loader->merger, items, &count,
			loader->arena, loader->err, loader->where);
		if (!value.items)
			return false;
	} else {
		struct conf_yaml_item *kept =
			arena_alloc(loader->arena, count * sizeof(*kept));
		if (items)
			memcpy(kept, items, count * sizeof(*kept));
		value.items = kept;
	}
	value.count = (uint32_t)count;
	weigh(&value);
	loader->n_pending = level->first;
	anchor_set(level->anchor, &value);
	return add_value(loader, &value, value.mark);
}

static bool
take_event(struct loader *loader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (loader->has_root)
			return fail(loader, mark_of(&event->start_mark),
				"a second document begins here; a file holds "
				"one");
		return true;
	case YAML_SCALAR_EVENT:
		return on_scalar(loader, event);
	case YAML_ALIAS_EVENT:
		return on_alias(loader, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_start(loader, event, CONF_NODE_LIST,
			event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_start(loader, event, CONF_NODE_MAP,
			event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(loader);
	default:
		return true;
	}
}

static bool
fail_size(struct err *err)
{
	return err_set(err, "the file is longer than %d MiB",
		CONF_YAML_BYTES_MAX / (1024 * 1024));
}

/* What libyaml has to say, as one sentence. */
static bool
fail_syntax(struct loader *loader)
{
	const yaml_parser_t *parser = &loader->parser;
	const char *problem = parser->problem ? parser->problem : "broken";
	struct conf_mark none = { 0 };
	if (loader->too_long) {
		*loader->where = none;
		return fail_size(loader->err);
	}
	if (ferror(loader->file))
		return fail(loader, none, "cannot read the file: %s",
			strerror(errno));
	if (parser->error == YAML_READER_ERROR)
		return fail(loader, none,
			"the file is not a text in UTF-8: %s at byte %zu",
			problem, parser->problem_offset);
	if (parser->error == YAML_SCANNER_ERROR
		&& *parser->buffer.pointer == '\t')
		return fail(loader, mark_of(&parser->problem_mark),
			"this is not YAML: a tab; indent with blanks");
	if (parser->context
		&& parser->context_mark.line != parser->problem_mark.line)
		return fail(loader, mark_of(&parser->problem_mark),
			"this is not YAML: %s, %s that began on line %zu",
			problem, parser->context,
			parser->context_mark.line + 1);
	return fail(loader, mark_of(&parser->problem_mark),
		"this is not YAML: %s", problem);
}

static bool
take_events(struct loader *loader)
{
	for (;;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&loader->parser, &event))
			return fail_syntax(loader);
		bool ended = event.type == YAML_STREAM_END_EVENT;
		bool good = take_event(loader, &event);
		yaml_event_delete(&event);
		if (!good || ended)
			return good;
	}
}

static int
on_more_wanted(void *cookie, unsigned char *bytes, size_t size, size_t *len)
{
	struct loader *loader = cookie;
	*len = fread(bytes, 1, size, loader->file);
	loader->bytes += *len;
	loader->too_long = loader->bytes > CONF_YAML_BYTES_MAX;
	return !ferror(loader->file) && !loader->too_long;
}

static bool
load_file(struct loader *loader)
{
	/* It fails only without memory. */
	if (!yaml_parser_initialize(&loader->parser))
		abort();
	yaml_parser_set_input(&loader->parser, on_more_wanted, loader);
	loader->strings = conf_strings_new(loader->arena);
	loader->anchors = map_new();
	loader->merger.room = CONF_YAML_NODES_MAX;
	bool good = take_events(loader);
	conf_merger_finish(&loader->merger);
	map_free(loader->anchors);
	conf_strings_free(loader->strings);
	free(loader->pending);
	yaml_parser_delete(&loader->parser);
	return good;
}

static bool
load(FILE *file, struct arena *arena, struct conf_yaml *root, struct err *err,
	struct conf_mark *where)
{
	struct loader loader = {
		.file = file,
		.arena = arena,
		.root = { .kind = CONF_NODE_NULL, .text = "" },
		.err = err,
		.where = where,
	};
	bool good = load_file(&loader);
	*root = loader.root;
	return good;
}

bool
conf_yaml_load(const char *path, struct arena *arena, struct conf_yaml *root,
	struct err *err, struct conf_mark *where)
{
	*where = (struct conf_mark){ 0 };
	FILE *file = fopen(path, "re");
	if (!file) {
		int error = errno;
		err_set(err, "cannot open the file: %s", err_system(error));
		return owner_advise(err, error, path);
	}
	struct stat about;
	if (fstat(fileno(file), &about) == 0
		&& about.st_size > CONF_YAML_BYTES_MAX) {
		fclose(file);
		return fail_size(err);
	}
	bool good = load(file, arena, root, err, where);
	fclose(file);
	return good;
}

bool
conf_yaml_read(const char *text, size_t len, struct arena *arena,
	struct conf_yaml *root, struct err *err, struct conf_mark *where)
{
	union {
		const char *closed;
		char *open;
	} bytes = { .closed = text };
	*where = (struct conf_mark){ 0 };
	FILE *file = fmemopen(bytes.open, len, "r");
	if (!file)
		return err_set(err, "the text is empty");
	bool good = load(file, arena, root, err, where);
	fclose(file);
	return good;
}

const struct conf_yaml_item *
conf_yaml_find(const struct conf_yaml *map, const char *key)
{
	if (map->kind != CONF_NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (*map->items[i].key == *key
			&& str_eq(map->items[i].key, key))
			return &map->items[i];
	return NULL;
}

bool
conf_yaml_is_scalar(const struct conf_yaml *value)
{
	return value->kind != CONF_NODE_LIST && value->kind != CONF_NODE_MAP;
}
