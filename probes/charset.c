#include "probes/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "agent/base/buf.h"
#include "agent/base/utf8.h"
#include "probes/charset_names.h"
#include "probes/header.h"

enum {
	CHUNK_SIZE = 8 * 1024,
	BYTES = 256,
	CHARACTER_SIZE = 8,

	/* So many, and it is not text; each costs as much as a call. */
	BAD_MAX = 64 * 1024,
};

static const char replacement[] = "\xef\xbf\xbd";

/* What stands in the way of a name. */
static bool
is_wrapping(char c)
{
	return c == ' ' || c == '\t' || c == '"' || c == '\'';
}

static void
unwrap(const char **text, size_t *len)
{
	while (*len > 0 && is_wrapping(**text)) {
		++*text;
		--*len;
	}
	while (*len > 0 && is_wrapping((*text)[*len - 1]))
		--*len;
}

/* The last `charset=` in "text/html; charset=utf-8"; false for none. */
static bool
find_charset(const struct header *type, const char **name, size_t *len)
{
	static const char key[] = "charset";
	const char *end = type->value + type->value_len;
	const char *at = memchr(type->value, ';', type->value_len);
	bool found = false;
	while (at) {
		const char *part = at + 1;
		size_t left = (size_t)(end - part);
		at = memchr(part, ';', left);
		size_t part_len = at ? (size_t)(at - part) : left;
		const char *equals = memchr(part, '=', part_len);
		if (!equals)
			continue;
		const char *value = equals + 1;
		size_t value_len = part_len - (size_t)(value - part);
		size_t key_len = (size_t)(equals - part);
		unwrap(&part, &key_len);
		if (key_len != sizeof(key) - 1
			|| strncasecmp(part, key, key_len) != 0)
			continue;
		unwrap(&value, &value_len);
		*name = value;
		*len = value_len;
		found = true;
	}
	return found;
}

/* Whole characters, as far as there is room. */
static void
add_text(struct buf *out, const char *text, size_t len)
{
	size_t room = out->max - out->len;
	if (len > room) {
		len = room;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
		out->full = true;
	}
	buf_add(out, text, len);
}

/* What a byte from 0x80 on means, as text; an empty one means nothing. */
struct alphabet {
	char texts[BYTES / 2][CHARACTER_SIZE];
};

/* All that are known here begin as ASCII does. */
static void
convert_bytes(const struct alphabet *alphabet, const char *bytes, size_t len,
	struct buf *out)
{
	size_t at = 0;
	while (at < len && !out->full) {
		size_t begin = at;
		while (at < len && (unsigned char)bytes[at] < 0x80)
			at++;
		add_text(out, bytes + begin, at - begin);
		if (at == len)
			break;
		const char *text =
			alphabet->texts[(unsigned char)bytes[at++] - 0x80];
		if (*text == '\0')
			text = replacement;
		add_text(out, text, strlen(text));
	}
}

static void
convert_latin1(const char *bytes, size_t len, struct buf *out)
{
	struct alphabet alphabet = { 0 };
	for (unsigned i = 0x80; i < BYTES; i++) {
		alphabet.texts[i - 0x80][0] = (char)(0xc0 | (i >> 6));
		alphabet.texts[i - 0x80][1] = (char)(0x80 | (i & 0x3f));
	}
	convert_bytes(&alphabet, bytes, len, out);
}

static void
convert_ascii(const char *bytes, size_t len, struct buf *out)
{
	static const struct alphabet nothing;
	convert_bytes(&nothing, bytes, len, out);
}

static void
convert_by_byte(iconv_t with, const char *bytes, size_t len, struct buf *out)
{
	struct alphabet alphabet = { 0 };
	for (unsigned i = 0x80; i < BYTES; i++) {
		char byte = (char)i;
		char *from = &byte;
		char *text = alphabet.texts[i - 0x80];
		char *to = text;
		size_t in = 1;
		size_t room = CHARACTER_SIZE - 1;
		/* Some keep a letter back until its accent may have come. */
		if (iconv(with, &from, &in, &to, &room) == (size_t)-1
			|| iconv(with, NULL, NULL, &to, &room) == (size_t)-1)
			text[0] = '\0';
		iconv(with, NULL, NULL, NULL, NULL);
	}
	convert_bytes(&alphabet, bytes, len, out);
}

