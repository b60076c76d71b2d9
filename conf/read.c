/*
 * Maps: each key finds its row, each row its value; then the rules between
 * keys.
 *
 *     conf_read_map -> read_section -> match
 *                                   -> read_matched -> conf_read_field
 *     conf_read_chosen -> choose -> match -> read_matched
 */
#include "conf/reader.h"

#include <assert.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/scalar.h"
#include "conf/suggest.h"

enum {
	FIELDS_MAX = 64,
};

/* The keys of a map, each beside its row. */
struct matched {
	const struct conf_field *fields; /* NULL for none */
	bool open; /* nobody knows what else may stand there */
	const struct conf_yaml_item *items[FIELDS_MAX];
};

/* Most differ in their first letter already. */
static bool
is_key(const char *name, const char *key)
{
	return name && *name == *key && str_eq(name, key);
}

static const struct conf_yaml_item **
row_of(struct matched *matched, const char *key)
{
	if (!matched->fields)
		return NULL;
	for (size_t i = 0; matched->fields[i].key; i++) {
		const struct conf_field *field = &matched->fields[i];
		assert(i < FIELDS_MAX);
		if (is_key(field->key, key) || is_key(field->alias, key))
			return &matched->items[i];
	}
	return NULL;
}

static void
suggest_from(
	struct conf_suggestion *suggestion, const struct conf_field *fields)
{
	for (; fields && fields->key; fields++) {
		conf_suggest(suggestion, fields->key);
		conf_suggest(suggestion, fields->alias);
	}
}

static enum conf_severity
unknown_severity(const struct conf_frame *frame)
{
	return frame->of_old ? CONF_WARNING : CONF_ERROR;
}

static void
complain_unknown(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_yaml_item *item, const struct matched *own,
	const struct matched *chosen)
{
	enum conf_severity severity = unknown_severity(frame);
	struct conf_suggestion suggestion = { .word = item->key };
	if (!conf_complaints_full(reader->complaints, severity)) {
		suggest_from(&suggestion, own->fields);
		suggest_from(&suggestion, chosen->fields);
	}
	if (suggestion.best)
		conf_complain_key(reader, severity, frame, item->key,
			item->mark, CONF_UNKNOWN_KEY "; did you mean \"%s\"?",
			suggestion.best);
	else
		conf_complain_key(reader, severity, frame, item->key,
			item->mark, CONF_UNKNOWN_KEY);
}

static void
complain_twice(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_yaml_item *item)
{
	enum conf_severity severity = unknown_severity(frame);
	conf_complain_key(reader, severity, frame, item->key, item->mark,
		severity == CONF_ERROR ? "is given twice"
				       : "is given twice; the last one counts");
}

/* `extra` is a key that is known and has been seen to; NULL for none. */
static void
match(struct conf_reader *reader, struct conf_frame *frame, struct matched *own,
	struct matched *chosen, const char *extra)
{
	for (size_t i = 0; i < frame->map->count; i++) {
		const struct conf_yaml_item *item = &frame->map->items[i];
		const struct conf_yaml_item **row = row_of(own, item->key);
		if (!row)
			row = row_of(chosen, item->key);
		if (item->repeated || (row && *row))
			complain_twice(reader, frame, item);
		if (row)
			*row = item;
		else if (!own->open && !str_starts(item->key, "x-")
			&& !(extra && str_eq(item->key, extra)))
			complain_unknown(reader, frame, item, own, chosen);
	}
}

/* As if `text` were written there; NULL for nothing. */
static void
read_as(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_field *field, const char *text, void *to)
{
	if (!text)
		return;
	const struct conf_yaml value = {
		.kind = (uint8_t)conf_scalar_kind(text),
		.text = text,
		.mark = frame->mark,
	};
	const struct conf_spot spot = {
		.frame = frame,
		.field = field,
		.key = field->key,
		.index = CONF_NO_INDEX,
		.mark = frame->mark,
		.value = &value,
	};
	conf_read_field(reader, &spot, to);
}

static bool
is_given(const struct matched *matched, const char *key)
{
	for (size_t i = 0; matched->fields[i].key; i++)
		if (str_eq(matched->fields[i].key, key))
			return matched->items[i] != NULL;
	return false;
}

