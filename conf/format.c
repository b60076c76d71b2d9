/*
 * The syntax of a template, and the way from a field to its value.
 *
 *     conf_format -> expand -> expand_field -> cut_field
 *                                           -> resolve -> step_into
 *                                           -> add_value -> conf_format_value
 */
#include "conf/format_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	NAME_SIZE = 256, /* of a field: "header[Accept]" */
	SPEC_SIZE = 256,
	DEPTH_MAX = 2, /* as in Python: a field, and one in its format */
	INDEX_DIGITS_MAX = 9,
};

struct formatter {
	conf_format_lookup_fn *lookup;
	void *cookie;
	enum conf_format end;
	struct err *err;
	char character[5]; /* that a text was asked for */
	struct conf_node piece; /* the text that it is */
};

/* One {name!conversion:spec}. */
struct field {
	const char *name;
	size_t name_len;
	char conversion; /* '\0' for none */
	const char *spec;
	size_t spec_len;
};

static bool __attribute__((format(printf, 3, 4)))
fail(struct formatter *formatter, enum conf_format end, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(formatter->err->text, sizeof(formatter->err->text), format,
		args);
	va_end(args);
	formatter->end = end;
	return false;
}

static bool
fail_open(struct formatter *formatter)
{
	return fail(formatter, CONF_FORMAT_BROKEN,
		"a { is not closed; write {{ for a brace");
}

/* At what ends the name: } : or !  NULL when nothing does. */
static const char *
end_of_name(const char *at)
{
	while (*at != '\0' && !strchr("{}:!", *at)) {
		if (*at == '[')
			at += strcspn(at, "]");
		else
			at++;
		if (*at == ']')
			at++;
	}
	return *at == '\0' || *at == '{' ? NULL : at;
}

/* At the } that ends what may hold fields of its own, or NULL. */
static const char *
end_of_spec(const char *at)
{
	for (int open = 1; *at != '\0'; at++) {
		if (*at == '{')
			open++;
		if (*at == '}' && --open == 0)
			return at;
	}
	return NULL;
}

/* `at` follows the {; returns what follows the }. */
static const char *
cut_field(struct formatter *formatter, const char *at, struct field *field)
{
	*field = (struct field){ .name = at, .spec = "" };
	at = end_of_name(at);
	if (!at) {
		fail_open(formatter);
		return NULL;
	}
	field->name_len = (size_t)(at - field->name);
	if (*at == '!') {
		field->conversion = at[1];
		at += at[1] == '\0' ? 1 : 2;
		if (!strchr("sra", field->conversion)
			|| (*at != ':' && *at != '}')) {
			fail(formatter, CONF_FORMAT_BROKEN,
				"after a ! comes s, r or a, and nothing else");
			return NULL;
		}
	}
	if (*at == '}')
		return at + 1;
	field->spec = at + 1;
	at = end_of_spec(field->spec);
	if (!at) {
		fail_open(formatter);
		return NULL;
	}
	field->spec_len = (size_t)(at - field->spec);
	return at + 1;
}

/* The value of a key or an index in brackets.  NULL: there is none. */
static const struct conf_node *
step_into(struct formatter *formatter, const struct conf_node *value,
	const char *inside)
{
	size_t digits = strspn(inside, "0123456789");
	bool is_index = inside[digits] == '\0' && digits <= INDEX_DIGITS_MAX;
	size_t index = is_index ? strtoul(inside, NULL, 10) : 0;
	if (value->kind == CONF_NODE_MAP) {
		for (size_t i = 0; i < value->count; i++)
			if (str_eq(value->keys[i], inside))
				return &value->items[i];
	} else if (value->kind == CONF_NODE_LIST && is_index) {
		return index < value->count ? &value->items[index] : NULL;
	} else if (value->kind == CONF_NODE_TEXT && is_index) {
		const char *at = value->text;
		uint32_t code;
		size_t len = conf_format_character(at, &code);
		for (; len > 0 && index > 0; index--) {
			at += len;
			len = conf_format_character(at, &code);
		}
		if (len == 0)
			return NULL;
		memmove(formatter->character, at, len);
		formatter->character[len] = '\0';
		formatter->piece = conf_format_text(formatter->character);
		return &formatter->piece;
	}
	return NULL;
}

/* Cut "inside" out of "[inside]..."; NULL after a complaint. */
static const char *
cut_inside(struct formatter *formatter, char **rest)
{
	char *inside = *rest + 1;
	char *end = strchr(inside, ']');
	if (**rest != '[' || !end || end == inside
		|| (end[1] != '\0' && end[1] != '[')) {
		fail(formatter, CONF_FORMAT_BROKEN,
			"what is inside of a value is named in brackets, as in "
			"{header[Accept]}");
		return NULL;
	}
	*end = '\0';
	*rest = end + 1;
	return inside;
}

