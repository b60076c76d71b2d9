/* What people type, and what chats make of it. */
#include <assert.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/chat/command.h"
#include "tests/fuzz/fuzz.h"

static void
check_command(const char *text, struct arena *arena)
{
	struct command command;
	struct err err = { "" };
	if (!command_parse(text, arena, &command, &err)) {
		assert(err.text[0] != '\0');
		return;
	}
	const struct command_row *row = &command_rows[command.verb];
	assert(command.for_ms >= COMMAND_TIME_BAD);
	assert((command.for_ms != 0) == (*command.time != '\0'));
	assert(command.for_ms == 0 || row->takes_time);
	assert(row->name != COMMAND_NAME_NEEDED || *command.name != '\0');
	assert(row->name != COMMAND_NAMELESS || *command.name == '\0');
	assert(strlen(command.whole) <= strlen(text));
	assert(strlen(command.said) <= strlen(command.whole));
	assert(strlen(command.name) <= strlen(command.said));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	struct arena *arena = arena_new();
	check_command(parts.text, arena);
	const char *bare = command_bare(parts.text, arena);
	assert(!strchr(bare, '*') && strlen(bare) <= strlen(parts.text));
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
