/*
 *     conf_action_match -> try_all -> try_pattern -> match (strict)
 *                                                 -> match (loose) -> blame
 */
#include "conf/action_pattern.h"

#include <ctype.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "conf/action.h"

enum {
	PIECES_MAX = 2 * CONF_ACTION_WORDS_MAX + 1,
	NAME_MAX_LEN = 64, /* of a word */
	TRIES_MAX = 20 * 1000,
	SHOWN_MAX = 80, /* bytes of a bad word */
};

/* Reading. */

/* One blank for several, and none at both ends. */
static char *
collapse(const char *text, struct arena *arena)
{
	char *tidy = arena_dup(arena, text);
	char *to = tidy;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool blank = c <= ' ' || c == 0x7f;
		if (!blank)
			*to++ = *text;
		else if (to > tidy && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > tidy && to[-1] == ' ')
		to--;
	*to = '\0';
	return tidy;
}

static size_t
name_length(const char *at)
{
	size_t len = 0;
	while (isalnum((unsigned char)at[len]) || at[len] == '_'
		|| (len > 0 && at[len] == '-'))
		len++;
	return len <= NAME_MAX_LEN ? len : 0;
}

static bool
has_word(const struct conf_action_pattern *pattern, const char *name)
{
	for (size_t i = 0; i < pattern->n; i++)
		if (pattern->pieces[i].is_word
			&& str_eq(pattern->pieces[i].text, name))
			return true;
	return false;
}

/* `at` follows the {; what follows the } is returned, or NULL. */
static const char *
read_word(const char *at, struct arena *arena,
	struct conf_action_pattern *pattern, struct err *err)
{
	size_t len = name_length(at);
	size_t n = pattern->n;
	if (len == 0 || at[len] != '}') {
		err_set(err,
			"between { and } stands the name of a word, such as "
			"{vm}; write {{ for a brace");
		return NULL;
	}
	const char *name = arena_dup_n(arena, at, len);
	if (n > 0 && pattern->pieces[n - 1].is_word)
		err_set(err,
			"{%s} follows {%s} with nothing between them, so that "
			"nobody knows where one ends",
			name, pattern->pieces[n - 1].text);
	else if (has_word(pattern, name))
		err_set(err, "{%s} stands there twice", name);
	else if (n >= PIECES_MAX - 1)
		err_set(err, "has more than %d words", CONF_ACTION_WORDS_MAX);
	else {
		pattern->pieces[pattern->n++] =
			(struct conf_action_piece){ true, name };
		return at + len + 1;
	}
	return NULL;
}

/* Up to the next word. */
static const char *
read_plain(const char *at, struct arena *arena,
	struct conf_action_pattern *pattern, struct err *err)
{
	char *plain = arena_dup(arena, at);
	char *to = plain;
	while (*at != '\0' && (*at != '{' || at[1] == '{')) {
		if (*at == '}' && at[1] != '}') {
			err_set(err, "a } has no {; write }} for a brace");
			return NULL;
		}
		at += *at == '{' || *at == '}';
		*to++ = *at++;
	}
	*to = '\0';
	pattern->pieces[pattern->n++] =
		(struct conf_action_piece){ false, plain };
	return at;
}

bool
conf_action_pattern_read(const char *text, struct arena *arena,
	struct conf_action_pattern *pattern, struct err *err)
{
	pattern->n = 0;
	if (strlen(text) > CONF_ACTION_TEXT_MAX)
		return err_set(err, "is longer than what can be said");
	const char *at = collapse(text, arena);
	while (at && *at != '\0') {
		bool word = *at == '{' && at[1] != '{';
		at = word ? read_word(at + 1, arena, pattern, err)
			  : read_plain(at, arena, pattern, err);
	}
	return at != NULL;
}

const char *
conf_action_look(const struct conf_action *action, const char *word)
{
	const struct conf_pair *pairs = action->words.items;
	for (size_t i = 0; i < action->words.count; i++)
		if (str_eq(pairs[i].key, word))
			return pairs[i].value;
	return NULL;
}

