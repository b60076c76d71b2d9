/* Actions: having one done, and how it goes. */
#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/operator_internal.h"
#include "conf/action.h"
#include "conf/action_example.h"

static json_t *
refuse(const struct operator_task *task, const char *name,
	enum actions_refusal refusal)
{
	bool here = refusal == ACTIONS_NOT_HERE;
	json_t *answer =
		operator_say(task, false, here ? "not_here" : "not_by_you",
			here ? "%s may not be done from this channel"
			     : "you may not have %s done",
			name);
	operator_set(answer, "name", name);
	return answer;
}

static void
set_any(json_t *answer, const char *key, const char *text)
{
	if (text)
		operator_set(answer, key, text);
}

/* In which word it does not fit. */
static void
set_word(json_t *answer, const struct conf_action_words *words,
	struct arena *arena)
{
	set_any(answer, "word", words->bad);
	set_any(answer, "given", words->given);
	set_any(answer, "look", words->look);
	if (words->look)
		set_any(answer, "choices",
			conf_action_choices(words->look, arena));
}

/* What would be right comes with it. */
static json_t *
teach(const struct operator_task *task, const struct actions_found *found,
	const struct err *err)
{
	const struct actions *actions = task->desk->agent->actions;
	bool help = str_eq(found->outcome, "help");
	json_t *answer =
		operator_say(task, help, found->outcome, "%s", err->text);
	if (help) /* nothing is to be changed */
		operator_set(
			answer, "command", command_rows[COMMAND_HELP].word);
	operator_set(answer, "outcome", help ? "action" : found->outcome);
	operator_set(answer, "asked", found->asked);
	set_any(answer, "near", found->near);
	set_word(answer, &found->words, task->arena);
	if (found->meant || found->command)
		json_object_set_new(answer, "lessons",
			actions_teach(actions, found, task->asker));
	else if (!found->near)
		json_object_set_new(
			answer, "actions", actions_ways(actions, task->asker));
	return answer;
}

static json_t *
refuse_start(const struct operator_task *task, const char *name, bool full,
	const struct err *err)
{
	json_t *answer = operator_say(
		task, false, full ? "full" : "unfit", "%s", err->text);
	operator_set(answer, "name", name);
	return answer;
}

json_t *
operator_run(struct operator_task *task)
{
	struct actions *actions = task->desk->agent->actions;
	struct actions_found found;
	struct err err;
	bool full;
	if (!actions_find(
		    actions, task->command->whole, task->arena, &found, &err))
		return teach(task, &found, &err);
	const char *name = found.action->name;
	enum actions_refusal refusal = actions_may(found.action, task->asker);
	if (refusal != ACTIONS_ALLOWED)
		return refuse(task, name, refusal);
	const char *run = actions_start(
		actions, &found, task->asker, task->now, &full, &err);
	if (!run)
		return refuse_start(task, name, full, &err);
	json_t *answer = operator_say(task, true, "begun", "%s is begun", name);
	operator_set(answer, "command", "action"); /* as what follows */
	operator_set(answer, "name", name);
	operator_set(answer, "by", task->asker->who);
	operator_set(answer, "run", run);
	return answer;
}

json_t *
operator_runs(const struct operator_task *task)
{
	json_t *runs = actions_list(task->desk->agent->actions);
	size_t n = json_array_size(runs);
	json_t *answer = n > 0
		? operator_say(task, true, "runs",
			"what was begun of late, and what came of it")
		: operator_say(task, true, "none",
			"no action runs, and none ended of late");
	json_object_set_new(answer, "runs", runs);
	return answer;
}
