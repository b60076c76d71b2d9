/*
 *     conf_action_example -> say_word -> make -> make_choice -> make_sequence
 *                                                            -> make_atom
 *
 * What is made of a regular expression is a guess: the first branch of each
 * choice, each part as seldom as it may be.  Only what then matches is said.
 */
#include "conf/action_example.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "conf/action.h"
#include "conf/action_pattern.h"

enum {
	WORD_MAX = 200, /* bytes */
	DEPTH_MAX = 20,
	BYTES = 256,
};

struct making {
	const char *at; /* what is left of the expression */
	unsigned least; /* how often what may be left out stands there */
	unsigned depth;
	bool bad; /* nothing can be made of it */
	char text[WORD_MAX + 1];
	size_t len;
};

static void
put(struct making *making, char c)
{
	if (making->len == WORD_MAX)
		making->bad = true;
	else
		making->text[making->len++] = c;
}

/* Classes of characters. */

static void
add_range(bool *set, unsigned char first, unsigned char last)
{
	for (unsigned c = first; c <= last; c++)
		set[c] = true;
}

/* False for one that is no class. */
static bool
add_class(bool *set, char letter)
{
	switch (letter) {
	case 'w':
		add_range(set, 'a', 'z');
		add_range(set, 'A', 'Z');
		set['_'] = true;
		add_range(set, '0', '9');
		return true;
	case 'd':
		add_range(set, '0', '9');
		return true;
	case 's':
		set[' '] = true;
		return true;
	case 'S':
	case 'D':
		add_range(set, 'a', 'z');
		return true;
	case 'W':
		set['-'] = true;
		return true;
	default:
		return false;
	}
}

/* What people would write first. */
static char
pick(const bool *set)
{
	static const char liked[] = "abcdefghijklmnopqrstuvwxyz1234567890"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@";
	for (const char *at = liked; *at != '\0'; at++)
		if (set[(unsigned char)*at])
			return *at;
	for (unsigned char c = '!'; c < 0x7f; c++)
		if (set[c])
			return (char)c;
	return '\0';
}

static void
put_one_of(struct making *making, const bool *set)
{
	char c = pick(set);
	if (c == '\0')
		making->bad = true;
	else
		put(making, c);
}

static bool
is_range(const char *at)
{
	return at[1] == '-' && at[2] != ']' && at[2] != '\\' && at[2] != '\0';
}

/* One that is no plain character. */
static bool
is_other_escape(const char *at)
{
	return *at == '\\' && (isalnum((unsigned char)at[1]) || at[1] == '\0');
}

/* Behind the [. */
static void
make_class(struct making *making)
{
	bool set[BYTES] = { false };
	bool none_of = *making->at == '^';
	const char *at = making->at + none_of;
	for (bool first = true; *at != '\0' && (first || *at != ']');
		first = false) {
		if (*at == '\\' && add_class(set, at[1])) {
			at += 2;
			continue;
		}
		if ((*at == '[' && at[1] == ':') || is_other_escape(at)) {
			making->bad = true;
			return;
		}
		at += *at == '\\';
		bool range = is_range(at);
		add_range(set, (unsigned char)*at,
			(unsigned char)(range ? at[2] : *at));
		at += range ? 3 : 1;
	}
	for (size_t i = 0; none_of && i < BYTES; i++)
		set[i] = !set[i];
	making->bad |= *at == '\0';
	making->at = at + (*at != '\0');
	if (!making->bad)
		put_one_of(making, set);
}

/* Behind the backslash. */
static void
make_escape(struct making *making)
{
	char letter = *making->at;
	bool set[BYTES] = { false };
	making->at += letter != '\0';
	if (letter != '\0' && strchr("bBAzZG", letter))
		return; /* a place, not a character */
	if (add_class(set, letter))
		put_one_of(making, set);
	else if (letter == '\0' || isalnum((unsigned char)letter))
		making->bad = true;
	else
		put(making, letter);
}

/* All else. */

static void make_choice(struct making *making);

/* What is looked at ahead or behind adds nothing. */
static bool
skip_head(struct making *making)
{
	const char *at = making->at;
	if (*at != '?')
		return false;
	bool looks = strchr("=!", at[1])
		|| (at[1] == '<' && at[2] != '\0' && strchr("=!", at[2]));
	bool named = at[1] == '<' || at[1] == 'P';
	if (!looks && named)
		at += strcspn(at, ">)");
	else
		at += strcspn(at, ":=!)");
	making->bad |= *at == '\0';
	making->at = at + (*at != '\0' && *at != ')');
	return looks;
}

/* Behind the (. */
static void
make_group(struct making *making)
{
	size_t len = making->len;
	if (++making->depth > DEPTH_MAX)
		making->bad = true;
	bool looks = !making->bad && skip_head(making);
	if (!making->bad)
		make_choice(making);
	making->bad |= *making->at != ')';
	making->at += *making->at == ')';
	making->depth--;
	if (looks)
		making->len = len;
}