static const char *
lower(const char *text, struct arena *arena)
{
	char *plain = arena_dup(arena, text);
	for (char *at = plain; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return plain;
}

const char *
conf_action_pattern_shape(const struct conf_action *action,
	const struct conf_action_pattern *pattern, struct arena *arena)
{
	const char *shape = "";
	for (size_t i = 0; i < pattern->n; i++) {
		const struct conf_action_piece *piece = &pattern->pieces[i];
		const char *part = piece->is_word
			? conf_action_look(action, piece->text)
			: lower(piece->text, arena);
		shape = arena_printf(arena, "%s%c%s", shape,
			piece->is_word ? '\1' : '\2', part ? part : "");
	}
	return shape;
}

/* Matching. */

/* Text against one pattern. */
struct matching {
	const struct conf_action *action;
	const struct conf_action_pattern *pattern;
	const char *text;
	size_t len;
	bool loose; /* words may look as they like ... */
	bool blanks; /* ... and have blanks in them */
	struct pattern *looks[PIECES_MAX];
	char *failed; /* for each piece and place: it does not go on there */
	unsigned tries;
	size_t begin[PIECES_MAX];
	size_t end[PIECES_MAX];
};

static bool
plain_at(const struct matching *matching, const char *plain, size_t at)
{
	return str_istarts(matching->text + at, plain);
}

static bool
is_inside_character(const struct matching *matching, size_t at)
{
	return ((unsigned char)matching->text[at] & 0xc0) == 0x80;
}

static bool
may_have_blanks(const struct matching *matching, size_t i)
{
	return matching->loose ? matching->blanks : matching->looks[i] != NULL;
}

/* What stands from `begin` to `end` is good for word number `i`. */
static bool
looks_good(struct matching *matching, size_t i, size_t begin, size_t end)
{
	const char *text = matching->text;
	const struct pattern *look = matching->looks[i];
	size_t len = end - begin;
	if (text[begin] == ' ' || text[end - 1] == ' ')
		return false;
	if (!may_have_blanks(matching, i) && memchr(text + begin, ' ', len))
		return false;
	if (matching->loose || !look)
		return true;
	if (++matching->tries > TRIES_MAX)
		return false;
	enum pattern_answer answer = pattern_try_whole(look, text + begin, len);
	if (answer == PATTERN_GAVE_UP)
		matching->tries = TRIES_MAX; /* it would again */
	return answer == PATTERN_MATCHES;
}

static bool match(struct matching *matching, size_t i, size_t at);

static bool
match_word(struct matching *matching, size_t i, size_t at)
{
	const struct conf_action_pattern *pattern = matching->pattern;
	const char *next =
		i + 1 < pattern->n ? pattern->pieces[i + 1].text : NULL;
	for (size_t end = at + 1; end <= matching->len; end++) {
		if (!may_have_blanks(matching, i)
			&& matching->text[end - 1] == ' ')
			break;
		bool fits = next ? plain_at(matching, next, end)
				 : end == matching->len;
		if (!fits || is_inside_character(matching, end)
			|| !looks_good(matching, i, at, end)
			|| !match(matching, i + 1, end))
			continue;
		matching->begin[i] = at;
		matching->end[i] = end;
		return true;
	}
	return false;
}

/* As deep as the pattern has pieces.  From each place it is tried once. */
static bool
match(struct matching *matching, size_t i, size_t at)
{
	const struct conf_action_pattern *pattern = matching->pattern;
	if (i == pattern->n)
		return at == matching->len;
	const struct conf_action_piece *piece = &pattern->pieces[i];
	char *failed = &matching->failed[i * (matching->len + 1) + at];
	bool good = !*failed
		&& (piece->is_word ? at < matching->len
					&& match_word(matching, i, at)
				   : plain_at(matching, piece->text, at)
					&& match(matching, i + 1,
						at + strlen(piece->text)));
	if (!good)
		*failed = 1;
	return good;
}

static bool
match_all(struct matching *matching, struct arena *arena)
{
	matching->failed = arena_alloc(
		arena, (matching->pattern->n + 1) * (matching->len + 1));
	return match(matching, 0, 0);
}

static void
keep_words(const struct matching *matching, struct arena *arena,
	struct conf_action_words *words)
{
	const struct conf_action_pattern *pattern = matching->pattern;
	words->n = 0;
	for (size_t i = 0; i < pattern->n; i++) {
		if (!pattern->pieces[i].is_word)
			continue;
		size_t begin = matching->begin[i];
		words->items[words->n++] = (struct conf_pair){
			.key = pattern->pieces[i].text,
			.value = arena_dup_n(arena, matching->text + begin,
				matching->end[i] - begin),
		};
	}
}

static void
say_bad_word(const struct matching *matching, size_t i, struct arena *arena,
	struct conf_action_words *words, struct err *err)
{
	const char *word = matching->pattern->pieces[i].text;
	const char *look = conf_action_look(matching->action, word);
	const char *text = matching->text + matching->begin[i];
	size_t len = matching->end[i] - matching->begin[i];
	if (len > SHOWN_MAX)
		len = SHOWN_MAX - utf8_tail(text, SHOWN_MAX);
	err_set(err, "{%s} cannot be \"%.*s\": it must %s%s", word, (int)len,
		text, look ? "look like " : "be one word without blanks",
		look ? look : "");
	words->bad = word;
	words->given = arena_dup_n(arena, text, len);
	words->look = look;
}

/* The first word that is not as it must be. */
static void
blame(struct matching *matching, struct arena *arena,
	struct conf_action_words *words, struct err *err)
{
	matching->loose = false;
	matching->tries = 0;
	for (size_t i = 0; i < matching->pattern->n; i++)
		if (matching->pattern->pieces[i].is_word
			&& !looks_good(matching, i, matching->begin[i],
				matching->end[i])) {
			say_bad_word(matching, i, arena, words, err);
			return;
		}
	err_set(err, "its words can be told apart in too many ways");
}

static enum conf_action_match
try_pattern(struct matching *matching, struct arena *arena,
	struct conf_action_words *words, struct err *err)
{
	if (match_all(matching, arena)) {
		keep_words(matching, arena, words);
		return CONF_ACTION_MATCHES;
	}
	matching->loose = true;
	bool found = match_all(matching, arena);
	matching->blanks = true;
	if (!found && !match_all(matching, arena))
		return CONF_ACTION_DIFFERS;
	blame(matching, arena, words, err);
	return CONF_ACTION_BAD_WORD;
}

/* A pattern that does not compile was complained of; here nothing is it. */
static bool
get_looks(struct matching *matching, struct pattern_cache *cache)
{
	const struct conf_action_pattern *pattern = matching->pattern;
	bool good = true;
	for (size_t i = 0; i < pattern->n; i++) {
		struct err ignored;
		const char *look = pattern->pieces[i].is_word
			? conf_action_look(
				matching->action, pattern->pieces[i].text)
			: NULL;
		if (look)
			matching->looks[i] = pattern_get(cache, look, &ignored);
		good = good && (!look || matching->looks[i]);
	}
	return good;
}

static enum conf_action_match
try_one(const struct conf_action *action,
	const struct conf_action_pattern *pattern, const char *text,
	struct arena *arena, struct conf_action_words *words, struct err *err)
{
	struct matching matching = {
		.action = action,
		.pattern = pattern,
		.text = text,
		.len = strlen(text),
	};
	struct pattern_cache *cache = pattern_cache_new();
	enum conf_action_match found = CONF_ACTION_DIFFERS;
	if (get_looks(&matching, cache))
		found = try_pattern(&matching, arena, words, err);
	for (size_t i = 0; i < pattern->n; i++)
		pattern_drop(matching.looks[i]);
	pattern_cache_free(cache);
	return found;
}

/* Its words alone, a blank between them. */
static void
leave_plain_out(struct conf_action_pattern *pattern)
{
	struct conf_action_pattern words = { .n = 0 };
	for (size_t i = 0; i < pattern->n; i++) {
		if (!pattern->pieces[i].is_word)
			continue;
		if (words.n > 0)
			words.pieces[words.n++] =
				(struct conf_action_piece){ false, " " };
		words.pieces[words.n++] = pattern->pieces[i];
	}
	*pattern = words;
}

static const char *
prepare(const char *text, struct arena *arena)
{
	if (!utf8_is_valid(text, strlen(text))) {
		struct buf mended;
		buf_init(&mended, strlen(text) * UTF8_MENDED_FACTOR + 1);
		utf8_mend(text, strlen(text), &mended);
		text = arena_dup_n(arena, mended.data, mended.len);
		buf_finish(&mended);
	}
	return collapse(text, arena);
}

/* The first that matches; else what is said of the first that nearly did. */
static enum conf_action_match
try_all(const struct conf_action *action, const char *said, bool words_only,
	struct arena *arena, struct conf_action_words *words, struct err *err)
{
	static const char *const nothing[] = { "" };
	const char *const *patterns =
		action->patterns.count > 0 ? action->patterns.items : nothing;
	size_t n = action->patterns.count > 0 ? action->patterns.count : 1;
	const char *text = prepare(said, arena);
	enum conf_action_match best = CONF_ACTION_DIFFERS;
	if (strlen(text) > CONF_ACTION_TEXT_MAX)
		return best;
	for (size_t i = 0; i < n && best != CONF_ACTION_MATCHES; i++) {
		struct conf_action_pattern pattern;
		struct conf_action_words tried = { .n = 0 };
		struct err why;
		if (!conf_action_pattern_read(
			    patterns[i], arena, &pattern, &why))
			continue;
		if (words_only)
			leave_plain_out(&pattern);
		enum conf_action_match found =
			try_one(action, &pattern, text, arena, &tried, &why);
		if (found <= best)
			continue;
		if (found == CONF_ACTION_BAD_WORD)
			*err = why;
		*words = tried;
		best = found;
	}
	return best;
}

enum conf_action_match
conf_action_match(const struct conf_action *action, const char *text,
	struct arena *arena, struct conf_action_words *words, struct err *err)
{
	return try_all(action, text, false, arena, words, err);
}

enum conf_action_match
conf_action_match_words(const struct conf_action *action, const char *text,
	struct arena *arena, struct conf_action_words *words, struct err *err)
{
	return try_all(action, text, true, arena, words, err);
}
