/*
 * From what somebody said to an action's words.  Pure.
 *
 * A pattern is text with {word} in it, and {{ and }} for braces: "create {vm}
 * on {cloud}".  What stands between the words counts in any case of letters,
 * and any blanks are one.  A word is as long as it must be, of several
 * possibilities the shortest, and is taken as it was written.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"

struct arena;
struct conf_action;
struct err;

enum {
	CONF_ACTION_WORDS_MAX = 16, /* in a pattern */
	CONF_ACTION_TEXT_MAX = 1000, /* bytes of what is said */
};

struct conf_action_piece {
	bool is_word;
	const char *text; /* what stands there, or the name of the word */
};

struct conf_action_pattern {
	struct conf_action_piece pieces[2 * CONF_ACTION_WORDS_MAX + 1];
	size_t n;
};

/** False: it can never match, and `err` says why. */
bool conf_action_pattern_read(const char *text, struct arena *arena,
	struct conf_action_pattern *pattern, struct err *err);

/** The same for two patterns that match the same texts. */
const char *conf_action_pattern_shape(const struct conf_action *action,
	const struct conf_action_pattern *pattern, struct arena *arena);

/** How a word must look; NULL: anything without blanks in it. */
const char *conf_action_look(
	const struct conf_action *action, const char *word);

enum conf_action_match {
	CONF_ACTION_DIFFERS = 0,
	CONF_ACTION_BAD_WORD, /* `err` says which, and how it must look */
	CONF_ACTION_MATCHES,
};

/** What stands for the words, in the arena. */
struct conf_action_words {
	struct conf_pair items[CONF_ACTION_WORDS_MAX];
	size_t n;

	/* Of a bad one: its name, what stands for it, and how it must look,
	 * NULL for anything without blanks.  No name: all could be told apart
	 * in too many ways. */
	const char *bad;
	const char *given;
	const char *look;
};

/** `text` is what follows the command. */
enum conf_action_match conf_action_match(const struct conf_action *action,
	const char *text, struct arena *arena, struct conf_action_words *words,
	struct err *err);

/** The same of the words alone, in the order of a pattern: "vm1 gcp". */
enum conf_action_match conf_action_match_words(const struct conf_action *action,
	const char *text, struct arena *arena, struct conf_action_words *words,
	struct err *err);
