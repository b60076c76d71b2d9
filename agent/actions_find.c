/*
 *     actions_find -> find_by_command -> match_any
 *                  -> find_by_name    -> match_named, match_any
 *                  -> match_any
 */
#include "agent/actions_internal.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/operator.h"
#include "conf/action.h"
#include "conf/conf.h"
#include "conf/suggest.h"

#define HELP "help"

/* What is looked for, and the best that can be said so far of what failed. */
struct search {
	const struct conf *conf;
	struct arena *arena;
	struct actions_found *found;
	bool near; /* a word was wrong, and `err` says so ... */
	struct conf_action_words bad; /* ... of these */
	struct err *err;
};

static const struct conf_action *
action_at(const struct search *search, size_t i)
{
	const struct conf_action *actions = search->conf->actions.items;
	return &actions[i];
}

static bool
note(struct search *search, const struct conf_action *action, const char *text,
	enum conf_action_match match, const struct conf_action_words *words,
	const struct err *why)
{
	if (match == CONF_ACTION_MATCHES) {
		search->found->action = action;
		search->found->text = text;
		search->found->words = *words;
		return true;
	}
	if (match == CONF_ACTION_BAD_WORD && !search->near) {
		*search->err = *why;
		search->near = true;
		search->bad = *words;
		search->found->meant = action;
	}
	return false;
}

static bool
match(struct search *search, const struct conf_action *action, const char *text)
{
	struct conf_action_words words;
	struct err why;
	enum conf_action_match match =
		conf_action_match(action, text, search->arena, &words, &why);
	return note(search, action, text, match, &words, &why);
}

/* Its name was said, so its words alone are enough. */
static bool
match_named(struct search *search, const struct conf_action *action,
	const char *text)
{
	struct conf_action_words words;
	struct err why;
	if (match(search, action, text))
		return true;
	enum conf_action_match found = conf_action_match_words(
		action, text, search->arena, &words, &why);
	return note(search, action, text, found, &words, &why);
}

static bool
has_command(const struct conf_action *action, const char *command)
{
	return action->command && command && str_ieq(action->command, command);
}

/* Those with this command; NULL: those that have none. */
static bool
match_any(struct search *search, const char *command, const char *text)
{
	for (size_t i = 0; i < search->conf->actions.count; i++) {
		const struct conf_action *action = action_at(search, i);
		bool fits = command
			? has_command(action, command)
			: !action->command && action->patterns.count > 0;
		if (fits && match(search, action, text))
			return true;
	}
	return false;
}

/* What would be right. */

static bool
miss(const struct search *search, const char *outcome, const char *asked)
{
	search->found->outcome = outcome;
	search->found->asked = asked;
	return false;
}

static bool
miss_word(const struct search *search, const char *text)
{
	search->found->words = search->bad;
	return miss(search, search->bad.bad ? "bad_word" : "unclear", text);
}

static void
add_ways(const struct conf_action *action, const char *before, struct buf *ways)
{
	const char *const *patterns = action->patterns.items;
	for (size_t i = 0; i < action->patterns.count || i == 0; i++) {
		bool some = i < action->patterns.count && *patterns[i] != '\0';
		buf_printf(ways, "%s%s%s%s", ways->len > 0 ? ", or " : "",
			before, some && *before != '\0' ? " " : "",
			some ? patterns[i] : "");
	}
}

static bool
teach_command(
	const struct search *search, const char *command, const char *text)
{
	struct buf ways;
	buf_init(&ways, sizeof(search->err->text) - 16);
	for (size_t i = 0; i < search->conf->actions.count; i++)
		if (has_command(action_at(search, i), command))
			add_ways(action_at(search, i), command, &ways);
	err_set(search->err, "say %s", ways.data);
	buf_finish(&ways);
	search->found->command = command;
	return miss(search, "no_way", text);
}

static bool
teach_name(const struct search *search, const struct conf_action *action,
	const char *text)
{
	struct buf ways;
	buf_init(&ways, sizeof(search->err->text) - 16);
	add_ways(action, arena_printf(search->arena, "run %s", action->name),
		&ways);
	err_set(search->err, "say %s", ways.data);
	buf_finish(&ways);
	search->found->meant = action;
	return miss(search, "no_way", text);
}

