#include <ctype.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/pattern_scan.h"

enum {
	OCTAL_MAX = 0377,
	UNICODE_MAX = 0x10ffff,
};

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static bool
refuse_letter(struct pattern_scan *scan)
{
	return pattern_scan_refuse(
		scan, scan->at, "bad escape \\%c", scan->at[1]);
}

/* -1 when it is none. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
check_character(struct pattern_scan *scan, uint32_t character)
{
	if (character > UNICODE_MAX)
		return pattern_scan_refuse(scan, scan->at,
			"there is no character U+%X", (unsigned)character);
	if (character >= 0xd800 && character <= 0xdfff)
		return pattern_scan_refuse(scan, scan->at,
			"U+%X is half a character, and no text has it",
			(unsigned)character);
	return true;
}

/* \x, \u and \U have an exact number of digits. */
static bool
read_hex(struct pattern_scan *scan, size_t n, uint32_t *character)
{
	*character = 0;
	for (size_t i = 0; i < n; i++) {
		int digit = hex_value(scan->at[2 + i]);
		if (digit < 0)
			return pattern_scan_refuse(scan, scan->at,
				"\\%c needs %zu hexadecimal digits",
				scan->at[1], n);
		*character = *character << 4 | (uint32_t)digit;
	}
	if (!check_character(scan, *character))
		return false;
	scan->at += 2 + n;
	return true;
}

/* Up to `most` digits behind the backslash. */
static bool
read_octal(struct pattern_scan *scan, size_t most, uint32_t *character)
{
	const char *begin = scan->at++;
	*character = 0;
	for (size_t i = 0; i < most && is_octal(*scan->at); i++)
		*character = *character << 3 | (uint32_t)(*scan->at++ - '0');
	if (*character > OCTAL_MAX)
		return pattern_scan_refuse(scan, begin,
			"\\%o is outside of the range from 0 to \\377",
			(unsigned)*character);
	return true;
}

static bool
put(struct pattern_scan *scan, uint32_t character)
{
	return buf_printf(scan->out, "\\x{%x}", (unsigned)character);
}

/* A character by its number, or a group by its own. */
static bool
escape_digits(struct pattern_scan *scan)
{
	const char *digits = scan->at + 1;
	uint32_t character;
	if (digits[0] == '0'
		|| (is_octal(digits[0]) && is_octal(digits[1])
			&& is_octal(digits[2])))
		return read_octal(scan, 3, &character) && put(scan, character);
	int len = isdigit((unsigned char)digits[1]) ? 2 : 1;
	buf_printf(scan->out, "\\g{%.*s}", len, digits);
	scan->at += 1 + len;
	return true;
}

static size_t
hex_digits(char letter)
{
	return letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
}

/* What only PCRE2 knows: \p{Lu}, \k<name>, \x{1f600} ... */
static void
copy_with_argument(struct pattern_scan *scan)
{
	pattern_scan_copy(scan, 2);
	if (*scan->at == '{')
		pattern_scan_copy_to(scan, '}');
	else if (*scan->at == '<')
		pattern_scan_copy_to(scan, '>');
	else if (*scan->at == '\'' && scan->at[1] != '\0') {
		pattern_scan_copy(scan, 1);
		pattern_scan_copy_to(scan, '\'');
	}
}

static bool
replace(struct pattern_scan *scan, const char *with)
{
	buf_add_text(scan->out, with);
	scan->at += 2;
	return true;
}

static bool
escape_letter(struct pattern_scan *scan)
{
	static const char python[] = "AbBdDsSwWafnrt";
	static const char pcre[] = "zGhHVRXKe";
	static const char with_argument[] = "xpPgkoN";
	char letter = scan->at[1];
	uint32_t character;
	if (letter == 'Z') /* PCRE2's is before a line end at the end, too */
		return replace(scan, "\\z");
	if (letter == 'v') /* PCRE2's is any vertical blank */
		return replace(scan, "\\x0b");
	if (letter == 'u' || letter == 'U'
		|| (letter == 'x' && scan->at[2] != '{'))
		return read_hex(scan, hex_digits(letter), &character)
			&& put(scan, character);
	if (letter == 'N' && scan->at[2] == '{'
		&& strncmp(scan->at + 3, "U+", 2) != 0)
		return pattern_scan_refuse(scan, scan->at,
			"names of characters are not known; write \\uXXXX");
	if (strchr(with_argument, letter))
		copy_with_argument(scan);
	else if (strchr(python, letter) || strchr(pcre, letter))
		pattern_scan_copy(scan, 2);
	else
		return refuse_letter(scan);
	return true;
}

bool
pattern_escape(struct pattern_scan *scan)
{
	char c = scan->at[1];
	if (isdigit((unsigned char)c))
		return escape_digits(scan);
	if (isalpha((unsigned char)c))
		return escape_letter(scan);
	/* One at the end is PCRE2's to refuse. */
	pattern_scan_copy(scan, c == '\0' ? 1 : 2);
	return true;
}

static void
member_as_written(
	struct pattern_scan *scan, struct pattern_member *member, size_t len)
{
	member->text = scan->at;
	member->len = len;
	scan->at += len;
}

/* \p{Lu} is five bytes longer than \p. */
static size_t
argument_len(const char *text)
{
	const char *end = *text == '{' ? strchr(text, '}') : NULL;
	return end ? (size_t)(end - text) + 1 : *text != '\0';
}

bool
pattern_escape_member(struct pattern_scan *scan, struct pattern_member *member)
{
	static const char sets[] = "dDsSwWhHV";
	static const char characters[] = "abfnrte";
	char c = scan->at[1];
	*member = (struct pattern_member){ 0 };
	if (is_octal(c)) {
		member->is_coded = true;
		return read_octal(scan, 3, &member->character);
	}
	if (!isalnum((unsigned char)c)) {
		member_as_written(scan, member, c == '\0' ? 1 : 2);
	} else if (c == 'v') {
		member->is_coded = true;
		member->character = '\v';
		scan->at += 2;
	} else if (c == 'p' || c == 'P') {
		member->is_set = true;
		member_as_written(scan, member, 2 + argument_len(scan->at + 2));
	} else if ((c == 'x' || c == 'o') && scan->at[2] == '{') {
		member_as_written(scan, member, 2 + argument_len(scan->at + 2));
	} else if (c == 'x' || c == 'u' || c == 'U') {
		member->is_coded = true;
		return read_hex(scan, hex_digits(c), &member->character);
	} else if (strchr(sets, c)) {
		member->is_set = true;
		member_as_written(scan, member, 2);
	} else if (strchr(characters, c)) {
		member_as_written(scan, member, 2);
	} else {
		return refuse_letter(scan);
	}
	return true;
}
