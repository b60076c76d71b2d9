/*
 *     conf_json_schema -> object_of -> add_fields -> property_of -> value_of
 *                                                                -> object_of
 *                                   -> add_forms, add_variants
 */
#include "conf/json_schema.h"

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/outline.h"
#include "conf/scalar.h"

#define NUMBER "([0-9]+\\.?[0-9]*|\\.[0-9]+)"

enum {
	HELP_MAX = 4096,
};

static json_t *object_of(
	const struct conf_types *types, const struct conf_section *section);

static json_t *
ref_to(const char *definition)
{
	return json_pack("{s:s+}", "$ref", "#/definitions/", definition);
}

static json_t *
definitions(void)
{
	json_t *boolean = json_pack("{s:[{s:s}, {s:s, s:s}, {s:s, s:i, s:i}]}",
		"anyOf", "type", "boolean", "type", "string", "pattern",
		"^([Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$", "type",
		"integer", "minimum", 0, "maximum", 1);
	json_t *duration = json_pack("{s:s, s:s}", "type", "string", "pattern",
		"^(" NUMBER "(ms|s|m|h|d))+$");
	json_t *variable =
		json_pack("{s:s, s:s}", "type", "string", "pattern", "\\$\\{");
	json_t *scalar = json_pack(
		"{s:[s, s, s]}", "type", "string", "number", "boolean");
	return json_pack("{s:o, s:o, s:o, s:o}", "boolean", boolean, "duration",
		duration, "variable", variable, "scalar", scalar);
}

/* One of several; of one, that one. */
static json_t *
any_of(json_t *several)
{
	if (json_array_size(several) != 1)
		return json_pack("{s:o}", "anyOf", several);
	json_t *one = json_incref(json_array_get(several, 0));
	json_decref(several);
	return one;
}

static json_t *
or_variable(json_t *value)
{
	return any_of(json_pack("[o, o]", value, ref_to("variable")));
}

/* Values that a choice reads as texts: 4 is as good as "4". */
static json_t *
enum_of(const struct conf_choice *choices)
{
	json_t *names = json_array();
	for (; choices->name; choices++) {
		int64_t number;
		json_array_append_new(names, json_string(choices->name));
		if (str_int(choices->name, &number))
			json_array_append_new(names, json_integer(number));
	}
	return json_pack("{s:o}", "enum", names);
}

static json_t *
number_of(const struct conf_field *field)
{
	bool whole = field->kind == CONF_KIND_INT;
	return or_variable(json_pack("{s:s, s:o, s:o}", "type",
		whole ? "integer" : "number", "minimum",
		whole ? json_integer((int64_t)field->min)
		      : json_real(field->min),
		"maximum",
		whole ? json_integer((int64_t)field->max)
		      : json_real(field->max)));
}

static json_t *
duration_of(const struct conf_field *field)
{
	const char *least = field->min == 1 ? "exclusiveMinimum" : "minimum";
	double min = field->min == 1 ? 0 : field->min / 1000;
	json_t *seconds = json_pack("{s:s, s:f, s:f}", "type", "number", least,
		min, "maximum", field->max / 1000);
	return any_of(json_pack(
		"[o, o, o]", seconds, ref_to("duration"), ref_to("variable")));
}

static json_t *
types_of(const struct conf_form *forms)
{
	json_t *names = json_array(), *help = json_array();
	for (; forms->type; forms++) {
		json_array_append_new(names, json_string(forms->type));
		json_array_append_new(help, json_string(forms->help));
	}
	return json_pack("{s:o, s:o}", "enum", names, "enumDescriptions", help);
}

static json_t *
shaped_text(const struct conf_shape *shape)
{
	json_t *text = json_pack("{s:s}", "type", "string");
	if (!shape->pattern)
		return text;
	json_object_set_new(text, "pattern", json_string(shape->pattern));
	return or_variable(text);
}

