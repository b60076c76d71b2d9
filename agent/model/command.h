/*
 * What people may ask of the agent, wherever they stand: the shell, a chat.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_verb {
	COMMAND_ACK = 0,
	COMMAND_AUDIT,
	COMMAND_CHECK,
	COMMAND_DOWN,
	COMMAND_ECHO,
	COMMAND_HELP,
	COMMAND_HISTORY,
	COMMAND_MUTE,
	COMMAND_REMOVE,
	COMMAND_REMOVED,
	COMMAND_RESTORE,
	COMMAND_RUN,
	COMMAND_RUNS,
	COMMAND_UNMUTE,
};

enum {
	COMMAND_COUNT = COMMAND_UNMUTE + 1,
	COMMAND_TEXT_MAX = 4000, /* bytes of it all */
	COMMAND_TIME_BAD = -1,
};

/** One a verb; help, completions and the manual come from these. */
struct command_row {
	const char *word;
	const char *also; /* is the same; NULL for none */
	const char *arguments; /* "NAME [for 30m]"; "" for none */
	const char *help; /* one sentence, without a full stop */
	enum command_name {
		COMMAND_NAMELESS = 0,
		COMMAND_NAME_OPTIONAL,
		COMMAND_NAME_NEEDED,
		COMMAND_ANYTHING, /* it is no name */
	} name;
	bool takes_time;
	bool changes; /* something: it is recorded who asked */
};

/** By verb, which is also by word. */
extern const struct command_row command_rows[COMMAND_COUNT];

/** NULL when there is none of this word, whatever its case. */
const struct command_row *command_find(const char *word);

/** Why one was not understood. */
enum command_mistake {
	COMMAND_UNDERSTOOD = 0,
	COMMAND_UNKNOWN,
	COMMAND_LACKS_NAME,
	COMMAND_TAKES_NO_NAME,
	COMMAND_TOO_LONG,
};

/**
 * A command that was understood as far as is possible without knowing what
 * there is.  Strings are the caller's arena's, and never NULL.
 *
 * A name has several forms, to be tried in this order: one that is exactly
 * `whole` means no time at all ("report for 2h" may be a name).
 */
struct command {
	enum command_verb verb;
	const char *whole; /* all that followed the word */
	const char *said; /* the same without the time; "" for no name */
	const char *name; /* without what chats put around and before it */

	/** 0: none was said; COMMAND_TIME_BAD: `time` is none. */
	int64_t for_ms;
	const char *time; /* as it was said; "" for none */

	/* With a mistake the rest is not there, but for the verb where it is
	 * of use. */
	enum command_mistake mistake;
	const char *asked; /* what it is about; "" for none */
	const char *near; /* a word that may have been meant; NULL for none */

	/* Of `ack`, instead of a name: this incident and no other, as a button
	 * beneath it means.  NULL for none; then it is `whole`, too. */
	const char *incident;
};
