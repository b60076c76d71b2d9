/*
 * [[fill]align][sign][#][0][width][,][.precision][type], as it follows a colon,
 * and what Python's format() makes of a value by it.
 *
 *     conf_format_value -> parse -> add_text
 *                                -> add_int -> add_number
 *                                -> add_float -> add_number
 */
#include "conf/format_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	SIZE_MOST = 1000, /* a width, a precision */
	FLOAT_MAX = 2000, /* 309 digits, and a precision */
};

struct spec {
	const char *fill;
	size_t fill_len;
	bool filled; /* with what it names itself */
	char align;
	char sign; /* '\0' for none, as of the others */
	bool alternate;
	long width; /* -1 for none, as of the precision */
	char group;
	long precision;
	char type;
};

/* A number in its parts, as it will be shown. */
struct number {
	bool negative;
	const char *prefix;
	const char *digits;
	size_t n_digits;
	const char *rest; /* the fraction, the exponent, "inf" */
};

static bool
fail(const struct spec *spec, const char *what, struct err *err)
{
	if (spec->type != '\0')
		return err_set(err, "the format \"%c\" is not for %s",
			spec->type, what);
	return err_set(err, "this format is not for %s", what);
}

static bool
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* -1 when there is no number; false when it is too large. */
static bool
read_size(const char **at, long *size, struct err *err)
{
	*size = -1;
	if (!isdigit((unsigned char)**at))
		return true;
	*size = 0;
	for (; isdigit((unsigned char)**at); ++*at) {
		*size = *size * 10 + (**at - '0');
		if (*size > SIZE_MOST)
			return err_set(
				err, "a format is wider than %d", SIZE_MOST);
	}
	return true;
}

static const char *
read_alignment(const char *at, struct spec *spec)
{
	static const char aligns[] = "<>=^";
	uint32_t code;
	size_t len = conf_format_character(at, &code);
	if (len > 0 && is_in(at[len], aligns)) {
		spec->fill = at;
		spec->fill_len = len;
		spec->filled = true;
		spec->align = at[len];
		return at + len + 1;
	}
	if (is_in(*at, aligns))
		spec->align = *at++;
	return at;
}

static bool
read_group(const char **at, struct spec *spec, struct err *err)
{
	if (is_in(**at, ",_"))
		spec->group = *(*at)++;
	if (spec->group != '\0' && is_in(**at, ",_"))
		return err_set(err, "a format has both , and _");
	return true;
}

static bool
may_group(const struct spec *spec)
{
	return is_in(spec->type,
		       spec->group == '_' ? "defgEGF%boxX" : "defgEGF%")
		|| spec->type == '\0';
}

/* `usual` is how such a value is aligned unless it says. */
static bool
parse(const char *at, char usual, struct spec *spec, struct err *err)
{
	*spec = (struct spec){ .fill = " ", .fill_len = 1 };
	at = read_alignment(at, spec);
	if (is_in(*at, "+- "))
		spec->sign = *at++;
	if (*at == '#') {
		spec->alternate = true;
		at++;
	}
	if (*at == '0' && !spec->filled) {
		spec->fill = "0";
		if (spec->align == '\0' && usual == '>')
			spec->align = '=';
		at++;
	}
	if (spec->align == '\0')
		spec->align = usual;
	if (!read_size(&at, &spec->width, err) || !read_group(&at, spec, err))
		return false;
	spec->precision = -1;
	if (*at == '.') {
		at++;
		if (!read_size(&at, &spec->precision, err))
			return false;
		if (spec->precision < 0)
			return err_set(err, "a format has no number after .");
	}
	spec->type = *at;
	if (*at != '\0' && at[1] != '\0')
		return err_set(err, "there is no such format");
	if (spec->group != '\0' && !may_group(spec))
		return err_set(err, "the format \"%c\" takes no %c", spec->type,
			spec->group);
	return true;
}

static void
fill(const struct spec *spec, long count, struct buf *out)
{
	for (; count > 0 && !out->full; count--)
		buf_add(out, spec->fill, spec->fill_len);
}

