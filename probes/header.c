#include "probes/header.h"

#include <string.h>
#include <strings.h>

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

bool
header_next(const char **rest, struct header *header)
{
	const char *line = *rest;
	while (*line != '\0') {
		const char *end = line + strcspn(line, "\r\n");
		const char *colon = memchr(line, ':', (size_t)(end - line));
		*rest = end + strspn(end, "\r\n");
		/* A line that begins with a blank continues the last one. */
		if (colon && !is_blank(*line)) {
			const char *value =
				colon + 1 + strspn(colon + 1, " \t");
			*header = (struct header){
				.name = line,
				.name_len =
					trimmed(line, (size_t)(colon - line)),
				.value = value,
				.value_len =
					trimmed(value, (size_t)(end - value)),
			};
			return true;
		}
		line = *rest;
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
