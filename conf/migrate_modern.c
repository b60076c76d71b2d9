/*
 * Since 0.6 there is a list of endpoints; what changed after that, and the
 * slips that its documentation or its leniency led to.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"
#include "conf/scalar.h"

const char *const conf_endpoint_order[] = {
	"name",
	"url",
	"method",
	"header",
	"insecure",
	"timeout",
	"expectation",
	"allowed_fails",
	"component_id",
	"metric_id",
	"action",
	"public_incidents",
	"latency_unit",
	"frequency",
	NULL,
};

const char *
conf_url_host(struct arena *arena, const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + strlen("://") : url;
	size_t len = strcspn(host, "/?#");
	for (size_t i = len; i > 0; i--)
		if (host[i - 1] == '@') {
			host += i;
			len -= i;
			break;
		}
	size_t name =
		host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	return arena_dup_n(arena, host, name < len ? name : len);
}

static void
move_header(struct conf_move *move, struct conf_piece *endpoint)
{
	struct conf_item *header = conf_piece_find(endpoint, "header");
	struct conf_piece *map = header ? conf_piece_of(header->value) : NULL;
	if (!map || map->kind != CONF_PIECE_MAP)
		return;
	for (struct conf_item *item = map->first; item; item = item->next) {
		enum conf_node_kind kind = conf_piece_scalar_kind(item->value);
		if (item->value->kind != CONF_PIECE_SCALAR
			|| kind == CONF_NODE_TEXT || kind == CONF_NODE_NULL
			|| item->value->raw[0] == '!'
			|| item->value->raw[0] == '&')
			continue;
		conf_piece_set_text(move->arena, item->value, item->value->text,
			CONF_STYLE_DOUBLE);
		conf_note(move, CONF_NOTE_CHANGED, item->value->mark,
			"header.%s: in quotes, since it is a text",
			item->key->text);
	}
}

void
conf_move_action(struct conf_move *move, struct conf_item *action)
{
	struct conf_piece *value = action->value;
	if (value->kind != CONF_PIECE_SCALAR || value->raw[0] == '&')
		return;
	bool is_null = conf_piece_is_null(value);
	struct conf_piece *list = conf_piece_list(move->arena, value->mark);
	list->indent = value->indent;
	if (!is_null)
		conf_piece_add(list,
			conf_item_new(move->arena, NULL, value, value->mark));
	action->value = list;
	conf_note(move, CONF_NOTE_CHANGED, action->key->mark,
		is_null ? "action: nothing is written as [] now"
			: "action: a list now");
}

/* "5" is 5, where that is one and the same. */
static void
move_number(struct conf_move *move, struct conf_item *item)
{
	double number;
	struct conf_piece *value = item ? item->value : NULL;
	if (!value || value->kind != CONF_PIECE_SCALAR
		|| (value->style != CONF_STYLE_SINGLE
			&& value->style != CONF_STYLE_DOUBLE)
		|| strchr("&!", value->raw[0])
		|| !str_number(value->text, &number)
		|| conf_scalar_kind(value->text) == CONF_NODE_TEXT
		|| conf_scalar_oddity(value->text))
		return;
	conf_piece_set_text(move->arena, value, value->text, CONF_STYLE_PLAIN);
	conf_note(move, CONF_NOTE_CHANGED, value->mark,
		"%s: a number, without quotes", item->key->text);
}

static bool
is_above_zero(struct conf_item *item)
{
	struct conf_piece *value = item ? conf_piece_of(item->value) : NULL;
	return value
		&& (conf_piece_scalar_kind(value) == CONF_NODE_INT
			|| conf_piece_scalar_kind(value) == CONF_NODE_FLOAT)
		&& conf_scalar_float(value->text) >= 1;
}

static bool
pushes_metrics(struct conf_piece *endpoint)
{
	struct conf_item *action = conf_piece_merged(endpoint, "action");
	struct conf_piece *list = action ? conf_piece_of(action->value) : NULL;
	if (!list || list->kind != CONF_PIECE_LIST)
		return false;
	for (struct conf_item *item = list->first; item; item = item->next) {
		struct conf_piece *value = conf_piece_of(item->value);
		if (value->kind == CONF_PIECE_SCALAR
			&& str_eq(value->text, "PUSH_METRICS"))
			return true;
	}
	return false;
}

