/*
 * One thing that somebody asked for in a chat, until it is answered: at once,
 * or within the time for which the chat waits a word that the answer follows,
 * and then the answer.
 */
#pragma once

#include "agent/chat/slack_read.h"

struct agent;
struct arena;
struct chat_talk;
struct chat_talks;
struct conf_chat;

enum {
	CHAT_TALKS_MAX = 512, /* at a time */

	/* Slack waits for three seconds, and the way takes its time too. */
	CHAT_PATIENCE_MS = 1500,
};

/** The agent must outlive it. */
struct chat_talks *chat_talks_new(struct agent *agent);

/** No `answer` runs.  NULL is allowed and does nothing. */
void chat_talks_free(struct chat_talks *talks);

/** There is another configuration. */
void chat_talks_reload(struct chat_talks *talks);

bool chat_talks_are_full(const struct chat_talks *talks);

/** `body` is JSON, borrowed until it returns. */
typedef void chat_talk_fn(void *cookie, const char *body);

/**
 * Begin; `ask`, which may not be used any more, and the arena of its strings
 * are the talk's from now on.  `answer` runs once, later, and within
 * CHAT_PATIENCE_MS: with the answer or a word that it follows.  NULL: nobody
 * waits, and all is said later.
 */
struct chat_talk *chat_talk_start(struct chat_talks *talks,
	const struct conf_chat *chat, struct chat_slack_ask *ask,
	struct arena *arena, chat_talk_fn *answer, void *cookie);

/** Nobody waits any more: `answer` will not run, but what was asked for is
 * done, and said later. */
void chat_talk_leave(struct chat_talk *talk);
