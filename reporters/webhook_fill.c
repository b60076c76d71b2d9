#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "conf/body.h"
#include "conf/format.h"
#include "reporters/payload.h"
#include "reporters/webhook.h"

enum {
	TEXT_MAX = 256 * 1024,
};

const struct conf_word webhook_words_of_old[] = {
	{ "title", "the title, as `messages` has it" },
	{ "message", "what was seen, in a sentence" },
	{ NULL, NULL },
};

const struct conf_word webhook_words[] = {
	{ "title", "the title, as `messages` has it" },
	{ "message", "what was seen, in a sentence" },
	{ "name", "the endpoint's name" },
	{ "url", "its URL, without user and password" },
	{ "status", "how it is now, such as major_outage" },
	{ "kind", "opened, changed, closed or reminder" },
	{ "cause", "why, in a word, such as timeout" },
	{ "incident", "the incident's UUID, the same until it is closed" },
	{ "at", "when it was seen, such as 2026-01-31T12:00:00.000Z" },
	{ "latency_ms", "how long the answer took, in milliseconds" },
	{ "tags", "the endpoint's tags, such as payments, eu" },
	{ "service", "of what another monitor said: the service" },
	{ "category", "of the same: what kind of message it is" },
	{ "account", "of the same: the account or project" },
	{ "region", "of the same: the region" },
	{ "severity", "of the same: how bad it is, in their words" },
	{ "labels",
		"of the same: all labels; {labels[team]} is the one named"
		" team" },
	{ NULL, NULL },
};

struct filling {
	enum webhook_fields fields;
	const struct event *event;
	struct arena *arena;
};

static const char *
new_text(const char *key, const struct event *event, struct arena *arena)
{
	if (str_eq(key, "name"))
		return event->endpoint.name;
	if (str_eq(key, "url"))
		return event->endpoint.url;
	if (str_eq(key, "status"))
		return status_name(event->to);
	if (str_eq(key, "kind"))
		return event_kind_name(event->kind);
	if (str_eq(key, "cause"))
		return cause_name(event->cause);
	if (str_eq(key, "incident"))
		return event->incident;
	if (str_eq(key, "at")) {
		char *text = arena_alloc(arena, CLOCK_TEXT_SIZE);
		clock_text(event->at_ms, text);
		return text;
	}
	return payload_known(&event->endpoint, key, arena);
}

/* A map of this label alone; one that is not there is empty. */
static const struct conf_node *
label_of(const char *name, const struct event *event, struct arena *arena)
{
	const char *value = event_label(&event->endpoint, name);
	struct conf_node *nodes = arena_alloc(arena, 2 * sizeof(*nodes));
	const char **keys = arena_alloc(arena, sizeof(*keys));
	keys[0] = arena_dup(arena, name);
	nodes[1] = conf_format_text(value ? value : "");
	nodes[0] = (struct conf_node){
		.kind = CONF_NODE_MAP,
		.count = 1,
		.items = &nodes[1],
		.keys = keys,
	};
	return nodes;
}

/* What is inside of a text, its 50th letter, is not always there. */
const struct conf_node *
webhook_word(const char *key, const char *inside, const struct event *event,
	struct arena *arena)
{
	if (inside)
		return str_eq(key, "labels") ? label_of(inside, event, arena)
					     : NULL;
	struct conf_node *node = arena_alloc(arena, sizeof(*node));
	if (str_eq(key, "latency_ms")) {
		*node = (struct conf_node){
			.kind = CONF_NODE_INT,
			.integer = (event->latency_us + 500) / 1000,
		};
		return node;
	}
	const char *text = str_eq(key, "title") ? event_title(event)
		: str_eq(key, "message")	? event_text(event)
						: new_text(key, event, arena);
	if (!text)
		return NULL;
	*node = conf_format_text(text);
	return node;
}

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	const struct filling *filling = cookie;
	bool is_old = str_eq(key, "title") || str_eq(key, "message");
	return filling->fields == WEBHOOK_FIELDS_ALL || (is_old && !inside)
		? webhook_word(key, inside, filling->event, filling->arena)
		: NULL;
}

/* What an unknown field's complaint ends with. */
static void
teach(enum webhook_fields fields, struct err *err)
{
	if (fields == WEBHOOK_FIELDS_ALL) {
		conf_format_teach(webhook_words, err);
		return;
	}
	struct err what = *err;
	err_set(err,
		"%s; there are {title} and {message}, and with a `body` more",
		what.text);
}

