/* Values that are one scalar: from text to C. */
#include "conf/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "conf/environment.h"
#include "conf/scalar.h"
#include "conf/strings.h"
#include "conf/suggest.h"
#include "conf/variables.h"

static void
on_file(void *cookie, const char *path)
{
	struct conf_reader *reader = cookie;
	map_put(reader->files, path, reader);
}

static void
on_value(void *cookie, const char *value)
{
	struct conf_reader *reader = cookie;
	map_put(reader->secrets, value, reader);
}

static bool
fill(struct conf_reader *reader, const struct conf_spot *spot,
	const char **text)
{
	struct err err;
	struct buf out;
	buf_init(&out, CONF_VALUE_BYTES_MAX);
	reader->variables |= conf_variables_in(*text);
	conf_environment_files(*text, on_file, reader);
	enum conf_fill got = spot->field->flags & CONF_TEMPLATE
		? conf_environment_fill_template(
			*text, on_value, reader, &out, &err)
		: conf_environment_fill(*text, &out, &err);
	bool of_old = spot->field->flags & CONF_OF_OLD;
	bool good = got == CONF_FILL_DONE || (got == CONF_FILL_UNSET && of_old);
	if (!good)
		conf_complain_at(reader, CONF_ERROR, spot, "%s", err.text);
	else if (got == CONF_FILL_UNSET)
		conf_complain_at(reader, CONF_WARNING, spot,
			"%s; until then it stays as written", err.text);
	if (good)
		*text = arena_dup_n(reader->scratch, out.data, out.len);
	buf_finish(&out);
	return good;
}

bool
conf_read_filled(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_yaml *filled)
{
	*filled = *spot->value;
	if (!conf_yaml_is_scalar(filled) || !strstr(filled->text, "${"))
		return true;
	if (!fill(reader, spot, &filled->text))
		return false;
	filled->quoted = false;
	filled->kind = (uint8_t)conf_scalar_kind(filled->text);
	return true;
}

const char *
conf_fill_quietly(struct conf_reader *reader, const char *text)
{
	if (!strstr(text, "${"))
		return text;
	struct err err;
	struct buf out;
	buf_init(&out, CONF_VALUE_BYTES_MAX);
	conf_environment_fill(text, &out, &err);
	const char *filled = arena_dup_n(reader->scratch, out.data, out.len);
	buf_finish(&out);
	return filled;
}

bool
conf_read_text(struct conf_reader *reader, const struct conf_spot *spot,
	const char **text)
{
	struct conf_yaml value;
	if (!conf_yaml_is_scalar(spot->value))
		return conf_expected(reader, spot, "a text");
	if (!conf_read_filled(reader, spot, &value))
		return false;
	*text = conf_strings_keep(reader->strings, value.text);
	return true;
}

/* A number in quotes is what its writer meant, but the old tool choked. */
static void
warn_quoted(struct conf_reader *reader, const struct conf_spot *spot)
{
	if (spot->value->quoted && !strstr(spot->value->text, "${"))
		conf_complain_at(reader, CONF_WARNING, spot,
			"this is a text; write it without quotes");
}

void
conf_warn_oddity(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value)
{
	bool is_number =
		value->kind == CONF_NODE_INT || value->kind == CONF_NODE_FLOAT;
	const char *oddity = is_number ? conf_scalar_oddity(value->text) : NULL;
	if (oddity && !(spot->field->flags & CONF_SECRET))
		conf_complain_at(reader, CONF_WARNING, spot,
			"YAML reads this as %s: %.15g", oddity,
			conf_scalar_float(value->text));
}

/* Any number at all, whole or not.  False without a complaint. */
static bool
any_number(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, double *number)
{
	if (value->kind == CONF_NODE_TEXT) {
		if (!str_number(value->text, number))
			return false;
		warn_quoted(reader, spot);
		return true;
	}
	if (value->kind != CONF_NODE_INT && value->kind != CONF_NODE_FLOAT)
		return false;
	*number = conf_scalar_float(value->text);
	conf_warn_oddity(reader, spot, value);
	return true;
}

static void
range_text(const struct conf_field *field, double bound, char text[static 64])
{
	if (field->kind == CONF_KIND_DURATION)
		duration_text((int64_t)bound, text);
	else
		snprintf(text, 64, "%.15g", bound);
}

static bool
in_range(struct conf_reader *reader, const struct conf_spot *spot, double value)
{
	const struct conf_field *field = spot->field;
	if (value >= field->min && value <= field->max)
		return true;
	char min[64], max[64];
	range_text(field, field->min, min);
	range_text(field, field->max, max);
	if (value > field->max)
		return conf_expected(reader, spot, "at most %s", max);
	return conf_expected(reader, spot, "at least %s", min);
}

static bool
read_bool(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, bool *to)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on",
		"off" };
	double number;
	if (value->kind == CONF_NODE_BOOL) {
		*to = conf_scalar_bool(value->text);
		return true;
	}
	if (value->kind == CONF_NODE_INT
		&& (str_eq(value->text, "0") || str_eq(value->text, "1"))) {
		*to = value->text[0] == '1';
		return true;
	}
	if (value->kind == CONF_NODE_TEXT)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (!str_ieq(value->text, words[i]))
				continue;
			warn_quoted(reader, spot);
			*to = conf_scalar_bool(value->text);
			return true;
		}
	if (!(spot->field->flags & CONF_LENIENT)
		|| !any_number(reader, spot, value, &number) || isnan(number))
		return conf_expected(reader, spot, "true or false");
	*to = trunc(number) != 0;
	if (number != 0 && number != 1)
		conf_complain_at(reader, CONF_WARNING, spot,
			"%s is taken as %s", spot->value->text,
			*to ? "true" : "false");
	return true;
}

