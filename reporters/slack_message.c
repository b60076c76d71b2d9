#include "reporters/slack_message.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "reporters/payload.h"

enum {
	TEXT_MAX = 3000, /* also of a section; Slack cuts at 40,000 */
	WORD_MAX = 64 * 1024, /* of what fills a template in */
	TITLE_MAX = 1000, /* of an attachment: 1,024 characters */
	FIELD_MAX = 2000,
	LINE_MAX = 180, /* of a list of several events */
	NAME_MAX_BYTES = 150,
	LINK_MAX = 1500,
	MESSAGE_MAX = 1000,
	MESSAGE_IN_COMPANY_MAX = 200,
	LINK_IN_COMPANY_MAX = 200,
};

/* Text.  `<!channel>` in what a server sent must not page everyone; and never
 * is it cut inside of an entity or of a character. */

static bool
add_escaped(struct buf *buf, const char *text)
{
	for (; *text != '\0' && !buf->full; text++) {
		const char *entity = *text == '&' ? "&amp;"
			: *text == '<'		  ? "&lt;"
			: *text == '>'		  ? "&gt;"
						  : NULL;
		size_t len = entity ? strlen(entity) : 1;
		if (buf->max - buf->len < len) {
			buf->full = true;
			break;
		}
		buf_add(buf, entity ? entity : text, len);
	}
	return !buf->full;
}

/* A cut may have left a part of a UTF-8 character. */
static void
trim_cut(struct buf *buf)
{
	size_t len = buf->len;
	if (!buf->full)
		return;
	while (len > 0 && ((unsigned char)buf->data[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)buf->data[len - 1] >= 0xc0)
		len--;
	else
		len = buf->len;
	buf->data[len] = '\0';
	buf->len = len;
}

const char *
slack_escape(const char *text, size_t max, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, max);
	add_escaped(&buf, text);
	trim_cut(&buf);
	const char *escaped = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return escaped;
}

static json_t *
escaped(const char *text, size_t max, struct arena *arena)
{
	return payload_text(slack_escape(text, max, arena));
}

static const char *
escape_word(const char *text, struct arena *arena)
{
	return slack_escape(text, WORD_MAX, arena);
}

/* An entity may have been cut in two. */
static const char *
whole(const char *text, size_t max, struct arena *arena)
{
	char *copy = arena_alloc(arena, max + 1);
	if (str_copy(copy, max + 1, text))
		return copy;
	char *entity = strrchr(copy, '&');
	if (entity && !strchr(entity, ';'))
		*entity = '\0';
	return copy;
}

/* NULL without a template, and for nothing: Slack takes no empty block. */
static const char *
fill_in(const struct slack_style *style, const char *template,
	const struct event *event, size_t max, struct arena *arena)
{
	const struct fill fill = {
		.words = &style->words,
		.event = event,
		.escape = escape_word,
		.arena = arena,
	};
	struct err ignored; /* it was tried at load */
	const char *text =
		template ? fill_text(template, &fill, &ignored) : NULL;
	return text && *text != '\0' ? whole(text, max, arena) : NULL;
}

const char *
slack_colour(enum status status)
{
	switch (status) {
	case STATUS_OPERATIONAL:
		return "#2e9e5b";
	case STATUS_PERFORMANCE_ISSUES:
		return "#e0a100";
	case STATUS_PARTIAL_OUTAGE:
		return "#e06c00";
	case STATUS_MAJOR_OUTAGE:
		return "#c9302c";
	case STATUS_UNKNOWN:
		break;
	}
	return "#888888";
}

static const char *
colour(const struct event *event)
{
	return slack_colour(
		event->cause == CAUSE_REMOVED ? STATUS_UNKNOWN : event->to);
}

static bool
has_link(const struct event *event)
{
	return str_istarts(event->endpoint.url, "http");
}

/* Attachments of old. */

static void
add_field(json_t *fields, const char *title, const char *value,
	struct arena *arena)
{
	json_t *field = json_object();
	json_object_set_new(field, "title", json_string(title));
	json_object_set_new(field, "value", escaped(value, TITLE_MAX, arena));
	json_object_set_new(field, "short", json_true());
	json_array_append_new(fields, field);
}

