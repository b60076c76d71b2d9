/*
 * Cachet 2 takes texts for attacks: it decodes "%20" and even "% de", drops
 * what stands between "<" and ">", closes up what looks like a word with blanks
 * in it, turns the parentheses of "file (x)" into entities, and cuts words out.
 * What it would not leave alone is written otherwise, but so that people can
 * still read it.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	NAME_MAX_BYTES = 250, /* Cachet's column takes 255 */
	TEXT_MAX_BYTES = 1024 * 1024,
};

#define JOINER "\xe2\x81\xa0" /* has no width */

/*
 * Broken up by a joiner before the last character.  A blank stands for any
 * number of them, "+" for one at least, "#" for a digit.
 */
static const char *const banned[] = {
	"-moz-binding",
	".innerhtml",
	".parentnode",
	"alert (",
	"cmd (",
	"confirm (",
	"document.cookie",
	"document.location",
	"document.on",
	"document.write",
	"eval (",
	"exec (",
	"expression (",
	"file (",
	"file_get_contents (",
	"fopen (",
	"fsockopen (",
	"javascript :",
	"jscript :",
	"passthru (",
	"prompt (",
	"readfile (",
	"redirect+30#",
	"system (",
	"unlink (",
	"vbs :",
	"vbscript :",
	"window.location",
	"window.on",
	"wscript :",
};

/* Closed up, where there are blanks in them: broken up at the first blank. */
static const char *const closed_up[] = {
	"alert",
	"applet",
	"base64",
	"confirm",
	"cookie",
	"document",
	"eval",
	"expression",
	"javascript",
	"jscript",
	"prompt",
	"script",
	"vbs",
	"vbscript",
	"window",
	"write",
	"wscript",
};

enum {
	BANNED = sizeof(banned) / sizeof(banned[0]),
	CLOSED_UP = sizeof(closed_up) / sizeof(closed_up[0]),
};

static bool
is_blank(char c)
{
	return c != '\0' && strchr(" \t\r\n\v\f", c);
}

static const char *
skip_blanks(const char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next two digits of a code may have blanks before them. */
static bool
is_escape(const char *at)
{
	for (int i = 0; i < 2; i++) {
		at = skip_blanks(at + 1);
		if (!is_digit(*at) && !(lower(*at) >= 'a' && lower(*at) <= 'f'))
			return false;
	}
	return true;
}

static const char *
instead_of(const char *at)
{
	if (*at == '%' && is_escape(at))
		return "\xef\xbc\x85"; /* a wide one */
	if (*at == '<')
		return "\xe2\x80\xb9";
	if (*at == '>')
		return "\xe2\x80\xba";
	if (*at == '\t')
		return " ";
	bool is_shown = (unsigned char)*at >= ' ' && *at != '\x7f';
	return is_shown || *at == '\n' || *at == '\r' ? NULL : "";
}

/* Of what matches there, without its last character; 0: it does not. */
static size_t
match(const char *at, const char *pattern)
{
	const char *from = at;
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '+' && !is_blank(*at))
			return 0;
		if (*pattern == ' ' || *pattern == '+')
			at = skip_blanks(at);
		else if (*pattern == '#' ? is_digit(*at)
					 : lower(*at) == *pattern)
			at++;
		else
			return 0;
	}
	return (size_t)(at - from) - 1;
}

/* Of what stands before the first blank in a word; 0: there is none in it. */
static size_t
match_apart(const char *at, const char *word)
{
	const char *from = at;
	size_t before = 0;
	for (; *word != '\0'; word++) {
		const char *letter = at == from ? at : skip_blanks(at);
		if (lower(*letter) != *word)
			return 0;
		if (letter > at && before == 0)
			before = (size_t)(at - from);
		at = letter + 1;
	}
	return before;
}

/* "data:" is one only if that much follows. */
static bool
is_data(const char *at)
{
	if (match(at, "data :") == 0)
		return false;
	while (*at != '\0' && match(at, "base64") == 0)
		at++;
	return strchr(at, ',');
}

/* In what looks like an attribute, it doubles every one that it finds. */
static bool
hides_backslash(const char *at)
{
	return *at == '=' && (at[1] == '"' || at[1] == '\'')
		&& strchr(at, '\\');
}

/* How much is to stand before a joiner; 0: none is needed. */
static size_t
joined_at(const char *at)
{
	size_t len = hides_backslash(at);
	if (is_data(at))
		len = match(at, "data :");
	for (size_t i = 0; i < BANNED && len == 0; i++)
		len = match(at, banned[i]);
	for (size_t i = 0; i < CLOSED_UP && len == 0; i++)
		len = match_apart(at, closed_up[i]);
	return len;
}

/* What stands at `at`, another way; the number of bytes that it replaces. */
static size_t
tame_at(const char *at, struct buf *out)
{
	const char *instead = instead_of(at);
	size_t len = instead ? 0 : joined_at(at);
	if (instead)
		buf_add_text(out, instead);
	else if (len == 0)
		buf_add_char(out, *at);
	for (size_t i = 0; i < len; i++)
		buf_add(out, at[i] == '\t' ? " " : at + i, 1);
	if (len > 0)
		buf_add_text(out, JOINER);
	return len > 0 ? len : 1;
}

/* For the caller to free(). */
static char *
tame(const char *text)
{
	text = skip_blanks(text);
	size_t len = strlen(text);
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	struct buf out;
	buf_init(&out, TEXT_MAX_BYTES);
	for (const char *at = text; at < text + len;)
		at += tame_at(at, &out);
	char *tamed = buf_steal(&out);
	buf_finish(&out);
	return tamed;
}

/* Without what nobody can see, more may be a word. */
static char *
tame_all(const char *text)
{
	char *once = tame(text);
	char *tamed = tame(once);
	free(once);
	return tamed;
}

/* What is cut may end with a blank, which Cachet cuts off as well. */
static json_t *
cut(const char *text, size_t max)
{
	json_t *json = payload_text_cut(text, max);
	const char *kept = json_string_value(json);
	size_t len = strlen(kept);
	while (len > 0 && is_blank(kept[len - 1]))
		len--;
	json_t *trimmed = json_stringn(kept, len);
	json_decref(json);
	return trimmed;
}

static json_t *
written(const struct cachet *cachet, const char *text, size_t max)
{
	if (cachet->generation == CACHET_3)
		return payload_text_cut(text, max);
	char *tamed = tame_all(text);
	json_t *json = cut(tamed, max);
	free(tamed);
	return json;
}

json_t *
cachet_text(const struct cachet *cachet, const char *text)
{
	return written(cachet, text, TEXT_MAX_BYTES);
}

json_t *
cachet_text_name(const struct cachet *cachet, const char *title)
{
	return written(cachet, title, NAME_MAX_BYTES);
}

bool
cachet_text_begins(const char *text, const char *stored, bool whole)
{
	char *tamed = tame_all(text);
	bool same = whole
		? str_eq(text, stored) || str_eq(tamed, stored)
		: str_starts(text, stored) || str_starts(tamed, stored);
	free(tamed);
	return same;
}
