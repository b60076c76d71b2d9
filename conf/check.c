/* Rules between sections. */
#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "agent/model/event.h"
#include "conf/action.h"
#include "conf/chat.h"
#include "conf/digest.h"
#include "conf/document.h"
#include "conf/inbound.h"
#include "conf/reader.h"
#include "conf/reminder.h"
#include "conf/settings.h"
#include "conf/suggest.h"

enum {
	TAG_MAX = 100,
	SUGGEST_FROM_MAX = 200, /* reporters to compare a wrong name with */
};

/* The names of a list, each to its place among `numbers`. */
struct names {
	struct conf_reader *reader;
	const char *list;
	struct map *map;
	char *numbers; /* one byte an item, for its address */
};

static struct names
names_new(struct conf_reader *reader, const char *list, size_t count)
{
	return (struct names){
		.reader = reader,
		.list = list,
		.map = map_new(),
		.numbers = arena_alloc(reader->scratch, count + 1),
	};
}

static uint32_t
line_of_name(const struct names *names, size_t index)
{
	const struct conf_yaml *item =
		conf_given_item(names->reader, names->list, index);
	const struct conf_yaml_item *name =
		item ? conf_yaml_find(item, "name") : NULL;
	return name ? name->value.mark.line : 0;
}

/* Item `index` has the name that item `number` of `others` has. */
static void
complain_taken(struct names *names, size_t index, const struct names *others,
	size_t number)
{
	conf_reject_item(names->reader, names->list, index, "name",
		"is the name of %s[%zu] on line %" PRIu32
		" already; each needs its own",
		others->list, number, line_of_name(others, number));
}

/* `name` is NULL when it could not be read. */
static void
add_name(struct names *names, size_t index, const char *name)
{
	if (!name)
		return;
	if (*name == '\0') {
		conf_reject_item(names->reader, names->list, index, "name",
			"must not be empty");
		return;
	}
	const char *first = map_get(names->map, name);
	if (!first) {
		map_put(names->map, name, names->numbers + index);
		return;
	}
	complain_taken(names, index, names, (size_t)(first - names->numbers));
}

/* Also of one whose kind is wrong: what names it is no second mistake. */
static const char *
name_of(const struct conf_chosen *reporter, const struct conf_yaml *item)
{
	if (reporter->variant)
		return conf_reporter_name(reporter);
	const struct conf_yaml_item *name =
		item ? conf_yaml_find(item, "name") : NULL;
	return name && conf_yaml_is_scalar(&name->value) ? name->value.text
							 : NULL;
}

static struct names
check_reporters(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_chosen *reporters = conf->reporters.items;
	size_t count = conf->reporters.count;
	struct names names = names_new(reader, "reporters", count);
	for (size_t i = 0; i < count; i++) {
		const struct conf_yaml *item =
			conf_given_item(reader, "reporters", i);
		if (reporters[i].variant && !conf_yaml_find(item, "name"))
			conf_reject_item(
				reader, "reporters", i, "name", "is missing");
		add_name(&names, i, name_of(&reporters[i], item));
	}
	return names;
}

/* They share their names with `reporters:`. */
static void
check_webhooks(const struct conf *conf, struct conf_reader *reader,
	const struct names *reporters)
{
	const struct conf_chosen *webhooks = conf->webhooks.items;
	struct names own = names_new(reader, "webhooks", conf->webhooks.count);
	for (size_t i = 0; i < conf->webhooks.count; i++) {
		const char *name = conf_reporter_name(&webhooks[i]);
		const char *number =
			name ? map_get(reporters->map, name) : NULL;
		if (number)
			complain_taken(&own, i, reporters,
				(size_t)(number - reporters->numbers));
		else
			add_name(&own, i, name);
	}
	map_free(own.map);
}

/* As far as two that look different are the same. */
static const char *
plain_url(const char *text, struct arena *arena)
{
	const char *url;
	struct err err;
	if (!text || !url_normalise(text, arena, &url, &err))
		return NULL;
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	return arena_dup_n(arena, url, len);
}

static uint32_t
line_of(const struct conf_reader *reader, size_t index)
{
	return conf_given_item(reader, "cachet", index)->mark.line;
}