static bool
teach_names(const struct search *search, const char *word)
{
	struct conf_suggestion near = { .word = word };
	struct buf names;
	buf_init(&names, sizeof(search->err->text) - 160);
	for (size_t i = 0; i < search->conf->actions.count; i++) {
		const char *name = action_at(search, i)->name;
		conf_suggest(&near, name);
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", name);
	}
	if (near.best && *word != '\0')
		err_set(search->err,
			"there is no action \"%.60s\"; did you mean %s?", word,
			near.best);
	else if (*word != '\0')
		err_set(search->err,
			"there is no action \"%.60s\"; there are %s", word,
			names.data);
	else
		err_set(search->err, "run what? There are %s", names.data);
	buf_finish(&names);
	search->found->meant = NULL;
	search->found->near = *word != '\0' ? near.best : NULL;
	return miss(search, *word != '\0' ? "no_action" : "which_action", word);
}

/* The ways. */

/* Who asks for help is not to begin something: only where "help" is all that a
 * pattern says, it is meant. */
static bool
wants_help(const struct search *search, const char *text)
{
	return str_ieq(text, HELP) && search->found->words.n > 0;
}

static bool
give_help(const struct search *search)
{
	err_set(search->err, "this is how it is asked for");
	return miss(search, HELP, HELP);
}

static bool
find_by_command(struct search *search, const char *command, const char *text)
{
	bool there = false;
	for (size_t i = 0; i < search->conf->actions.count; i++)
		there = there || has_command(action_at(search, i), command);
	if (!there) {
		err_set(search->err, "no action has the command %.60s",
			command);
		return miss(search, "no_action", command);
	}
	if (match_any(search, command, text) && !wants_help(search, text))
		return true;
	if (!str_ieq(text, HELP))
		return search->near ? miss_word(search, text)
				    : teach_command(search, command, text);
	search->found->meant = NULL;
	search->found->command = command;
	return give_help(search);
}

static bool
find_by_name(struct search *search, const struct conf_action *named,
	const char *whole, const char *rest)
{
	bool help = str_ieq(rest, HELP);
	bool found = match_named(search, named, rest)
		|| (!help && match_any(search, NULL, whole));
	if (found && !wants_help(search, rest))
		return true;
	if (!help) /* a name alone is no bad word of another action */
		return search->near && *rest != '\0'
			? miss_word(search, rest)
			: teach_name(search, named, rest);
	search->found->meant = named;
	return give_help(search);
}

bool
actions_find(const struct actions *actions, const char *text,
	struct arena *arena, struct actions_found *found, struct err *err)
{
	struct search search = {
		.conf = actions->conf,
		.arena = arena,
		.found = found,
		.err = err,
	};
	*found = (struct actions_found){ 0 };
	if (actions->conf->actions.count == 0) {
		err_set(err,
			"there is nothing to run; see \"actions:\" of the "
			"configuration");
		return miss(&search, "no_actions", text);
	}
	text += strspn(text, " ");
	size_t len = strcspn(text, " ");
	const char *word = arena_dup_n(arena, text, len);
	const char *rest = text + len + strspn(text + len, " ");
	if (*word == '/')
		return find_by_command(&search, word, rest);
	const struct conf_action *named = conf_action_find(actions->conf, word);
	if (named)
		return find_by_name(&search, named, text, rest);
	if (match_any(&search, NULL, text) && !wants_help(&search, text))
		return true;
	if (str_ieq(text, HELP))
		return teach_names(&search, "");
	return search.near ? miss_word(&search, text)
			   : teach_names(&search, word);
}

bool
actions_has_command(const struct actions *actions, const char *command)
{
	const struct conf_action *all = actions->conf->actions.items;
	for (size_t i = 0; i < actions->conf->actions.count; i++)
		if (has_command(&all[i], command))
			return true;
	return false;
}

/* Rights. */

static bool
is_named(const struct conf_list *list, const char *id)
{
	const char *const *ids = list->items;
	for (size_t i = 0; id && i < list->count; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

/* Where the action names nobody, it is as the chat has it. */
static bool
is_allowed(const struct conf_list *list, const char *id, bool otherwise)
{
	return list->count > 0 ? is_named(list, id) : otherwise;
}

enum actions_refusal
actions_may(
	const struct conf_action *action, const struct operator_asker *asker)
{
	const char *user = asker->user ? asker->user : asker->who;
	const char *channel =
		asker->channel_id ? asker->channel_id : asker->channel;
	if (asker->trusted)
		return ACTIONS_ALLOWED;
	if (!is_allowed(&action->users, user, !asker->not_by_you))
		return ACTIONS_NOT_BY_YOU;
	return is_allowed(&action->channels, channel, !asker->not_here)
		? ACTIONS_ALLOWED
		: ACTIONS_NOT_HERE;
}