bool
webhook_fill(const char *template, enum webhook_fields fields,
	const struct event *event, struct arena *arena, const char **text,
	struct err *err)
{
	struct filling filling = { fields, event, arena };
	*text = "";
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	bool good = conf_format(template, on_key_wanted, &filling, &buf, err)
		== CONF_FORMAT_DONE;
	if (!good)
		teach(fields, err);
	else if (buf.full)
		good = err_set(err, "is too long when filled in");
	else
		*text = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return good;
}

static enum webhook_fields
fields_of(const struct webhook_settings *settings)
{
	return conf_body_is_given(settings->body) ? WEBHOOK_FIELDS_ALL
						  : WEBHOOK_FIELDS_OF_OLD;
}

static bool
is_hex(char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/* The filled-in URL as a whole: what may stand in a URL stays as it is, so that
 * a & or ? of a message changes its structure, as it always did. */
static void
encode(struct buf *buf, const char *text)
{
	static const char allowed[] = "!#$&'()*+,/:;=?@[]-._~";
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
			|| (c >= 'a' && c <= 'z') || strchr(allowed, c)
			|| (c == '%' && is_hex(text[1]) && is_hex(text[2]));
		if (plain)
			buf_add_char(buf, *text);
		else
			buf_printf(buf, "%%%02X", c);
	}
}

bool
webhook_fill_url(const struct webhook_settings *settings,
	const struct event *event, struct arena *arena, const char **url,
	struct err *err)
{
	const char *filled;
	if (!webhook_fill(settings->url.text, fields_of(settings), event, arena,
		    &filled, err))
		return false;
	filled += strspn(filled, " \t\r\n");
	struct buf buf;
	buf_init(&buf, URL_MAX);
	encode(&buf, filled);
	bool good = buf.full ? err_set(err, "is too long when filled in")
			     : url_normalise(buf.data, arena, url, err);
	buf_finish(&buf);
	return good;
}

bool
webhook_fill_param(const struct webhook_settings *settings,
	const struct conf_pair *param, const struct event *event,
	struct arena *arena, const char **value, struct err *err)
{
	/* None is what cachet-url-monitor made of a null. */
	return webhook_fill(param->value ? param->value : "None",
		fields_of(settings), event, arena, value, err);
}

bool
webhook_fill_target(const struct webhook_settings *settings,
	const struct event *event, struct arena *arena, const char **url,
	struct err *err)
{
	if (!webhook_fill_url(settings, event, arena, url, err))
		return false;
	struct buf buf;
	buf_init(&buf, URL_MAX);
	buf_add_text(&buf, *url);
	bool good = true;
	const struct conf_pair *params = settings->params.items;
	for (size_t i = 0; good && i < settings->params.count; i++) {
		const char *value;
		good = webhook_fill_param(
			settings, &params[i], event, arena, &value, err);
		if (!good)
			break;
		buf_add_char(&buf, i > 0 || strchr(*url, '?') ? '&' : '?');
		url_add_form(&buf, params[i].key);
		buf_add_char(&buf, '=');
		url_add_form(&buf, value);
	}
	if (good && buf.full)
		good = err_set(err, "the URL is too long when filled in");
	*url = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return good;
}

bool
webhook_fill_header(const struct conf_pair *header, const struct event *event,
	struct arena *arena, const char **value, struct err *err)
{
	const char *filled;
	if (!webhook_fill(header->value ? header->value : "",
		    WEBHOOK_FIELDS_ALL, event, arena, &filled, err))
		return false;
	char *line = arena_dup(arena, filled);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = ' ';
	*value = line;
	return true;
}

static json_t *
on_text_wanted(void *cookie, const char *template, struct err *err)
{
	const struct filling *filling = cookie;
	const char *text;
	if (!webhook_fill(template, filling->fields, filling->event,
		    filling->arena, &text, err))
		return NULL;
	return payload_text(text);
}

bool
webhook_fill_body(const struct conf_node *body, const struct event *event,
	struct arena *arena, const char **text, struct err *err)
{
	struct filling filling = { WEBHOOK_FIELDS_ALL, event, arena };
	if (body->kind == CONF_NODE_TEXT)
		return webhook_fill(
			body->text, filling.fields, event, arena, text, err);
	*text = conf_body_json(body, on_text_wanted, &filling, arena, err);
	return *text != NULL;
}
