/*
 * What is shown of an answer of agent/operator.h, in each language.  Pure.
 *
 * The first is in sentences, and so are those that are refused; lists, looks
 * and payloads stand below.  Whatever came from outside, be it a name, is
 * escaped: it links to nobody and calls nobody.
 *
 * Besides what operator.h says, an answer may have
 *
 *     prefix   what is said before a command, such as "/uptime": help and
 *              advice show it
 *     actions  for help: [{"say": "/cloud create {vm}", "help": "..."}]
 *     lessons  the same at length, as actions_teach() has it
 *
 * and of actions there are those of chat_answer_action().  An outcome without
 * texts of its own is shown by its "text".
 */
#pragma once

#include <jansson.h>

#include "agent/model/command.h"
#include "reporters/words.h"

struct arena;
struct err;

/** Plain text, of one line or more, which is never very long. */
const char *chat_answer_text(
	const json_t *answer, const struct words *words, struct arena *arena);

/**
 * A Slack message, {"text": ...} and perhaps "attachments", within Slack's
 * limits: what does not fit is counted.  The caller's to json_decref(), and to
 * add what it takes to send it, such as "response_type".
 */
json_t *chat_answer_slack(const json_t *answer, const struct words *words);

/** The answer to what command_parse() refused; to json_decref(). */
json_t *chat_answer_mistake(
	const struct command *command, const struct err *err);

enum chat_refusal {
	CHAT_NOT_BY_YOU = 0,
	CHAT_NOT_HERE, /* in this channel */
	CHAT_TOO_MUCH, /* is asked for at once */
};

/** The answer to who may not say `word`; to json_decref(). */
json_t *chat_answer_refused(const char *word, enum chat_refusal refusal);

enum chat_progress {
	CHAT_BEGUN = 0,
	CHAT_GOES_ON, /* and this is what is heard of it */
	CHAT_DONE,
	CHAT_FAILED,
	CHAT_UNCERTAIN, /* whether it was done is not known */
};

/**
 * What came of an action so far; `result` is what its receiver says, or why it
 * failed, and may be NULL, as may be `by`.  To json_decref().
 */
json_t *chat_answer_action(const char *name, enum chat_progress progress,
	const char *by, const char *result);
