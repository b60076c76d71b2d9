/* What came of a run, and the record of it. */
#include "agent/actions_internal.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/base/str.h"
#include "agent/operator_internal.h"
#include "agent/orders.h"

enum {
	RECORD_MAX = 300, /* bytes of a sentence */
};

static void
record(const struct run *run, json_t *answer, struct moment now)
{
	struct arena *arena = arena_new();
	const char *text = json_string_value(json_object_get(answer, "text"));
	const char *result =
		json_string_value(json_object_get(answer, "result"));
	char outcome[RECORD_MAX];
	str_copy(outcome, sizeof(outcome),
		arena_printf(arena, "%s%s%s", text, result ? ": " : "",
			result ? result : ""));
	for (char *at = outcome; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	char said[RECORD_MAX];
	str_copy(said, sizeof(said),
		arena_printf(
			arena, "run %s %s", run->row.action, run->row.text));
	bool good = json_is_true(json_object_get(answer, "good"));
	orders_record(run->actions->settings.orders,
		&(struct store_audit){
			.at_ms = now.wall_ms,
			.who = run->row.who,
			.source = run->row.source,
			.channel = run->row.channel,
			.command = said,
			.good = good,
			.outcome = outcome,
			.answer = operator_keep(answer, arena),
		});
	log_say(good ? LOG_INFO : LOG_WARN, "action is over",
		log_text("action", run->row.action),
		log_text("run", run->row.id), log_text("who", run->row.who),
		log_text("outcome", outcome));
	arena_free(arena);
}

void
actions_end(struct run *run, enum actions_end end, int status,
	const char *result, struct moment now)
{
	actions_hang_up(run);
	run->row.ended_ms = now.wall_ms;
	run->over_ms = now.mono_ms;
	json_t *answer = actions_result(run, end, status, result);
	char *text = json_dumps(answer, JSON_COMPACT);
	run->row.result = arena_dup(run->arena, text ? text : "");
	free(text);
	run->row.state =
		*run->row.reply != '\0' ? STORE_RUN_OVER : STORE_RUN_TOLD;
	run->actions->n_past++;
	actions_count(run->actions, run->row.action, end);
	record(run, answer, now);
	json_decref(answer);
	actions_leave_conf(run);
	actions_touch(run);
}
