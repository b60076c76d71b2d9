/*
 *     conf_action_fill -> fill_url -> fill (percent-encoded)
 *                      -> fill_headers
 *                      -> fill_body (a text as its type has it)
 *                      -> add_own_headers
 */
#include "conf/action_fill.h"

#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/base/template.h"
#include "agent/http/client.h"
#include "agent/http/sign.h"
#include "agent/http/url.h"
#include "conf/action.h"
#include "conf/action_escape.h"
#include "conf/action_pattern.h"
#include "conf/body.h"

enum {
	BODY_MAX = 256 * 1024,
	HEADER_MAX = 8 * 1024,
	OWN_HEADERS = 5,
};

const struct conf_word conf_action_fields[] = {
	{ "user", "who asks" },
	{ "user_id", "the same as the chat knows them, such as U0ONCALL1" },
	{ "channel", "where they ask; empty in the shell" },
	{ "text", "all that was said behind the command" },
	{ "action", "the action's name" },
	{ "id", "an id of its own, the same on each attempt" },
	{ NULL, NULL },
};

struct filling {
	const struct conf_action *action;
	const struct conf_action_said *said;
	enum conf_action_escape escape;
	unsigned used; /* one bit a word */
	struct arena *arena;
};

/* Values. */

static const char *
value_of(struct filling *filling, const char *key)
{
	const struct conf_action_said *said = filling->said;
	for (size_t i = 0; i < said->words->n; i++)
		if (str_eq(said->words->items[i].key, key)) {
			filling->used |= 1U << i;
			return said->words->items[i].value;
		}
	const struct {
		const char *key;
		const char *value;
	} fields[] = {
		{ "user", said->user },
		{ "user_id", said->user_id },
		{ "channel", said->channel },
		{ "text", said->text },
		{ "action", filling->action->name },
		{ "id", said->id },
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].value ? fields[i].value : "";
	return NULL;
}

static const char *
on_key_wanted(void *cookie, const char *key)
{
	struct filling *filling = cookie;
	const char *value = value_of(filling, key);
	if (value && str_eq(key, "text"))
		filling->used = ~0U; /* they are all in it */
	return value
		? conf_action_escape(filling->escape, value, filling->arena)
		: NULL;
}

static void
teach(const struct filling *filling, struct err *err)
{
	struct err what = *err;
	struct buf names;
	buf_init(&names, sizeof(err->text));
	for (size_t i = 0; i < filling->said->words->n; i++)
		buf_printf(&names, " {%s}", filling->said->words->items[i].key);
	for (size_t i = 0; conf_action_fields[i].name; i++)
		buf_printf(&names, " {%s}", conf_action_fields[i].name);
	err_set(err, "%s; there are%s", what.text, names.data);
	buf_finish(&names);
}

