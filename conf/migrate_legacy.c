/*
 * Versions 0.1 to 0.5 watched one URL: `endpoint`, `cachet` and `frequency`
 * become one of `endpoints`, and a `cachet` that is only the address.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"
#include "conf/scalar.h"

struct legacy {
	struct conf_move *move;
	struct conf_item *endpoint_item, *cachet_item;
	struct conf_piece *root, *endpoint, *cachet;
	bool exact_status; /* an expectation has `status`: 0.1 to 0.3 */
	bool has_action; /* `cachet` says in some way what to do */
};

static void
put(struct legacy *legacy, struct conf_item *item)
{
	conf_piece_insert(legacy->endpoint, item, conf_endpoint_order);
}

/* A key that moves to the endpoint with all that belongs to it. */
static struct conf_item *
carry(struct legacy *legacy, struct conf_piece *from, const char *key)
{
	struct conf_item *item = from ? conf_piece_find(from, key) : NULL;
	if (!item)
		return NULL;
	struct conf_item *there = conf_piece_find(legacy->endpoint, key);
	if (there) {
		conf_note(legacy->move, CONF_NOTE_LOST, item->key->mark,
			"%s: left out, since `endpoint` has one", key);
		conf_piece_drop(legacy->move->paper, from, item);
		return there;
	}
	conf_piece_take(from, item);
	put(legacy, item);
	conf_note(legacy->move, CONF_NOTE_CHANGED, item->key->mark,
		"%s: moved into the endpoint", key);
	return item;
}

static struct conf_item *
add(struct legacy *legacy, const char *key, const char *text,
	struct conf_mark mark)
{
	struct conf_item *item = conf_item_new(legacy->move->arena, key,
		conf_piece_text(
			legacy->move->arena, text, CONF_STYLE_PLAIN, mark),
		mark);
	put(legacy, item);
	return item;
}

/* URLs */

static const char *
url_of(const struct legacy *legacy)
{
	struct conf_item *item = conf_piece_find(legacy->endpoint, "url");
	struct conf_piece *value = item ? conf_piece_of(item->value) : NULL;
	if (!value || value->kind != CONF_PIECE_SCALAR
		|| conf_piece_is_null(value))
		return "";
	return value->text;
}

static void
add_scheme(struct conf_move *move, struct conf_item *item)
{
	struct conf_piece *value = item ? item->value : NULL;
	if (!value || conf_piece_scalar_kind(value) != CONF_NODE_TEXT
		|| value->text[0] == '\0' || strstr(value->text, "://")
		|| str_starts(value->text, "${"))
		return;
	conf_note(move, CONF_NOTE_CHANGED, value->mark,
		"%s: http:// is written in front of it", item->key->text);
	conf_piece_set_text(move->arena, value,
		arena_printf(move->arena, "http://%s", value->text),
		value->style);
}

static void
cut_slashes(struct conf_move *move, struct conf_item *item)
{
	struct conf_piece *value = item ? item->value : NULL;
	if (!value || conf_piece_scalar_kind(value) != CONF_NODE_TEXT)
		return;
	size_t len = strlen(value->text);
	if (len == 0 || value->text[len - 1] != '/')
		return;
	while (len > 0 && value->text[len - 1] == '/')
		len--;
	conf_note(move, CONF_NOTE_CHANGED, value->mark,
		"%s: without the slash at its end", item->key->text);
	conf_piece_set_text(move->arena, value,
		arena_dup_n(move->arena, value->text, len), value->style);
}

static void
add_name(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	if (conf_piece_find(legacy->endpoint, "name"))
		return;
	const char *name = move->options->name
		? move->options->name
		: conf_url_host(move->arena, url_of(legacy));
	if (*name == '\0')
		return;
	struct conf_item *item =
		add(legacy, "name", name, legacy->endpoint->mark);
	if (conf_piece_scalar_kind(item->value) != CONF_NODE_TEXT)
		conf_piece_set_text(
			move->arena, item->value, name, CONF_STYLE_DOUBLE);
	conf_note(move, CONF_NOTE_CHANGED, legacy->endpoint->mark,
		"name: an endpoint needs one now; it is %s%s", name,
		move->options->name ? "" : ", the host of its URL");
}

/* Expectations */

static void
move_status(struct legacy *legacy, struct conf_piece *expectation)
{
	struct conf_move *move = legacy->move;
	struct conf_item *status = conf_piece_find(expectation, "status");
	if (!status)
		return;
	legacy->exact_status = true;
	if (conf_piece_find(expectation, "status_range")) {
		conf_note(move, CONF_NOTE_LOST, status->key->mark,
			"status: left out, since `status_range` is there");
		conf_piece_drop(move->paper, expectation, status);
		return;
	}
	conf_piece_set_text(
		move->arena, status->key, "status_range", CONF_STYLE_PLAIN);
	conf_note(move, CONF_NOTE_CHANGED, status->key->mark,
		"status: is called status_range now; a single number means "
		"just that");
}

