/*
 *     command_parse -> take_word -> find_row
 *                   -> read_rest -> split_time -> read_time
 *                                -> command_plain, command_bare
 */
#include "agent/chat/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/suggest.h"

#define YEAR_MS (INT64_C(366) * 24 * 3600 * 1000)

/* Blanks. */

/* Telephones write a space that does not break, and some that have no width. */
static const char *const blanks[] = {
	"\xc2\xa0",
	"\xe2\x80\x8b",
	"\xe2\x80\xaf",
	"\xe3\x80\x80",
	"\xef\xbb\xbf",
};

/* How long the blank is that stands there; 0: it is none. */
static size_t
blank_at(const char *at)
{
	unsigned char c = (unsigned char)*at;
	if (c != '\0' && (c <= ' ' || c == 0x7f))
		return 1;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (str_starts(at, blanks[i]))
			return strlen(blanks[i]);
	return 0;
}

/* Every blank as a space, and none at both ends.  It only gets shorter. */
static void
tidy(char *text)
{
	char *to = text;
	size_t blank;
	const char *at = text;
	while ((blank = blank_at(at)) > 0)
		at += blank;
	while (*at != '\0') {
		blank = blank_at(at);
		*to++ = *at;
		if (blank > 0)
			to[-1] = ' ';
		at += blank > 0 ? blank : 1;
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

/* What chats do to a text. */

static const struct {
	const char *said;
	char meant;
} entities[] = {
	{ "&amp;", '&' },
	{ "&lt;", '<' },
	{ "&gt;", '>' },
	{ "&quot;", '"' },
	{ "&#39;", '\'' },
};

/* Puts one character, and returns how much was read. */
static size_t
put_character(const char *at, char **to)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (!str_starts(at, entities[i].said))
			continue;
		*(*to)++ = entities[i].meant;
		return strlen(entities[i].said);
	}
	*(*to)++ = *at;
	return 1;
}

static void
put_until(const char *at, const char *end, char **to)
{
	while (at < end)
		at += put_character(at, to);
}

/* <url|label> is its label, and <url> is the url. */
static const char *
put_link(const char *at, const char *end, char **to)
{
	const char *bar = memchr(at, '|', (size_t)(end - at));
	bool has_label = bar && bar + 1 < end;
	if (has_label)
		at = bar + 1;
	else if (bar)
		put_until(at, bar, to), at = end;
	if (!bar && str_istarts(at, "mailto:"))
		at += strlen("mailto:");
	put_until(at, end, to);
	return end + 1;
}

char *
command_plain(const char *text, struct arena *arena)
{
	char *plain = arena_dup(arena, text);
	char *to = plain;
	while (*text != '\0') {
		const char *end = *text == '<' ? strchr(text, '>') : NULL;
		if (end && end > text + 1)
			text = put_link(text + 1, end, &to);
		else
			text += put_character(text, &to);
	}
	*to = '\0';
	tidy(plain);
	return plain;
}

static const char *const quotes[][2] = {
	{ "\"", "\"" },
	{ "'", "'" },
	{ "`", "`" },
	{ "\xe2\x80\x9c", "\xe2\x80\x9d" },
	{ "\xe2\x80\x98", "\xe2\x80\x99" },
};

static bool
unquote(char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		size_t open = strlen(quotes[i][0]);
		size_t closing = strlen(quotes[i][1]);
		if (len <= open + closing || !str_starts(text, quotes[i][0])
			|| !str_ends(text, quotes[i][1]))
			continue;
		memmove(text, text + open, len - open - closing);
		text[len - open - closing] = '\0';
		return true;
	}
	return false;
}

static void
leave_out(char *text, const char *which)
{
	char *to = text;
	for (; *text != '\0'; text++)
		if (!strchr(which, *text))
			*to++ = *text;
	*to = '\0';
}

/* "https://shop.example.com/" is shop.example.com; a path stays. */
static void
leave_out_scheme(char *text)
{
	size_t scheme = str_istarts(text, "http://") ? strlen("http://")
		: str_istarts(text, "https://")	     ? strlen("https://")
						     : 0;
	if (scheme == 0 || text[scheme] == '\0')
		return;
	memmove(text, text + scheme, strlen(text + scheme) + 1);
	char *slash = strchr(text, '/');
	if (slash && slash != text && slash[1] == '\0')
		*slash = '\0';
}

char *
command_bare(const char *text, struct arena *arena)
{
	char *bare = command_plain(text, arena);
	leave_out(bare, "<>*");
	tidy(bare);
	while (unquote(bare))
		tidy(bare);
	leave_out_scheme(bare);
	return bare;
}

/* Lengths of time. */

static const struct {
	const char *word;
	const char *unit;
} units[] = {
	{ "second", "s" },
	{ "sec", "s" },
	{ "minute", "m" },
	{ "min", "m" },
	{ "hour", "h" },
	{ "hr", "h" },
	{ "day", "d" },
};