/* How much of `count` stands on the left. */
static long
left_of(const struct spec *spec, long count)
{
	if (count <= 0 || spec->align == '<' || spec->align == '=')
		return 0;
	return spec->align == '^' ? count / 2 : count;
}

static bool
add_text(const char *text, const struct spec *spec, struct buf *out,
	struct err *err)
{
	if (spec->type != '\0' && spec->type != 's')
		return fail(spec, "a text", err);
	if (spec->sign != '\0' || spec->alternate || spec->align == '='
		|| spec->group != '\0')
		return err_set(err, "a text has no sign and no digits");
	long count = 0;
	uint32_t code;
	size_t bytes = 0, len;
	while ((len = conf_format_character(text + bytes, &code)) > 0
		&& (spec->precision < 0 || count < spec->precision)) {
		bytes += len;
		count++;
	}
	long padding = spec->width - count;
	long left = left_of(spec, padding);
	fill(spec, left, out);
	buf_add(out, text, bytes);
	fill(spec, padding - left, out);
	return true;
}

static size_t
group_every(const struct spec *spec)
{
	if (spec->group == '\0')
		return SIZE_MAX;
	return is_in(spec->type, "boxX") ? 4 : 3;
}

static size_t
grouped_len(size_t digits, size_t every)
{
	return digits == 0 ? 0 : digits + (digits - 1) / every;
}

static void
add_digits(const struct number *number, size_t zeros, const struct spec *spec,
	struct buf *out)
{
	size_t every = group_every(spec);
	size_t total = zeros + number->n_digits;
	for (size_t i = 0; i < total; i++) {
		if (i > 0 && (total - i) % every == 0)
			buf_add_char(out, spec->group);
		if (i < zeros)
			buf_add_char(out, '0');
		else
			buf_add_char(out, number->digits[i - zeros]);
	}
}

static char
sign_of(const struct number *number, const struct spec *spec)
{
	if (number->negative)
		return '-';
	if (spec->sign == '-')
		return '\0';
	return spec->sign;
}

static void
add_number(
	const struct number *number, const struct spec *spec, struct buf *out)
{
	char sign = sign_of(number, spec);
	size_t every = group_every(spec);
	long others = (long)((sign != '\0') + strlen(number->prefix)
		+ strlen(number->rest));
	long room = spec->width - others;
	size_t zeros = 0;
	if (*spec->fill == '0' && spec->align == '=' && number->n_digits > 0)
		while (room
			> (long)grouped_len(zeros + number->n_digits, every))
			zeros++;
	long padding =
		room - (long)grouped_len(zeros + number->n_digits, every);
	long left = left_of(spec, padding);
	fill(spec, left, out);
	if (sign != '\0')
		buf_add_char(out, sign);
	buf_add_text(out, number->prefix);
	if (spec->align == '=')
		fill(spec, padding, out);
	add_digits(number, zeros, spec, out);
	buf_add_text(out, number->rest);
	if (spec->align != '=')
		fill(spec, padding - left, out);
}

/* In its base, at the end of `room`. */
static const char *
digits_of(uint64_t value, unsigned base, bool capitals, char room[static 65])
{
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char *at = room + 64;
	*at = '\0';
	do
		*--at = digits[value % base];
	while ((value /= base) > 0);
	return at;
}

static bool
add_int(int64_t value, const struct spec *spec, struct buf *out,
	struct err *err)
{
	static const struct {
		char type;
		unsigned char base;
		const char *prefix;
	} bases[] = {
		{ '\0', 10, "" },
		{ 'd', 10, "" },
		{ 'n', 10, "" },
		{ 'b', 2, "0b" },
		{ 'o', 8, "0o" },
		{ 'x', 16, "0x" },
		{ 'X', 16, "0X" },
	};
	if (spec->precision >= 0)
		return err_set(err, "a whole number has no precision");
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (bases[i].type != spec->type)
			continue;
		char room[65] = { 0 };
		uint64_t size =
			value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
		const char *digits =
			digits_of(size, bases[i].base, spec->type == 'X', room);
		const struct number number = {
			.negative = value < 0,
			.prefix = spec->alternate ? bases[i].prefix : "",
			.digits = digits,
			.n_digits = strlen(digits),
			.rest = "",
		};
		add_number(&number, spec, out);
		return true;
	}
	return fail(spec, "a whole number", err);
}

