#include "conf/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/scalar.h"

enum {
	REPLACEMENT = 0xfffd,
	ASTRAL = 0x10000,
	UNICODE_MAX = 0x10ffff,
};

/* The character at `*text`, which moves past it. */
static uint32_t
next_character(const char **text)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, ASTRAL };
	const unsigned char *at = (const unsigned char *)*text;
	unsigned more = *at < 0x80 ? 0
		: *at < 0xc0	   ? 4
		: *at < 0xe0	   ? 1
		: *at < 0xf0	   ? 2
		: *at < 0xf8	   ? 3
				   : 4;
	(*text)++;
	if (more == 0)
		return *at;
	if (more > 3)
		return REPLACEMENT;
	uint32_t c = *at & (0x3fU >> more);
	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (c < least[more] || c > UNICODE_MAX || (c >= 0xd800 && c <= 0xdfff))
		return REPLACEMENT;
	*text += more;
	return c;
}

/* YAML takes it for a line end, for a mark, or for nothing that may be. */
static bool
is_special(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029
		|| c == 0xfeff || c == 0xfffe || c == 0xffff;
}

void
conf_quote_double(struct buf *out, const char *text)
{
	buf_add_char(out, '"');
	while (*text != '\0') {
		const char *from = text;
		uint32_t c = next_character(&text);
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (int)c);
		else if (c == '\n')
			buf_add_text(out, "\\n");
		else if (c == '\t')
			buf_add_text(out, "\\t");
		else if (is_special(c) && c < 0x100)
			buf_printf(out, "\\x%02X", (unsigned)c);
		else if (is_special(c) || c == REPLACEMENT)
			buf_printf(out, "\\u%04X", (unsigned)c);
		else
			buf_add(out, from, (size_t)(text - from));
	}
	buf_add_char(out, '"');
}

bool
conf_quote_is_plain(const char *text)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_./-+~%";
	size_t len = strlen(text);
	if (len == 0 || strchr("-.%~?:", text[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!strchr(safe, text[i]) && (text[i] != ':' || i + 1 == len))
			return false;
	return true;
}

void
conf_quote_value(struct buf *out, const char *text)
{
	if (conf_quote_is_plain(text))
		buf_add_text(out, text);
	else
		conf_quote_double(out, text);
}

/* Also for other programs, which know of dates and of "y". */
static bool
is_word(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/";
	return *text != '\0' && strchr(letters, *text)
		&& conf_quote_is_plain(text) && !str_ieq(text, "y")
		&& !str_ieq(text, "n")
		&& conf_scalar_kind(text) == CONF_NODE_TEXT;
}

void
conf_quote_text(struct buf *out, const char *text)
{
	if (is_word(text)) {
		buf_add_text(out, text);
		return;
	}
	struct buf meant;
	buf_init(&meant, 2 * strlen(text) + 1);
	for (; *text != '\0'; text++) {
		if (str_starts(text, "${"))
			buf_add_char(&meant, '$');
		buf_add_char(&meant, *text);
	}
	conf_quote_double(out, meant.data);
	buf_finish(&meant);
}

void
conf_quote_comment(struct buf *out, const char *text)
{
	while (*text != '\0') {
		const char *from = text;
		uint32_t c = next_character(&text);
		if (is_special(c))
			buf_add_char(out, ' ');
		else if (c == REPLACEMENT)
			buf_add_char(out, '?');
		else
			buf_add(out, from, (size_t)(text - from));
	}
}
