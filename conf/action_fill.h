/*
 * From words to an action's request.  Pure.
 *
 * {word} in its URL, headers and body is what was said, {{ and }} are braces.
 * Each is escaped for where it stands, so that it never becomes more than a
 * value there: percent-encoded in a URL, of which it cannot change scheme,
 * host, or how deep its path goes; as JSON has it in a map, and in a text as
 * the Content-Type says: JSON, a form, XML, or as it is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct arena;
struct conf_action;
struct conf_action_pattern;
struct conf_action_words;
struct err;
struct http_request;

/** What may be named besides the words of the pattern. */
extern const struct conf_word conf_action_fields[];

/** What one request is made from. */
struct conf_action_said {
	const struct conf_action_words *words;
	const char *text; /* all that followed the command */
	const char *user; /* who asks, as people know them */
	const char *user_id; /* as the chat knows them */
	const char *channel; /* "" for none */
	const char *id; /* of the run: the same on each attempt */
	int64_t now_ms; /* wall clock */
};

/**
 * Method, URL, headers and body; the rest is zero.  In the arena or the
 * configuration.  False: `err` says why not, without a secret.
 */
bool conf_action_fill(const struct conf_action *action,
	const struct conf_action_said *said, struct arena *arena,
	struct http_request *request, struct err *err);

/**
 * Would be filled in whatever was said by this pattern.  False: `key` is the
 * one of the section that is wrong, "pattern" when all else is right.  An
 * action without `url` is looked at as if it had one.
 */
bool conf_action_fill_try(const struct conf_action *action,
	const struct conf_action_pattern *pattern, const char **key,
	struct err *err);