/* The rest stands elsewhere in an attachment. */
static json_t *
fields_for(const struct words *words, const struct event *event,
	struct arena *arena)
{
	struct words_fact facts[WORDS_FACTS_MAX];
	json_t *json = json_array();
	size_t n = words_facts(words, event, arena, facts);
	for (size_t i = 0; i < n; i++)
		if (facts[i].label <= WORDS_LATENCY)
			add_field(json,
				words_label(words->language, facts[i].label),
				facts[i].value, arena);
	return json;
}

static void
fill_attachment(const struct words *words, const struct event *event,
	const char *text, struct arena *arena, json_t *json)
{
	const struct event_endpoint *endpoint = &event->endpoint;
	json_object_set_new(
		json, "title", escaped(endpoint->name, TITLE_MAX, arena));
	if (has_link(event))
		json_object_set_new(
			json, "title_link", payload_text(endpoint->url));
	if (text)
		json_object_set_new(json, "text", payload_text(text));
	else
		json_object_set_new(
			json, "fields", fields_for(words, event, arena));
	json_object_set_new(json, "footer", json_string("curlew"));
	json_object_set_new(json, "ts", json_integer(event->at_ms / 1000));
}

/* Blocks. */

static json_t *
mrkdwn(const char *text)
{
	return json_pack(
		"{s:s, s:o}", "type", "mrkdwn", "text", payload_text(text));
}

/* The address must not end the link. */
const char *
slack_link(
	const char *name, const char *address, size_t max, struct arena *arena)
{
	const char *label = slack_escape(name, NAME_MAX_BYTES, arena);
	struct buf url;
	if (!str_istarts(address, "http"))
		return label;
	buf_init(&url, max);
	for (const char *at = address; *at != '\0'; at++) {
		if (*at == '|' || *at == '<' || *at == '>')
			buf_printf(&url, "%%%02X", (unsigned char)*at);
		else if (*at == '&')
			buf_add_text(&url, "&amp;");
		else
			buf_add_char(&url, *at);
	}
	const char *link = url.full
		? label
		: arena_printf(arena, "<%s|%s>", url.data, label);
	buf_finish(&url);
	return link;
}

const char *
slack_time(const struct words *words, int64_t wall_ms, struct arena *arena)
{
	return arena_printf(arena,
		"<!date^%" PRId64 "^{date_short_pretty} {time_secs}|%s>",
		wall_ms / 1000, words_time(words, wall_ms, arena));
}

static json_t *
facts_for(const struct words *words, const struct event *event, bool is_alone,
	struct arena *arena)
{
	struct words_fact facts[WORDS_FACTS_MAX];
	json_t *json = json_array();
	size_t n = words_facts(words, event, arena, facts);
	for (size_t i = 0; i < n; i++) {
		bool is_time = facts[i].label == WORDS_SINCE
			|| facts[i].label == WORDS_BEGAN;
		const char *value = is_time
			? slack_time(words, event->opened_ms, arena)
			: slack_escape(facts[i].value, FIELD_MAX / 2, arena);
		if (facts[i].label != WORDS_ADDRESS
			&& (is_alone || facts[i].label <= WORDS_LATENCY))
			json_array_append_new(json,
				mrkdwn(arena_printf(arena, "*%s*\n%s",
					words_label(words->language,
						facts[i].label),
					value)));
	}
	return json;
}

/* Nobody knows what a title of the user's own says already. */
static const char *
message_of(const struct slack_style *style, const struct event *event,
	bool is_alone)
{
	return is_alone && style->template && style->template->title
		? event->message
		: words_message(event);
}

/* Less in company: all the blocks of a message together have a limit. */
static json_t *
section(const struct slack_style *style, const struct event *event,
	bool is_alone, struct arena *arena)
{
	const char *message = slack_escape(message_of(style, event, is_alone),
		is_alone ? MESSAGE_MAX : MESSAGE_IN_COMPANY_MAX, arena);
	const char *link = slack_link(event->endpoint.name, event->endpoint.url,
		is_alone ? LINK_MAX : LINK_IN_COMPANY_MAX, arena);
	json_t *fields = facts_for(&style->words, event, is_alone, arena);
	json_t *json = json_pack("{s:s, s:o}", "type", "section", "text",
		mrkdwn(arena_printf(arena, "*%s*%s%s", link,
			*message != '\0' ? "\n" : "", message)));
	if (json_array_size(fields) > 0)
		json_object_set(json, "fields", fields);
	json_decref(fields);
	return json;
}

