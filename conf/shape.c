/*
 * Values that are more than one scalar: lists, maps of texts, any YAML.
 *
 *     conf_read_field -> read_shared -> read_value -> read_list, read_pairs ...
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/map.h"
#include "conf/format.h"
#include "conf/reader.h"
#include "conf/strings.h"

enum {
	SHARED_MAX = 1024, /* bytes of a list */
};

struct conf_spot
conf_spot_inside(const struct conf_spot *spot,
	const struct conf_yaml_item *item, size_t i)
{
	struct conf_spot inner = *spot;
	inner.value = &item->value;
	inner.mark = conf_item_mark(item);
	inner.index = i;
	return inner;
}

static bool
is_list(struct conf_reader *reader, const struct conf_spot *spot)
{
	const char *wants = spot->field->wants;
	if (spot->value->kind != CONF_NODE_LIST)
		return conf_expected(
			reader, spot, "%s", wants ? wants : "a list");
	if (spot->value->count > CONF_LIST_MAX)
		return conf_expected(
			reader, spot, "at most %d items", CONF_LIST_MAX);
	return true;
}

static void
read_items(struct conf_reader *reader, const struct conf_spot *spot,
	unsigned char *items)
{
	const struct conf_section *section = spot->field->section;
	for (size_t i = 0; i < spot->value->count; i++) {
		struct conf_spot inner =
			conf_spot_inside(spot, &spot->value->items[i], i);
		conf_read_map(
			reader, &inner, section, items + i * section->size);
	}
}

/* Short lists, such as those of expectations, often say the same. */
static void
read_list(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	if (!is_list(reader, spot))
		return;
	size_t count = spot->value->count;
	size_t size = count * spot->field->section->size;
	_Alignas(max_align_t) unsigned char small[SHARED_MAX] = { 0 };
	if (spot->field->flags & CONF_SHARED && size <= sizeof(small)) {
		read_items(reader, spot, small);
		*to = (struct conf_list){
			conf_strings_share(reader->strings, small, size),
			count,
		};
		return;
	}
	unsigned char *items = arena_alloc(reader->arena, size);
	*to = (struct conf_list){ items, count };
	read_items(reader, spot, items);
}

static void
read_one_variant(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	struct conf_chosen *one = arena_alloc(reader->arena, sizeof(*one));
	conf_read_chosen(reader, spot, one);
	*to = (struct conf_list){ one, 1 };
}

static void
read_variants(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	if (spot->field->flags & CONF_OR_ONE
		&& spot->value->kind != CONF_NODE_LIST) {
		read_one_variant(reader, spot, to);
		return;
	}
	if (!is_list(reader, spot))
		return;
	size_t count = spot->value->count;
	struct conf_chosen *items =
		arena_alloc(reader->arena, count * sizeof(*items));
	*to = (struct conf_list){ items, count };
	for (size_t i = 0; i < count; i++) {
		struct conf_spot inner =
			conf_spot_inside(spot, &spot->value->items[i], i);
		conf_read_chosen(reader, &inner, &items[i]);
	}
}

/* One where a list was meant is a list of one. */
static size_t
count_of(struct conf_reader *reader, const struct conf_spot *spot)
{
	if (spot->value->kind == CONF_NODE_LIST)
		return spot->value->count;
	if (spot->value->kind == CONF_NODE_MAP) {
		conf_expected(reader, spot, "a list");
		return 0;
	}
	if (!(spot->field->flags & CONF_OR_ONE))
		conf_complain_at(reader, CONF_WARNING, spot,
			"this is a list; write it in brackets");
	return 1;
}

static struct conf_spot
nth(const struct conf_spot *spot, size_t i)
{
	if (spot->value->kind != CONF_NODE_LIST)
		return *spot;
	return conf_spot_inside(spot, &spot->value->items[i], i);
}

static void
read_strings(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	size_t count = count_of(reader, spot);
	const char **items = arena_alloc(reader->arena, count * sizeof(*items));
	for (size_t i = 0; i < count; i++) {
		struct conf_spot inner = nth(spot, i);
		items[i] = "";
		if (inner.value->kind == CONF_NODE_NULL)
			conf_expected(reader, &inner, "a text");
		else
			conf_read_text(reader, &inner, &items[i]);
	}
	*to = (struct conf_list){ items, count };
}

static void
read_choices(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	size_t count = count_of(reader, spot);
	int *items = arena_alloc(reader->arena, count * sizeof(*items));
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		struct conf_spot inner = nth(spot, i);
		if (!conf_read_choice(reader, &inner, &items[n]))
			continue;
		size_t first = 0;
		while (items[first] != items[n])
			first++;
		if (first < n)
			conf_complain_at(reader, CONF_WARNING, &inner,
				"\"%s\" is given twice; once is enough",
				inner.value->text);
		else
			n++;
	}
	*to = (struct conf_list){ items, n };
}