/* As %g, but "3.0", and with an exponent one digit earlier. */
static void
write_general(double value, int precision, struct buf *text)
{
	if (precision == 0)
		precision = 1;
	buf_printf(text, "%.*e", precision - 1, value);
	const char *exponent = strchr(text->data, 'e');
	if (!exponent || strtol(exponent + 1, NULL, 10) != precision - 1) {
		buf_clear(text);
		buf_printf(text, "%.*g", precision, value);
		if (isfinite(value) && !strpbrk(text->data, ".e"))
			buf_add_text(text, ".0");
		return;
	}
	/* 1.50e+02 is 1.5e+02. */
	char tail[8];
	str_copy(tail, sizeof(tail), exponent);
	text->len = (size_t)(exponent - text->data);
	if (memchr(text->data, '.', text->len)) {
		while (text->data[text->len - 1] == '0')
			text->len--;
		if (text->data[text->len - 1] == '.')
			text->len--;
	}
	buf_add_text(text, tail);
}

static void
write_float(double value, const struct spec *spec, struct buf *text)
{
	int precision = spec->precision < 0 ? 6 : (int)spec->precision;
	switch (tolower((unsigned char)spec->type)) {
	case '\0':
		if (spec->precision < 0)
			conf_format_float(value, text);
		else
			write_general(value, precision, text);
		break;
	case 'e':
		buf_printf(text, "%.*e", precision, value);
		break;
	case 'f':
		buf_printf(text, "%.*f", precision, value);
		break;
	case '%':
		buf_printf(text, "%.*f%%", precision, value * 100);
		break;
	default:
		buf_printf(text, "%.*g", precision, value);
	}
	if (isupper((unsigned char)spec->type))
		for (char *at = text->data; *at != '\0'; at++)
			*at = (char)toupper((unsigned char)*at);
}

static bool
add_float(
	double value, const struct spec *spec, struct buf *out, struct err *err)
{
	if (!is_in(spec->type, "eEfFgGn%") && spec->type != '\0')
		return fail(spec, "a number", err);
	if (spec->alternate)
		return err_set(err, "a # is for whole numbers");
	struct buf text;
	buf_init(&text, FLOAT_MAX);
	/* Python's nan has no sign. */
	write_float(isnan(value) ? (double)NAN : fabs(value), spec, &text);
	size_t digits = strspn(text.data, "0123456789");
	const struct number number = {
		.negative = signbit(value) && !isnan(value),
		.prefix = "",
		.digits = text.data,
		.n_digits = digits,
		.rest = text.data + digits,
	};
	add_number(&number, spec, out);
	buf_finish(&text);
	return true;
}

static bool
add_whole(int64_t value, const struct spec *spec, struct buf *out,
	struct err *err)
{
	if (is_in(spec->type, "eEfFgG%"))
		return add_float((double)value, spec, out, err);
	return add_int(value, spec, out, err);
}

bool
conf_format_value(const struct conf_node *value, const char *text,
	struct buf *out, struct err *err)
{
	struct spec spec;
	if (*text == '\0') {
		conf_format_str(value, out);
		return true;
	}
	bool is_text = value->kind == CONF_NODE_TEXT;
	if (!parse(text, is_text ? '<' : '>', &spec, err))
		return false;
	switch (value->kind) {
	case CONF_NODE_TEXT:
		return add_text(value->text, &spec, out, err);
	case CONF_NODE_BOOL:
		return add_whole(value->boolean, &spec, out, err);
	case CONF_NODE_INT:
		return add_whole(value->integer, &spec, out, err);
	case CONF_NODE_FLOAT:
		return add_float(value->number, &spec, out, err);
	default:
		return err_set(err, "only texts and numbers take a format");
	}
}