static const char *
fill(struct filling *filling, const char *template, size_t max, struct err *err)
{
	struct buf buf;
	buf_init(&buf, max);
	const char *text = NULL;
	if (!template_expand(template, on_key_wanted, filling, &buf, err))
		teach(filling, err);
	else if (buf.full)
		err_set(err, "is too long when filled in");
	else
		text = arena_dup_n(filling->arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

/* The URL. */

/* The first byte behind scheme and authority. */
static size_t
end_of_authority(const char *url)
{
	size_t at = strcspn(url, "/?#{");
	if (at > 0 && url[at - 1] == ':' && str_starts(url + at, "//"))
		at += strlen("//");
	return at + strcspn(url + at, "/?#");
}

static bool
check_place(const char *url, struct err *err)
{
	size_t authority = end_of_authority(url);
	if (strcspn(url, "{}") < authority)
		return err_set(err,
			"words may stand in its path and query alone, not in "
			"what says where it leads");
	const char *fragment = strchr(url, '#');
	if (fragment && strpbrk(fragment, "{}"))
		return err_set(
			err, "what follows the # is never sent, words neither");
	return true;
}

/* How many bytes of a dot stand there: "." or "%2e". */
static size_t
dot_at(const char *at)
{
	return *at == '.' ? 1 : str_istarts(at, "%2e") ? 3 : 0;
}

/* Segments of the path that are . or .., which lead upwards. */
static unsigned
count_dots(const char *url)
{
	unsigned count = 0;
	const char *at = url + end_of_authority(url);
	while (*at == '/') {
		size_t len = strcspn(++at, "/?#");
		const char *end = at + len;
		size_t first = dot_at(at);
		size_t second = first > 0 ? dot_at(at + first) : 0;
		count += first > 0 && (len == first || len == first + second);
		at = end;
	}
	return count;
}

/* The same with an x for each value: what it must lead to. */
static const char *
plain_url(const struct filling *filling, struct err *err)
{
	struct conf_action_words words = *filling->said->words;
	for (size_t i = 0; i < words.n; i++)
		words.items[i].value = "x";
	const struct conf_action_said said = {
		.words = &words,
		.text = "x",
		.user = "x",
		.user_id = "x",
		.channel = "x",
		.id = "x",
	};
	struct filling plain = *filling;
	plain.said = &said;
	return fill(&plain, filling->action->url, URL_MAX, err);
}

static bool
leads_to_the_same(const char *url, const char *other)
{
	struct url_origin a, b;
	struct err ignored;
	return url_origin(url, &a, &ignored) && url_origin(other, &b, &ignored)
		&& a.tls == b.tls && a.port == b.port && str_eq(a.host, b.host);
}

static bool
fill_url(struct filling *filling, const char **url, struct err *err)
{
	filling->escape = CONF_ACTION_ESCAPE_URL;
	const char *plain = plain_url(filling, err);
	const char *filled = plain
		? fill(filling, filling->action->url, URL_MAX, err)
		: NULL;
	if (!filled || !url_normalise(filled, filling->arena, url, err)
		|| !url_normalise(plain, filling->arena, &plain, err))
		return false;
	if (!leads_to_the_same(*url, plain)
		|| count_dots(filled) != count_dots(plain))
		return err_set(err,
			"the words would lead to another place than the URL "
			"is meant for");
	return true;
}

/* The body. */

static json_t *
on_text_wanted(void *cookie, const char *template, struct err *err)
{
	struct filling *filling = cookie;
	const char *text = fill(filling, template, BODY_MAX, err);
	json_t *json = text ? json_string(text) : NULL;
	if (text && !json)
		err_set(err, "is not UTF-8");
	return json;
}

static const char *
content_type(const struct conf_action *action)
{
	const struct conf_pair *headers = action->headers.items;
	for (size_t i = 0; i < action->headers.count; i++)
		if (str_ieq(headers[i].key, "content-type"))
			return headers[i].value ? headers[i].value : "";
	return NULL;
}

static bool
fill_body(struct filling *filling, const char **body, struct err *err)
{
	const struct conf_node *node = filling->action->body;
	*body = "";
	if (!conf_body_is_given(node))
		return true;
	if (node->kind == CONF_NODE_TEXT) {
		filling->escape =
			conf_action_escape_of(content_type(filling->action));
		*body = fill(filling, node->text, BODY_MAX, err);
	} else {
		filling->escape = CONF_ACTION_ESCAPE_NOTHING;
		*body = conf_body_json(
			node, on_text_wanted, filling, filling->arena, err);
	}
	return *body != NULL;
}

/* Headers. */

struct headers {
	struct http_header *items;
	size_t n;
};

static void
add(struct headers *headers, const char *name, const char *value)
{
	headers->items[headers->n++] = (struct http_header){ name, value };
}

static bool
fill_headers(struct filling *filling, struct headers *headers, struct err *err)
{
	const struct conf_list *list = &filling->action->headers;
	const struct conf_pair *pairs = list->items;
	headers->n = 0;
	headers->items = arena_alloc(filling->arena,
		(list->count + OWN_HEADERS) * sizeof(*headers->items));
	filling->escape = CONF_ACTION_ESCAPE_NOTHING;
	for (size_t i = 0; i < list->count; i++) {
		const char *value = fill(filling,
			pairs[i].value ? pairs[i].value : "", HEADER_MAX, err);
		if (!value)
			return err_prefix(err, "%s", pairs[i].key);
		if (!http_is_header_value(value))
			return err_set(err,
				"%s: a header is one line of plain characters",
				pairs[i].key);
		add(headers, pairs[i].key, value);
	}
	return true;
}

static void
add_own_headers(const struct filling *filling, struct headers *headers,
	const char *body)
{
	const struct conf_action *action = filling->action;
	if (*body != '\0' && !content_type(action))
		add(headers, "Content-Type", conf_body_type(action->body));
	add(headers, "X-Curlew-Delivery", filling->said->id);
	add(headers, "Idempotency-Key", filling->said->id);
	headers->n += http_sign(action->secret, body, filling->said->now_ms,
		filling->arena, &headers->items[headers->n]);
}

/* All of it; `key` is what is being filled in. */
static bool
fill_all(struct filling *filling, struct http_request *request,
	const char **key, struct err *err)
{
	struct headers headers;
	const char *url;
	const char *body;
	*key = "url";
	if (!fill_url(filling, &url, err))
		return false;
	*key = "headers";
	if (!fill_headers(filling, &headers, err))
		return false;
	*key = "body";
	if (!fill_body(filling, &body, err))
		return false;
	add_own_headers(filling, &headers, body);
	*request = (struct http_request){
		.method = filling->action->method,
		.url = url,
		.headers = headers.items,
		.n_headers = headers.n,
		.body = *body != '\0' ? body : NULL,
		.body_len = strlen(body),
		.ca_file = filling->action->ca_file,
		.insecure = filling->action->insecure,
	};
	return true;
}

bool
conf_action_fill(const struct conf_action *action,
	const struct conf_action_said *said, struct arena *arena,
	struct http_request *request, struct err *err)
{
	struct filling filling = {
		.action = action,
		.said = said,
		.arena = arena,
	};
	const char *key;
	return fill_all(&filling, request, &key, err)
		|| err_prefix(err, "%s", key);
}

static bool
uses_all(const struct filling *filling, const char **key, struct err *err)
{
	const struct conf_action_words *words = filling->said->words;
	*key = "pattern";
	for (size_t i = 0; i < words->n; i++)
		if (!(filling->used & 1U << i))
			return err_set(err,
				"{%s} is asked for, and nothing of url, "
				"headers and body has it",
				words->items[i].key);
	return true;
}

bool
conf_action_fill_try(const struct conf_action *action,
	const struct conf_action_pattern *pattern, const char **key,
	struct err *err)
{
	struct arena *arena = arena_new();
	struct conf_action_words words = { .n = 0 };
	for (size_t i = 0; i < pattern->n; i++)
		if (pattern->pieces[i].is_word)
			words.items[words.n++] =
				(struct conf_pair){ pattern->pieces[i].text,
					"x" };
	const struct conf_action_said said = {
		.words = &words,
		.id = "x",
	};
	struct conf_action whole = *action;
	struct filling filling = {
		.action = &whole,
		.said = &said,
		.arena = arena,
	};
	struct http_request request;
	if (!action->url)
		whole.url = "https://missing.invalid/";
	*key = "url";
	bool good = check_place(whole.url, err)
		&& fill_all(&filling, &request, key, err)
		&& uses_all(&filling, key, err);
	arena_free(arena);
	return good;
}
