#include "conf/scalar.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/str.h"

enum {
	DIGITS_MAX = 128,
};

static const char digits_10[] = "0123456789_";

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(text, *words))
			return true;
	return false;
}

static bool
is_null(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL",
		NULL };
	return is_one_of(text, words);
}

static bool
is_bool(const char *text)
{
	static const char *const words[] = { "true", "True", "TRUE", "false",
		"False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on",
		"On", "ON", "off", "Off", "OFF", NULL };
	return is_one_of(text, words);
}

static const char *
after_sign(const char *text)
{
	return text + (*text == '+' || *text == '-');
}

static bool
all_of(const char *text, const char *allowed)
{
	return *text != '\0' && text[strspn(text, allowed)] == '\0';
}

/* [0-9][0-9_]*; NULL when there is no digit. */
static const char *
after_digits(const char *text)
{
	if (*text < '0' || *text > '9')
		return NULL;
	return text + strspn(text, digits_10);
}

/* (:[0-5]?[0-9])+; NULL when there is none. */
static const char *
after_sixties(const char *text)
{
	const char *start = text;
	while (*text == ':') {
		size_t len = strspn(text + 1, "0123456789");
		if (len < 1 || len > 2 || (len == 2 && text[1] > '5'))
			return NULL;
		text += 1 + len;
	}
	return text == start ? NULL : text;
}

static bool
is_int(const char *text)
{
	text = after_sign(text);
	if (str_eq(text, "0"))
		return true;
	if (str_starts(text, "0b"))
		return all_of(text + 2, "01_");
	if (str_starts(text, "0x"))
		return all_of(text + 2, "0123456789abcdefABCDEF_");
	if (*text == '0')
		return all_of(text + 1, "01234567_");
	const char *rest = after_digits(text);
	if (!rest || *rest == '\0')
		return rest != NULL;
	rest = after_sixties(rest);
	return rest && *rest == '\0';
}

static bool
is_special(const char *text)
{
	static const char *const infinite[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nan[] = { ".nan", ".NaN", ".NAN", NULL };
	return is_one_of(after_sign(text), infinite) || is_one_of(text, nan);
}

/* ([eE][-+][0-9]+)?, and then the end: without its sign it is a text. */
static bool
is_exponent(const char *text)
{
	if (*text == '\0')
		return true;
	return (*text == 'e' || *text == 'E') && after_sign(text + 1) > text + 1
		&& all_of(after_sign(text + 1), "0123456789");
}

static bool
is_float(const char *text)
{
	if (is_special(text))
		return true;
	if (*text == '.') {
		const char *rest = after_digits(text + 1);
		return rest && is_exponent(rest);
	}
	const char *rest = after_digits(after_sign(text));
	if (!rest)
		return false;
	if (*rest == ':') {
		rest = after_sixties(rest);
		return rest && *rest == '.'
			&& rest[1 + strspn(rest + 1, digits_10)] == '\0';
	}
	return *rest == '.'
		&& is_exponent(rest + 1 + strspn(rest + 1, digits_10));
}

enum conf_node_kind
conf_scalar_kind(const char *text)
{
	/* Most texts are neither, and their first letter says so. */
	if (*text == '\0' || strchr("~nN", *text))
		if (is_null(text))
			return CONF_NODE_NULL;
	if (strchr("tTfFyYnNoO", *text))
		return is_bool(text) ? CONF_NODE_BOOL : CONF_NODE_TEXT;
	if (!strchr("+-.0123456789", *text))
		return CONF_NODE_TEXT;
	if (is_int(text))
		return CONF_NODE_INT;
	return is_float(text) ? CONF_NODE_FLOAT : CONF_NODE_TEXT;
}

bool
conf_scalar_is_bool_word(const char *text)
{
	return conf_scalar_bool(text) || str_ieq(text, "false")
		|| str_ieq(text, "no") || str_ieq(text, "off");
}

bool
conf_scalar_bool(const char *text)
{
	return str_ieq(text, "true") || str_ieq(text, "yes")
		|| str_ieq(text, "on");
}

const char *
conf_scalar_oddity(const char *text)
{
	if (strchr(text, ':'))
		return "base 60";
	text = after_sign(text);
	if (*text == '0' && all_of(text + 1, "01234567_"))
		return "octal";
	return NULL;
}

/* What can be read digit by digit: no sign, no underscores. */
static bool
without_underscores(const char *text, char to[static DIGITS_MAX])
{
	size_t len = 0;
	for (text = after_sign(text); *text != '\0'; text++) {
		if (*text == '_')
			continue;
		if (len + 1 >= DIGITS_MAX)
			return false;
		to[len++] = *text;
	}
	to[len] = '\0';
	return true;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) - 'a' + 10;
}

static bool
add_digit(int64_t *value, int64_t base, int64_t digit)
{
	return !__builtin_mul_overflow(*value, base, value)
		&& !__builtin_add_overflow(*value, digit, value);
}

static bool
read_digits(const char *digits, int64_t base, int64_t *value)
{
	for (*value = 0; *digits != '\0'; digits++)
		if (!add_digit(value, base, digit_value(*digits)))
			return false;
	return true;
}

static bool
read_sixties(const char *digits, int64_t *value)
{
	int64_t total = 0, part = 0;
	for (; *digits != '\0'; digits++) {
		if (*digits != ':') {
			if (!add_digit(&part, 10, digit_value(*digits)))
				return false;
			continue;
		}
		if (!add_digit(&total, 60, part))
			return false;
		part = 0;
	}
	*value = total;
	return add_digit(value, 60, part);
}

bool
conf_scalar_int(const char *text, int64_t *value)
{
	char digits[DIGITS_MAX] = { 0 };
	if (!without_underscores(text, digits))
		return false;
	bool fits;
	if (str_starts(digits, "0b"))
		fits = read_digits(digits + 2, 2, value);
	else if (str_starts(digits, "0x"))
		fits = read_digits(digits + 2, 16, value);
	else if (strchr(digits, ':'))
		fits = read_sixties(digits, value);
	else
		fits = read_digits(digits, digits[0] == '0' ? 8 : 10, value);
	if (fits && *text == '-')
		*value = -*value;
	return fits;
}

static double
read_float(const char *digits)
{
	if (str_ieq(digits, ".inf"))
		return (double)INFINITY;
	if (str_ieq(digits, ".nan"))
		return (double)NAN;
	double total = 0;
	const char *part = digits;
	for (const char *colon; (colon = strchr(part, ':')); part = colon + 1)
		total = (total + strtod(part, NULL)) * 60;
	return total + strtod(part, NULL);
}

double
conf_scalar_float(const char *text)
{
	int64_t whole;
	if (is_int(text) && conf_scalar_int(text, &whole))
		return (double)whole;
	char digits[DIGITS_MAX] = { 0 };
	if (!without_underscores(text, digits))
		return (double)NAN;
	double value = read_float(digits);
	return *text == '-' ? -value : value;
}
