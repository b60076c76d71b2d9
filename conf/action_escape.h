/*
 * Values written so that they are no more than that where they stand.  Pure.
 */
#pragma once

struct arena;

enum conf_action_escape {
	CONF_ACTION_ESCAPE_NOTHING = 0,
	CONF_ACTION_ESCAPE_URL,
	CONF_ACTION_ESCAPE_FORM,
	CONF_ACTION_ESCAPE_JSON, /* inside of quotes */
	CONF_ACTION_ESCAPE_XML,
};

/** In a text of this Content-Type; NULL for none. */
enum conf_action_escape conf_action_escape_of(const char *type);

const char *conf_action_escape(
	enum conf_action_escape how, const char *text, struct arena *arena);