static void
read_pair(struct conf_reader *reader, const struct conf_spot *spot,
	const char **to)
{
	struct conf_node node;
	struct buf text;
	if (!(spot->field->flags & CONF_PYTHON)) {
		conf_read_text(reader, spot, to);
		return;
	}
	if (!conf_read_tree(reader, spot, &node))
		return;
	buf_init(&text, CONF_VALUE_BYTES_MAX);
	conf_format_str(&node, &text);
	*to = conf_strings_keep(reader->strings, text.data);
	buf_finish(&text);
}

static void
read_pairs(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_list *to)
{
	const struct conf_yaml *map = spot->value;
	if (map->kind != CONF_NODE_MAP) {
		conf_expected(reader, spot, "a map of texts");
		return;
	}
	struct conf_pair *pairs =
		arena_alloc(reader->arena, map->count * sizeof(*pairs));
	for (size_t i = 0; i < map->count; i++) {
		const struct conf_yaml_item *item = &map->items[i];
		struct conf_spot inner =
			conf_spot_inside(spot, item, CONF_NO_INDEX);
		struct conf_frame frame = { .up = spot->frame,
			.key = spot->key,
			.index = CONF_NO_INDEX,
			.map = map };
		inner.frame = &frame;
		inner.key = item->key;
		pairs[i].key = conf_strings_keep(reader->strings, item->key);
		if (item->repeated)
			conf_complain_key(reader, CONF_WARNING, &frame,
				item->key, item->mark,
				"is given twice; the last one counts");
		if (item->value.kind != CONF_NODE_NULL)
			read_pair(reader, &inner, &pairs[i].value);
	}
	*to = (struct conf_list){ pairs, map->count };
}

static void
read_tree(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_node **to)
{
	struct conf_node node;
	memset(&node, 0, sizeof(node)); /* what lies between members too */
	conf_read_tree(reader, spot, &node);
	*to = conf_strings_share(reader->strings, &node, sizeof(node));
}

static void
read_one(struct conf_reader *reader, const struct conf_spot *spot,
	const void **to)
{
	const struct conf_section *section = spot->field->section;
	void *inner = arena_alloc(reader->arena, section->size);
	if (conf_read_map(reader, spot, section, inner))
		*to = inner;
}

static void
read_value(
	struct conf_reader *reader, const struct conf_spot *spot, void *member)
{
	switch (spot->field->kind) {
	case CONF_KIND_CHOICES:
		read_choices(reader, spot, member);
		break;
	case CONF_KIND_STRINGS:
		read_strings(reader, spot, member);
		break;
	case CONF_KIND_PAIRS:
		read_pairs(reader, spot, member);
		break;
	case CONF_KIND_TREE:
		read_tree(reader, spot, member);
		break;
	case CONF_KIND_SECTION:
		read_one(reader, spot, member);
		break;
	case CONF_KIND_LIST:
		read_list(reader, spot, member);
		break;
	case CONF_KIND_VARIANT:
		conf_read_chosen(reader, spot, member);
		break;
	case CONF_KIND_VARIANTS:
		read_variants(reader, spot, member);
		break;
	default:
		conf_read_scalar(reader, spot, member);
	}
}

/* What was read once of a value that several keys share. */
union shared {
	struct conf_list list;
	struct conf_chosen chosen;
	const void *one;
};

static size_t
size_of(enum conf_kind kind)
{
	if (kind == CONF_KIND_TREE || kind == CONF_KIND_SECTION)
		return sizeof(const void *);
	if (kind == CONF_KIND_VARIANT)
		return sizeof(struct conf_chosen);
	return sizeof(struct conf_list);
}

/* Only what was read without an error: the next one is to know of it. */
static void
read_shared(
	struct conf_reader *reader, const struct conf_spot *spot, void *member)
{
	char name[64];
	size_t size = size_of(spot->field->kind);
	snprintf(name, sizeof(name), "%p %p", (const void *)spot->value->items,
		(const void *)spot->field);
	const union shared *known = map_get(reader->shared, name);
	if (known) {
		memcpy(member, known, size);
		return;
	}
	size_t before = conf_complaints_errors(reader->complaints);
	read_value(reader, spot, member);
	if (conf_complaints_errors(reader->complaints) > before)
		return;
	union shared *kept = arena_alloc(reader->scratch, sizeof(*kept));
	memcpy(kept, member, size);
	map_put(reader->shared, name, kept);
}

void
conf_read_field(
	struct conf_reader *reader, const struct conf_spot *spot, void *to)
{
	void *member = (char *)to + spot->field->offset;
	const struct conf_yaml *value = spot->value;
	if (value->shared && !conf_yaml_is_scalar(value) && value->count > 0
		&& spot->field->kind >= CONF_KIND_CHOICES)
		read_shared(reader, spot, member);
	else
		read_value(reader, spot, member);
}
