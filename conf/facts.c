#include "conf/facts.h"

#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"

#define MUCH 1e12 /* a ceiling that nobody will meet */

enum {
	TEXT_MAX = 4096,
};

struct telling {
	conf_fact_fn *tell;
	void *cookie;
	struct buf text;
};

const char *
conf_duration_text(double ms, struct arena *arena)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 } };
	int64_t whole = (int64_t)ms;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (whole > 0 && whole % units[i].ms == 0)
			return arena_printf(arena, "%" PRId64 "%s",
				whole / units[i].ms, units[i].name);
	return arena_printf(arena, "%" PRId64 "%s", whole, whole ? "ms" : "");
}

/* "a", "a or b", "a, b or c": call it for each with how many follow. */
static void
add_one(struct buf *text, const char *name, size_t i, size_t count)
{
	const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
	buf_printf(text, "%s%s", before, name);
}

static void
add_choices(struct buf *text, const struct conf_choice *choices)
{
	size_t count = 0;
	while (choices[count].name)
		count++;
	for (size_t i = 0; i < count; i++)
		add_one(text, choices[i].name, i, count);
}

static void
add_forms(struct buf *text, const struct conf_form *forms)
{
	size_t count = 0;
	while (forms[count].type)
		count++;
	for (size_t i = 0; i < count; i++)
		add_one(text, forms[i].type, i, count);
}

static void
add_variants(struct buf *text, const struct conf_variant *const *variants)
{
	size_t count = 0, n = 0;
	for (size_t i = 0; variants[i]; i++)
		count += !variants[i]->own_section;
	for (size_t i = 0; variants[i]; i++)
		if (!variants[i]->own_section)
			add_one(text, variants[i]->name, n++, count);
}

static void
add_duration_range(struct buf *text, const struct conf_field *field)
{
	struct arena *arena = arena_new_small();
	const char *max = conf_duration_text(field->max, arena);
	if (field->min == 1)
		buf_printf(text, "a duration above 0, up to %s", max);
	else
		buf_printf(text, "a duration from %s to %s",
			conf_duration_text(field->min, arena), max);
	arena_free(arena);
}

static void
add_number_range(struct buf *text, const struct conf_field *field)
{
	buf_add_text(text,
		field->kind == CONF_KIND_INT ? "a whole number" : "a number");
	if (field->max > MUCH)
		buf_printf(text, " from %.15g", field->min);
	else
		buf_printf(
			text, " from %.15g to %.15g", field->min, field->max);
}

static void
add_text(struct buf *text, const struct conf_entry *entry)
{
	const struct conf_field *field = entry->field;
	const struct conf_section *section = entry->section;
	if (entry->choices)
		add_variants(text, entry->choices);
	else if (section && section->forms && str_eq(field->key, "type"))
		add_forms(text, section->forms);
	else if (field->choices)
		add_choices(text, field->choices);
	else if (field->shape)
		buf_add_text(text, field->shape->what);
	else
		buf_add_text(text, "a text");
}

static void
add_value(struct buf *text, const struct conf_entry *entry)
{
	const struct conf_field *field = entry->field;
	switch (field->kind) {
	case CONF_KIND_BOOL:
		buf_add_text(text, "true or false");
		break;
	case CONF_KIND_INT:
	case CONF_KIND_NUMBER:
		add_number_range(text, field);
		break;
	case CONF_KIND_DURATION:
		add_duration_range(text, field);
		break;
	case CONF_KIND_CHOICES:
		buf_add_text(text, "a list of ");
		add_choices(text, field->choices);
		break;
	case CONF_KIND_STRINGS:
		if (field->flags & CONF_OR_ONE)
			buf_add_text(text, "a text, or ");
		buf_add_text(text, "a list of texts");
		break;
	case CONF_KIND_PAIRS:
		buf_add_text(text, "a map of texts");
		break;
	case CONF_KIND_TREE:
		buf_add_text(
			text, field->shape ? field->shape->what : "any YAML");
		break;
	case CONF_KIND_SECTION:
		buf_add_text(text, "a map of the keys below it");
		break;
	case CONF_KIND_LIST:
	case CONF_KIND_VARIANTS:
		if (field->flags & CONF_OR_ONE)
			buf_add_text(text, "a map with the keys below it, or ");
		buf_add_text(text, "a list of maps with the keys below it");
		break;
	case CONF_KIND_VARIANT:
		if (entry->choices)
			add_text(text, entry);
		else
			buf_add_text(text, "a map of the keys below it");
		break;
	default:
		add_text(text, entry);
	}
}

/* Begin a fact with its text. */
static struct buf *
begin(struct telling *telling)
{
	buf_clear(&telling->text);
	return &telling->text;
}

static void
say(struct telling *telling, const char *label, const char *text)
{
	telling->tell(telling->cookie, label, text);
}

static void
say_with(struct telling *telling, const struct conf_entry *entry)
{
	const struct conf_form *form = NULL;
	const char *between = "with type ";
	struct buf *text = begin(telling);
	while ((form = conf_form_with(
			entry->section, entry->field->key, form))) {
		buf_printf(text, "%s%s", between, form->type);
		between = " or ";
	}
	if (text->len > 0)
		say(telling, "required", text->data);
}

static void
say_unless(struct telling *telling, const struct conf_field *field)
{
	struct buf *text = begin(telling);
	buf_printf(text, "unless there is `%s`", field->unless[0]);
	if (field->unless[1])
		buf_printf(text, " or `%s`", field->unless[1]);
	say(telling, "required", text->data);
}

static void
say_default(struct telling *telling, const struct conf_entry *entry)
{
	const struct conf_field *field = entry->field;
	if (entry->required)
		say(telling, "required", "always");
	if (entry->field->unless[0])
		say_unless(telling, entry->field);
	else if (entry->choices && field->variant)
		say(telling, "default", field->variant);
	else if (field->fallback)
		say(telling, "default", field->fallback);
	else if (field->otherwise)
		say(telling, "default", field->otherwise);
	if (entry->section && entry->section->forms)
		say_with(telling, entry);
}

static void
say_words(struct telling *telling, const struct conf_word *words)
{
	for (; words && words->name; words++) {
		struct buf *text = begin(telling);
		buf_printf(text, "{%s} %s", words->name, words->help);
		say(telling, "fills in", text->data);
	}
}

void
conf_facts(const struct conf_entry *entry, conf_fact_fn *tell, void *cookie)
{
	const struct conf_field *field = entry->field;
	struct telling telling = { tell, cookie, { 0 } };
	if (!field)
		return;
	buf_init(&telling.text, TEXT_MAX);
	add_value(begin(&telling), entry);
	say(&telling, "value", telling.text.data);
	say_default(&telling, entry);
	if (field->null) {
		buf_printf(begin(&telling), "%s, with a warning", field->null);
		say(&telling, "when empty", telling.text.data);
	}
	if (field->alias)
		say(&telling, "also", field->alias);
	if (field->variable) {
		buf_printf(
			begin(&telling), "$%s goes before it", field->variable);
		say(&telling, "environment", telling.text.data);
	}
	say_words(&telling, field->words);
	if (field->flags & CONF_SECRET)
		say(&telling, "secret", "never shown");
	if (!(field->flags & CONF_OF_OLD))
		say(&telling, "new", "cachet-url-monitor did not have it");
	buf_finish(&telling.text);
}
