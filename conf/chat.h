/*
 * `chat:` of the document: where people speak with the agent.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct conf;
struct conf_reader;
struct err;
struct map;
struct url_origin;

enum conf_chat_type {
	CONF_CHAT_SLACK = 0,
};

/** In the order of enum words_language. */
enum conf_chat_language {
	CONF_CHAT_EN = 0,
	CONF_CHAT_KO,
	CONF_CHAT_ZH,
};

/** A door.  It has one of two secrets at least, and for each a path. */
struct conf_chat {
	const char *given_name; /* see conf_chat_name() */
	int type; /* enum conf_chat_type */

	/* Slash commands, buttons and events, which are signed. */
	const char *given_path; /* see conf_chat_path() */
	const char *signing_secret; /* NULL: not open */

	/* What its outgoing webhooks of old say. */
	const char *given_outgoing; /* see conf_chat_outgoing() */
	const char *token; /* NULL: not open */

	const char *trigger; /* by which it is spoken to in a channel */
	const char *report_to; /* who takes answers; NULL: nobody */
	const char *response_host; /* see conf_chat_response_origin() */
	struct conf_list users; /* const char *: ids; empty: all */
	struct conf_list channels; /* const char *: ids; empty: all */
	int language; /* enum conf_chat_language */
	int64_t rate_limit; /* requests a minute; 0: any number */
};

extern const struct conf_section conf_chat_section;

/** Its name, or else its type. */
const char *conf_chat_name(const struct conf_chat *chat);

/** "slack". */
const char *conf_chat_type_name(int type);

/** Where its signed requests go; NULL for nowhere. */
const char *conf_chat_path(const struct conf_chat *chat);

/** Where its outgoing webhooks go; NULL for nowhere. */
const char *conf_chat_outgoing(const struct conf_chat *chat);

/** Where a response_url may lead.  False: `err` says why it cannot be. */
bool conf_chat_response_origin(const struct conf_chat *chat,
	struct url_origin *origin, struct err *err);

/** Messages can have a button of which a press is heard. */
bool conf_chat_hears_buttons(const struct conf *conf);

/** Rules between doors, sources and reporters. */
void conf_check_chats(const struct conf *conf, struct conf_reader *reader);
