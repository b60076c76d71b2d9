#include "agent/store/internal.h"
#include "agent/store/store.h"

bool
store_problems(struct store *store, store_problem_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_PROBLEMS,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_problem problem = {
			.source = store_column_text(&rows, 0),
			.identity = store_column_text(&rows, 1),
			.subject = store_column_text(&rows, 2),
			.status = (enum status)store_column_choice(
				&rows, 3, STATUS_COUNT),
			.title = store_column_text(&rows, 4),
			.link = store_column_text(&rows, 5),
			.incident = store_column_text(&rows, 6),
			.opened_ms = store_column_int(&rows, 7),
			.seq = store_column_unsigned(&rows, 8),
			.expires_ms = store_column_int(&rows, 9),
			.known = store_column_text(&rows, 10),
		};
		each(cookie, &problem);
	}
	return store_rows_end(&rows, err);
}

bool
store_put_problem(struct store *store, const struct store_problem *problem,
	struct err *err)
{
	return store_write(store, STATEMENT_PUT_PROBLEM,
		(const struct store_value[]){ store_text(problem->source),
			store_text(problem->identity),
			store_text(problem->subject),
			store_int(problem->status), store_text(problem->title),
			store_text(problem->link),
			store_text(problem->incident),
			store_int(problem->opened_ms), store_int(problem->seq),
			store_int(problem->expires_ms),
			store_text(problem->known), { 0 } },
		err);
}

bool
store_drop_problem(struct store *store, const char *source,
	const char *identity, struct err *err)
{
	return store_write(store, STATEMENT_DROP_PROBLEM,
		(const struct store_value[]){
			store_text(source), store_text(identity), { 0 } },
		err);
}

bool
store_subjects(struct store *store, store_subject_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_SUBJECTS,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows)) {
		struct store_subject subject = {
			.source = store_column_text(&rows, 0),
			.name = store_column_text(&rows, 1),
			.since_ms = store_column_int(&rows, 2),
		};
		each(cookie, &subject);
	}
	return store_rows_end(&rows, err);
}

bool
store_put_subject(struct store *store, const struct store_subject *subject,
	struct err *err)
{
	return store_write(store, STATEMENT_PUT_SUBJECT,
		(const struct store_value[]){ store_text(subject->source),
			store_text(subject->name), store_int(subject->since_ms),
			{ 0 } },
		err);
}

bool
store_drop_subject(struct store *store, const char *source, const char *name,
	struct err *err)
{
	return store_write(store, STATEMENT_DROP_SUBJECT,
		(const struct store_value[]){
			store_text(source), store_text(name), { 0 } },
		err);
}

/* SQLite's integers have a sign; it is the same sixty-four bits. */

bool
store_heard(struct store *store, store_heard_fn *each, void *cookie,
	struct err *err)
{
	struct store_rows rows;
	store_rows_begin(&rows, store, STATEMENT_HEARD,
		(const struct store_value[]){ { 0 } });
	while (store_rows_next(&rows))
		each(cookie, (uint64_t)store_column_int(&rows, 0),
			store_column_int(&rows, 1));
	return store_rows_end(&rows, err);
}

bool
store_put_heard(
	struct store *store, uint64_t message, int64_t order, struct err *err)
{
	return store_write(store, STATEMENT_PUT_HEARD,
		(const struct store_value[]){
			store_int((int64_t)message), store_int(order), { 0 } },
		err);
}

bool
store_drop_heard(struct store *store, uint64_t message, struct err *err)
{
	return store_write(store, STATEMENT_DROP_HEARD,
		(const struct store_value[]){
			store_int((int64_t)message), { 0 } },
		err);
}