static json_t *
text_of(const struct conf_section *section, const struct conf_field *field)
{
	const unsigned quoted = CONF_ONLY_TEXT | CONF_BETTER_QUOTED;
	if (section->forms && str_eq(field->key, "type"))
		return types_of(section->forms);
	if (field->choices)
		return or_variable(enum_of(field->choices));
	if (field->shape && !field->shape->number)
		return shaped_text(field->shape);
	if (field->flags & quoted)
		return json_pack("{s:s}", "type", "string");
	return ref_to("scalar");
}

static json_t *
list_of(const struct conf_field *field, json_t *items)
{
	json_t *list = json_pack("{s:s, s:o}", "type", "array", "items", items);
	if (field->flags & CONF_NOT_EMPTY)
		json_object_set_new(list, "minItems", json_integer(1));
	if (field->kind == CONF_KIND_CHOICES)
		json_object_set_new(list, "uniqueItems", json_true());
	return list;
}

static json_t *
tree_scalars(const struct conf_shape *shape)
{
	json_t *several = json_array();
	json_array_append_new(several, shaped_text(shape));
	if (shape->number)
		json_array_append_new(several,
			json_pack("{s:[s, s]}", "type", "number", "boolean"));
	return several;
}

static json_t *
tree_of(const struct conf_types *types, const struct conf_field *field)
{
	const struct conf_shape *shape = field->shape;
	if (!shape)
		return json_object();
	json_t *several = tree_scalars(shape);
	if (shape->map)
		json_array_append_new(
			several, json_pack("{s:s}", "type", "object"));
	if (shape->list) {
		json_t *items = field->section
			? object_of(types, field->section)
			: shape->map ? json_object()
				     : any_of(tree_scalars(shape));
		json_t *list = list_of(field, items);
		json_object_set_new(list, "minItems", json_integer(1));
		json_array_append_new(several, list);
	}
	return any_of(several);
}

static json_t *
pairs_of(const struct conf_field *field)
{
	json_t *values = field->flags & CONF_PYTHON
		? json_true()
		: json_pack("{s:[s, s, s, s]}", "type", "string", "number",
			"boolean", "null");
	return json_pack(
		"{s:s, s:o}", "type", "object", "additionalProperties", values);
}

/* Keys */

static void
add_words(struct buf *text, const struct conf_word *words)
{
	const char *between = "  Filled in: ";
	for (; words && words->name; words++) {
		buf_printf(
			text, "%s{%s} %s", between, words->name, words->help);
		between = "; ";
	}
}

static json_t *
help_of(const struct conf_field *field)
{
	struct buf text;
	buf_init(&text, HELP_MAX);
	buf_add_text(&text, field->help ? field->help : "");
	if (field->otherwise)
		buf_printf(&text, "  Default: %s.", field->otherwise);
	if (field->alias)
		buf_printf(&text, "  Also: %s.", field->alias);
	add_words(&text, field->words);
	json_t *help = json_string(text.data);
	buf_finish(&text);
	return help;
}

static json_t *
default_of(const struct conf_field *field)
{
	const char *text = field->fallback;
	enum conf_node_kind kind = conf_scalar_kind(text);
	int64_t number;
	if (field->kind == CONF_KIND_BOOL)
		return json_boolean(conf_scalar_bool(text));
	if (kind == CONF_NODE_INT && conf_scalar_int(text, &number))
		return json_integer(number);
	if (kind == CONF_NODE_FLOAT)
		return json_real(conf_scalar_float(text));
	return json_string(text);
}

static bool
may_be_empty(const struct conf_section *section, const struct conf_field *field)
{
	const unsigned filled = CONF_REQUIRED | CONF_NEEDED | CONF_NOT_EMPTY;
	return !(field->flags & filled) && !field->null
		&& field->kind != CONF_KIND_CHOICES
		&& !conf_form_with(section, field->key, NULL);
}

static json_t *variants_of(
	const struct conf_types *types, const struct conf_field *field);

static void require(json_t *object, const char *key);