/* "201" had to be quoted once; as a number, 0310 would be octal. */
static void
move_range(struct legacy *legacy, struct conf_piece *expectation)
{
	struct conf_item *item = conf_piece_find(expectation, "status_range");
	int64_t status;
	if (!item || item->value->kind != CONF_PIECE_SCALAR
		|| item->value->style == CONF_STYLE_PLAIN
		|| !str_int(item->value->text, &status))
		return;
	conf_piece_set_text(legacy->move->arena, item->value,
		arena_printf(legacy->move->arena, "%d", (int)status),
		CONF_STYLE_PLAIN);
	conf_note(legacy->move, CONF_NOTE_CHANGED, item->value->mark,
		"status_range: a number needs no quotes any more");
}

static void
move_expectations(struct legacy *legacy)
{
	struct conf_item *list =
		conf_piece_find(legacy->endpoint, "expectation");
	struct conf_piece *value = list ? conf_piece_of(list->value) : NULL;
	if (!value || value->kind != CONF_PIECE_LIST)
		return;
	for (struct conf_item *item = value->first; item; item = item->next) {
		struct conf_piece *expectation = conf_piece_of(item->value);
		move_status(legacy, expectation);
		move_range(legacy, expectation);
		struct conf_item *type = conf_piece_find(expectation, "type");
		if (type && legacy->exact_status
			&& type->value->kind == CONF_PIECE_SCALAR
			&& str_eq(type->value->text, "REGEX"))
			conf_note(legacy->move, CONF_NOTE_MEANING,
				type->value->mark,
				"regex: a . matches the end of a line too; "
				"before 0.3 it did not");
	}
}

/* Actions */

static bool
is_true(struct conf_item *item)
{
	if (!item)
		return false;
	struct conf_piece *value = conf_piece_of(item->value);
	return conf_piece_scalar_kind(value) == CONF_NODE_BOOL
		&& conf_scalar_bool(value->text);
}

static void
list_action(struct legacy *legacy, struct conf_piece *list, const char *name,
	bool first)
{
	struct conf_item *item = conf_item_new(legacy->move->arena, NULL,
		conf_piece_text(legacy->move->arena, name, CONF_STYLE_PLAIN,
			list->mark),
		list->mark);
	if (first)
		conf_piece_add_first(list, item);
	else
		conf_piece_add(list, item);
	list->touched = true;
}

/* Before there was `action`, booleans; before those, nothing. */
static struct conf_item *
make_action(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	struct conf_item *create =
		conf_piece_find(legacy->cachet, "create_incident");
	struct conf_item *update =
		conf_piece_find(legacy->cachet, "update_status");
	struct conf_mark mark = create ? create->key->mark
		: update	       ? update->key->mark
				       : legacy->endpoint->mark;
	struct conf_piece *list = conf_piece_list(move->arena, mark);
	struct conf_item *item =
		conf_item_new(move->arena, "action", list, mark);
	bool creates = is_true(create), updates = is_true(update);
	if (creates)
		list_action(legacy, list, "CREATE_INCIDENT", false);
	if (updates)
		list_action(legacy, list, "UPDATE_STATUS", false);
	if (create || update)
		conf_note(move, CONF_NOTE_CHANGED, mark,
			"action: made of create_incident and update_status");
	if (creates && updates)
		conf_note(move, CONF_NOTE_MEANING, update->key->mark,
			"action: both are done now; beside create_incident, "
			"update_status had no effect");
	if (!create && !update && legacy->exact_status) {
		list_action(legacy, list, "UPDATE_STATUS", false);
		conf_note(move, CONF_NOTE_MEANING, mark,
			"action: UPDATE_STATUS, which 0.1 and 0.2 always did; "
			"0.3 without an action told Cachet nothing, so take it "
			"away if that was wanted");
	}
	put(legacy, item);
	if (create)
		conf_item_inherit(move->arena, item, create);
	if (update)
		conf_item_inherit(move->arena, item, update);
	return item;
}

static void
drop_boolean(struct legacy *legacy, const char *key)
{
	struct conf_item *item = conf_piece_find(legacy->cachet, key);
	if (!item)
		return;
	if (legacy->has_action)
		conf_note(legacy->move, CONF_NOTE_CHANGED, item->key->mark,
			"%s: left out; `action` says it", key);
	conf_piece_drop(legacy->move->paper, legacy->cachet, item);
}