/* What was told to one would be taken for what was told to the other. */
static void
check_address(const struct conf *conf, struct conf_reader *reader, size_t index)
{
	const struct conf_chosen *cachets = conf->cachets.items;
	struct arena *arena = reader->scratch;
	const char *url =
		plain_url(conf_chosen_text(&cachets[index], "api_url"), arena);
	for (size_t i = 0; url && i < index; i++) {
		const char *other = plain_url(
			conf_chosen_text(&cachets[i], "api_url"), arena);
		if (!other || !str_ieq(other, url))
			continue;
		conf_reject_item(reader, "cachet", index, "api_url",
			"is that of cachet[%zu] on line %" PRIu32
			" already; there is one for each Cachet",
			i, line_of(reader, i));
		return;
	}
}

/* One may stand alone, and then needs no name. */
static void
check_cachets(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_yaml_item *given = conf_given(reader, "cachet");
	const struct conf_chosen *cachets = conf->cachets.items;
	size_t count = conf->cachets.count;
	if (!given || given->value.kind != CONF_NODE_LIST)
		return;
	if (count > EVENT_PLACES_MAX) {
		conf_reject(reader, "cachet", "expected at most %d Cachets",
			EVENT_PLACES_MAX);
		return;
	}
	struct names names = names_new(reader, "cachet", count);
	for (size_t i = 0; i < count; i++) {
		const struct conf_yaml *item =
			conf_given_item(reader, "cachet", i);
		if (cachets[i].variant && !conf_yaml_find(item, "name"))
			conf_reject_item(reader, "cachet", i, "name",
				"is missing; each Cachet of a list has one, "
				"for endpoints to say in which they are");
		add_name(&names, i, name_of(&cachets[i], item));
		check_address(conf, reader, i);
	}
	map_free(names.map);
}

static const char *
nearest_reporter(const struct conf *conf, const char *name)
{
	const struct conf_chosen *reporters = conf->reporters.items;
	size_t count = conf->reporters.count;
	struct conf_suggestion suggestion = { .word = name };
	for (size_t i = 0; i < count && i < SUGGEST_FROM_MAX; i++)
		conf_suggest(&suggestion, conf_reporter_name(&reporters[i]));
	return suggestion.best;
}

/* Before ${NAME} was filled in, which may be a secret put in a wrong place. */
static const char *
written_reporter(const struct conf_reader *reader, size_t index, size_t i)
{
	const struct conf_yaml *endpoint =
		conf_given_item(reader, "endpoints", index);
	const struct conf_yaml *list =
		&conf_yaml_find(endpoint, "report_to")->value;
	if (list->kind == CONF_NODE_LIST)
		list = &list->items[i].value;
	return list->text;
}

static void
check_report_to(const struct conf *conf, struct conf_reader *reader,
	size_t index, const struct map *reporters)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	const struct conf_list *wanted = &endpoints[index].report_to;
	const char *const *names = wanted->items;
	for (size_t i = 0; i < wanted->count; i++) {
		if (*names[i] == '\0' || map_get(reporters, names[i]))
			continue;
		const char *near =
			conf_complaints_full(reader->complaints, CONF_ERROR)
			? NULL
			: nearest_reporter(conf, names[i]);
		const char *written = written_reporter(reader, index, i);
		if (near)
			conf_reject_item(reader, "endpoints", index,
				"report_to",
				"no reporter is named \"%.80s\"; did you mean "
				"\"%s\"?",
				written, near);
		else
			conf_reject_item(reader, "endpoints", index,
				"report_to",
				"no reporter is named \"%.80s\"; see "
				"\"reporters:\"",
				written);
	}
}

static bool
has_action(const struct conf_endpoint *endpoint, enum event_action action)
{
	const int *actions = endpoint->action.items;
	for (size_t i = 0; i < endpoint->action.count; i++)
		if (actions[i] == (int)action)
			return true;
	return false;
}

/* Of those that it names. */
static bool
lacks_component_somewhere(const struct conf_endpoint *endpoint)
{
	const struct conf_cachet_place *places = endpoint->places.items;
	for (size_t i = 0; i < endpoint->places.count; i++)
		if (places[i].component_id == 0)
			return true;
	return false;
}

/* A component that was given and could not be read is complained of already,
 * and so is a Cachet. */
static bool
lacks_component(const struct conf_reader *reader,
	const struct conf_endpoint *endpoint, size_t index)
{
	if (endpoint->cachet && endpoint->cachet->kind != CONF_NODE_NULL)
		return lacks_component_somewhere(endpoint);
	const struct conf_yaml *item =
		conf_given_item(reader, "endpoints", index);
	const struct conf_yaml_item *id = conf_yaml_find(item, "component_id");
	return endpoint->component_id == 0
		&& (!id || id->value.kind == CONF_NODE_NULL
			|| (conf_yaml_is_scalar(&id->value)
				&& str_eq(id->value.text, "0")));
}

