#include "conf/body.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"

enum {
	DEPTH_MAX = 32,
	REAL_DIGITS = 15, /* 0.1 stays 0.1 */
};

const struct conf_shape conf_body_shape = {
	.what = "a map, a list or a text",
	.number = true,
	.map = true,
	.list = true,
};

bool
conf_body_is_given(const struct conf_node *body)
{
	return body && body->kind != CONF_NODE_NULL;
}

const char *
conf_body_type(const struct conf_node *body)
{
	return body->kind == CONF_NODE_TEXT ? "text/plain; charset=utf-8"
					    : "application/json";
}

struct filling {
	conf_body_text_fn *fill;
	void *cookie;
	struct err *err;
};

static json_t *json_of(const struct conf_node *node, unsigned depth,
	const struct filling *filling);

static json_t *
json_of_items(const struct conf_node *node, unsigned depth,
	const struct filling *filling)
{
	bool is_map = node->kind == CONF_NODE_MAP;
	json_t *json = is_map ? json_object() : json_array();
	for (size_t i = 0; i < node->count; i++) {
		json_t *item = json_of(&node->items[i], depth + 1, filling);
		if (!item) {
			json_decref(json);
			return NULL;
		}
		if (is_map)
			json_object_set_new(json, node->keys[i], item);
		else
			json_array_append_new(json, item);
	}
	return json;
}

static json_t *
json_of(const struct conf_node *node, unsigned depth,
	const struct filling *filling)
{
	json_t *number;
	if (depth > DEPTH_MAX) {
		err_set(filling->err, "is nested too deeply");
		return NULL;
	}
	switch (node->kind) {
	case CONF_NODE_NULL:
		return json_null();
	case CONF_NODE_BOOL:
		return json_boolean(node->boolean);
	case CONF_NODE_INT:
		return json_integer(node->integer);
	case CONF_NODE_FLOAT:
		number = json_real(node->number);
		return number ? number : json_null(); /* JSON has no nan */
	case CONF_NODE_TEXT:
		return filling->fill(filling->cookie, node->text, filling->err);
	case CONF_NODE_LIST:
	case CONF_NODE_MAP:
		break;
	}
	return json_of_items(node, depth, filling);
}

const char *
conf_body_json(const struct conf_node *body, conf_body_text_fn *fill,
	void *cookie, struct arena *arena, struct err *err)
{
	const struct filling filling = { fill, cookie, err };
	if (body->kind != CONF_NODE_MAP && body->kind != CONF_NODE_LIST) {
		err_set(err, "expected a map, a list or a text");
		return NULL;
	}
	json_t *json = json_of(body, 0, &filling);
	if (!json)
		return NULL;
	char *dump = json_dumps(
		json, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
	json_decref(json);
	const char *text = arena_dup(arena, dump ? dump : "{}");
	free(dump);
	return text;
}
