/*
 * `body:` of the requests that are made from a configuration: a map or a list,
 * sent as JSON with its texts filled in, or a text, sent as it is once filled
 * in.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "conf/schema.h"

struct arena;
struct err;

extern const struct conf_shape conf_body_shape;

/** Something is to be sent; NULL is allowed, and nothing. */
bool conf_body_is_given(const struct conf_node *body);

/** Its Content-Type, where nobody says another. */
const char *conf_body_type(const struct conf_node *body);

/** The JSON of a text of the body; NULL, with `err` set, for none. */
typedef json_t *conf_body_text_fn(
	void *cookie, const char *text, struct err *err);

/**
 * Of a map or a list: its JSON, compact and in the arena, of which `fill` has
 * made the texts.  NULL, with `err` set, when it could not, and for any other
 * body.
 */
const char *conf_body_json(const struct conf_node *body,
	conf_body_text_fn *fill, void *cookie, struct arena *arena,
	struct err *err);
