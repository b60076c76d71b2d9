#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/model/digest.h"
#include "reporters/robot.h"
#include "reporters/words_digest.h"

enum {
	ESCAPED_MAX = 256 * 1024,
	ADDRESS_MAX = 300, /* a longer one is left out */
	FACT_MAX = 200,
	LINE_MAX = 180, /* of a list of several events */
};

static const char DOTS[] = "…";
static const char NOTHING[] = "\xe2\x80\x8b"; /* a space without width */

/* Characters. */

/* How many bytes of UTF-8 a character has; 0: it is none. */
static size_t
length_of(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n = at[0] < 0x80			? 1
		: at[0] >= 0xc2 && at[0] < 0xe0 ? 2
		: at[0] >= 0xe0 && at[0] < 0xf0 ? 3
		: at[0] >= 0xf0 && at[0] < 0xf5 ? 4
						: 0;
	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	bool is_long = (at[0] == 0xe0 && at[1] < 0xa0)
		|| (at[0] == 0xf0 && at[1] < 0x90);
	bool is_half = at[0] == 0xed && at[1] >= 0xa0;
	bool is_beyond = at[0] == 0xf4 && at[1] >= 0x90;
	return is_long || is_half || is_beyond ? 0 : n;
}

static const char *
escape_of(const struct robot_escape *escapes, char c)
{
	for (; escapes->c != '\0'; escapes++)
		if (escapes->c == c)
			return escapes->with;
	return NULL;
}

/* shop_db is no emphasis, and is looked for as it is. */
static bool
is_inside_of_word(const char *begin, const char *at)
{
	return *at == '_' && at > begin && isalnum((unsigned char)at[-1])
		&& (isalnum((unsigned char)at[1]) || at[1] == '_');
}

/* What markdown takes for a heading, a quotation, a list or a line. */
static bool
begins_a_block(const char *at)
{
	return *at == '#' || *at == '>'
		|| ((*at == '-' || *at == '+')
			&& (at[1] == ' ' || at[1] == at[0]));
}

static void
add_escaped(
	struct buf *buf, const char *text, const struct robot_escape *escapes)
{
	bool begins = true;
	for (const char *at = text; *at != '\0' && !buf->full;) {
		size_t n = length_of(at);
		unsigned char c = (unsigned char)*at;
		const char *with = NULL;
		if (n == 0)
			with = "?";
		else if (c == '\r')
			with = "";
		else if ((c < ' ' && c != '\n') || c == 0x7f)
			with = " ";
		else if (!is_inside_of_word(text, at))
			with = escape_of(escapes, *at);
		if (begins && begins_a_block(at))
			buf_add_text(buf, NOTHING);
		begins = c == '\n' || (begins && c == ' ');
		if (with)
			buf_add_text(buf, with);
		else
			buf_add(buf, at, n);
		at += n > 0 ? n : 1;
	}
}

const char *
robot_escaped(const char *text, const struct robot_escape *escapes,
	struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, ESCAPED_MAX);
	add_escaped(&buf, text, escapes);
	const char *escaped = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return escaped;
}

static const char *
one_line(const char *text, struct arena *arena)
{
	char *line = arena_dup(arena, text);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return line;
}

const char *
robot_plain(const char *text, struct arena *arena)
{
	struct buf buf;
	const char *line = one_line(text, arena);
	buf_init(&buf, ESCAPED_MAX);
	for (size_t n; *line != '\0'; line += n > 0 ? n : 1) {
		n = length_of(line);
		if (n > 0)
			buf_add(&buf, line, n);
		else
			buf_add_char(&buf, '?');
	}
	const char *plain = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return plain;
}

/* At most `max` bytes of whole characters, with dots where some are missing. */
static const char *
cut(const char *text, size_t max, struct arena *arena)
{
	if (strlen(text) <= max)
		return text;
	if (max <= strlen(DOTS))
		return "";
	size_t size = max - strlen(DOTS) + 1;
	char *part = mem_alloc(size);
	str_copy(part, size, text);
	const char *whole = arena_printf(arena, "%s%s", part, DOTS);
	free(part);
	return whole;
}

/* Messages. */

bool
robot_lacks_keyword(const struct robot *robot, const char *text)
{
	const char *keyword = robot->settings->keyword;
	return keyword && *keyword != '\0' && !strstr(text, keyword);
}

static const char *
with_keyword(const struct robot *robot, const char *text, struct arena *arena)
{
	return robot_lacks_keyword(robot, text)
		? arena_printf(arena, "[%s] %s", robot->settings->keyword, text)
		: text;
}

static const char *
fill(const struct robot *robot, const char *template, fill_escape_fn *escape,
	const struct event *event, struct arena *arena)
{
	const struct fill filling = {
		.words = &robot->words,
		.event = event,
		.escape = escape,
		.arena = arena,
	};
	struct err ignored; /* it was tried at load */
	const char *text = fill_text(template, &filling, &ignored);
	return text ? text : "";
}

static const char *
title_of(const struct robot *robot, const struct event *event,
	struct arena *arena)
{
	const struct fill_template *template = robot->settings->template;
	const char *title = template && template->title
		? fill(robot, template->title, NULL, event, arena)
		: words_title(robot->words.language, event, arena);
	if (*title == '\0')
		title = event->endpoint.name;
	return cut(robot_plain(title, arena), ROBOT_TITLE_MAX, arena);
}