static void
read_absent(struct conf_reader *reader, struct conf_frame *frame,
	const struct matched *matched, const struct conf_field *field, void *to)
{
	read_as(reader, frame, field, field->fallback, to);
	if (!(field->flags & CONF_REQUIRED))
		return;
	if (field->beside && !is_given(matched, field->beside))
		conf_complain_key(reader, CONF_ERROR, frame, field->key,
			frame->mark, "is missing, and so is %s", field->beside);
	else
		conf_complain_key(reader, CONF_ERROR, frame, field->key,
			frame->mark, "is missing");
}

static bool
counts_as_null(const struct conf_field *field, const struct conf_yaml *value)
{
	bool or_false = field->flags & CONF_OR_FALSE;
	switch (value->kind) {
	case CONF_NODE_NULL:
		return true;
	case CONF_NODE_BOOL:
		return or_false && !conf_scalar_bool(value->text);
	case CONF_NODE_INT:
	case CONF_NODE_FLOAT:
		return or_false && conf_scalar_float(value->text) == 0;
	case CONF_NODE_TEXT:
		return or_false && *value->text == '\0';
	default:
		return false;
	}
}

static void
read_null(struct conf_reader *reader, const struct conf_spot *spot, void *to)
{
	const struct conf_field *field = spot->field;
	const char *meant = field->null ? field->null : field->fallback;
	const char *text = spot->value->text;
	bool is_null = spot->value->kind == CONF_NODE_NULL;
	read_as(reader, spot->frame, field, meant, to);
	if (meant && !is_null && *text != '\0')
		conf_complain_at(reader, CONF_WARNING, spot,
			"%s is taken as %s", text, meant);
	else if (field->null || (meant && !is_null))
		conf_complain_at(reader, CONF_WARNING, spot,
			"is empty; %s is taken", meant);
	else if (field->flags & CONF_REQUIRED)
		conf_complain_at(reader, CONF_ERROR, spot, "must not be empty");
	else if (field->kind == CONF_KIND_CHOICES)
		conf_complain_at(reader, CONF_WARNING, spot,
			"is empty; write [] or leave it out");
}

/* False: what is there could not all be read. */
static bool
read_fields(struct conf_reader *reader, struct conf_frame *frame,
	const struct matched *matched, void *to)
{
	bool sound = true;
	bool broken = false;
	for (size_t i = 0; matched->fields[i].key; i++) {
		const struct conf_field *field = &matched->fields[i];
		const struct conf_yaml_item *item = matched->items[i];
		if (!item) {
			read_absent(reader, frame, matched, field, to);
			continue;
		}
		struct conf_spot spot = { .frame = frame,
			.field = field,
			.key = item->key,
			.index = CONF_NO_INDEX,
			.mark = conf_item_mark(item),
			.value = &item->value };
		bool is_null = counts_as_null(field, &item->value);
		broken |= frame->broken;
		frame->broken = false;
		if (is_null)
			read_null(reader, &spot, to);
		else
			conf_read_field(reader, &spot, to);
		sound = sound && (is_null || !frame->broken);
	}
	frame->broken |= broken;
	return sound;
}

/* Read what was matched; then the rules between keys, if all make sense. */
static void
read_matched(struct conf_reader *reader, struct conf_frame *frame,
	const struct matched *matched, const struct conf_section *section,
	void *to)
{
	frame->broken = false;
	bool sound = read_fields(reader, frame, matched, to);
	if (!section->check || (section->bears_gaps ? !sound : frame->broken))
		return;
	struct conf_frame *before = reader->frame;
	reader->frame = frame;
	section->check(to, reader);
	reader->frame = before;
	arena_reset(reader->raw);
}

static const struct conf_variant *
variant_of(const struct conf_reader *reader, const struct conf_field *field,
	const char *name)
{
	const struct conf_variant *const *variants =
		reader->types->families[field->family];
	for (; variants && *variants; variants++)
		if (str_eq((*variants)->name, name))
			return *variants;
	return NULL;
}

