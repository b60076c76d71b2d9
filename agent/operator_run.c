/* Actions: having one done, and how it goes. */
#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/operator_internal.h"
#include "conf/action.h"

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

json_t *
operator_run(struct operator_task *task)
{
	struct actions *actions = task->operator->agent->actions;
	struct actions_found found;
	struct err err;
	bool full;
	if (!actions_find(
		    actions, task->command->whole, task->arena, &found, &err))
		return operator_say(task, false, "no_action", "%s", err.text);
	const char *name = found.action->name;
	enum actions_refusal refusal = actions_may(found.action, task->asker);
	if (refusal != ACTIONS_ALLOWED)
		return refuse(task, name, refusal);
	const char *run = actions_start(
		actions, &found, task->asker, task->now, &full, &err);
	if (!run)
		return operator_say(
			task, false, full ? "full" : "unfit", "%s", err.text);
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
	json_t *runs = actions_list(task->operator->agent->actions);
	size_t n = json_array_size(runs);
	json_t *answer = n > 0
		? operator_say(task, true, "runs",
			"what was begun of late, and what came of it")
		: operator_say(task, true, "none",
			"no action runs, and none ended of late");
	json_object_set_new(answer, "runs", runs);
	return answer;
}