static void
convert_all(iconv_t with, size_t unit, const char *bytes, size_t len,
	struct buf *out)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): iconv()'s type */
	char *from = (char *)(uintptr_t)bytes;
	unsigned bad = 0;
	bool is_flushed = false;
	char chunk[CHUNK_SIZE];
	while (!is_flushed && !out->full && bad < BAD_MAX) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		is_flushed = len == 0;
		size_t done = is_flushed ? iconv(with, NULL, NULL, &to, &room)
					 : iconv(with, &from, &len, &to, &room);
		int why = errno;
		add_text(out, chunk, sizeof(chunk) - room);
		if (done != (size_t)-1 || why == E2BIG)
			continue;
		add_text(out, replacement, sizeof(replacement) - 1);
		size_t skipped = len < unit ? len : unit;
		from += skipped;
		len -= skipped;
		bad++;
	}
}

/* False when this system does not know it after all. */
static bool
convert_by_iconv(const struct charset_name *charset, const char *bytes,
	size_t len, struct buf *out)
{
	iconv_t with = iconv_open("UTF-8", charset->iconv);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): iconv_open()'s failure */
	if (with == (iconv_t)-1)
		return false;
	if (charset->kind == CHARSET_BYTES)
		convert_by_byte(with, bytes, len, out);
	else
		convert_all(with,
			charset->kind == CHARSET_UTF16		 ? 2
				: charset->kind == CHARSET_UTF32 ? 4
								 : 1,
			bytes, len, out);
	iconv_close(with);
	return true;
}

struct mark {
	const char *bytes;
	size_t len;
	const char *charset;
};

/* The longer one of two that begin alike comes first. */
static const struct mark marks[] = {
	{ "\xff\xfe\0\0", 4, "utf-32le" },
	{ "\0\0\xfe\xff", 4, "utf-32be" },
	{ "\xff\xfe", 2, "utf-16le" },
	{ "\xfe\xff", 2, "utf-16be" },
	{ "\xef\xbb\xbf", 3, "utf-8" },
};

static const struct mark *
mark_of(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (len >= marks[i].len
			&& memcmp(bytes, marks[i].bytes, marks[i].len) == 0)
			return &marks[i];
	return NULL;
}

static const struct charset_name *
known(const char *name)
{
	return charset_name_find(name, strlen(name));
}

/* UTF-16 or -32, whose mark says which and is no part of the text. */
static const struct charset_name *
choose_order(enum charset_kind kind, const char **bytes, size_t *len)
{
	static const struct {
		enum charset_kind kind;
		struct mark mark;
	} orders[] = {
		{ CHARSET_UTF16, { "\xff\xfe", 2, "utf-16le" } },
		{ CHARSET_UTF16, { "\xfe\xff", 2, "utf-16be" } },
		{ CHARSET_UTF32, { "\xff\xfe\0\0", 4, "utf-32le" } },
		{ CHARSET_UTF32, { "\0\0\xfe\xff", 4, "utf-32be" } },
	};
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct mark *mark = &orders[i].mark;
		if (orders[i].kind == kind && *len >= mark->len
			&& memcmp(*bytes, mark->bytes, mark->len) == 0) {
			*bytes += mark->len;
			*len -= mark->len;
			return known(mark->charset);
		}
	}
	return known(kind == CHARSET_UTF16 ? "utf-16le" : "utf-32le");
}

static bool
convert_utf8(const char *bytes, size_t len, struct buf *out)
{
	if (utf8_is_valid(bytes, len))
		return false;
	utf8_mend(bytes, len, out);
	return true;
}

static bool
convert_as(const struct charset_name *charset, const char *bytes, size_t len,
	struct buf *out)
{
	if (charset->kind == CHARSET_LATIN1)
		convert_latin1(bytes, len, out);
	else if (charset->kind == CHARSET_ASCII)
		convert_ascii(bytes, len, out);
	else if (charset->kind == CHARSET_UTF8
		|| !convert_by_iconv(charset, bytes, len, out))
		return convert_utf8(bytes, len, out);
	return true;
}

static bool
guess(const char *bytes, size_t len, struct buf *out)
{
	const struct mark *mark = mark_of(bytes, len);
	if (mark)
		return convert_as(known(mark->charset), bytes, len, out);
	if (utf8_is_valid(bytes, len))
		return false;
	convert_latin1(bytes, len, out);
	return true;
}

bool
charset_convert(
	const char *headers, const char *bytes, size_t len, struct buf *out)
{
	struct header type;
	const char *name;
	size_t name_len;
	if (len == 0)
		return false;
	if (!header_last(headers, "Content-Type", &type)
		|| !find_charset(&type, &name, &name_len))
		return guess(bytes, len, out);
	const struct charset_name *charset = charset_name_find(name, name_len);
	if (!charset)
		return convert_utf8(bytes, len, out);
	if (!charset->iconv)
		charset = choose_order(charset->kind, &bytes, &len);
	return convert_as(charset, bytes, len, out);
}
