/*
 * Messages to Slack.  Pure.
 */
#pragma once

#include <jansson.h>

#include "conf/chat.h"

struct chat_slack_ask;

/** What a person is told who has to wait. */
enum chat_slack_word {
	CHAT_SLACK_LATER = 0, /* the answer follows */
	CHAT_SLACK_ASK_AGAIN, /* it cannot: there is nowhere to say it */
	CHAT_SLACK_REPEATED, /* the same request came before */
};

const char *chat_slack_word(int language, enum chat_slack_word word);

/** One sentence of ours, as a message. */
json_t *chat_slack_sentence(const char *text);

/**
 * Whether all of the channel is to see it, or only who asked.  What somebody
 * changed is for all to see; what they only looked at, and what they were
 * refused, for themselves.
 */
void chat_slack_address(json_t *message, bool to_all);

/** In place of the message with the button: the same with who looks after it,
 * and without the button. */
json_t *chat_slack_replacement(const struct chat_slack_ask *ask, int language);

/** Compact text; the message is consumed, the caller frees. */
char *chat_slack_write(json_t *message);
