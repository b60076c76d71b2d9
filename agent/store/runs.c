#include "agent/store/internal.h"
#include "agent/store/store.h"

bool
store_runs(
	struct store *store, store_run_fn *each, void *cookie, struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_RUNS,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_run run = {
			.id = store_column_text(&rows, 0),
			.action = store_column_text(&rows, 1),
			.words = store_column_text(&rows, 2),
			.text = store_column_text(&rows, 3),
			.who = store_column_text(&rows, 4),
			.user = store_column_text(&rows, 5),
			.source = store_column_text(&rows, 6),
			.channel = store_column_text(&rows, 7),
			.reply = store_column_text(&rows, 8),
			.follow = store_column_text(&rows, 9),
			.started_ms = store_column_int(&rows, 10),
			.ended_ms = store_column_int(&rows, 11),
			.state = (enum store_run_state)store_column_choice(
				&rows, 12, STORE_RUN_STATES),
			.result = store_column_text(&rows, 13),
		};
		each(cookie, &run);
	}
	return store_rows_end(&rows, err);
}

bool
store_put_run(struct store *store, const struct store_run *run, struct err *err)
{
	return store_write(store, STATEMENT_PUT_RUN,
		(const struct store_value[]){ store_text(run->id),
			store_text(run->action), store_text(run->words),
			store_text(run->text), store_text(run->who),
			store_text(run->user), store_text(run->source),
			store_text(run->channel), store_text(run->reply),
			store_text(run->follow), store_int(run->started_ms),
			store_int(run->ended_ms), store_int(run->state),
			store_text(run->result), { 0 } },
		err);
}

bool
store_drop_run(struct store *store, const char *id, struct err *err)
{
	return store_write(store, STATEMENT_DROP_RUN,
		(const struct store_value[]){ store_text(id), { 0 } }, err);
}