/* Python's truth of what stands there: any text but an empty one, "no" too. */
static bool
was_true(const struct conf_piece *value)
{
	if (!value || value->kind != CONF_PIECE_SCALAR)
		return false;
	switch (conf_piece_scalar_kind(value)) {
	case CONF_NODE_TEXT:
		return *value->text != '\0';
	case CONF_NODE_BOOL:
		return conf_scalar_bool(value->text);
	case CONF_NODE_INT:
	case CONF_NODE_FLOAT:
		return conf_scalar_float(value->text) != 0;
	default:
		return false;
	}
}

static void
tell_insecure(struct conf_move *move, struct conf_piece *endpoint)
{
	struct conf_item *insecure = conf_piece_merged(endpoint, "insecure");
	struct conf_item *header = conf_piece_merged(endpoint, "header");
	struct conf_piece *value =
		insecure ? conf_piece_of(insecure->value) : NULL;
	struct conf_piece *map = header ? conf_piece_of(header->value) : NULL;
	if (!was_true(value))
		return;
	if (!map || map->kind != CONF_PIECE_MAP || !map->first)
		conf_note(move, CONF_NOTE_MEANING, insecure->key->mark,
			"insecure: works now; without a header it had no "
			"effect");
	else if (conf_piece_scalar_kind(value) == CONF_NODE_TEXT)
		conf_note(move, CONF_NOTE_MEANING, insecure->key->mark,
			"insecure: \"%s\" means what it says now; any text, "
			"even \"no\", made cachet-url-monitor take any "
			"certificate",
			value->text);
}

/* Only capitals were a severity; anything else was that of the type. */
static void
tell_incident(struct conf_move *move, struct conf_piece *expectation)
{
	struct conf_item *type = conf_piece_merged(expectation, "type");
	struct conf_item *incident = conf_piece_merged(expectation, "incident");
	struct conf_piece *kind = type ? conf_piece_of(type->value) : NULL;
	struct conf_piece *value =
		incident ? conf_piece_of(incident->value) : NULL;
	if (!kind || kind->kind != CONF_PIECE_SCALAR || !value
		|| value->kind != CONF_PIECE_SCALAR)
		return;
	static const char *const severities[] = { "PARTIAL", "MAJOR",
		"PERFORMANCE" };
	const char *was =
		str_eq(kind->text, "LATENCY") ? "PERFORMANCE" : "PARTIAL";
	for (size_t i = 0; i < sizeof(severities) / sizeof(*severities); i++)
		if (str_ieq(value->text, severities[i])
			&& !str_eq(value->text, severities[i])
			&& !str_eq(was, severities[i]))
			conf_note(move, CONF_NOTE_MEANING, value->mark,
				"incident: %s is %s now; cachet-url-monitor "
				"took what is not in capitals as %s",
				value->text, severities[i], was);
}

/* What is written as before, and does something else. */
static void
tell_meaning(struct conf_move *move, struct conf_piece *endpoint)
{
	struct conf_item *fails = conf_piece_merged(endpoint, "allowed_fails");
	struct conf_item *metric = conf_piece_merged(endpoint, "metric_id");
	struct conf_item *expectation =
		conf_piece_merged(endpoint, "expectation");
	struct conf_piece *list =
		expectation ? conf_piece_of(expectation->value) : NULL;
	if (is_above_zero(fails))
		conf_note(move, CONF_NOTE_MEANING, fails->key->mark,
			"allowed_fails: works now; with it, "
			"cachet-url-monitor did not update the status of a "
			"component that failed");
	if (metric && !conf_piece_is_null(metric->value)
		&& !pushes_metrics(endpoint))
		conf_note(move, CONF_NOTE_MEANING, metric->key->mark,
			"metric_id: gets nothing, as PUSH_METRICS is not in "
			"action; since 0.6.8 that is needed");
	tell_insecure(move, endpoint);
	if (!list || list->kind != CONF_PIECE_LIST)
		return;
	for (struct conf_item *item = list->first; item; item = item->next)
		tell_incident(move, conf_piece_of(item->value));
}

static struct conf_piece *
list_at(struct conf_piece *root, const char *key)
{
	struct conf_item *item = conf_piece_find(root, key);
	struct conf_piece *list = item ? conf_piece_of(item->value) : NULL;
	return list && list->kind == CONF_PIECE_LIST ? list : NULL;
}

