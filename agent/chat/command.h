/*
 * From what somebody typed to a command.  Pure.
 *
 * Chats put things around what is typed: links as <url|label>, &amp; for &,
 * *bold*.  A name is understood with and without them; which of both was meant
 * is decided by who knows what there is.
 */
#pragma once

#include <stdbool.h>

#include "agent/model/command.h"

struct arena;
struct err;

/**
 * `text` is what stands behind the name of the bot or the slash command; an
 * empty one asks for help.  Strings of `command` are in `arena`.  False: `err`
 * says what is wrong and what may have been meant, in English; for others
 * `command` has it.
 */
bool command_parse(const char *text, struct arena *arena,
	struct command *command, struct err *err);

/** What a chat made of a text taken back: links are their labels, or where
 * they lead; entities are characters; blanks around it are gone. */
char *command_plain(const char *text, struct arena *arena);

/** That and: without *, quotes around it, and the scheme of an address. */
char *command_bare(const char *text, struct arena *arena);
