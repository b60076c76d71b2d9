/* YAML without places, for what has no shape of its own. */
#include <math.h>

#include "agent/base/arena.h"
#include "conf/reader.h"
#include "conf/scalar.h"
#include "conf/strings.h"

/* What is being made, and how. */
struct maker {
	struct conf_reader *reader;
	struct arena *arena;
	const struct conf_spot *spot; /* to complain at; NULL: quietly */
	bool good;
};

static void
make_scalar(struct maker *maker, const struct conf_yaml *value,
	struct conf_node *node)
{
	struct conf_yaml filled = *value;
	if (maker->spot) {
		struct conf_spot spot = *maker->spot;
		spot.value = value;
		spot.mark = value->mark;
		if (!conf_read_filled(maker->reader, &spot, &filled))
			maker->good = false;
		if (value->quoted)
			filled.kind = value->kind;
		else
			conf_warn_oddity(maker->reader, &spot, &filled);
		node->text =
			conf_strings_keep(maker->reader->strings, filled.text);
	} else {
		node->text = conf_fill_quietly(maker->reader, value->text);
	}
	node->kind = (enum conf_node_kind)filled.kind;
	if (node->kind == CONF_NODE_BOOL)
		node->boolean = conf_scalar_bool(node->text);
	if (node->kind == CONF_NODE_INT
		&& !conf_scalar_int(node->text, &node->integer))
		node->kind = CONF_NODE_FLOAT;
	if (node->kind == CONF_NODE_INT)
		node->number = (double)node->integer;
	if (node->kind == CONF_NODE_FLOAT)
		node->number = conf_scalar_float(node->text);
}

static const char *
keep_key(struct maker *maker, const char *key)
{
	if (!maker->spot)
		return key; /* lives as long as the tree, as the node does */
	return conf_strings_keep(maker->reader->strings, key);
}

/* As deep as the file, which is bounded: CONF_YAML_DEPTH_MAX. */
static void
/* NOLINTNEXTLINE(misc-no-recursion) */
make(struct maker *maker, const struct conf_yaml *value, struct conf_node *node)
{
	if (conf_yaml_is_scalar(value)) {
		make_scalar(maker, value, node);
		return;
	}
	struct conf_node *items =
		arena_alloc(maker->arena, value->count * sizeof(*items));
	for (size_t i = 0; i < value->count; i++)
		make(maker, &value->items[i].value, &items[i]);
	node->kind = (enum conf_node_kind)value->kind;
	node->count = value->count;
	node->items = items;
	if (value->kind == CONF_NODE_LIST)
		return;
	const char **keys =
		arena_alloc(maker->arena, value->count * sizeof(*keys));
	for (size_t i = 0; i < value->count; i++)
		keys[i] = keep_key(maker, value->items[i].key);
	node->keys = keys;
}

bool
conf_read_tree(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_node *node)
{
	struct maker maker = {
		.reader = reader,
		.arena = reader->arena,
		.spot = spot,
		.good = true,
	};
	make(&maker, spot->value, node);
	return maker.good;
}

const struct conf_node *
conf_raw_of(struct conf_reader *reader, const struct conf_yaml *value)
{
	struct maker maker = { .reader = reader, .arena = reader->raw };
	struct conf_node *node = arena_alloc(reader->raw, sizeof(*node));
	make(&maker, value, node);
	return node;
}

const struct conf_node *
conf_raw(struct conf_reader *reader)
{
	return conf_raw_of(reader, reader->frame->map);
}

struct arena *
conf_arena(struct conf_reader *reader)
{
	return reader->arena;
}
