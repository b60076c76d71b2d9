#include "reporters/fill.h"

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/format.h"
#include "reporters/webhook.h"

enum {
	TEXT_MAX = 64 * 1024,
};

/* Those of webhooks, the title in the reporter's language; and what is made
 * for people. */
static const struct conf_word fill_words[] = {
	{ "title", "the title, as `messages` or `language` has it" },
	{ "message", "what was seen, in a sentence" },
	{ "sentence", "both in one, on recovery with how long it took" },
	{ "name", "the endpoint's name" },
	{ "url", "its URL, without user and password" },
	{ "status", "how it is now, such as major_outage" },
	{ "status_text", "the same in words" },
	{ "kind", "opened, changed, closed or reminder" },
	{ "cause", "why, in a word, such as timeout" },
	{ "cause_text", "the same in words" },
	{ "incident", "the incident's UUID, the same until it is closed" },
	{ "at", "when it was seen, such as 2026-01-31T12:00:00.000Z" },
	{ "time", "the same as people write it" },
	{ "since", "when the incident began" },
	{ "lasted", "how long it lasted so far" },
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

static const char *
lasted(const struct fill *fill)
{
	const struct event *event = fill->event;
	int64_t ms = event->at_ms - event->opened_ms;
	return words_length(fill->words->language,
		event->opened_ms > 0 && ms > 0 ? ms : 0, fill->arena);
}

static const char *
text_of(const struct fill *fill, const char *key)
{
	const struct event *event = fill->event;
	struct arena *arena = fill->arena;
	int language = fill->words->language;
	if (str_eq(key, "title"))
		return words_title(language, event, arena);
	if (str_eq(key, "message"))
		return *event->message == '\0'
			? words_title(language, event, arena)
			: event->message;
	if (str_eq(key, "sentence"))
		return words_sentence(language, event, arena);
	if (str_eq(key, "status_text"))
		return words_status(language, event->to);
	if (str_eq(key, "cause_text"))
		return words_cause(language, event->cause);
	if (str_eq(key, "time"))
		return words_time(fill->words, event->at_ms, arena);
	if (str_eq(key, "since"))
		return words_time(fill->words, event->opened_ms, arena);
	if (str_eq(key, "lasted"))
		return lasted(fill);
	return NULL;
}

/* The label that {labels[team]} asks for is a map of one text. */
static const struct conf_node *
escaped(const struct conf_node *word, const struct fill *fill)
{
	struct conf_node *node = arena_alloc(fill->arena, sizeof(*node));
	*node = *word;
	if (!fill->escape)
		return word;
	if (word->kind == CONF_NODE_TEXT)
		*node = conf_format_text(fill->escape(word->text, fill->arena));
	else if (word->kind == CONF_NODE_MAP && word->count == 1)
		node->items = escaped(&word->items[0], fill);
	return node;
}

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	const struct fill *fill = cookie;
	const char *text = inside ? NULL : text_of(fill, key);
	const struct conf_node own = conf_format_text(text ? text : "");
	const struct conf_node *word = text
		? &own
		: webhook_word(key, inside, fill->event, fill->arena);
	if (!word)
		return NULL;
	struct conf_node *node = arena_alloc(fill->arena, sizeof(*node));
	*node = *escaped(word, fill);
	return node;
}

const char *
fill_text(const char *template, const struct fill *fill, struct err *err)
{
	struct fill cookie = *fill;
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	bool good = conf_format(template, on_key_wanted, &cookie, &buf, err)
		== CONF_FORMAT_DONE;
	const char *text = NULL;
	if (!good)
		conf_format_teach(fill_words, err);
	else
		text = arena_dup_n(fill->arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

/* Settings. */

static const struct conf_shape shape = {
	.what = "a text with {key} in it, as Python's str.format() has it",
};

static const struct conf_field fields[] = {
	{
		.key = "title",
		CONF_STRING(struct fill_template, title),
		.shape = &shape,
		.words = fill_words,
		.otherwise = "{title}",
		.help = "The title of a message, on one line.",
	},
	{
		.key = "text",
		CONF_STRING(struct fill_template, text),
		.shape = &shape,
		.words = fill_words,
		.otherwise = "message, status, cause and times",
		.help = "What a message says, but for whom it mentions; Slack "
			"and Feishu show the title above it, DingTalk and "
			"WeCom only what stands here.",
	},
	{ .key = NULL },
};

static void
try(const char *key, const char *template, struct conf_reader *reader)
{
	static const struct words words = { .language = WORDS_EN };
	struct arena *arena = arena_new();
	const struct fill fill = {
		.words = &words,
		.event = &webhook_sample,
		.arena = arena,
	};
	struct err err;
	if (template && !fill_text(template, &fill, &err))
		conf_reject(reader, key, "%s", err.text);
	arena_free(arena);
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct fill_template *template = section;
	try("title", template->title, reader);
	try("text", template->text, reader);
}

const struct conf_section fill_section = {
	.name = "template",
	.size = sizeof(struct fill_template),
	.fields = fields,
	.check = check,
};
