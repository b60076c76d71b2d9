#include "conf/unicode.h"

#include <stdint.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"

#define LITTLE "\xff\xfe"
#define BIG "\xfe\xff"
#define OF_8 "\xef\xbb\xbf"

static size_t
put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static uint32_t
unit_at(const unsigned char *bytes, size_t at, bool big)
{
	return big ? (uint32_t)bytes[at] << 8 | bytes[at + 1]
		   : (uint32_t)bytes[at + 1] << 8 | bytes[at];
}

static bool
from_utf16(const char **text, size_t *len, bool big, struct arena *arena,
	struct err *err)
{
	const unsigned char *bytes = (const unsigned char *)*text;
	char *to = arena_alloc(arena, *len * 2 + 1);
	size_t n = 0;
	if (*len % 2 != 0)
		return err_set(err, "this is UTF-16 that is cut off");
	for (size_t at = 2; at < *len; at += 2) {
		uint32_t c = unit_at(bytes, at, big);
		bool is_high = c >= 0xd800 && c < 0xdc00;
		if (is_high && at + 4 <= *len) {
			uint32_t low = unit_at(bytes, at + 2, big);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10)
					+ (low - 0xdc00);
				at += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			return err_set(
				err, "this is UTF-16 with half of a character");
		n += put_utf8(to + n, c);
	}
	*text = to;
	*len = n;
	return true;
}

static bool
has_mark(const char *text, size_t len, const char *mark)
{
	size_t size = strlen(mark);
	return len >= size && memcmp(text, mark, size) == 0;
}

bool
conf_unicode_is_16(const char *text, size_t len)
{
	return has_mark(text, len, LITTLE) || has_mark(text, len, BIG);
}

bool
conf_unicode(
	const char **text, size_t *len, struct arena *arena, struct err *err)
{
	if (conf_unicode_is_16(*text, *len)) {
		bool big = has_mark(*text, *len, BIG);
		if (!from_utf16(text, len, big, arena, err))
			return false;
	} else if (has_mark(*text, *len, OF_8)) {
		*text += strlen(OF_8);
		*len -= strlen(OF_8);
	}
	if (*len == 0)
		return err_set(err, "the file is empty");
	if (memchr(*text, '\0', *len))
		return err_set(err, "this is no text: there is a NUL in it");
	return true;
}
