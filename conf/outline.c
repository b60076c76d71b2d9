/*
 *     conf_outline_of -> walk_section -> add_key -> walk_inside -> walk_section
 *                                        -> walk_variants -> walk_section
 *                             -> walk_inlined -> walk_variants
 */
#include "conf/outline.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "conf/document.h"

enum {
	FIRST_ROOM = 64,
};

struct walk {
	const struct conf_types *types;
	struct arena *arena;
	struct conf_entry *entries;
	size_t count, room;
};

/* Where a section stands. */
struct place {
	const char *path, *full; /* "" for the document */
	unsigned depth;
	const struct conf_variant *variant;
	bool named; /* its `name` is required */
};

/* What chooses a variant where no row says so itself. */
static const struct conf_field type_field = {
	.key = "type",
	.kind = CONF_KIND_STRING,
	.flags = CONF_REQUIRED,
	.help = "What kind it is.",
};

static void walk_section(struct walk *walk, const struct conf_section *section,
	const struct place *place);

bool
conf_variant_is_for(
	const struct conf_variant *variant, const struct conf_field *field)
{
	return field->fixed ? str_eq(variant->name, field->fixed)
			    : !variant->own_section;
}

const struct conf_form *
conf_form_with(const struct conf_section *section, const char *key,
	const struct conf_form *after)
{
	const struct conf_form *form = after ? after + 1 : section->forms;
	for (; form && form->type; form++)
		for (size_t i = 0; i < 4 && form->needs[i]; i++)
			if (str_eq(form->needs[i], key))
				return form;
	return NULL;
}

static const char *
join(struct arena *arena, const char *path, const char *name)
{
	return arena_printf(
		arena, "%s%s%s", path, *path != '\0' ? "." : "", name);
}

static struct conf_entry *
add(struct walk *walk, const struct place *place, const char *name)
{
	if (walk->count == walk->room) {
		size_t room = walk->room > 0 ? 2 * walk->room : FIRST_ROOM;
		struct conf_entry *more =
			arena_alloc(walk->arena, room * sizeof(*more));
		if (walk->count > 0)
			memcpy(more, walk->entries,
				walk->count * sizeof(*more));
		walk->entries = more;
		walk->room = room;
	}
	struct conf_entry *entry = &walk->entries[walk->count++];
	*entry = (struct conf_entry){
		.name = name,
		.path = join(walk->arena, place->path, name),
		.full = join(walk->arena, place->full, name),
		.depth = place->depth,
		.variant = place->variant,
	};
	return entry;
}

static void
add_forms(struct walk *walk, const struct conf_section *section,
	const struct place *place)
{
	struct place inside = *place;
	inside.depth++;
	for (size_t i = 0; section->forms[i].type; i++) {
		const struct conf_form *form = &section->forms[i];
		struct conf_entry *entry = add(walk, &inside, form->type);
		entry->kind = CONF_ENTRY_FORM;
		entry->help = form->help;
		entry->section = section;
		entry->form = form;
	}
}

static void
walk_variants(struct walk *walk, const struct conf_field *field,
	const struct place *place)
{
	const struct conf_variant *const *variant =
		walk->types->families[field->family];
	for (; variant && *variant; variant++) {
		if (!conf_variant_is_for(*variant, field))
			continue;
		struct place inside = *place;
		if (!field->fixed) {
			struct conf_entry *entry =
				add(walk, place, (*variant)->name);
			entry->kind = CONF_ENTRY_VARIANT;
			entry->help = (*variant)->help;
			entry->variant = *variant;
			inside.full = entry->full;
			inside.depth++;
			inside.variant = *variant;
		}
		walk_section(walk, &(*variant)->section, &inside);
	}
}

/* What stands behind a key that is no single value. */
static void
walk_inside(struct walk *walk, const struct conf_entry *entry)
{
	const struct conf_field *field = entry->field;
	struct place inside = {
		.path = entry->path,
		.full = entry->full,
		.depth = entry->depth + 1,
		.variant = entry->variant,
		.named = field->flags & CONF_NAMED,
	};
	bool varies = field->kind == CONF_KIND_VARIANT
		|| field->kind == CONF_KIND_VARIANTS;
	if (varies && !field->fixed) {
		struct conf_entry *type = add(walk, &inside, "type");
		type->field = &type_field;
		type->help = type_field.help;
		type->required = !field->variant;
		type->choices = walk->types->families[field->family];
	}
	if (varies)
		walk_variants(walk, field, &inside);
	else if (field->section)
		walk_section(walk, field->section, &inside);
}

static void
add_key(struct walk *walk, const struct conf_section *section,
	const struct conf_field *field, const struct place *place)
{
	struct conf_entry *entry = add(walk, place, field->key);
	entry->field = field;
	entry->help = field->help;
	entry->section = section;
	entry->required = field->flags & (CONF_REQUIRED | CONF_NEEDED)
		|| (place->named && str_eq(field->key, "name"));
	struct conf_entry copy = *entry; /* the table may move */
	if (section->forms && str_eq(field->key, "type"))
		add_forms(walk, section, place);
	walk_inside(walk, &copy);
}

/* A probe's keys stand beside those of the endpoint. */
static void
walk_inlined(struct walk *walk, const struct conf_section *section,
	const struct place *place)
{
	const struct conf_field *field = section->inlined;
	struct conf_entry *entry = add(walk, place, field->key);
	entry->field = field;
	entry->help = field->help;
	entry->section = section;
	entry->choices = walk->types->families[field->family];
	walk_variants(walk, field, place);
}

static void
walk_section(struct walk *walk, const struct conf_section *section,
	const struct place *place)
{
	for (size_t i = 0; section->fields[i].key; i++)
		add_key(walk, section, &section->fields[i], place);
	if (section->inlined)
		walk_inlined(walk, section, place);
}

struct conf_outline
conf_outline_of(const struct conf_types *types, struct arena *arena)
{
	struct walk all = { .types = types, .arena = arena };
	const struct place top = { .path = "", .full = "" };
	walk_section(&all, &conf_document, &top);
	return (struct conf_outline){ all.entries, all.count };
}