static void
move_action(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	struct conf_item *action = carry(legacy, legacy->cachet, "action");
	legacy->has_action = action != NULL;
	if (action)
		conf_move_action(move, action);
	else
		action = make_action(legacy);
	drop_boolean(legacy, "create_incident");
	drop_boolean(legacy, "update_status");
	struct conf_item *metric =
		conf_piece_find(legacy->endpoint, "metric_id");
	struct conf_piece *list = conf_piece_of(action->value);
	if (!metric || conf_piece_is_null(metric->value)
		|| list->kind != CONF_PIECE_LIST)
		return;
	list_action(legacy, list, "PUSH_METRICS", true);
	conf_note(move, CONF_NOTE_CHANGED, metric->key->mark,
		"action: PUSH_METRICS comes first; a metric_id alone was "
		"enough before 0.6");
	conf_note(move, CONF_NOTE_MEANING, metric->key->mark,
		"metric_id: a probe without an answer sends no point; it sent "
		"the default of the metric or the last value");
}

static void
move_rest(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	struct conf_mark mark = legacy->endpoint->mark;
	if (!conf_piece_find(legacy->endpoint, "allowed_fails"))
		add(legacy, "allowed_fails", "0", mark);
	carry(legacy, legacy->cachet, "component_id");
	carry(legacy, legacy->cachet, "metric_id");
	move_action(legacy);
	if (!carry(legacy, legacy->cachet, "public_incidents"))
		add(legacy, "public_incidents", "true", mark);
	struct conf_item *unit = carry(legacy, legacy->cachet, "latency_unit");
	if (conf_piece_find(legacy->root, "latency_unit")) {
		struct conf_item *moved =
			carry(legacy, legacy->root, "latency_unit");
		if (!unit)
			conf_note(move, CONF_NOTE_MEANING, moved->key->mark,
				"latency_unit: has an effect now; at the root "
				"it had none, and metrics were in seconds");
	}
	carry(legacy, legacy->root, "frequency");
}

static void
nest(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	struct conf_item *item = legacy->endpoint_item;
	struct conf_piece *list =
		conf_piece_list(move->arena, (struct conf_mark){ .line = 0 });
	conf_piece_add(list,
		conf_item_new(move->arena, NULL, item->value, list->mark));
	legacy->endpoint->flow = false;
	legacy->endpoint->indent = 2;
	item->value = list;
	conf_piece_set_text(
		move->arena, item->key, "endpoints", CONF_STYLE_PLAIN);
	conf_note(move, CONF_NOTE_CHANGED, item->key->mark,
		"endpoint: is the first of the list `endpoints` now");
}

static void
tell_times(struct legacy *legacy)
{
	struct conf_move *move = legacy->move;
	if (legacy->exact_status)
		conf_note(move, CONF_NOTE_MEANING, legacy->endpoint->mark,
			"timeout: a request that takes too long is "
			"PERFORMANCE now; before 0.3 it was PARTIAL "
			"(on_timeout sets it)");
	struct conf_item *action = conf_piece_find(legacy->endpoint, "action");
	struct conf_piece *list = action ? action->value : NULL;
	for (struct conf_item *item = list && list->kind == CONF_PIECE_LIST
			? list->first
			: NULL;
		item; item = item->next)
		if (item->value->kind == CONF_PIECE_SCALAR
			&& str_eq(item->value->text, "CREATE_INCIDENT"))
			conf_note(move, CONF_NOTE_MEANING, action->key->mark,
				"incidents: are called \"NAME is unavailable\";"
				" they were called \"URL unavailable\" "
				"(messages sets it)");
}

void
conf_move_legacy(struct conf_move *move)
{
	struct conf_piece *root = move->paper->root;
	struct legacy legacy = {
		.move = move,
		.root = root,
		.endpoint_item = conf_piece_find(root, "endpoint"),
		.cachet_item = conf_piece_find(root, "cachet"),
	};
	legacy.endpoint = conf_piece_of(legacy.endpoint_item->value);
	legacy.cachet = legacy.cachet_item
		? conf_piece_of(legacy.cachet_item->value)
		: NULL;
	if (legacy.cachet && legacy.cachet->kind != CONF_PIECE_MAP)
		legacy.cachet = NULL;

	nest(&legacy);
	add_name(&legacy);
	add_scheme(move, conf_piece_find(legacy.endpoint, "url"));
	move_expectations(&legacy);
	move_rest(&legacy);
	if (legacy.cachet) {
		struct conf_item *url =
			conf_piece_find(legacy.cachet, "api_url");
		add_scheme(move, url);
		cut_slashes(move, url);
	}
	tell_times(&legacy);
}