/* NULL after a complaint. */
static const struct conf_node *
resolve(struct formatter *formatter, const struct field *field)
{
	char name[NAME_SIZE];
	int shown = (int)field->name_len;
	if (field->name_len >= sizeof(name)) {
		fail(formatter, CONF_FORMAT_BROKEN,
			"the name of a field is too long");
		return NULL;
	}
	memcpy(name, field->name, field->name_len);
	name[field->name_len] = '\0';
	char *rest = name + strcspn(name, ".[");
	if (rest == name) {
		fail(formatter, CONF_FORMAT_BROKEN,
			"there is no key between { and }");
		return NULL;
	}
	const char *inside = NULL;
	char first = *rest;
	if (first != '\0' && !(inside = cut_inside(formatter, &rest)))
		return NULL;
	name[strcspn(name, ".[")] = '\0';

	const struct conf_node *value = NULL;
	if (name[strspn(name, "0123456789")] != '\0')
		value = formatter->lookup(formatter->cookie, name, inside);
	while (value && inside) {
		value = step_into(formatter, value, inside);
		inside = NULL;
		if (*rest != '\0' && !(inside = cut_inside(formatter, &rest)))
			return NULL;
	}
	if (!value)
		fail(formatter, CONF_FORMAT_UNRESOLVED,
			"there is no {%.*s} to fill in", shown, field->name);
	return value;
}

static bool expand(struct formatter *formatter, const char *text, int depth,
	struct buf *out);

/* A format may have fields of its own: {name:{width}}. */
static bool
expand_spec(struct formatter *formatter, const struct field *field, int depth,
	struct buf *spec)
{
	buf_add(spec, field->spec, field->spec_len);
	if (!spec->full && strchr(spec->data, '{')) {
		char *text = buf_steal(spec);
		bool good = expand(formatter, text, depth - 1, spec);
		free(text);
		if (!good)
			return false;
	}
	if (spec->full)
		return fail(formatter, CONF_FORMAT_BROKEN,
			"the format of a field is too long");
	return true;
}

static bool
add_value(struct formatter *formatter, const struct field *field,
	const struct conf_node *value, const char *spec, struct buf *out)
{
	struct err err;
	struct buf text;
	bool good;
	if (field->conversion == '\0') {
		good = conf_format_value(value, spec, out, &err);
	} else {
		buf_init(&text, out->max);
		if (field->conversion == 's')
			conf_format_str(value, &text);
		else if (field->conversion == 'r')
			conf_format_repr(value, &text);
		else
			conf_format_ascii(value, &text);
		const struct conf_node node = conf_format_text(text.data);
		good = conf_format_value(&node, spec, out, &err);
		out->full |= text.full;
		buf_finish(&text);
	}
	if (good)
		return true;
	return fail(formatter, CONF_FORMAT_UNRESOLVED, "{%.*s}: %s",
		(int)field->name_len, field->name, err.text);
}

/* `at` follows the {; returns what follows the }, or NULL. */
static const char *
expand_field(
	struct formatter *formatter, const char *at, int depth, struct buf *out)
{
	struct field field;
	struct buf spec;
	at = cut_field(formatter, at, &field);
	if (!at)
		return NULL;
	const struct conf_node *value = resolve(formatter, &field);
	if (!value)
		return NULL;
	/* The format's own fields may ask for a character of a text as well. */
	const struct conf_node piece = *value;
	char character[sizeof(formatter->character)];
	memcpy(character, formatter->character, sizeof(character));
	buf_init(&spec, SPEC_SIZE);
	bool good = expand_spec(formatter, &field, depth, &spec);
	memcpy(formatter->character, character, sizeof(character));
	good = good && add_value(formatter, &field, &piece, spec.data, out);
	buf_finish(&spec);
	return good ? at : NULL;
}

static bool
expand(struct formatter *formatter, const char *text, int depth,
	struct buf *out)
{
	if (depth == 0)
		return fail(formatter, CONF_FORMAT_BROKEN,
			"a format in a format has no format of its own");
	while (*text != '\0') {
		size_t plain = strcspn(text, "{}");
		buf_add(out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		if (text[0] == text[1]) {
			buf_add_char(out, *text);
			text += 2;
		} else if (*text == '}') {
			return fail(formatter, CONF_FORMAT_BROKEN,
				"a } has no {; write }} for a brace");
		} else {
			text = expand_field(formatter, text + 1, depth, out);
			if (!text)
				return false;
		}
	}
	return true;
}

enum conf_format
conf_format(const char *text, conf_format_lookup_fn *lookup, void *cookie,
	struct buf *out, struct err *err)
{
	struct formatter formatter = {
		.lookup = lookup,
		.cookie = cookie,
		.err = err,
	};
	expand(&formatter, text, DEPTH_MAX, out);
	return formatter.end;
}

void
conf_format_teach(const struct conf_word *words, struct err *err)
{
	struct err what = *err;
	struct buf names;
	buf_init(&names, sizeof(err->text));
	for (; words->name; words++)
		buf_printf(&names, " {%s}", words->name);
	err_set(err, "%s; there are%s", what.text, names.data);
	buf_finish(&names);
}
