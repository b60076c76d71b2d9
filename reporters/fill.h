/*
 * `template:` of the reporters that speak to people: a title and a text, in
 * the language of Python's str.format(), by which they can be made to say what
 * their users want.
 */
#pragma once

#include "conf/schema.h"
#include "reporters/words.h"

struct arena;
struct err;

struct fill_template {
	const char *title; /* NULL: the usual one */
	const char *text;
};

extern const struct conf_section fill_section;

/** What a value becomes on its way into a text, so that it means nothing
 * there.  What it gives lives in the arena. */
typedef const char *fill_escape_fn(const char *text, struct arena *arena);

struct fill {
	const struct words *words;
	const struct event *event;
	fill_escape_fn *escape; /* NULL: as they are */
	struct arena *arena;
};

/** NULL, with `err` set, when the template names what there is not. */
const char *fill_text(
	const char *template, const struct fill *fill, struct err *err);
