#include "agent/chat/answer_internal.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "reporters/slack_message.h"

/* In one line, without what draws on screens, or begins code. */
static char *
one_line(const struct chat_pen *pen, const char *text)
{
	char *line = arena_dup(pen->arena, text);
	for (char *at = line; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = ' ';
		else if (*at == '`' && pen->is_slack)
			*at = '\'';
	}
	return line;
}

static const char *
cut(const char *text, size_t max, struct arena *arena)
{
	char *copy = arena_alloc(arena, max + 1);
	str_copy(copy, max + 1, text);
	return copy;
}

const char *
chat_write(const struct chat_pen *pen, const char *text, size_t max)
{
	const char *line = one_line(pen, text);
	return pen->is_slack ? slack_escape(line, max, pen->arena)
			     : cut(line, max, pen->arena);
}

const char *
chat_member(const struct chat_pen *pen, const json_t *map, const char *key,
	size_t max)
{
	return chat_write(pen, chat_text_at(map, key), max);
}

const char *
chat_named(const struct chat_pen *pen, const char *name, const char *url)
{
	const char *line = one_line(pen, name);
	if (!pen->is_slack)
		return cut(line, CHAT_NAME_MAX, pen->arena);
	return arena_printf(pen->arena, "*%s*",
		slack_link(
			line, one_line(pen, url), CHAT_WORDS_MAX, pen->arena));
}

const char *
chat_command(const struct chat_page *page, const char *command)
{
	const struct chat_pen *pen = &page->pen;
	const char *prefix = chat_text_at(page->answer, "prefix");
	const char *said = arena_printf(pen->arena, "%s%s%s", prefix,
		*prefix != '\0' ? " " : "", command);
	return chat_quote(pen, said);
}

const char *
chat_quote(const struct chat_pen *pen, const char *text)
{
	const char *quote = pen->is_slack ? "`" : "\"";
	return arena_printf(pen->arena, "%s%s%s", quote,
		chat_write(pen, text, CHAT_WORDS_MAX), quote);
}

const char *
chat_word(const struct chat_pen *pen, const json_t *map)
{
	return arena_printf(pen->arena, "{%s}",
		chat_member(pen, map, "word", CHAT_NAME_MAX));
}

const char *
chat_time(const struct chat_pen *pen, int64_t wall_ms)
{
	return pen->is_slack ? slack_time(&pen->words, wall_ms, pen->arena)
			     : words_time(&pen->words, wall_ms, pen->arena);
}

int64_t
chat_moment(const json_t *map, const char *key)
{
	int64_t wall_ms;
	return clock_read(chat_text_at(map, key), &wall_ms) ? wall_ms : 0;
}

/* Three backticks would end it. */
const char *
chat_code(const struct chat_pen *pen, const char *text)
{
	char *copy = arena_dup(pen->arena, text);
	if (!pen->is_slack)
		return cut(copy, CHAT_LINE_MAX, pen->arena);
	for (char *at = copy; (at = strstr(at, "```")) != NULL; at += 3)
		memset(at, '\'', 3);
	return arena_printf(pen->arena, "```\n%s\n```",
		slack_escape(copy, CHAT_LINE_MAX, pen->arena));
}

const char *
chat_fill(const struct chat_pen *pen, enum chat_text text, const char *first,
	const char *second, const char *third)
{
	const char *values[CHAT_HOLES_MAX] = { first, second, third };
	const char *rest = chat_texts[pen->words.language].lines[text];
	const char *filled = "";
	for (size_t i = 0; i < CHAT_HOLES_MAX; i++) {
		const char *hole = strstr(rest, "{}");
		if (!hole)
			break;
		filled = arena_printf(pen->arena, "%s%.*s%s", filled,
			(int)(hole - rest), rest, values[i]);
		rest = hole + strlen("{}");
	}
	return arena_printf(pen->arena, "%s%s", filled, rest);
}

const char *
chat_number(const struct chat_pen *pen, int64_t number)
{
	return arena_printf(pen->arena, "%" PRId64, number);
}
