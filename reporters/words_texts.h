/*
 * The texts of each language.  Only words*.c, agent/chat/answer_*.c and their
 * tests look at them.
 */
#pragma once

#include "reporters/words.h"

enum words_state {
	WORDS_DOWN = 0,
	WORDS_SLOW,
	WORDS_FINE,
};

enum words_was {
	WORDS_WAS_DOWN = 0,
	WORDS_WAS_SLOW,
	WORDS_WAS_BLIND,
};

enum {
	WORDS_STATES = WORDS_FINE + 1,
	WORDS_WASES = WORDS_WAS_BLIND + 1,
	WORDS_UNITS = 5, /* milliseconds to days */
	WORDS_PHASES = 5, /* of a look, in the order of struct result_phases */
};

/** {} is a name, a title, a length, a status. */
struct words_texts {
	const char *labels[WORDS_LABELS];
	const char *statuses[STATUS_COUNT];
	const char *causes[CAUSE_COUNT];
	const char *units[WORDS_UNITS];
	const char *phases[WORDS_PHASES];
	const char *space; /* between two units */
	const char *titles[WORDS_STATES]; /* English: those of `messages:` */
	const char *removed;
	const char *blind; /* English: the agent itself says it */
	const char *sees;
	const char *over; /* of another monitor's problem */
	const char *was[WORDS_WASES]; /* a title, and how long it was so */
	const char *still[WORDS_WASES]; /* a title, how long it is so */
	const char *nothing; /* is watched */
	const char *all_well; /* how many */
	const char *not_well; /* how many, of how many */
	const char *not_seen; /* the same */
	const char *others_muted; /* a title, how many are */
	const char *muted; /* a status */
	const char *and_more; /* how many */
	const char *since; /* a status, a time */
	const char *uptime; /* "99.95" */
	const char *acknowledge; /* a button */
	const char *changes; /* a number of them */
	const char *changed; /* a status, and the one before */
};

/** `pattern` with its one or two {} filled in. */
const char *words_fill(struct arena *arena, const char *pattern,
	const char *first, const char *second);

/** By enum words_language. */
extern const struct words_texts words_texts[WORDS_LANGUAGES];