static void
complain_type(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_field *field, const struct conf_yaml_item *type)
{
	const struct conf_variant *const *variants =
		reader->types->families[field->family];
	const char *text = type && conf_yaml_is_scalar(&type->value)
		? type->value.text
		: "";
	struct conf_suggestion suggestion = { .word = text };
	struct buf names;
	buf_init(&names, 1024);
	for (; variants && *variants; variants++) {
		if ((*variants)->own_section)
			continue;
		buf_printf(&names, "%s%s", names.len > 0 ? ", " : "",
			(*variants)->name);
		conf_suggest(&suggestion, (*variants)->name);
	}
	const struct conf_field row = { .key = "type" };
	const struct conf_spot spot = { .frame = frame,
		.field = &row,
		.key = "type",
		.index = CONF_NO_INDEX,
		.mark = type ? conf_item_mark(type) : frame->mark,
		.value = type ? &type->value : NULL };
	if (type)
		conf_expected_near(reader, &spot, suggestion.best, "one of %s",
			names.data);
	else
		conf_complain_at(reader, CONF_ERROR, &spot,
			"is missing; it is one of %s", names.data);
	buf_finish(&names);
}

/* Which kind a map is of.  NULL after a complaint. */
static const struct conf_variant *
choose(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_field *field)
{
	if (field->fixed) {
		const struct conf_variant *fixed =
			variant_of(reader, field, field->fixed);
		if (!fixed)
			conf_complain_key(reader, CONF_ERROR, frame, NULL,
				frame->mark, "this program knows no %s",
				field->fixed);
		return fixed;
	}
	const struct conf_yaml_item *type = conf_yaml_find(frame->map, "type");
	const struct conf_variant *variant = NULL;
	if (type && type->value.kind == CONF_NODE_TEXT)
		variant = variant_of(reader, field,
			conf_fill_quietly(reader, type->value.text));
	else if (!type && field->variant)
		variant = variant_of(reader, field, field->variant);
	if (variant && !variant->own_section)
		return variant;
	if (variant && type) {
		conf_complain_key(reader, CONF_ERROR, frame, "type",
			type->value.mark, "%s has a section of its own",
			variant->name);
		return NULL;
	}
	complain_type(reader, frame, field, type);
	return NULL;
}

static void
read_inlined(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_section *section, void *to)
{
	const struct conf_variant *variant =
		choose(reader, frame, section->inlined);
	struct matched own = { .fields = section->fields, .open = !variant };
	struct matched theirs = { 0 };
	if (variant)
		theirs.fields = variant->section.fields;
	match(reader, frame, &own, &theirs, "type");
	read_matched(reader, frame, &own, section, to);
	if (!variant)
		return;
	void *settings = arena_alloc(reader->arena, variant->section.size);
	read_matched(reader, frame, &theirs, &variant->section, settings);
	struct conf_chosen *chosen =
		(void *)((char *)to + section->inlined->offset);
	*chosen = (struct conf_chosen){ variant, settings };
}

void
conf_read_section(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_section *section, void *to)
{
	frame->of_old = section->of_old;
	if (section->inlined) {
		read_inlined(reader, frame, section, to);
		return;
	}
	struct matched own = { .fields = section->fields };
	struct matched none = { 0 };
	match(reader, frame, &own, &none, NULL);
	read_matched(reader, frame, &own, section, to);
}

static bool
enter(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_frame *frame)
{
	*frame = (struct conf_frame){ .up = spot->frame,
		.key = spot->key,
		.index = spot->index,
		.map = spot->value,
		.mark = spot->mark };
	if (spot->value->kind != CONF_NODE_MAP)
		return conf_expected(reader, spot, "a map of keys");
	return true;
}

bool
conf_read_map(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_section *section, void *to)
{
	struct conf_frame frame;
	if (!enter(reader, spot, &frame))
		return false;
	conf_read_section(reader, &frame, section, to);
	return true;
}

void
conf_read_chosen(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_chosen *to)
{
	struct conf_frame frame;
	if (!enter(reader, spot, &frame))
		return;
	const struct conf_variant *variant =
		choose(reader, &frame, spot->field);
	if (!variant)
		return;
	void *settings = arena_alloc(reader->arena, variant->section.size);
	struct matched own = { .fields = variant->section.fields };
	struct matched none = { 0 };
	frame.of_old = variant->section.of_old;
	match(reader, &frame, &own, &none, spot->field->fixed ? NULL : "type");
	read_matched(reader, &frame, &own, &variant->section, settings);
	*to = (struct conf_chosen){ variant, settings };
}
