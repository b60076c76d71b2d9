/*
 * `{key}` in a text of our own, and in actions, filled in.  `{{` and `}}` stand
 * for braces.  Other texts of users are in a larger language: conf/format.h.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct err;

/** The value of `key`, borrowed until the expansion ends; NULL: no such key. */
typedef const char *template_lookup_fn(void *cookie, const char *key);

/** Add the filled-in `text` to `out`.  False for an unknown key or a stray
 * brace, which is what `err` then names. */
bool template_expand(const char *text, template_lookup_fn *lookup, void *cookie,
	struct buf *out, struct err *err);