/* Nobody knows what a title of the user's own says already. */
static const char *
message_under_title(const struct robot *robot, const struct event *event)
{
	const struct fill_template *template = robot->settings->template;
	return template && template->title ? event->message
					   : words_message(event);
}

static void
add_facts(const struct robot *robot, const struct event *event,
	fill_escape_fn *escape, struct robot_message *message,
	struct arena *arena)
{
	struct words_fact facts[WORDS_FACTS_MAX];
	size_t n = words_facts(&robot->words, event, arena, facts);
	for (size_t i = 0; i < n; i++) {
		const char *value = facts[i].value;
		bool is_address = facts[i].label == WORDS_ADDRESS;
		if (is_address && strlen(value) > ADDRESS_MAX)
			continue;
		if (!is_address)
			value = cut(value, FACT_MAX, arena);
		message->facts[message->n_facts++] = (struct words_fact){
			facts[i].label,
			escape(one_line(value, arena), arena),
		};
	}
}

/* A line for each, of which all are within `room`. */
static const char *
list_of(const struct robot *robot, const struct reporter_context *context,
	size_t room)
{
	struct arena *arena = context->arena;
	int language = robot->words.language;
	size_t max = room / (context->n_more + 1);
	struct buf buf;
	buf_init(&buf, ESCAPED_MAX);
	for (size_t i = 0; i <= context->n_more; i++) {
		const struct event *event =
			i == 0 ? context->event : &context->more[i - 1];
		const char *line =
			one_line(words_sentence(language, event, arena), arena);
		buf_printf(&buf, "%s• %s", i > 0 ? "\n" : "",
			cut(line, max < LINE_MAX ? max : LINE_MAX, arena));
	}
	const char *list = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return list;
}

/* Nobody is called for it. */
static struct robot_message
digest_of(const struct robot *robot, const struct reporter_context *context,
	fill_escape_fn *escape, size_t room)
{
	struct arena *arena = context->arena;
	struct digest *digest = arena_alloc(arena, sizeof(*digest));
	digest_decode(context->event->message, arena, digest);
	const char *title =
		words_digest_title(robot->words.language, digest, arena);
	const char *lines = words_digest_lines(&robot->words, digest, arena);
	struct robot_message message = {
		.title = with_keyword(robot, title, arena),
		.heading = with_keyword(robot, escape(title, arena), arena),
		.seen = cut(lines, room, arena),
	};
	message.message = escape(message.seen, arena);
	return message;
}

static struct robot_message
message_of(const struct robot *robot, const struct reporter_context *context,
	fill_escape_fn *escape, size_t room)
{
	if (context->event->kind == EVENT_DIGEST)
		return digest_of(robot, context, escape, room);
	const struct event *event = context->event;
	struct arena *arena = context->arena;
	bool is_list = context->n_more > 0;
	const char *title = is_list ? words_changes(robot->words.language,
				    context->n_more + 1, arena)
				    : title_of(robot, event, arena);
	struct robot_message message = {
		.title = with_keyword(robot, title, arena),
		.heading = with_keyword(robot, escape(title, arena), arena),
		.seen = is_list
			? list_of(robot, context, room)
			: cut(message_under_title(robot, event), room, arena),
		.people = robot_people_for(robot, context),
	};
	message.message = escape(message.seen, arena);
	if (!is_list)
		add_facts(robot, event, escape, &message, arena);
	return message;
}

/* By a template: what is too long of it is cut when it is filled in. */
static void
add_text(const struct robot *robot, const struct reporter_context *context,
	fill_escape_fn *escape, size_t room, struct robot_message *message)
{
	const struct fill_template *template = robot->settings->template;
	struct arena *arena = context->arena;
	if (template && template->text && context->n_more == 0
		&& context->event->kind != EVENT_DIGEST)
		message->text = cut(fill(robot, template->text, escape,
					    context->event, arena),
			room, arena);
}

const char *
robot_compose(const struct robot *robot, const struct reporter_context *context,
	fill_escape_fn *escape, robot_compose_fn *compose, size_t max)
{
	size_t room = max;
	bool is_brief = false;
	for (;;) {
		const char *body;
		struct robot_message message =
			message_of(robot, context, escape, room);
		add_text(robot, context, escape, room, &message);
		if (is_brief)
			message.n_facts = 0;
		size_t size = compose(robot, context, &message, &body);
		if (size <= max || is_brief)
			return body;
		size_t text =
			strlen(message.text ? message.text : message.seen);
		size_t over = size - max + strlen(DOTS);
		is_brief = room == 0;
		if (room > text)
			room = text;
		room = room > over ? room - over : 0;
	}
}

static enum status
mood_of(const struct event *event)
{
	return event->cause == CAUSE_REMOVED || event->kind == EVENT_NOTICE
		? STATUS_UNKNOWN
		: event->to;
}

enum status
robot_mood(const struct reporter_context *context)
{
	enum status worst = mood_of(context->event);
	for (size_t i = 0; i < context->n_more; i++) {
		enum status mood = mood_of(&context->more[i]);
		if (mood > worst)
			worst = mood;
	}
	return worst;
}
