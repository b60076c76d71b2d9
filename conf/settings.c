#include "conf/settings.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"

static bool
same_text(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

static bool
same_node(const struct conf_node *a, const struct conf_node *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->count != b->count
		|| !same_text(a->text, b->text) || a->boolean != b->boolean
		|| a->integer != b->integer)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->keys && !same_text(a->keys[i], b->keys[i]))
			return false;
		if (!same_node(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

/* How large one item of a list is. */
static size_t
item_size(const struct conf_field *field)
{
	switch (field->kind) {
	case CONF_KIND_CHOICES:
		return sizeof(int);
	case CONF_KIND_STRINGS:
		return sizeof(const char *);
	case CONF_KIND_PAIRS:
		return sizeof(struct conf_pair);
	case CONF_KIND_VARIANTS:
		return sizeof(struct conf_chosen);
	case CONF_KIND_LIST:
		return field->section->size;
	default:
		return 0;
	}
}

static bool
same_item(const struct conf_field *field, const void *a, const void *b)
{
	const struct conf_pair *pair_a = a;
	const struct conf_pair *pair_b = b;
	switch (field->kind) {
	case CONF_KIND_CHOICES:
		return *(const int *)a == *(const int *)b;
	case CONF_KIND_STRINGS:
		return same_text(
			*(const char *const *)a, *(const char *const *)b);
	case CONF_KIND_PAIRS:
		return same_text(pair_a->key, pair_b->key)
			&& same_text(pair_a->value, pair_b->value);
	case CONF_KIND_VARIANTS:
		return conf_chosen_same(a, b);
	case CONF_KIND_LIST:
		return conf_settings_same(field->section, a, b);
	default:
		return false;
	}
}

static bool
same_list(const struct conf_field *field, const struct conf_list *a,
	const struct conf_list *b)
{
	size_t size = item_size(field);
	const char *items_a = a->items;
	const char *items_b = b->items;
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_item(field, items_a + i * size, items_b + i * size))
			return false;
	return true;
}

static bool
same_section(const struct conf_field *field, const void *a, const void *b)
{
	const void *section_a = *(const void *const *)a;
	const void *section_b = *(const void *const *)b;
	if (!section_a || !section_b)
		return section_a == section_b;
	return conf_settings_same(field->section, section_a, section_b);
}

static bool
same_double(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(double)) == 0;
}

static bool
same_value(const struct conf_field *field, const void *a, const void *b)
{
	switch (field->kind) {
	case CONF_KIND_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case CONF_KIND_INT:
	case CONF_KIND_DURATION:
		return *(const int64_t *)a == *(const int64_t *)b;
	case CONF_KIND_NUMBER:
		return same_double(a, b);
	case CONF_KIND_CHOICE:
		return *(const int *)a == *(const int *)b;
	case CONF_KIND_STRING:
		return same_text(
			*(const char *const *)a, *(const char *const *)b);
	case CONF_KIND_SOURCE:
		return same_text(((const struct conf_source *)a)->text,
			((const struct conf_source *)b)->text);
	case CONF_KIND_TREE:
		return same_node(*(const struct conf_node *const *)a,
			*(const struct conf_node *const *)b);
	case CONF_KIND_SECTION:
		return same_section(field, a, b);
	case CONF_KIND_VARIANT:
		return conf_chosen_same(a, b);
	case CONF_KIND_CHOICES:
	case CONF_KIND_STRINGS:
	case CONF_KIND_PAIRS:
	case CONF_KIND_LIST:
	case CONF_KIND_VARIANTS:
		return same_list(field, a, b);
	}
	return false;
}

bool
conf_settings_same(
	const struct conf_section *section, const void *a, const void *b)
{
	const struct conf_field *inlined = section->inlined;
	for (const struct conf_field *field = section->fields; field->key;
		field++)
		if (!same_value(field, (const char *)a + field->offset,
			    (const char *)b + field->offset))
			return false;
	return !inlined
		|| same_value(inlined, (const char *)a + inlined->offset,
			(const char *)b + inlined->offset);
}

bool
conf_chosen_same(const struct conf_chosen *a, const struct conf_chosen *b)
{
	if (a->variant != b->variant)
		return false;
	return !a->variant
		|| conf_settings_same(
			&a->variant->section, a->settings, b->settings);
}

/* Copies. */

static void copy_settings(const struct conf_section *section, char *to,
	const char *from, struct arena *arena);

static const char *
copy_text(const char *text, struct arena *arena)
{
	return text ? arena_dup(arena, text) : NULL;
}