static void
make_atom(struct making *making)
{
	char c = *making->at++;
	if (c == '(')
		make_group(making);
	else if (c == '[')
		make_class(making);
	else if (c == '\\')
		make_escape(making);
	else if (c == '.')
		put(making, 'a');
	else if (strchr("*+?", c))
		making->bad = true; /* of nothing */
	else if (c != '^' && c != '$')
		put(making, c);
}

/* How often at least; behind it goes on. */
static unsigned long
read_times(struct making *making)
{
	const char *at = making->at;
	unsigned long times = 1;
	if (*at == '*' || *at == '?') {
		times = making->least;
		at++;
	} else if (*at == '+') {
		at++;
	} else if (*at == '{' && isdigit((unsigned char)at[1])) {
		times = strtoul(at + 1, NULL, 10);
		if (times < making->least)
			times = making->least;
		at += strcspn(at, "}");
		at += *at == '}';
	}
	if (at > making->at && (*at == '?' || *at == '+'))
		at++;
	making->at = at;
	return times;
}

static void
make_sequence(struct making *making)
{
	while (!making->bad && *making->at != '\0'
		&& !strchr("|)", *making->at)) {
		size_t begin = making->len;
		make_atom(making);
		size_t len = making->len - begin;
		unsigned long times = read_times(making);
		if (times == 0)
			making->len = begin;
		for (; len > 0 && times > 1 && !making->bad; times--)
			for (size_t i = 0; i < len; i++)
				put(making, making->text[begin + i]);
	}
}

/* The first of them; what the others are is read over. */
static void
make_choice(struct making *making)
{
	make_sequence(making);
	size_t len = making->len;
	while (!making->bad && *making->at == '|') {
		making->at++;
		make_sequence(making);
		making->len = len;
	}
}

static const char *
make(const char *look, unsigned least, struct arena *arena)
{
	struct making making = { .at = look, .least = least };
	make_choice(&making);
	if (making.bad || *making.at != '\0' || making.len == 0)
		return NULL;
	return arena_dup_n(arena, making.text, making.len);
}

/* Words. */

static bool
fits(const struct pattern *look, const char *word)
{
	return word
		&& pattern_try_whole(look, word, strlen(word))
		== PATTERN_MATCHES;
}

/* The name of a word often looks like one: vm1. */
static const char *
guess(const char *name, const char *text, const struct pattern *look,
	struct arena *arena)
{
	const char *guesses[] = {
		arena_printf(arena, "%s1", name),
		name,
		make(text, 0, arena),
		make(text, 1, arena),
	};
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (fits(look, guesses[i]))
			return guesses[i];
	return NULL;
}

static const char *
say_word(
	const struct conf_action *action, const char *name, struct arena *arena)
{
	const char *text = conf_action_look(action, name);
	struct err ignored;
	if (!text)
		return arena_printf(arena, "%s1", name);
	struct pattern_cache *cache = pattern_cache_new();
	struct pattern *look = pattern_get(cache, text, &ignored);
	const char *word = look ? guess(name, text, look, arena) : NULL;
	pattern_drop(look);
	pattern_cache_free(cache);
	return word;
}

const char *
conf_action_example(
	const struct conf_action *action, size_t pattern, struct arena *arena)
{
	const char *const *patterns = action->patterns.items;
	struct conf_action_pattern pieces;
	struct conf_action_words words;
	struct err ignored;
	const char *text = "";
	size_t n_words = 0;
	if (pattern >= action->patterns.count
		|| !conf_action_pattern_read(
			patterns[pattern], arena, &pieces, &ignored))
		return NULL;
	for (size_t i = 0; i < pieces.n; i++) {
		const struct conf_action_piece *piece = &pieces.pieces[i];
		const char *part = piece->is_word
			? say_word(action, piece->text, arena)
			: piece->text;
		if (!part)
			return NULL;
		text = arena_printf(arena, "%s%s", text, part);
		n_words += piece->is_word;
	}
	bool good = n_words > 0
		&& conf_action_match(action, text, arena, &words, &ignored)
			== CONF_ACTION_MATCHES;
	return good ? text : NULL;
}

const char *
conf_action_choices(const char *look, struct arena *arena)
{
	const char *text = "";
	if (strpbrk(look, "\\^$.[]()*+?{}"))
		return NULL;
	while (*look != '\0') {
		size_t len = strcspn(look, "|");
		if (len == 0)
			return NULL;
		text = arena_printf(arena, "%s%s%.*s", text,
			*text != '\0' ? ", " : "", (int)len, look);
		look += len;
		if (*look == '|' && *++look == '\0')
			return NULL;
	}
	return text;
}