/* Without any of these the old tool did not start. */
static bool
is_of_old(struct conf_piece *endpoint)
{
	static const char *const needed[] = { "url", "method", "timeout",
		"expectation", "component_id", "frequency" };
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!conf_piece_merged(endpoint, needed[i]))
			return false;
	return true;
}

/* True when the document says only what the old tool knew. */
static bool
is_old_document(const struct conf_piece *root)
{
	static const char *const known[] = { "endpoints", "cachet", "webhooks",
		"messages" };
	for (const struct conf_item *item = root->first; item;
		item = item->next) {
		bool found = item->key->kind == CONF_PIECE_SCALAR
			&& str_starts(item->key->text, "x-");
		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			found |= item->key->kind == CONF_PIECE_SCALAR
				&& str_eq(item->key->text, known[i]);
		if (!found)
			return false;
	}
	return true;
}

static void
add_key(struct conf_move *move, struct conf_piece *endpoint, const char *key,
	const char *text, enum conf_piece_style style)
{
	struct conf_piece *value =
		conf_piece_text(move->arena, text, style, endpoint->mark);
	conf_piece_insert(endpoint,
		conf_item_new(move->arena, key, value, endpoint->mark),
		conf_endpoint_order);
}

static void
add_name(struct conf_move *move, struct conf_piece *endpoint)
{
	struct conf_item *url = conf_piece_merged(endpoint, "url");
	struct conf_piece *value = url ? conf_piece_of(url->value) : NULL;
	if (conf_piece_merged(endpoint, "name") || !value
		|| value->kind != CONF_PIECE_SCALAR)
		return;
	const char *name = move->options->name
		? move->options->name
		: conf_url_host(move->arena, value->text);
	if (*name == '\0')
		return;
	add_key(move, endpoint, "name", name,
		conf_scalar_kind(name) == CONF_NODE_TEXT ? CONF_STYLE_PLAIN
							 : CONF_STYLE_DOUBLE);
	conf_note(move, CONF_NOTE_CHANGED, endpoint->mark,
		"name: an endpoint needs one; it is %s", name);
}

static void
move_unit(struct conf_move *move, struct conf_piece *endpoint,
	const struct conf_piece *unit)
{
	if (!unit || conf_piece_merged(endpoint, "latency_unit"))
		return;
	add_key(move, endpoint, "latency_unit", unit->text, unit->style);
	conf_note(move, CONF_NOTE_CHANGED, endpoint->mark,
		"latency_unit: %s, which stood under cachet", unit->text);
}

static void
move_endpoint(struct conf_move *move, struct conf_piece *endpoint,
	const struct conf_piece *unit, bool old)
{
	static const char *const numbers[] = { "timeout", "frequency",
		"allowed_fails", "component_id", "metric_id" };
	add_name(move, endpoint);
	move_header(move, endpoint);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		move_number(move, conf_piece_find(endpoint, numbers[i]));
	struct conf_item *action = conf_piece_find(endpoint, "action");
	if (action)
		conf_move_action(move, action);
	if (old && is_of_old(endpoint)
		&& !conf_piece_merged(endpoint, "public_incidents")) {
		add_key(move, endpoint, "public_incidents", "true",
			CONF_STYLE_PLAIN);
		conf_note(move, CONF_NOTE_CHANGED, endpoint->mark,
			"public_incidents: true is written out; "
			"cachet-url-monitor did not start without it");
	}
	move_unit(move, endpoint, unit);
	tell_meaning(move, endpoint);
}

/* Keys of before 0.6 that stand beside a list of endpoints. */

/* Something else may stand for it. */
static bool
has_anchor(const struct conf_piece *piece)
{
	bool many =
		piece->kind == CONF_PIECE_LIST || piece->kind == CONF_PIECE_MAP;
	if (piece->props || (piece->raw && piece->raw[0] == '&'))
		return true;
	for (const struct conf_item *item = many ? piece->first : NULL; item;
		item = item->next)
		if (has_anchor(item->value))
			return true;
	return false;
}

static void
drop_old(struct conf_move *move, struct conf_piece *owner, const char *key,
	const char *under)
{
	struct conf_item *item = owner ? conf_piece_find(owner, key) : NULL;
	if (!item || has_anchor(item->value))
		return;
	conf_note(move, CONF_NOTE_LOST, item->key->mark,
		"%s%s: left out; beside `endpoints`, cachet-url-monitor did "
		"not read it",
		under, key);
	conf_piece_drop(move->paper, owner, item);
}

