/*
 * Templates in the language of Python's str.format(), in which `messages:` and
 * webhooks have always been written: {key}, {key[inside]}, {key!r},
 * {key:>8.3f}; {{ and }} stand for braces.  Values look as Python shows them.
 *
 * Not there: attributes ({key.real}), positions ({0}), and of the format
 * specifications `c`, `z`, `#` on what is no whole number, and widths above
 * 1000.
 */
#pragma once

#include "conf/schema.h"

struct buf;
struct err;

enum conf_format {
	CONF_FORMAT_DONE = 0,
	CONF_FORMAT_BROKEN, /* the template can never be filled in */
	CONF_FORMAT_UNRESOLVED, /* not with these values */
};

/**
 * The value of `key`, borrowed until the template is filled in; NULL: there is
 * none.  `inside` is what the template goes on to ask of it, the "a" of
 * {key[a][b]}; NULL when it wants the whole.
 */
typedef const struct conf_node *conf_format_lookup_fn(
	void *cookie, const char *key, const char *inside);

/**
 * Add the filled-in `text` to `out`, which has a ceiling: see out->full.  `err`
 * says why it could not be, and shows no values.
 */
enum conf_format conf_format(const char *text, conf_format_lookup_fn *lookup,
	void *cookie, struct buf *out, struct err *err);

/** Says with a complaint of conf_format() what could be named. */
void conf_format_teach(const struct conf_word *words, struct err *err);

/** What Python's str() makes of a value: True, None, 0.5, [1, 'a']. */
void conf_format_str(const struct conf_node *value, struct buf *out);

/** A value that is a text. */
struct conf_node conf_format_text(const char *text);