static bool
has_metric(const struct conf_endpoint *endpoint)
{
	const struct conf_cachet_place *places = endpoint->places.items;
	for (size_t i = 0; i < endpoint->places.count; i++)
		if (places[i].metric_id != 0)
			return true;
	return endpoint->places.count == 0
		&& (endpoint->cachet || endpoint->metric_id != 0);
}

static void
check_actions(const struct conf_endpoint *endpoint, struct conf_reader *reader,
	size_t index)
{
	bool tells = has_action(endpoint, ACTION_CREATE_INCIDENT)
		|| has_action(endpoint, ACTION_UPDATE_STATUS);
	if (has_action(endpoint, ACTION_PUSH_METRICS) && !has_metric(endpoint))
		conf_warn_item(reader, "endpoints", index, "action",
			"PUSH_METRICS does nothing without a metric_id, the "
			"number of the metric in Cachet");
	if (tells && lacks_component(reader, endpoint, index))
		conf_reject_item(reader, "endpoints", index, "action",
			"needs a component_id, the number of the component in "
			"Cachet");
}

/* Said once, at the first endpoint that needs it. */
static bool
check_cachet(const struct conf *conf, struct conf_reader *reader, size_t index)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	if (endpoints[index].action.count == 0 || conf->cachets.count > 0)
		return false;
	conf_reject_item(reader, "endpoints", index, "action",
		"Missing cachet mandatory fields: add \"cachet:\" with its "
		"api_url and token, or leave the action out");
	return true;
}

static void
check_own_name(const struct conf_endpoint *endpoint, struct conf_reader *reader,
	size_t index)
{
	if (endpoint->name && str_eq(endpoint->name, EVENT_OURS))
		conf_reject_item(reader, "endpoints", index, "name",
			"is what the agent calls itself; take another one");
}

static void
check_tags(const struct conf_endpoint *endpoint, struct conf_reader *reader,
	size_t index)
{
	const char *const *tags = endpoint->tags.items;
	if (endpoint->tags.count > EVENT_TAGS_MAX)
		conf_reject_item(reader, "endpoints", index, "tags",
			"expected at most %d of them", EVENT_TAGS_MAX);
	for (size_t i = 0; i < endpoint->tags.count; i++)
		if (strlen(tags[i]) > TAG_MAX)
			conf_reject_item(reader, "endpoints", index, "tags",
				"a tag is longer than %d bytes", TAG_MAX);
}

static void
check_endpoints(const struct conf *conf, struct conf_reader *reader,
	const struct map *reporters)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	size_t count = conf->endpoints.count;
	struct names names = names_new(reader, "endpoints", count);
	bool said = false;
	for (size_t i = 0; i < count; i++) {
		add_name(&names, i, endpoints[i].name);
		check_own_name(&endpoints[i], reader, i);
		check_tags(&endpoints[i], reader, i);
		check_actions(&endpoints[i], reader, i);
		check_report_to(conf, reader, i, reporters);
		if (!said)
			said = check_cachet(conf, reader, i);
	}
	map_free(names.map);
}

/* In the words of the old tool, which scripts may know. */
static void
check_there_is_something(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_yaml_item *item = conf_given(reader, "endpoints");
	if (conf->inbound.count > 0 || conf->chats.count > 0)
		return;
	if (!item)
		conf_reject(reader, NULL,
			"Endpoints is a mandatory field: a list of what is to "
			"be watched");
	else if (item->value.kind == CONF_NODE_NULL
		|| (item->value.kind == CONF_NODE_LIST
			&& item->value.count == 0))
		conf_reject(reader, "endpoints",
			"Endpoints array can not be empty");
}

void
conf_check_document(const struct conf *conf, struct conf_reader *reader)
{
	check_there_is_something(conf, reader);
	struct names reporters = check_reporters(conf, reader);
	check_webhooks(conf, reader, &reporters);
	check_cachets(conf, reader);
	conf_complete_places(conf, reader);
	check_endpoints(conf, reader, reporters.map);
	conf_check_inbound(conf, reader, reporters.map);
	conf_check_chats(conf, reader);
	conf_check_digests(conf, reader);
	conf_check_reminders(conf, reader);
	conf_check_actions(conf, reader);
	map_free(reporters.map);
}
