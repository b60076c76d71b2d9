/* Values as Python's str() and repr() show them. */
#include "conf/format_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"

enum {
	FLOAT_SIZE = 64,
	DIGITS_MAX = 17, /* that a double can need */
};

struct conf_node
conf_format_text(const char *text)
{
	return (struct conf_node){ .kind = CONF_NODE_TEXT, .text = text };
}

size_t
conf_format_character(const char *text, uint32_t *code)
{
	static const unsigned char firsts[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned char first = (unsigned char)*text;
	size_t len = first == 0 ? 0
		: first < 0xc0	? 1
		: first < 0xe0	? 2
		: first < 0xf0	? 3
				: 4;
	*code = len > 1 ? first & firsts[len] : first;
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)text[i];
		if ((next & 0xc0) != 0x80)
			return i; /* broken UTF-8, of the environment */
		*code = *code << 6 | (next & 0x3f);
	}
	return len;
}

/* As good as Python's, for what people write. */
static bool
is_printable(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0, 0x1f },
		{ 0x7f, 0xa0 },
		{ 0xad, 0xad },
		{ 0x1680, 0x1680 },
		{ 0x2000, 0x200f },
		{ 0x2028, 0x202f },
		{ 0x205f, 0x206f },
		{ 0x3000, 0x3000 },
		{ 0xd800, 0xf8ff },
		{ 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb },
		{ 0xfffe, 0xffff },
		{ 0xe0000, 0x10ffff },
	};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return true;
}

static void
add_code(struct buf *out, uint32_t code)
{
	if (code <= 0xff)
		buf_printf(out, "\\x%02" PRIx32, code);
	else if (code <= 0xffff)
		buf_printf(out, "\\u%04" PRIx32, code);
	else
		buf_printf(out, "\\U%08" PRIx32, code);
}

static void
add_quoted(struct buf *out, const char *text, bool ascii)
{
	char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
	uint32_t code;
	size_t len;
	buf_add_char(out, quote);
	for (; (len = conf_format_character(text, &code)) > 0; text += len) {
		if (code == (uint32_t)quote || code == '\\')
			buf_printf(out, "\\%c", (char)code);
		else if (code == '\n')
			buf_add_text(out, "\\n");
		else if (code == '\r')
			buf_add_text(out, "\\r");
		else if (code == '\t')
			buf_add_text(out, "\\t");
		else if (!is_printable(code) || (ascii && code > 0x7f))
			add_code(out, code);
		else
			buf_add(out, text, len);
	}
	buf_add_char(out, quote);
}

/* "-1.25e+20" of as few digits as will do. */
static int
shortest(double number, char text[static FLOAT_SIZE])
{
	int digits = 0;
	do
		snprintf(text, FLOAT_SIZE, "%.*e", digits, number);
	while (digits++ < DIGITS_MAX && strtod(text, NULL) != number);
	return digits;
}

void
conf_format_float(double number, struct buf *out)
{
	char text[FLOAT_SIZE];
	if (!isfinite(number)) {
		buf_add_text(out,
			isnan(number)	     ? "nan"
				: number < 0 ? "-inf"
					     : "inf");
		return;
	}
	int digits = shortest(number, text);
	long exponent = strtol(strchr(text, 'e') + 1, NULL, 10);
	if (exponent < -4 || exponent >= 16) {
		buf_add_text(out, text);
		return;
	}
	long decimals = digits - 1 - exponent;
	buf_printf(out, "%.*f", (int)(decimals > 1 ? decimals : 1), number);
}

/* An integer that does not fit is kept as a float, but its text tells. */
static bool
add_big_int(const struct conf_node *value, struct buf *out)
{
	const char *text = value->text;
	if (!text || fabs(value->number) < (double)INT64_MAX)
		return false;
	size_t sign = *text == '-' || *text == '+';
	const char *digits = text + sign;
	if (*digits == '\0' || *digits == '0'
		|| digits[strspn(digits, "0123456789_")] != '\0')
		return false;
	if (*text == '-')
		buf_add_char(out, '-');
	for (; *digits != '\0'; digits++)
		if (*digits != '_')
			buf_add_char(out, *digits);
	return true;
}

/* As deep as the file, which is bounded: CONF_YAML_DEPTH_MAX. */
static void
add_repr(const struct conf_node *value, bool ascii, struct buf *out)
{
	bool is_map = value->kind == CONF_NODE_MAP;
	switch (value->kind) {
	case CONF_NODE_NULL:
		buf_add_text(out, "None");
		return;
	case CONF_NODE_BOOL:
		buf_add_text(out, value->boolean ? "True" : "False");
		return;
	case CONF_NODE_INT:
		buf_printf(out, "%" PRId64, value->integer);
		return;
	case CONF_NODE_FLOAT:
		if (!add_big_int(value, out))
			conf_format_float(value->number, out);
		return;
	case CONF_NODE_TEXT:
		add_quoted(out, value->text, ascii);
		return;
	case CONF_NODE_LIST:
	case CONF_NODE_MAP:
		break;
	}
	buf_add_char(out, is_map ? '{' : '[');
	for (size_t i = 0; i < value->count && !out->full; i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		if (is_map) {
			add_quoted(out, value->keys[i], ascii);
			buf_add_text(out, ": ");
		}
		add_repr(&value->items[i], ascii, out);
	}
	buf_add_char(out, is_map ? '}' : ']');
}

void
conf_format_repr(const struct conf_node *value, struct buf *out)
{
	add_repr(value, false, out);
}

void
conf_format_ascii(const struct conf_node *value, struct buf *out)
{
	add_repr(value, true, out);
}

void
conf_format_str(const struct conf_node *value, struct buf *out)
{
	if (value->kind == CONF_NODE_TEXT)
		buf_add_text(out, value->text);
	else
		add_repr(value, false, out);
}
