/*
 * In which Cachets an endpoint is, and what it is there.
 *
 *     conf_complete_places -> read_places -> read_text, read_list, read_map
 *                                            -> add_place -> known
 */
#include <math.h>

#include "agent/base/arena.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/reader.h"
#include "conf/settings.h"
#include "conf/suggest.h"

enum {
	SUGGEST_FROM_MAX = 200, /* Cachets to compare a wrong name with */
};

/* What is being read: `cachet` of one endpoint. */
struct spot {
	struct conf_reader *reader;
	const struct conf *conf;
	const struct map *names; /* of the Cachets */
	struct conf_endpoint *endpoint;
	struct conf_frame frame; /* of the endpoint */
	struct conf_cachet_place *places;
	size_t n;
};

static void
complain(struct spot *spot, struct conf_mark mark, const char *sentence)
{
	conf_complain_key(spot->reader, CONF_ERROR, &spot->frame, "cachet",
		mark, "%s", sentence);
}

static const char *
nearest(const struct spot *spot, const char *name)
{
	const struct conf_chosen *cachets = spot->conf->cachets.items;
	size_t count = spot->conf->cachets.count;
	struct conf_suggestion suggestion = { .word = name };
	if (conf_complaints_full(spot->reader->complaints, CONF_ERROR))
		return NULL;
	for (size_t i = 0; i < count && i < SUGGEST_FROM_MAX; i++)
		conf_suggest(&suggestion, conf_reporter_name(&cachets[i]));
	return suggestion.best;
}

/* `written` is the name before ${NAME} was filled in, which may be a secret put
 * in a wrong place. */
static bool
known(struct spot *spot, const char *name, const char *written,
	struct conf_mark mark)
{
	if (map_get(spot->names, name))
		return true;
	const char *near = nearest(spot, name);
	if (near)
		conf_complain_key(spot->reader, CONF_ERROR, &spot->frame,
			"cachet", mark,
			"no Cachet is named \"%.80s\"; did you mean \"%s\"?",
			written, near);
	else
		conf_complain_key(spot->reader, CONF_ERROR, &spot->frame,
			"cachet", mark,
			"no Cachet is named \"%.80s\"; see \"cachet:\" of the "
			"document",
			written);
	return false;
}

/* NULL after a complaint. */
static struct conf_cachet_place *
add_place(struct spot *spot, const char *name, const char *written,
	struct conf_mark mark)
{
	if (!known(spot, name, written, mark))
		return NULL;
	for (size_t i = 0; i < spot->n; i++) {
		if (!str_eq(spot->places[i].cachet, name))
			continue;
		complain(spot, mark, "names the same Cachet twice");
		return NULL;
	}
	struct conf_cachet_place *place = &spot->places[spot->n++];
	*place = (struct conf_cachet_place){
		.cachet = name,
		.component_id = spot->endpoint->component_id,
		.metric_id = spot->endpoint->metric_id,
	};
	return place;
}

static void
read_text(struct spot *spot, const struct conf_node *node,
	const struct conf_yaml *yaml)
{
	if (conf_yaml_is_scalar(yaml) && yaml->kind != CONF_NODE_NULL)
		add_place(spot, node->text, yaml->text, yaml->mark);
	else
		complain(spot, yaml->mark, "expected the name of a Cachet");
}

static void
read_list(struct spot *spot, const struct conf_node *node,
	const struct conf_yaml *yaml)
{
	for (size_t i = 0; i < node->count; i++)
		read_text(spot, &node->items[i], &yaml->items[i].value);
}

/* What stands in the map of one Cachet. */
static void
read_id(struct spot *spot, struct conf_frame *frame,
	const struct conf_node *node, const struct conf_yaml_item *item,
	int64_t *id)
{
	if (node->kind == CONF_NODE_NULL)
		return;
	if (node->kind == CONF_NODE_INT && node->integer >= 0
		&& node->number <= CONF_ID_MAX)
		*id = node->integer;
	else
		conf_complain_key(spot->reader, CONF_ERROR, frame, item->key,
			conf_item_mark(item),
			"expected a whole number, from 0");
}

static void
complain_unknown(struct spot *spot, struct conf_frame *frame,
	const struct conf_yaml_item *item)
{
	struct conf_suggestion suggestion = { .word = item->key };
	conf_suggest(&suggestion, "component_id");
	conf_suggest(&suggestion, "metric_id");
	conf_complain_key(spot->reader, CONF_ERROR, frame, item->key,
		item->mark, "unknown key; did you mean \"%s\"?",
		suggestion.best ? suggestion.best
				: "component_id\" or \"metric_id");
}