/* Where one of them may stand alone, each of several has a name. */
static json_t *
several_of(const struct conf_types *types, const struct conf_field *field)
{
	json_t *item = variants_of(types, field);
	if (!(field->flags & CONF_OR_ONE))
		return list_of(field, item);
	json_t *named = json_deep_copy(item);
	require(named, "name");
	return any_of(json_pack("[o, o]", item, list_of(field, named)));
}

static json_t *
strings_of(const struct conf_field *field)
{
	json_t *list = list_of(field, ref_to("scalar"));
	if (!(field->flags & CONF_OR_ONE))
		return list;
	return any_of(json_pack("[o, o]", ref_to("scalar"), list));
}

static json_t *
value_of(const struct conf_types *types, const struct conf_section *section,
	const struct conf_field *field)
{
	switch (field->kind) {
	case CONF_KIND_BOOL:
		return or_variable(ref_to("boolean"));
	case CONF_KIND_INT:
	case CONF_KIND_NUMBER:
		return number_of(field);
	case CONF_KIND_DURATION:
		return duration_of(field);
	case CONF_KIND_CHOICE:
		return or_variable(enum_of(field->choices));
	case CONF_KIND_CHOICES:
		return list_of(field, or_variable(enum_of(field->choices)));
	case CONF_KIND_STRINGS:
		return strings_of(field);
	case CONF_KIND_PAIRS:
		return pairs_of(field);
	case CONF_KIND_TREE:
		return tree_of(types, field);
	case CONF_KIND_SECTION:
		return object_of(types, field->section);
	case CONF_KIND_LIST:
		return list_of(field, object_of(types, field->section));
	case CONF_KIND_VARIANT:
		return variants_of(types, field);
	case CONF_KIND_VARIANTS:
		return several_of(types, field);
	default:
		return text_of(section, field);
	}
}

/* Null, too; of what is one thing only, by its type: it is said best there. */
static json_t *
or_null(json_t *value)
{
	json_t *type = json_object_get(value, "type");
	bool plain = json_is_string(type)
		&& (str_eq(json_string_value(type), "object")
			|| str_eq(json_string_value(type), "array"));
	if (!plain)
		return any_of(json_pack("[o, {s:s}]", value, "type", "null"));
	json_object_set_new(value, "type", json_pack("[O, s]", type, "null"));
	return value;
}

static json_t *
property_of(const struct conf_types *types, const struct conf_section *section,
	const struct conf_field *field)
{
	json_t *property = value_of(types, section, field);
	if (may_be_empty(section, field))
		property = or_null(property);
	/* Beside a $ref, draft 7 takes no notice of anything. */
	if (json_object_get(property, "$ref"))
		property = json_pack("{s:[o]}", "allOf", property);
	json_object_set_new(property, "description", help_of(field));
	if (field->fallback)
		json_object_set_new(property, "default", default_of(field));
	return property;
}

/* Sections */

static json_t *
new_object(void)
{
	return json_pack("{s:s, s:{}, s:{s:b}, s:b, s:[]}", "type", "object",
		"properties", "patternProperties", "^x-", 1,
		"additionalProperties", 0, "required");
}

static void
require(json_t *object, const char *key)
{
	json_array_append_new(
		json_object_get(object, "required"), json_string(key));
}

static json_t *
some_of(const char *key)
{
	return json_pack("{s:[s], s:{s:{s:i}}}", "required", key, "properties",
		key, "minItems", 1);
}

static json_t *
one_of_these(const struct conf_field *field)
{
	json_t *any = json_pack("[o]", some_of(field->key));
	for (size_t i = 0; i < 2 && field->unless[i]; i++)
		json_array_append_new(any, some_of(field->unless[i]));
	return any;
}

