/* How often each was done, and what came of it. */
#include "agent/actions_internal.h"

#include <stdlib.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/action.h"
#include "conf/conf.h"

const char *
actions_end_name(enum actions_end end)
{
	static const char *const names[ACTIONS_ENDS] = {
		[ACTIONS_DONE] = "done",
		[ACTIONS_FAILED] = "failed",
		[ACTIONS_UNSURE] = "uncertain",
	};
	return names[end];
}

void
actions_count(struct actions *actions, const char *name, enum actions_end end)
{
	struct actions_count *count = map_get(actions->tallies, name);
	if (!count) {
		count = mem_zalloc(sizeof(*count));
		map_put(actions->tallies, name, count);
	}
	count->ended[end]++;
}

static unsigned
count_running(const struct actions *actions, const char *name)
{
	unsigned running = 0;
	LIST_EACH (at, &actions->runs, after) {
		const struct run *run = LIST_ENTRY(at, struct run, link);
		running += !run_is_over(run) && str_eq(run->row.action, name);
	}
	return running;
}

void
actions_counts(
	const struct actions *actions, actions_count_fn *each, void *cookie)
{
	const struct conf_list *list = &actions->conf->actions;
	const struct conf_action *all = list->items;
	for (size_t i = 0; i < list->count; i++) {
		const struct actions_count *known =
			map_get(actions->tallies, all[i].name);
		struct actions_count count =
			known ? *known : (struct actions_count){ 0 };
		count.name = all[i].name;
		count.running = count_running(actions, all[i].name);
		each(cookie, &count);
	}
}

static void
on_count(void *cookie, const char *name, void *count)
{
	(void)cookie, (void)name;
	free(count);
}

void
actions_free_counts(struct actions *actions)
{
	map_each(actions->tallies, on_count, NULL);
	map_free(actions->tallies);
}
