#include "conf/action_escape.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/http/url.h"

enum {
	TEXT_MAX = 256 * 1024,
};

static bool
names(const char *type, const char *word)
{
	for (; *type != '\0' && *type != ';'; type++)
		if (str_istarts(type, word))
			return true;
	return false;
}

enum conf_action_escape
conf_action_escape_of(const char *type)
{
	if (!type)
		return CONF_ACTION_ESCAPE_NOTHING;
	if (names(type, "json"))
		return CONF_ACTION_ESCAPE_JSON;
	if (names(type, "x-www-form-urlencoded"))
		return CONF_ACTION_ESCAPE_FORM;
	if (names(type, "xml") || names(type, "html"))
		return CONF_ACTION_ESCAPE_XML;
	return CONF_ACTION_ESCAPE_NOTHING;
}

static void
escape_url(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
			|| (c >= 'a' && c <= 'z') || strchr("-._~", c);
		if (plain)
			buf_add_char(buf, *text);
		else
			buf_printf(buf, "%%%02X", c);
	}
}

static void
escape_xml(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		const char *entity = *text == '&' ? "&amp;"
			: *text == '<'		  ? "&lt;"
			: *text == '>'		  ? "&gt;"
			: *text == '"'		  ? "&quot;"
			: *text == '\''		  ? "&#39;"
						  : NULL;
		if (entity)
			buf_add_text(buf, entity);
		else
			buf_add_char(buf, *text);
	}
}

/* Without the quotes. */
static void
escape_json(struct buf *buf, const char *text)
{
	json_t *json = json_string(text);
	char *dump = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
	size_t len = dump ? strlen(dump) : 0;
	if (len >= 2)
		buf_add(buf, dump + 1, len - 2);
	free(dump);
	json_decref(json);
}

const char *
conf_action_escape(
	enum conf_action_escape how, const char *text, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	switch (how) {
	case CONF_ACTION_ESCAPE_URL:
		escape_url(&buf, text);
		break;
	case CONF_ACTION_ESCAPE_FORM:
		url_add_form(&buf, text);
		break;
	case CONF_ACTION_ESCAPE_JSON:
		escape_json(&buf, text);
		break;
	case CONF_ACTION_ESCAPE_XML:
		escape_xml(&buf, text);
		break;
	default:
		buf_add_text(&buf, text);
	}
	const char *kept = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return kept;
}