static void
copy_into(
	struct conf_node *to, const struct conf_node *from, struct arena *arena)
{
	*to = *from;
	to->text = copy_text(from->text, arena);
	struct conf_node *items =
		arena_alloc(arena, from->count * sizeof(*items));
	const char **keys = from->keys
		? arena_alloc(arena, from->count * sizeof(*keys))
		: NULL;
	for (size_t i = 0; i < from->count; i++) {
		copy_into(&items[i], &from->items[i], arena);
		if (keys)
			keys[i] = copy_text(from->keys[i], arena);
	}
	to->items = from->items ? items : NULL;
	to->keys = keys;
}

static const struct conf_node *
copy_node(const struct conf_node *from, struct arena *arena)
{
	if (!from)
		return NULL;
	struct conf_node *to = arena_alloc(arena, sizeof(*to));
	copy_into(to, from, arena);
	return to;
}

static void
copy_item(const struct conf_field *field, void *item, struct arena *arena)
{
	struct conf_pair *pair = item;
	switch (field->kind) {
	case CONF_KIND_STRINGS:
		*(const char **)item = copy_text(*(const char **)item, arena);
		break;
	case CONF_KIND_PAIRS:
		pair->key = copy_text(pair->key, arena);
		pair->value = copy_text(pair->value, arena);
		break;
	case CONF_KIND_VARIANTS:
		*(struct conf_chosen *)item = conf_chosen_copy(item, arena);
		break;
	case CONF_KIND_LIST:
		copy_settings(field->section, item, item, arena);
		break;
	default:
		break;
	}
}

static void
copy_list(const struct conf_field *field, struct conf_list *list,
	struct arena *arena)
{
	size_t size = item_size(field);
	char *items = arena_alloc(arena, list->count * size + 1);
	if (list->count > 0)
		memcpy(items, list->items, list->count * size);
	for (size_t i = 0; i < list->count; i++)
		copy_item(field, items + i * size, arena);
	list->items = items;
}

static void
copy_section(const struct conf_field *field, void *value, struct arena *arena)
{
	const char *from = *(const char **)value;
	if (!from)
		return;
	char *to = arena_alloc(arena, field->section->size);
	copy_settings(field->section, to, from, arena);
	*(const char **)value = to;
}

/* `value` is a flat copy already; what it points at is still the other's. */
static void
copy_value(const struct conf_field *field, void *value, struct arena *arena)
{
	struct conf_source *source = value;
	switch (field->kind) {
	case CONF_KIND_STRING:
		*(const char **)value = copy_text(*(const char **)value, arena);
		break;
	case CONF_KIND_SOURCE:
		source->text = copy_text(source->text, arena);
		source->raw = copy_text(source->raw, arena);
		break;
	case CONF_KIND_TREE:
		*(const struct conf_node **)value =
			copy_node(*(const struct conf_node **)value, arena);
		break;
	case CONF_KIND_SECTION:
		copy_section(field, value, arena);
		break;
	case CONF_KIND_VARIANT:
		*(struct conf_chosen *)value = conf_chosen_copy(value, arena);
		break;
	case CONF_KIND_CHOICES:
	case CONF_KIND_STRINGS:
	case CONF_KIND_PAIRS:
	case CONF_KIND_LIST:
	case CONF_KIND_VARIANTS:
		copy_list(field, value, arena);
		break;
	default:
		break;
	}
}

static void
copy_settings(const struct conf_section *section, char *to, const char *from,
	struct arena *arena)
{
	const struct conf_field *inlined = section->inlined;
	if (to != from)
		memcpy(to, from, section->size);
	for (const struct conf_field *field = section->fields; field->key;
		field++)
		copy_value(field, to + field->offset, arena);
	if (inlined)
		copy_value(inlined, to + inlined->offset, arena);
}

struct conf_chosen
conf_chosen_copy(const struct conf_chosen *from, struct arena *arena)
{
	struct conf_chosen to = *from;
	if (!from->variant)
		return to;
	char *settings = arena_alloc(arena, from->variant->section.size);
	copy_settings(&from->variant->section, settings, from->settings, arena);
	to.settings = settings;
	return to;
}

const char *
conf_chosen_text(const struct conf_chosen *chosen, const char *key)
{
	if (!chosen->variant)
		return NULL;
	const struct conf_field *field = chosen->variant->section.fields;
	for (; field->key; field++) {
		const char *value =
			(const char *)chosen->settings + field->offset;
		if (!str_eq(field->key, key))
			continue;
		if (field->kind == CONF_KIND_STRING)
			return *(const char *const *)(const void *)value;
		if (field->kind == CONF_KIND_SOURCE)
			return ((const struct conf_source *)(const void *)value)
				->text;
	}
	return NULL;
}