/* As Python's int() would have it, but never below what makes sense. */
static bool
read_lenient(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, double *number)
{
	double given;
	if (value->kind == CONF_NODE_BOOL)
		given = conf_scalar_bool(value->text);
	else if (!any_number(reader, spot, value, &given) || isnan(given))
		return false;
	*number = fmax(trunc(given), spot->field->min);
	if (*number != given || value->kind == CONF_NODE_BOOL)
		conf_complain_at(reader, CONF_WARNING, spot,
			"%s is taken as %.15g", spot->value->text, *number);
	return true;
}

static bool
read_int(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, int64_t *to)
{
	double number;
	bool lenient = spot->field->flags & CONF_LENIENT;
	if (lenient ? !read_lenient(reader, spot, value, &number)
		    : !any_number(reader, spot, value, &number) || isnan(number)
				|| number != floor(number))
		return conf_expected(reader, spot, "a whole number");
	if (!in_range(reader, spot, number))
		return false;
	if (lenient || value->kind != CONF_NODE_INT
		|| !conf_scalar_int(value->text, to))
		*to = (int64_t)number;
	return true;
}

static bool
read_number(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, double *to)
{
	double number;
	if (!any_number(reader, spot, value, &number) || isnan(number))
		return conf_expected(reader, spot, "a number");
	if (!in_range(reader, spot, number))
		return false;
	*to = number;
	return true;
}

static bool
read_duration(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value, int64_t *to)
{
	static const double longest_ms = 100.0 * 366 * 24 * 3600 * 1000;
	double ms;
	if (any_number(reader, spot, value, &ms)) {
		ms *= 1000;
	} else {
		int64_t parsed;
		if (value->kind != CONF_NODE_TEXT
			|| !duration_parse(value->text, &parsed))
			ms = (double)NAN;
		else
			ms = (double)parsed;
	}
	/* What is above zero must not become zero. */
	if (ms > 0 && ms < 1)
		ms = 1;
	if (!(ms >= 0 && ms <= longest_ms))
		return conf_expected(
			reader, spot, "a duration such as 30s or 5m");
	if (ms < spot->field->min && spot->field->min <= 1)
		return conf_expected(reader, spot, "more than 0");
	if (!in_range(reader, spot, ms))
		return false;
	*to = (int64_t)(ms + 0.5);
	return true;
}

static bool
unknown_choice(struct conf_reader *reader, const struct conf_spot *spot,
	const char *text)
{
	struct buf names;
	struct conf_suggestion suggestion = { .word = text };
	buf_init(&names, 512);
	for (const struct conf_choice *c = spot->field->choices; c->name; c++) {
		buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", c->name);
		conf_suggest(&suggestion, c->name);
	}
	/* What was filled in may be a secret; so may a secret's neighbour. */
	bool shown = text == spot->value->text
		&& !(spot->field->flags & CONF_SECRET);
	conf_expected_near(reader, spot, shown ? suggestion.best : NULL,
		"one of %s", names.data);
	buf_finish(&names);
	return false;
}

bool
conf_read_choice(
	struct conf_reader *reader, const struct conf_spot *spot, int *choice)
{
	struct conf_yaml value;
	if (!conf_read_filled(reader, spot, &value))
		return false;
	if (!conf_yaml_is_scalar(&value))
		return unknown_choice(reader, spot, "");
	for (const struct conf_choice *c = spot->field->choices; c->name; c++)
		if (str_eq(c->name, value.text)) {
			*choice = c->value;
			return true;
		}
	return unknown_choice(reader, spot, value.text);
}

static bool
read_string(struct conf_reader *reader, const struct conf_spot *spot,
	const char **to)
{
	const struct conf_yaml *value = spot->value;
	bool is_odd =
		conf_yaml_is_scalar(value) && value->kind != CONF_NODE_TEXT;
	if (is_odd && spot->field->flags & CONF_ONLY_TEXT)
		return conf_expected(reader, spot, "a text");
	if (is_odd && spot->field->flags & CONF_BETTER_QUOTED)
		conf_complain_at(reader, CONF_WARNING, spot,
			"%s is taken as a text; write it in quotes",
			value->text);
	if (!conf_read_text(reader, spot, to))
		return false;
	if (spot->field->flags & CONF_FILE)
		map_put(reader->files, *to, reader);
	return true;
}

static bool
read_source(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_source *to)
{
	if (!conf_read_text(reader, spot, &to->text))
		return false;
	to->raw = conf_strings_keep(reader->strings, spot->value->text);
	return true;
}

bool
conf_read_scalar(
	struct conf_reader *reader, const struct conf_spot *spot, void *to)
{
	struct conf_yaml value;
	switch (spot->field->kind) {
	case CONF_KIND_STRING:
		return read_string(reader, spot, to);
	case CONF_KIND_SOURCE:
		return read_source(reader, spot, to);
	case CONF_KIND_CHOICE:
		return conf_read_choice(reader, spot, to);
	default:
		break;
	}
	if (!conf_read_filled(reader, spot, &value))
		return false;
	switch (spot->field->kind) {
	case CONF_KIND_BOOL:
		return read_bool(reader, spot, &value, to);
	case CONF_KIND_INT:
		return read_int(reader, spot, &value, to);
	case CONF_KIND_NUMBER:
		return read_number(reader, spot, &value, to);
	default:
		return read_duration(reader, spot, &value, to);
	}
}
