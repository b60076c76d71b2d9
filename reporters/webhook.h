/*
 * A webhook: any receiver that takes an HTTP request.
 *
 *     webhook.c        settings and steps
 *     webhook_fill.c   templates: what an event makes of them
 *
 * Without a `body` it is what cachet-url-monitor sent: POST url?params, and the
 * templates know only {title} and {message}.
 */
#pragma once

#include "reporters/reporter.h"

extern const struct reporter_type webhook_type;

struct webhook_settings {
	const char *name;
	struct conf_source url;
	struct conf_list params; /* struct conf_pair */
	const char *method;
	struct conf_list headers; /* struct conf_pair */
	const struct conf_node *body;
	const char *secret;
	int64_t timeout_ms;
	int64_t rate_limit; /* requests a minute; 0: any number */
};

/** Which fields a template may name. */
enum webhook_fields {
	WEBHOOK_FIELDS_OF_OLD = 0, /* title, message */
	WEBHOOK_FIELDS_ALL,
};

/** What a template may name: of old, and with a `body`. */
extern const struct conf_word webhook_words_of_old[];
extern const struct conf_word webhook_words[];

/** With which templates are tried before there is an event. */
extern const struct event webhook_sample;

/** What a template's {key}, or {key[inside]}, is; NULL: there is no such. */
const struct conf_node *webhook_word(const char *key, const char *inside,
	const struct event *event, struct arena *arena);

/** False when the template names what there is not. */
bool webhook_fill(const char *template, enum webhook_fields fields,
	const struct event *event, struct arena *arena, const char **text,
	struct err *err);

/** The URL without its params. */
bool webhook_fill_url(const struct webhook_settings *settings,
	const struct event *event, struct arena *arena, const char **url,
	struct err *err);

/** One param's value. */
bool webhook_fill_param(const struct webhook_settings *settings,
	const struct conf_pair *param, const struct event *event,
	struct arena *arena, const char **value, struct err *err);

/** The URL with its params. */
bool webhook_fill_target(const struct webhook_settings *settings,
	const struct event *event, struct arena *arena, const char **url,
	struct err *err);

/** A header's value, on one line. */
bool webhook_fill_header(const struct conf_pair *header,
	const struct event *event, struct arena *arena, const char **value,
	struct err *err);

/** The text to send: JSON for a map or a list. */
bool webhook_fill_body(const struct conf_node *body, const struct event *event,
	struct arena *arena, const char **text, struct err *err);