static void
add_fields(json_t *object, const struct conf_types *types,
	const struct conf_section *section)
{
	json_t *properties = json_object_get(object, "properties");
	for (size_t i = 0; section->fields[i].key; i++) {
		const struct conf_field *field = &section->fields[i];
		json_t *property = property_of(types, section, field);
		json_object_set(properties, field->key, property);
		if (field->alias)
			json_object_set(properties, field->alias, property);
		json_decref(property);
		if (field->flags & (CONF_REQUIRED | CONF_NEEDED))
			require(object, field->key);
		if (field->unless[0])
			json_object_set_new(
				object, "anyOf", one_of_these(field));
	}
}

static json_t *
when(const char *type, bool by_default, json_t *then)
{
	json_t *is =
		json_pack("{s:{s:{s:s}}}", "properties", "type", "const", type);
	if (!by_default)
		json_object_set_new(is, "required", json_pack("[s]", "type"));
	return json_pack("{s:o, s:o}", "if", is, "then", then);
}

static void
add_forms(json_t *object, const struct conf_form *forms)
{
	json_t *all = json_array();
	for (; forms->type; forms++) {
		json_t *needs = json_array();
		for (size_t i = 0; i < 4 && forms->needs[i]; i++)
			json_array_append_new(
				needs, json_string(forms->needs[i]));
		json_array_append_new(all,
			when(forms->type, false,
				json_pack("{s:o}", "required", needs)));
	}
	json_object_set_new(object, "allOf", all);
}

/* For each kind what there may be with it, the keys of `own` among that. */
static json_t *
chosen_by_type(const struct conf_types *types, const struct conf_field *field,
	const struct conf_section *own)
{
	const struct conf_variant *const *variant =
		types->families[field->family];
	json_t *all = json_array(), *names = json_array(), *help = json_array();
	for (; variant && *variant; variant++) {
		if (!conf_variant_is_for(*variant, field))
			continue;
		json_t *object = new_object();
		if (own)
			add_fields(object, types, own);
		add_fields(object, types, &(*variant)->section);
		json_object_set_new(json_object_get(object, "properties"),
			"type", json_true());
		json_array_append_new(names, json_string((*variant)->name));
		json_array_append_new(help, json_string((*variant)->help));
		bool usual = field->variant
			&& str_eq((*variant)->name, field->variant);
		json_array_append_new(
			all, when((*variant)->name, usual, object));
	}
	json_t *type = json_pack("{s:o, s:o, s:s}", "enum", names,
		"enumDescriptions", help, "description", "What kind it is.");
	if (field->variant)
		json_object_set_new(
			type, "default", json_string(field->variant));
	return json_pack("{s:s, s:{s:o}, s:[], s:o}", "type", "object",
		"properties", "type", type, "required", "allOf", all);
}

static json_t *
variants_of(const struct conf_types *types, const struct conf_field *field)
{
	const struct conf_variant *const *variant =
		types->families[field->family];
	if (!field->fixed) {
		json_t *object = chosen_by_type(types, field, NULL);
		if (!field->variant)
			require(object, "type");
		if (field->flags & CONF_NAMED)
			require(object, "name");
		return object;
	}
	while (*variant && !conf_variant_is_for(*variant, field))
		variant++;
	return *variant ? object_of(types, &(*variant)->section)
			: json_object();
}

static json_t *
object_of(const struct conf_types *types, const struct conf_section *section)
{
	if (section->inlined)
		return chosen_by_type(types, section->inlined, section);
	json_t *object = new_object();
	add_fields(object, types, section);
	if (section->forms)
		add_forms(object, section->forms);
	return object;
}

char *
conf_json_schema(const struct conf_types *types)
{
	json_t *schema = json_pack("{s:s, s:s, s:s}", "$schema",
		"http://json-schema.org/draft-07/schema#", "title",
		"config.yml of curlew", "description",
		"What is watched, and who is told.");
	json_t *document = object_of(types, &conf_document);
	json_object_update(schema, document);
	json_decref(document);
	json_object_set_new(schema, "definitions", definitions());
	char *text =
		json_dumps(schema, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	json_decref(schema);
	return text ? text : mem_dup("{}");
}