static void
drop_olds(struct conf_move *move, struct conf_piece *root)
{
	static const char *const of_root[] = { "endpoint", "frequency",
		"latency_unit" };
	static const char *const of_cachet[] = { "component_id", "metric_id",
		"action", "create_incident", "update_status",
		"public_incidents" };
	struct conf_item *cachet = conf_piece_find(root, "cachet");
	struct conf_piece *map = cachet ? conf_piece_of(cachet->value) : NULL;
	if (!conf_piece_find(root, "endpoints"))
		return;
	for (size_t i = 0; i < sizeof(of_root) / sizeof(*of_root); i++)
		drop_old(move, root, of_root[i], "");
	for (size_t i = 0; i < sizeof(of_cachet) / sizeof(*of_cachet); i++)
		drop_old(move, map, of_cachet[i], "cachet.");
}

/* 0.6.0 to 0.6.7 had one unit for all. */
static const struct conf_piece *
take_unit(struct conf_move *move, struct conf_piece *root)
{
	struct conf_item *cachet = conf_piece_find(root, "cachet");
	struct conf_item *item =
		cachet ? conf_piece_find(cachet->value, "latency_unit") : NULL;
	if (!item)
		return NULL;
	const struct conf_piece *value = conf_piece_of(item->value);
	conf_note(move, CONF_NOTE_CHANGED, item->key->mark,
		"latency_unit: moved from cachet to each endpoint that has "
		"none");
	conf_note(move, CONF_NOTE_MEANING, item->key->mark,
		"latency_unit: counts for each endpoint by itself; up to 0.6.7 "
		"the one under cachet was for all, since 0.6.8 it had no "
		"effect");
	conf_piece_drop(move->paper, conf_piece_of(cachet->value), item);
	if (value->kind != CONF_PIECE_SCALAR
		|| conf_piece_scalar_kind(value) != CONF_NODE_TEXT)
		return NULL;
	return value;
}

static void
move_webhooks(struct conf_move *move, struct conf_piece *root)
{
	struct conf_piece *list = list_at(root, "webhooks");
	for (struct conf_item *item = list ? list->first : NULL; item;
		item = item->next) {
		struct conf_item *params =
			conf_piece_find(item->value, "params");
		if (!params || params->value->kind != CONF_PIECE_SCALAR
			|| !conf_piece_is_null(params->value))
			continue;
		struct conf_piece *map =
			conf_piece_list(move->arena, params->value->mark);
		map->kind = CONF_PIECE_MAP;
		params->value = map;
		conf_note(move, CONF_NOTE_CHANGED, params->key->mark,
			"params: nothing is written as {} now");
	}
}

static void
drop_null(struct conf_move *move, struct conf_piece *root, const char *key)
{
	struct conf_item *item = conf_piece_find(root, key);
	if (!item || !conf_piece_is_null(item->value))
		return;
	conf_note(move, CONF_NOTE_CHANGED, item->key->mark,
		"%s: left out, since nothing stands there", key);
	conf_piece_drop(move->paper, root, item);
}

static void
move_messages(struct conf_move *move, struct conf_piece *root)
{
	static const char right[] = "incident_performance";
	struct conf_item *messages = conf_piece_find(root, "messages");
	struct conf_item *item = messages
		? conf_piece_find(messages->value, "incident_performace")
		: NULL;
	if (!item || conf_piece_find(messages->value, right))
		return;
	conf_piece_set_text(move->arena, item->key, right, CONF_STYLE_PLAIN);
	conf_note(move, CONF_NOTE_CHANGED, item->key->mark,
		"incident_performace: is spelt %s", right);
	conf_note(move, CONF_NOTE_MEANING, item->key->mark,
		"%s: has an effect now; misspelt it had none", right);
}

void
conf_move_modern(struct conf_move *move)
{
	struct conf_piece *root = move->paper->root;
	drop_olds(move, root);
	bool old = is_old_document(root);
	const struct conf_piece *unit = take_unit(move, root);
	struct conf_piece *list = list_at(root, "endpoints");
	for (struct conf_item *item = list ? list->first : NULL; item;
		item = item->next)
		if (item->value->kind == CONF_PIECE_MAP)
			move_endpoint(move, item->value, unit, old);
	drop_null(move, root, "webhooks");
	drop_null(move, root, "messages");
	move_webhooks(move, root);
	move_messages(move, root);
}