/* "30m", "30 min", "2 hours", "1h 30m": with a unit, since 30 of what? */
static bool
read_time(const char *said, struct arena *arena, int64_t *ms)
{
	char *text = arena_dup(arena, said);
	leave_out(text, " ");
	size_t digits = strspn(text, "0123456789.");
	const char *unit = text + digits;
	if (digits == 0 || *unit == '\0')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].word);
		if (!str_istarts(unit, units[i].word)
			|| (unit[len] != '\0' && !str_ieq(unit + len, "s")))
			continue;
		unit = units[i].unit;
		break;
	}
	char *tidied = arena_printf(arena, "%.*s%s", (int)digits, text, unit);
	for (char *at = tidied; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return duration_parse(tidied, ms) && *ms > 0 && *ms <= YEAR_MS;
}

/* The last " for " with something that begins like a number behind it; a text
 * may begin with it, and no link has one.  NULL when there is none. */
static const char *
find_for(const char *text)
{
	const char *found = NULL;
	for (const char *at = text; *at != '\0'; at++)
		if ((at == text || at[-1] == ' ') && str_istarts(at, "for ")
			&& isdigit((unsigned char)at[4]))
			found = at;
		else if (*at == '<' && strchr(at, '>'))
			at = strchr(at, '>');
	return found;
}

/* What is left of the name is as long as is returned. */
static size_t
split_time(const char *rest, struct arena *arena, struct command *command)
{
	size_t len = strlen(rest);
	const char *begin = find_for(rest);
	const char *time = begin ? begin + strlen("for ") : NULL;
	if (!begin) {
		begin = strrchr(rest, ' ');
		begin = begin ? begin + 1 : rest;
		int64_t ms;
		if (isdigit((unsigned char)*begin)
			&& read_time(begin, arena, &ms))
			time = begin;
	}
	if (!time)
		return len;
	command->time = arena_dup(arena, time);
	if (!read_time(time, arena, &command->for_ms))
		command->for_ms = COMMAND_TIME_BAD;
	return (size_t)(begin - rest);
}

/* The whole. */

static bool
mistaken(struct command *command, enum command_mistake mistake,
	const char *asked, const char *near)
{
	command->mistake = mistake;
	command->asked = asked;
	command->near = near;
	return false;
}

static const struct command_row *
find_row(const char *word, struct command *command, struct err *err)
{
	const struct command_row *row = command_find(word);
	if (row)
		return row;
	struct conf_suggestion near = { .word = word };
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		conf_suggest(&near, command_rows[i].word);
		conf_suggest(&near, command_rows[i].also);
	}
	err_set(err, "there is no command \"%.60s\"%s%s%s", word,
		near.best ? "; did you mean " : "; `help` lists them",
		near.best ? near.best : "", near.best ? "?" : "");
	mistaken(command, COMMAND_UNKNOWN, word, near.best);
	return NULL;
}

/* True when what is there is what the command takes. */
static bool
fits(const struct command_row *row, struct command *command, struct err *err)
{
	bool named = *command->name != '\0';
	if (row->name == COMMAND_NAME_NEEDED && !named) {
		err_set(err, "%s what? Say %s %s", row->word, row->word,
			row->arguments);
		return mistaken(command, COMMAND_LACKS_NAME, "", NULL);
	}
	if (row->name == COMMAND_NAMELESS && named) {
		err_set(err, "%s takes no name: what is \"%.60s\"?", row->word,
			command->said);
		return mistaken(
			command, COMMAND_TAKES_NO_NAME, command->said, NULL);
	}
	return true;
}

static void
read_rest(const struct command_row *row, const char *rest, struct arena *arena,
	struct command *command)
{
	size_t len = row->takes_time ? split_time(rest, arena, command)
				     : strlen(rest);
	char *said = arena_dup_n(arena, rest, len);
	tidy(said);
	command->whole = command_plain(rest, arena);
	command->said = command_plain(said, arena);
	command->name = command_bare(said, arena);
}

bool
command_parse(const char *text, struct arena *arena, struct command *command,
	struct err *err)
{
	*command = (struct command){ .verb = COMMAND_HELP, .time = "" };
	if (strlen(text) > COMMAND_TEXT_MAX) {
		err_set(err, "that is too long for a command");
		return mistaken(command, COMMAND_TOO_LONG, "", NULL);
	}
	char *tidied = arena_dup(arena, text);
	tidy(tidied);
	size_t len = strcspn(tidied, " ");
	const char *rest = tidied + len + strspn(tidied + len, " ");
	const char *word = command_bare(arena_dup_n(arena, tidied, len), arena);
	const struct command_row *row = *word == '\0'
		? &command_rows[COMMAND_HELP]
		: find_row(word, command, err);
	if (!row)
		return false;
	command->verb = (enum command_verb)(row - command_rows);
	read_rest(row, rest, arena, command);
	return fits(row, command, err);
}
