#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/inbound/decode.h"
#include "agent/inbound/parts.h"

enum {
	FIELDS_MAX = 200,
};

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
inbound_is_group(const char *at, size_t len)
{
	return len >= 3 && at[0] == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
}

void
inbound_unescape(const char *text, size_t len, char plus, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '+') {
			c = (unsigned char)plus;
		} else if (inbound_is_group(text + i, len - i)) {
			c = (unsigned char)(hex(text[i + 1]) * 16
				+ hex(text[i + 2]));
			i += 2;
		}
		/* As text it would end there. */
		buf_add(out, c != '\0' ? (const void *)&c : " ", 1);
	}
}

static char *
decoded(const char *text, size_t len)
{
	struct buf raw;
	struct buf out;
	buf_init(&raw, len + 1);
	buf_init(&out, (len + 1) * UTF8_MENDED_FACTOR);
	inbound_unescape(text, len, ' ', &raw);
	utf8_mend(raw.data, raw.len, &out);
	buf_finish(&raw);
	char *whole = buf_steal(&out);
	buf_finish(&out);
	return whole;
}

static void
add_field(json_t *map, const char *at, size_t len)
{
	const char *equals = memchr(at, '=', len);
	size_t name_len = equals ? (size_t)(equals - at) : len;
	char *name = decoded(at, name_len);
	char *value =
		equals ? decoded(equals + 1, len - name_len - 1) : mem_dup("");
	if (*name != '\0')
		json_object_set_new(map, name, json_string(value));
	free(name);
	free(value);
}

json_t *
inbound_form(const char *text, size_t len)
{
	json_t *map = json_object();
	const char *end = text + len;
	for (int i = 0; text < end && i < FIELDS_MAX; i++) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		size_t field = (size_t)((amp ? amp : end) - text);
		if (field > 0)
			add_field(map, text, field);
		text += field + 1;
	}
	return map;
}

static size_t
blanks(const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
	while (n < len && text[n] != '\0' && strchr(" \t\r\n", text[n]))
		n++;
	return n;
}

json_t *
inbound_map(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	const char *body = request->body;
	size_t len = request->body_len;
	size_t skip = blanks(body, len);
	json_t *map = NULL;
	if (str_eq(request->method, "GET"))
		map = inbound_form(request->query, strlen(request->query));
	else if (skip < len && (body[skip] == '{' || body[skip] == '['))
		map = inbound_json(body, len);
	else if (len > 0 && memchr(body, '=', len))
		map = inbound_form(body, len);
	if (json_is_object(map))
		return map;
	json_decref(map);
	inbound_refuse(answer, 400, "expected a JSON object, or a form");
	return NULL;
}