static void
read_ids(struct spot *spot, struct conf_frame *frame,
	const struct conf_node *node, struct conf_cachet_place *place)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_yaml_item *item = &frame->map->items[i];
		const char *key = node->keys[i];
		if (item->repeated)
			conf_complain_key(spot->reader, CONF_ERROR, frame, key,
				item->mark, "is given twice");
		else if (str_eq(key, "component_id"))
			read_id(spot, frame, &node->items[i], item,
				&place->component_id);
		else if (str_eq(key, "metric_id"))
			read_id(spot, frame, &node->items[i], item,
				&place->metric_id);
		else if (!str_starts(key, "x-"))
			complain_unknown(spot, frame, item);
	}
}

static void
read_map(struct spot *spot, const struct conf_node *node,
	const struct conf_yaml *yaml)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_yaml_item *item = &yaml->items[i];
		const struct conf_node *ids = &node->items[i];
		if (str_starts(item->key, "x-"))
			continue;
		struct conf_cachet_place *place =
			add_place(spot, node->keys[i], item->key, item->mark);
		if (!place || ids->kind == CONF_NODE_NULL)
			continue;
		struct conf_frame outer = { .up = &spot->frame,
			.key = "cachet",
			.index = CONF_NO_INDEX,
			.map = yaml,
			.mark = yaml->mark };
		struct conf_frame inner = { .up = &outer,
			.key = item->key,
			.index = CONF_NO_INDEX,
			.map = &item->value,
			.mark = conf_item_mark(item) };
		if (ids->kind == CONF_NODE_MAP)
			read_ids(spot, &inner, ids, place);
		else
			conf_complain_key(spot->reader, CONF_ERROR, &outer,
				item->key, inner.mark,
				"expected a map of component_id and metric_id");
	}
}

static void
read_places(struct spot *spot, const struct conf_yaml_item *item)
{
	const struct conf_node *node = spot->endpoint->cachet;
	const struct conf_yaml *yaml = &item->value;
	bool scalar = conf_yaml_is_scalar(yaml);
	size_t room = scalar ? 1 : node->count;
	if (room == 0 || room > EVENT_PLACES_MAX) {
		complain(spot, conf_item_mark(item),
			room == 0 ? "must not be empty"
				  : "names more Cachets than there can be");
		return;
	}
	spot->places =
		arena_alloc(spot->reader->arena, room * sizeof(*spot->places));
	size_t before = conf_complaints_errors(spot->reader->complaints);
	if (scalar)
		read_text(spot, node, yaml);
	else if (yaml->kind == CONF_NODE_LIST)
		read_list(spot, node, yaml);
	else
		read_map(spot, node, yaml);
	/* With a mistake in it, it says nothing of the rest. */
	if (conf_complaints_errors(spot->reader->complaints) == before)
		spot->endpoint->places =
			(struct conf_list){ spot->places, spot->n };
}

/* Its numbers are of one Cachet, and nothing says of which. */
static void
check_is_said(struct spot *spot)
{
	if (spot->conf->cachets.count < 2 || spot->endpoint->action.count == 0)
		return;
	const struct conf_chosen *first = spot->conf->cachets.items;
	const char *name = conf_reporter_name(first);
	conf_complain_key(spot->reader, CONF_ERROR, &spot->frame, "cachet",
		spot->frame.mark,
		"is missing: there are several Cachets, and it must say in "
		"which it is, such as \"cachet: %.80s\"",
		name ? name : "NAME");
}

static struct map *
names_of(const struct conf *conf)
{
	struct map *names = map_new();
	const struct conf_chosen *cachets = conf->cachets.items;
	for (size_t i = 0; i < conf->cachets.count; i++) {
		const char *name = conf_reporter_name(&cachets[i]);
		if (name)
			map_put(names, name, names);
	}
	return names;
}

void
conf_complete_places(const struct conf *conf, struct conf_reader *reader)
{
	struct conf_endpoint *endpoints = conf_open_endpoints(conf);
	struct map *names = names_of(conf);
	for (size_t i = 0; i < conf->endpoints.count; i++) {
		const struct conf_yaml *map =
			conf_given_item(reader, "endpoints", i);
		struct spot spot = {
			.reader = reader,
			.conf = conf,
			.names = names,
			.endpoint = &endpoints[i],
			.frame = { .up = reader->frame,
				.key = "endpoints",
				.index = i,
				.map = map,
				.mark = map->mark },
		};
		const struct conf_yaml_item *item =
			conf_yaml_find(map, "cachet");
		if (item && item->value.kind != CONF_NODE_NULL
			&& endpoints[i].cachet)
			read_places(&spot, item);
		else
			check_is_said(&spot);
	}
	map_free(names);
}
