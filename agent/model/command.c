#include "agent/model/command.h"

#include "agent/base/str.h"

const struct command_row command_rows[COMMAND_COUNT] = {
	[COMMAND_ACK] = {
		.word = "ack",
		.arguments = "NAME [for 30m]",
		.help = "say that somebody looks after what is wrong with "
			"NAME, until it is over or for that long",
		.name = COMMAND_NAME_NEEDED,
		.takes_time = true,
		.changes = true,
	},
	[COMMAND_AUDIT] = {
		.word = "audit",
		.also = "log",
		.arguments = "",
		.help = "who changed what, the latest first",
	},
	[COMMAND_CHECK] = {
		.word = "check",
		.also = "status",
		.arguments = "[NAME]",
		.help = "how everything is; with NAME, look at it now and show "
			"where the time went",
		.name = COMMAND_NAME_OPTIONAL,
	},
	[COMMAND_DOWN] = {
		.word = "down",
		.arguments = "",
		.help = "what is not well, and since when",
	},
	[COMMAND_ECHO] = {
		.word = "echo",
		.arguments = "[TEXT]",
		.help = "what arrived here, secrets covered",
		.name = COMMAND_ANYTHING,
	},
	[COMMAND_HELP] = {
		.word = "help",
		.arguments = "[COMMAND]",
		.help = "these lines",
		.name = COMMAND_ANYTHING,
	},
	[COMMAND_HISTORY] = {
		.word = "history",
		.arguments = "NAME",
		.help = "the latest incidents of NAME",
		.name = COMMAND_NAME_NEEDED,
	},
	[COMMAND_MUTE] = {
		.word = "mute",
		.arguments = "[NAME] [for 2h]",
		.help = "tell people nothing of NAME, or of anything, until "
			"unmuted or for that long; status pages go on",
		.name = COMMAND_NAME_OPTIONAL,
		.takes_time = true,
		.changes = true,
	},
	[COMMAND_REMOVE] = {
		.word = "remove",
		.arguments = "NAME",
		.help = "look at NAME no longer and tell nothing of it, until "
			"it is restored",
		.name = COMMAND_NAME_NEEDED,
		.changes = true,
	},
	[COMMAND_REMOVED] = {
		.word = "removed",
		.arguments = "",
		.help = "what was removed, by whom and when",
	},
	[COMMAND_RESTORE] = {
		.word = "restore",
		.arguments = "NAME",
		.help = "take back what was removed",
		.name = COMMAND_NAME_NEEDED,
		.changes = true,
	},
	[COMMAND_RUN] = {
		.word = "run",
		.also = "do",
		.arguments = "ACTION [WORDS]",
		.help = "have an action of the configuration done, and tell "
			"what comes of it",
		.name = COMMAND_ANYTHING,
		.changes = true,
	},
	[COMMAND_RUNS] = {
		.word = "runs",
		.arguments = "",
		.help = "which actions run, and what came of the latest",
	},
	[COMMAND_UNMUTE] = {
		.word = "unmute",
		.arguments = "[NAME]",
		.help = "tell of NAME again, or of everything; what is other "
			"than was told last is told at once",
		.name = COMMAND_NAME_OPTIONAL,
		.changes = true,
	},
};

const struct command_row *
command_find(const char *word)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		if (str_ieq(row->word, word)
			|| (row->also && str_ieq(row->also, word)))
			return row;
	}
	return NULL;
}
