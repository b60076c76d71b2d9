/*
 * What a request of Slack asks for.  Pure: who may ask is judged before.
 */
#pragma once

#include <jansson.h>

#include "conf/chat.h"

struct arena;
struct inbound_request;

enum {
	CHAT_SLACK_VALUE_MAX = 2000, /* of a button */
	CHAT_SLACK_CHALLENGE_MAX = 1024,
};

enum chat_slack_kind {
	CHAT_SLACK_NOTHING = 0, /* it is to be answered with nothing */
	CHAT_SLACK_BAD, /* it is no request of Slack's: `why` */
	CHAT_SLACK_CHALLENGE,
	CHAT_SLACK_COMMAND, /* a slash command */
	CHAT_SLACK_PRESS, /* of our button */
	CHAT_SLACK_MESSAGE, /* of the Events API, and said to us */
	CHAT_SLACK_OUTGOING, /* an outgoing webhook of old */
};

/** Strings are never NULL; "" for what it does not say. */
struct chat_slack_ask {
	enum chat_slack_kind kind;
	const char *why; /* of a bad one */

	const char *user, *user_name; /* id, and what they call themselves */
	const char *channel, *channel_name;
	const char *command; /* "/uptime" */
	const char *text; /* without the word by which we are spoken to */
	const char *response_url; /* a secret */
	const char *challenge;

	/* By which a repeated event is known: both are. */
	const char *event_id;
	const char *event_place; /* channel and time */

	/* By which a command that comes again is known: its signature, or the
	 * channel, time and text of an outgoing one. */
	const char *once;

	const char *incident; /* of a press */
	json_t *message; /* that has the button; or NULL */

	/* All of it, for `echo`: without what is secret in it. */
	json_t *payload;
};

/** Frees what it owns, not the arena. */
void chat_slack_ask_finish(struct chat_slack_ask *ask);

/** A request that is signed, which of a GET says that it came from Slack and
 * nothing of what it says. */
void chat_slack_read(const struct conf_chat *chat,
	const struct inbound_request *request, struct arena *arena,
	struct chat_slack_ask *ask);

/** One of an outgoing webhook; `token` is what it says to be allowed by. */
void chat_slack_read_outgoing(const struct inbound_request *request,
	const struct conf_chat *chat, struct arena *arena,
	struct chat_slack_ask *ask, const char **token);

/** It is for us to post to.  The URL as it is to be asked for, in `arena`; or
 * NULL. */
const char *chat_slack_response_url(
	const struct conf_chat *chat, const char *text, struct arena *arena);
