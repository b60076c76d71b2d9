#include "probes/header.h"

#include <string.h>
#include <strings.h>

#include "agent/base/arena.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
trimmed(const char *text, size_t len)
{
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	return len;
}

/* The end of the line, and of what there is to read in it. */
static const char *
find_end(const char *line, const char **text_end)
{
	const char *end = strchr(line, '\n');
	if (!end)
		end = line + strlen(line);
	const char *cr = memchr(line, '\r', (size_t)(end - line));
	*text_end = cr ? cr : end;
	return end;
}

bool
header_next(const char **rest, struct header *header)
{
	while (**rest != '\0') {
		const char *line = *rest;
		const char *end;
		*rest = find_end(line, &end);
		if (**rest != '\0')
			++*rest;
		const char *colon = memchr(line, ':', (size_t)(end - line));
		/* A line that begins with a blank continues the last one. */
		if (!colon || is_blank(*line))
			continue;
		const char *value = colon + 1;
		while (value < end && is_blank(*value))
			value++;
		*header = (struct header){
			.name = line,
			.name_len = trimmed(line, (size_t)(colon - line)),
			.value = value,
			.value_len = trimmed(value, (size_t)(end - value)),
		};
		return true;
	}
	return false;
}

bool
header_is(const struct header *header, const char *name)
{
	return strlen(name) == header->name_len
		&& strncasecmp(header->name, name, header->name_len) == 0;
}

bool
header_last(const char *headers, const char *name, struct header *header)
{
	bool found = false;
	struct header next;
	while (header_next(&headers, &next)) {
		if (!header_is(&next, name))
			continue;
		*header = next;
		found = true;
	}
	return found;
}

/* The character at `*at`, which moves on; 0 for one that Latin-1 lacks. */
static unsigned
next_of_latin1(const char **at)
{
	const unsigned char *c = (const unsigned char *)*at;
	if (c[0] < 0x80) {
		*at += 1;
		return c[0];
	}
	if ((c[0] != 0xc2 && c[0] != 0xc3) || (c[1] & 0xc0) != 0x80)
		return 0;
	*at += 2;
	return (c[0] & 3u) << 6 | (c[1] & 0x3fu);
}

const char *
header_encode(const char *value, struct arena *arena)
{
	if (!value)
		return NULL;
	char *encoded = arena_alloc(arena, strlen(value) + 1);
	char *to = encoded;
	for (const char *at = value; *at != '\0';) {
		unsigned c = next_of_latin1(&at);
		if (c == 0)
			return value;
		*to++ = (char)c;
	}
	*to = '\0';
	return encoded;
}
