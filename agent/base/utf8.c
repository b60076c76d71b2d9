#include "agent/base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "agent/base/buf.h"

/*
 * The length of the character that begins at `text`, or 0 with in `*bad` how
 * many bytes to give up: the longest beginning of a character, at least one.
 */
static size_t
character(const unsigned char *text, size_t len, size_t *bad)
{
	unsigned char first = text[0];
	*bad = 1;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	/* The second byte rules out overlong forms, surrogates and beyond. */
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < size; i++) {
		if (i >= len || text[i] < low || text[i] > high)
			return 0;
		*bad = i + 1;
		low = 0x80;
		high = 0xbf;
	}
	return size;
}

/* How many bytes of ASCII, in eights, there are: most texts are full of it. */
static size_t
plain(const unsigned char *bytes, size_t len)
{
	static const uint64_t high_bits = 0x8080808080808080;
	size_t at = 0;
	while (len - at >= sizeof(uint64_t)) {
		uint64_t eight;
		memcpy(&eight, bytes + at, sizeof(eight));
		if (eight & high_bits)
			break;
		at += sizeof(eight);
	}
	return at;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t at = plain(bytes, len);
	while (at < len) {
		size_t bad;
		size_t size = character(bytes + at, len - at, &bad);
		if (size == 0)
			return false;
		at += size;
		at += plain(bytes + at, len - at);
	}
	return true;
}

void
utf8_mend(const char *text, size_t len, struct buf *out)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *bytes = (const unsigned char *)text;
	for (size_t at = 0; at < len;) {
		size_t bad;
		size_t size = character(bytes + at, len - at, &bad);
		const char *from = size > 0 ? text + at : replacement;
		size_t add = size > 0 ? size : sizeof(replacement) - 1;
		if (out->max - out->len < add)
			return;
		buf_add(out, from, add);
		at += size > 0 ? size : bad;
	}
}

size_t
utf8_tail(const char *text, size_t len)
{
	for (size_t i = 1; i <= 3 && i <= len; i++) {
		unsigned char byte = (unsigned char)text[len - i];
		if ((byte & 0xc0) == 0x80)
			continue;
		size_t size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
		return byte >= 0xc0 && size > i ? i : 0;
	}
	return 0;
}
