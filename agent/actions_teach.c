/* How actions are asked for, in a line each, or all that can be said of one. */
#include "agent/actions_internal.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/operator_internal.h"
#include "conf/action.h"
#include "conf/action_example.h"
#include "conf/conf.h"
#include "reporters/payload.h"

enum {
	TAUGHT_MAX = 20, /* actions */
};

/* "/cloudmaster create {vm} on {cloud}"; `after` NULL: nothing follows. */
static const char *
way_of(const struct conf_action *action, const char *after, struct arena *arena)
{
	const char *before = action->command ? action->command : "run";
	if (!after)
		after = action->command ? "" : action->name;
	return arena_printf(
		arena, "%s%s%s", before, *after != '\0' ? " " : "", after);
}

static void
add_way(json_t *list, const struct conf_action *action, const char *pattern,
	struct arena *arena)
{
	json_t *way = json_object();
	operator_set(way, "say", way_of(action, pattern, arena));
	if (action->about)
		operator_set(way, "help", action->about);
	json_array_append_new(list, way);
}

static void
add_ways(json_t *list, const struct conf_action *action, struct arena *arena)
{
	const char *const *patterns = action->patterns.items;
	if (action->patterns.count == 0)
		add_way(list, action, NULL, arena);
	for (size_t i = 0; i < action->patterns.count; i++)
		add_way(list, action, patterns[i], arena);
}

json_t *
actions_ways(const struct actions *actions, const struct operator_asker *asker)
{
	json_t *list = json_array();
	struct arena *arena = arena_new();
	const struct conf_action *all = actions->conf->actions.items;
	for (size_t i = 0; i < actions->conf->actions.count; i++)
		if (actions_may(&all[i], asker) == ACTIONS_ALLOWED)
			add_ways(list, &all[i], arena);
	arena_free(arena);
	return list;
}

/* One of them. */

static void
add_word(json_t *list, const struct conf_action *action, const char *word,
	struct arena *arena)
{
	const char *look = conf_action_look(action, word);
	const char *choices = look ? conf_action_choices(look, arena) : NULL;
	size_t i;
	const json_t *other;
	json_array_foreach (list, i, other)
		if (str_eq(json_string_value(json_object_get(other, "word")),
			    word))
			return;
	json_t *row = json_object();
	operator_set(row, "word", word);
	if (look)
		operator_set(row, "look", look);
	if (choices)
		operator_set(row, "choices", choices);
	json_array_append_new(list, row);
}

/* Of all its patterns, each once. */
static json_t *
words_of(const struct conf_action *action, struct arena *arena)
{
	json_t *list = json_array();
	const char *const *patterns = action->patterns.items;
	for (size_t i = 0; i < action->patterns.count; i++) {
		struct conf_action_pattern pattern;
		struct err ignored;
		if (!conf_action_pattern_read(
			    patterns[i], arena, &pattern, &ignored))
			continue;
		for (size_t k = 0; k < pattern.n; k++)
			if (pattern.pieces[k].is_word)
				add_word(list, action, pattern.pieces[k].text,
					arena);
	}
	return list;
}

/* One that is this action, and not another which is looked at before it. */
static const char *
example_of(const struct actions *actions, const struct conf_action *action,
	struct arena *arena)
{
	for (size_t i = 0; i < action->patterns.count; i++) {
		const char *text = conf_action_example(action, i, arena);
		const char *said = text ? way_of(action, text, arena) : NULL;
		const char *asked = said && !action->command ? text : said;
		struct actions_found found;
		struct err ignored;
		if (asked
			&& actions_find(actions, asked, arena, &found, &ignored)
			&& found.action == action)
			return said;
	}
	return NULL;
}

static void
set_list(json_t *row, const char *key, const struct conf_list *list)
{
	const char *const *items = list->items;
	json_t *copy = list->count > 0 ? json_array() : NULL;
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(copy, payload_text(items[i]));
	if (copy)
		json_object_set_new(row, key, copy);
}

static json_t *
lesson_of(const struct actions *actions, const struct conf_action *action,
	const struct operator_asker *asker)
{
	static const char *const refusals[] = {
		[ACTIONS_NOT_BY_YOU] = "not_by_you",
		[ACTIONS_NOT_HERE] = "not_here",
	};
	struct arena *arena = arena_new();
	enum actions_refusal refusal = actions_may(action, asker);
	json_t *row = json_object();
	json_t *ways = json_array();
	const char *example = example_of(actions, action, arena);
	operator_set(row, "name", action->name);
	add_ways(ways, action, arena);
	json_object_set_new(row, "ways", ways);
	json_object_set_new(row, "words", words_of(action, arena));
	if (example)
		operator_set(row, "example", example);
	set_list(row, "users", &action->users);
	set_list(row, "channels", &action->channels);
	if (refusal != ACTIONS_ALLOWED)
		operator_set(row, "refusal", refusals[refusal]);
	arena_free(arena);
	return row;
}

json_t *
actions_teach(const struct actions *actions, const struct actions_found *found,
	const struct operator_asker *asker)
{
	json_t *list = json_array();
	const struct conf_action *all = actions->conf->actions.items;
	size_t count = actions->conf->actions.count;
	for (size_t i = 0; i < count && json_array_size(list) < TAUGHT_MAX;
		i++) {
		const struct conf_action *action = &all[i];
		bool meant = found->meant ? found->meant == action
			: found->command  ? action->command
				&& str_ieq(action->command, found->command)
					 : false;
		if (meant)
			json_array_append_new(
				list, lesson_of(actions, action, asker));
	}
	return list;
}
