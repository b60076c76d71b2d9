/*
 * Cachet 2 takes texts for attacks: it decodes "%20", drops what stands between
 * "<" and ">", turns parentheses after "eval" into entities and cuts words out.
 * What it would not leave alone is written otherwise, but so that people can
 * still read it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	NAME_MAX_BYTES = 250, /* Cachet's column takes 255 */
	TEXT_MAX_BYTES = 1024 * 1024,
};

#define JOINER "\xe2\x81\xa0" /* has no width */

/* Broken up by a joiner before the last character. */
static const char *const words[] = {
	"alert(",
	"cmd(",
	"confirm(",
	"data:text/html;",
	"document.cookie",
	"document.write",
	"eval(",
	"exec(",
	"expression(",
	"file(",
	"file_get_contents(",
	"fopen(",
	"fsockopen(",
	".innerhtml",
	"javascript:",
	"-moz-binding",
	".parentnode",
	"passthru(",
	"prompt(",
	"readfile(",
	"system(",
	"unlink(",
	"vbscript:",
};

enum {
	WORDS = sizeof(words) / sizeof(words[0]),
};

static bool
is_hex(char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c);
}

static const char *
instead_of(const char *at)
{
	if (*at == '%' && is_hex(at[1]) && is_hex(at[2]))
		return "\xef\xbc\x85"; /* a wide one */
	if (*at == '<')
		return "\xe2\x80\xb9";
	if (*at == '>')
		return "\xe2\x80\xba";
	return *at == '\t' ? " " : NULL;
}

/* Of a word that begins there, without its last character; 0: none does. */
static size_t
word_at(const char *at)
{
	for (size_t i = 0; i < WORDS; i++) {
		size_t len = strlen(words[i]);
		if (strncasecmp(at, words[i], len) == 0)
			return len - 1;
	}
	return 0;
}

/* What stands at `at`, another way; the number of bytes that it replaces. */
static size_t
tame_at(const char *at, struct buf *out)
{
	const char *instead = instead_of(at);
	size_t len = word_at(at);
	if (instead)
		buf_add_text(out, instead);
	else if (len == 0)
		buf_add_char(out, *at);
	else
		buf_add(out, at, len), buf_add_text(out, JOINER);
	return len > 0 ? len : 1;
}

static bool
is_blank(char c)
{
	return c != '\0' && strchr(" \t\r\n", c);
}

/* For the caller to free(). */
static char *
tame(const char *text)
{
	while (is_blank(*text))
		text++;
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

static json_t *
written(const struct cachet *cachet, const char *text, size_t max)
{
	if (cachet->generation == CACHET_3)
		return payload_text_cut(text, max);
	char *tamed = tame(text);
	json_t *json = payload_text_cut(tamed, max);
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