static json_t *
context_block(const struct words *words, const struct event *event,
	struct arena *arena)
{
	const char *phases = words_phases(words->language, event, arena);
	const char *text = arena_printf(arena, "%s%scurlew, %s", phases,
		*phases != '\0' ? "\n" : "",
		slack_time(words, event->at_ms, arena));
	return json_pack(
		"{s:s, s:[o]}", "type", "context", "elements", mrkdwn(text));
}

/* Of what one can look after: it goes on, and is no trouble of the agent's. */
static bool
is_to_look_after(const struct event *event)
{
	return (event->kind == EVENT_OPENED || event->kind == EVENT_CHANGED
		       || event->kind == EVENT_REMINDER)
		&& event->cause != CAUSE_BLIND && *event->incident != '\0';
}

/* Its value is seen, and sent back, by others: nothing but the incident. */
static json_t *
button_block(const struct words *words, const struct event *event)
{
	return json_pack("{s:s, s:[{s:s, s:s, s:o, s:{s:s, s:o}}]}", "type",
		"actions", "elements", "type", "button", "action_id", SLACK_ACK,
		"value", payload_text(event->incident), "text", "type",
		"plain_text", "text",
		payload_text(words_acknowledge(words->language)));
}

static void
fill_blocks(const struct slack_style *style, const struct event *event,
	bool is_alone, const char *text, struct arena *arena, json_t *json)
{
	const struct words *words = &style->words;
	json_t *blocks = json_array();
	json_array_append_new(blocks,
		text ? json_pack(
			"{s:s, s:o}", "type", "section", "text", mrkdwn(text))
		     : section(style, event, is_alone, arena));
	if (is_alone)
		json_array_append_new(
			blocks, context_block(words, event, arena));
	if (is_alone && style->has_button && is_to_look_after(event))
		json_array_append_new(blocks, button_block(words, event));
	json_object_set_new(json, "blocks", blocks);
}

/* Messages. */

static json_t *
attachment(const struct slack_style *style, const struct event *event,
	bool is_alone, struct arena *arena)
{
	const char *sentence =
		words_sentence(style->words.language, event, arena);
	const struct fill_template *template =
		is_alone ? style->template : NULL;
	const char *text = template
		? fill_in(style, template->text, event, TEXT_MAX, arena)
		: NULL;
	json_t *json = json_object();
	json_object_set_new(json, "color", json_string(colour(event)));
	json_object_set_new(
		json, "fallback", escaped(sentence, TITLE_MAX, arena));
	if (style->format == SLACK_BLOCKS)
		fill_blocks(style, event, is_alone, text, arena, json);
	else
		fill_attachment(&style->words, event, text, arena, json);
	return json;
}

static void
add_line(int language, const struct event *event, struct arena *arena,
	struct buf *lines)
{
	buf_printf(lines, "\n• %s",
		slack_escape(words_sentence(language, event, arena), LINE_MAX,
			arena));
}

/* "3 changes", and a line for each. */
static json_t *
list_of(int language, const struct reporter_context *context)
{
	struct arena *arena = context->arena;
	struct buf lines;
	buf_init(&lines, SIZE_MAX);
	buf_add_text(
		&lines, words_changes(language, context->n_more + 1, arena));
	add_line(language, context->event, arena, &lines);
	for (size_t i = 0; i < context->n_more; i++)
		add_line(language, &context->more[i], arena, &lines);
	json_t *text = payload_text(lines.data);
	buf_finish(&lines);
	return text;
}

/* What is shown where nothing else is: in notifications. */
static json_t *
text_of(const struct slack_style *style, const struct reporter_context *context)
{
	struct arena *arena = context->arena;
	int language = style->words.language;
	if (context->n_more > 0)
		return list_of(language, context);
	const char *title = style->template
		? fill_in(style, style->template->title, context->event,
			TEXT_MAX, arena)
		: NULL;
	if (title)
		return payload_text(title);
	return escaped(words_sentence(language, context->event, arena),
		TEXT_MAX, arena);
}

const char *
slack_message(
	const struct slack_style *style, const struct reporter_context *context)
{
	struct arena *arena = context->arena;
	bool is_alone = context->n_more == 0;
	json_t *attachments = json_array();
	json_array_append_new(attachments,
		attachment(style, context->event, is_alone, arena));
	for (size_t i = 0; i < context->n_more; i++)
		json_array_append_new(attachments,
			attachment(style, &context->more[i], false, arena));
	json_t *json = json_object();
	json_object_set_new(json, "text", text_of(style, context));
	json_object_set_new(json, "attachments", attachments);
	return payload_write(json, arena);
}
