/*
 * The texts of each language.  Only answer_*.c and their test look at them.
 */
#pragma once

#include "agent/model/command.h"
#include "reporters/words.h"

enum chat_text {
	/* Whole sentences. */
	CHAT_TEXT_STARTING = 0,
	CHAT_TEXT_UNKNOWN, /* what was asked */
	CHAT_TEXT_NOT_REMOVED, /* the same, among the removed ones */
	CHAT_TEXT_MEANT, /* what may have been meant */
	CHAT_TEXT_WHICH, /* one, another */
	CHAT_TEXT_WHICH_OF_MANY, /* the same */
	CHAT_TEXT_NO_TIME, /* what was said */
	CHAT_TEXT_REMOVED, /* a name, as in those below */
	CHAT_TEXT_REMOVED_ALREADY,
	CHAT_TEXT_REMOVED_FULL, /* but not here */
	CHAT_TEXT_RESTORED,
	CHAT_TEXT_RESTORED_SOURCE,
	CHAT_TEXT_RESTORED_ALREADY,
	CHAT_TEXT_TAKEN, /* by, name */
	CHAT_TEXT_TAKEN_UNTIL, /* by, name, when */
	CHAT_TEXT_WELL,
	CHAT_TEXT_NOTHING_RECORDED, /* why */
	CHAT_TEXT_UNRECORDED,
	CHAT_TEXT_MUTED,
	CHAT_TEXT_MUTED_UNTIL, /* name, when */
	CHAT_TEXT_MUTED_ALL,
	CHAT_TEXT_MUTED_ALL_UNTIL, /* when */
	CHAT_TEXT_UNMUTED,
	CHAT_TEXT_UNMUTED_ALL,
	CHAT_TEXT_UNMUTED_ALREADY,
	CHAT_TEXT_UNMUTED_ALL_ALREADY,
	CHAT_TEXT_STILL_MUTED, /* what ends that */
	CHAT_TEXT_NOTHING_THERE,
	CHAT_TEXT_TOLD,
	CHAT_TEXT_LATE,
	CHAT_TEXT_HISTORY,
	CHAT_TEXT_HISTORY_NONE,
	CHAT_TEXT_REMOVED_LIST, /* how many, how one comes back */
	CHAT_TEXT_REMOVED_NONE,
	CHAT_TEXT_AUDIT,
	CHAT_TEXT_AUDIT_NONE,
	CHAT_TEXT_RUNS,
	CHAT_TEXT_RUNS_NONE,
	CHAT_TEXT_UNREADABLE, /* why */
	CHAT_TEXT_HELP,
	CHAT_TEXT_HELP_ACTIONS,
	CHAT_TEXT_ECHO,
	CHAT_TEXT_NO_COMMAND, /* what was said */
	CHAT_TEXT_HELP_LISTS, /* help */
	CHAT_TEXT_LACKS_NAME, /* how it is said */
	CHAT_TEXT_TAKES_NO_NAME, /* its word, what was said */
	CHAT_TEXT_TOO_LONG,
	CHAT_TEXT_NOT_BY_YOU, /* a command, as in those below */
	CHAT_TEXT_NOT_HERE,
	CHAT_TEXT_TOO_MUCH, /* but not here */
	CHAT_TEXT_OVER,
	CHAT_TEXT_NO_ACTIONS,
	CHAT_TEXT_NO_ACTION, /* what was said */
	CHAT_TEXT_WHICH_ACTION,
	CHAT_TEXT_BAD_WORD, /* {word}, what was said for it, how it must look */
	CHAT_TEXT_BAD_CHOICE, /* the same, but what it is one of */
	CHAT_TEXT_BAD_BLANKS, /* {word}, what was said for it */
	CHAT_TEXT_UNCLEAR, /* what was said */
	CHAT_TEXT_NO_WAY, /* the same */
	CHAT_TEXT_NOTHING_SAID,
	CHAT_TEXT_UNFIT, /* name */
	CHAT_TEXT_FULL, /* the same */
	CHAT_TEXT_HELP_ACTION,
	CHAT_TEXT_BEGUN, /* name */
	CHAT_TEXT_BEGUN_BY, /* name, by */
	CHAT_TEXT_GOES_ON, /* name, as in those below */
	CHAT_TEXT_DONE,
	CHAT_TEXT_FAILED,
	CHAT_TEXT_UNCERTAIN,

	/* Parts of lines. */
	CHAT_TEXT_LASTED, /* when it began, how long it was so */
	CHAT_TEXT_LASTS, /* the same, and still */
	CHAT_TEXT_REMOVED_BY, /* by, when */
	CHAT_TEXT_IS_MUTED,
	CHAT_TEXT_LOOKS_AFTER, /* by */
	CHAT_TEXT_LOOKS_AFTER_UNTIL, /* by, when */
	CHAT_TEXT_SEEN, /* a status */
	CHAT_TEXT_FAILS, /* how many, of how many */
	CHAT_TEXT_PROBLEMS, /* how many */
	CHAT_TEXT_TOTAL, /* of a look */
	CHAT_TEXT_WORD, /* {word}, how it must look */
	CHAT_TEXT_CHOICE, /* {word}, what it is one of */
	CHAT_TEXT_NO_BLANKS, /* {word} */
	CHAT_TEXT_EXAMPLE, /* what can be said */
	CHAT_TEXT_USERS, /* who may */
	CHAT_TEXT_USERS_ANY,
	CHAT_TEXT_CHANNELS, /* where they may */
};

enum {
	CHAT_TEXTS = CHAT_TEXT_CHANNELS + 1,
	CHAT_HOLES_MAX = 3,
};

struct chat_texts {
	const char *help[COMMAND_COUNT]; /* English: command_rows has them */
	const char *between; /* two sentences */
	const char *lines[CHAT_TEXTS]; /* {} is what is filled in */
};

/** By enum words_language. */
extern const struct chat_texts chat_texts[WORDS_LANGUAGES];
