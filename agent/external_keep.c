#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "agent/ledger.h"
#include "agent/store/store.h"

enum {
	HEARD_MAX = 20000,
	HASH_TEXT_SIZE = 17,
	ROOM = 64,
};

static const char others[] = "others";

static char *
joined(const char *a, char between, const char *b)
{
	size_t size = strlen(a) + strlen(b) + 2;
	char *text = mem_alloc(size);
	snprintf(text, size, "%s%c%s", a, between, b);
	return text;
}

/* What is to be written. */

static struct external_change *
add_change(struct externals *externals, enum external_change_kind kind)
{
	if (externals->n_changes == externals->size_changes) {
		size_t size = externals->size_changes > 0
			? externals->size_changes * 2
			: ROOM;
		externals->changes = mem_grow(externals->changes, size,
			sizeof(struct external_change));
		externals->size_changes = size;
	}
	struct external_change *change =
		&externals->changes[externals->n_changes++];
	*change = (struct external_change){ .kind = kind };
	ledger_wake(externals->settings.ledger);
	return change;
}

void
external_mark_problem(
	struct externals *externals, const struct external_problem *problem)
{
	struct external_change *change =
		add_change(externals, EXTERNAL_PROBLEM);
	change->source = mem_dup(problem->subject->source);
	change->name = mem_dup(problem->identity);
}

void
external_mark_subject(
	struct externals *externals, const struct subject *subject)
{
	struct external_change *change =
		add_change(externals, EXTERNAL_SUBJECT);
	change->source = mem_dup(subject->source);
	change->name = mem_dup(subject->name);
}

static bool
write_problem(struct externals *externals, const struct external_change *change,
	struct store *store, struct err *err)
{
	const struct external_problem *problem =
		external_find(externals, change->source, change->name);
	if (!problem)
		return store_drop_problem(
			store, change->source, change->name, err);
	struct store_problem row = {
		.source = change->source,
		.identity = change->name,
		.subject = problem->subject->name,
		.status = problem->status,
		.title = problem->title,
		.link = problem->where,
		.incident = problem->incident,
		.opened_ms = problem->opened_ms,
		.seq = problem->seq,
		.expires_ms = problem->expires_ms,
		.known = problem->known,
	};
	return store_put_problem(store, &row, err);
}

static bool
write_subject(struct externals *externals, const struct external_change *change,
	struct store *store, struct err *err)
{
	char *key = joined(change->source, '/', change->name);
	const struct subject *subject = map_get(externals->by_name, key);
	free(key);
	if (!subject)
		return store_drop_subject(
			store, change->source, change->name, err);
	struct store_subject row = {
		.source = change->source,
		.name = change->name,
		.since_ms = subject->since_ms,
	};
	return store_put_subject(store, &row, err);
}

static bool
write_change(struct externals *externals, const struct external_change *change,
	struct store *store, struct err *err)
{
	switch (change->kind) {
	case EXTERNAL_PROBLEM:
		return write_problem(externals, change, store, err);
	case EXTERNAL_SUBJECT:
		return write_subject(externals, change, store, err);
	case EXTERNAL_HEARD:
		return store_put_heard(
			store, change->message, change->order, err);
	case EXTERNAL_UNHEARD:
		break;
	}
	return store_drop_heard(store, change->message, err);
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	struct externals *externals = cookie;
	for (size_t i = 0; i < externals->n_changes; i++)
		if (!write_change(
			    externals, &externals->changes[i], store, err))
			return false;
	return true;
}

static void
forget_changes(struct externals *externals)
{
	for (size_t i = 0; i < externals->n_changes; i++) {
		free(externals->changes[i].source);
		free(externals->changes[i].name);
	}
	externals->n_changes = 0;
}

static void
on_written(void *cookie)
{
	struct externals *externals = cookie;
	forget_changes(externals);
	LIST_EACH (at, &externals->waiting, after) {
		struct external_wait *wait =
			LIST_ENTRY(at, struct external_wait, link);
		external_done_fn *done = wait->done;
		void *done_cookie = wait->cookie;
		externals_forget(wait);
		done(done_cookie);
	}
}

void
external_join(struct externals *externals)
{
	ledger_join(externals->settings.ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = externals,
		});
}

/* Problems and subjects. */

struct external_problem *
external_find(const struct externals *externals, const char *source,
	const char *identity)
{
	char *key = joined(source, '\n', identity);
	struct external_problem *problem = map_get(externals->problems, key);
	free(key);
	return problem;
}

void
external_set_status(struct external_problem *problem, enum status status)
{
	size_t *counts = problem->subject->counts;
	if (problem->status != STATUS_UNKNOWN)
		counts[problem->status]--;
	if (status != STATUS_UNKNOWN)
		counts[status]++;
	problem->status = status;
}

struct external_problem *
external_add(struct externals *externals, struct subject *subject,
	const char *identity)
{
	struct external_problem *problem = mem_zalloc(sizeof(*problem));
	problem->subject = subject;
	problem->key = joined(subject->source, '\n', identity);
	problem->identity = mem_dup(identity);
	list_add(&subject->problems, &problem->link);
	map_put(externals->problems, problem->key, problem);
	return problem;
}

static void
free_problem(struct external_problem *problem)
{
	free(problem->key);
	free(problem->identity);
	free(problem->title);
	free(problem->where);
	free(problem->known);
	free(problem);
}

void
external_remove(struct externals *externals, struct external_problem *problem)
{
	external_mark_problem(externals, problem);
	external_set_status(problem, STATUS_UNKNOWN);
	map_remove(externals->problems, problem->key);
	list_remove(&problem->link);
	free_problem(problem);
}

static void
free_subject(struct subject *subject)
{
	free(subject->key);
	free(subject->source);
	free(subject);
}

void
external_remove_subject(struct externals *externals, struct subject *subject)
{
	size_t i = 0;
	while (externals->subjects[i] != subject)
		i++;
	externals->subjects[i] = externals->subjects[--externals->n_subjects];
	external_mark_subject(externals, subject);
	map_remove(externals->by_name, subject->key);
	free_subject(subject);
}

/* Of those that are well, the one that has been so for the longest time. */
static struct subject *
least_needed(const struct externals *externals)
{
	struct subject *least = NULL;
	for (size_t i = 0; i < externals->n_subjects; i++) {
		struct subject *subject = externals->subjects[i];
		if (list_empty(&subject->problems)
			&& (!least || subject->since_ms < least->since_ms))
			least = subject;
	}
	return least;
}

static struct subject *
make_subject(struct externals *externals, const char *source, const char *name,
	int64_t now_ms)
{
	struct subject *subject = mem_zalloc(sizeof(*subject));
	subject->source = mem_dup(source);
	subject->key = joined(source, '/', name);
	subject->name = subject->key + strlen(source) + 1;
	subject->status = STATUS_OPERATIONAL;
	subject->since_ms = now_ms;
	list_init(&subject->problems);
	externals->subjects = mem_grow(externals->subjects,
		externals->n_subjects + 1, sizeof(struct subject *));
	externals->subjects[externals->n_subjects++] = subject;
	map_put(externals->by_name, subject->key, subject);
	return subject;
}

struct subject *
external_subject_of(struct externals *externals, const char *source,
	const char *name, int64_t now_ms)
{
	char *key = joined(source, '/', name);
	struct subject *subject = map_get(externals->by_name, key);
	free(key);
	if (subject)
		return subject;
	if (externals->n_subjects >= EXTERNAL_SUBJECTS_MAX
		&& !str_eq(name, others)) {
		struct subject *least = least_needed(externals);
		if (!least)
			return external_subject_of(
				externals, source, others, now_ms);
		external_remove_subject(externals, least);
	}
	subject = make_subject(externals, source, name, now_ms);
	external_mark_subject(externals, subject);
	return subject;
}

/* What was heard. */

static void
hash_text_of(uint64_t message, char text[static HASH_TEXT_SIZE])
{
	snprintf(text, HASH_TEXT_SIZE, "%016" PRIx64, message);
}

/* The oldest makes room. */
static void
remember(struct externals *externals, uint64_t message)
{
	char text[HASH_TEXT_SIZE];
	if (!externals->ring)
		externals->ring =
			mem_zalloc(HEARD_MAX * sizeof(*externals->ring));
	if (externals->ring_n == HEARD_MAX) {
		uint64_t oldest = externals->ring[externals->ring_at];
		hash_text_of(oldest, text);
		map_remove(externals->heard, text);
		add_change(externals, EXTERNAL_UNHEARD)->message = oldest;
	} else {
		externals->ring_n++;
	}
	externals->ring[externals->ring_at] = message;
	externals->ring_at = (externals->ring_at + 1) % HEARD_MAX;
	hash_text_of(message, text);
	map_put(externals->heard, text, externals);
}

bool
external_hear(
	struct externals *externals, const char *source, const char *delivery)
{
	char text[HASH_TEXT_SIZE];
	char *key = joined(source, '\n', delivery);
	uint64_t message = hash_text(key);
	free(key);
	hash_text_of(message, text);
	if (map_get(externals->heard, text))
		return false;
	remember(externals, message);
	struct external_change *change = add_change(externals, EXTERNAL_HEARD);
	change->message = message;
	change->order = ++externals->order;
	return true;
}

/* What a former process knew. */

static void
on_heard(void *cookie, uint64_t message, int64_t order)
{
	struct externals *externals = cookie;
	if (externals->ring_n < HEARD_MAX)
		remember(externals, message);
	if (order > externals->order)
		externals->order = order;
}

static void
on_subject(void *cookie, const struct store_subject *row)
{
	make_subject(cookie, row->source, row->name, row->since_ms);
}

static void
on_problem(void *cookie, const struct store_problem *row)
{
	struct externals *externals = cookie;
	struct subject *subject = external_subject_of(
		externals, row->source, row->subject, row->opened_ms);
	struct external_problem *problem =
		external_add(externals, subject, row->identity);
	external_set_status(problem,
		status_is_bad(row->status) ? row->status : STATUS_MAJOR_OUTAGE);
	problem->title = mem_dup(row->title);
	problem->where = mem_dup(row->link);
	problem->known = mem_dup(row->known);
	str_copy(problem->incident, sizeof(problem->incident), row->incident);
	problem->opened_ms = row->opened_ms;
	problem->seq = row->seq;
	problem->expires_ms = row->expires_ms;
	if (problem->status > subject->status)
		subject->status = problem->status;
}

bool
externals_load(struct externals *externals, struct err *err)
{
	struct store *store = externals->settings.store;
	return store_heard(store, on_heard, externals, err)
		&& store_subjects(store, on_subject, externals, err)
		&& store_problems(store, on_problem, externals, err);
}

static void
free_each(void *cookie, const char *key, void *thing)
{
	(void)cookie, (void)key;
	free_problem(thing);
}

void
external_keep_free(struct externals *externals)
{
	forget_changes(externals);
	map_each(externals->problems, free_each, NULL);
	for (size_t i = 0; i < externals->n_subjects; i++)
		free_subject(externals->subjects[i]);
	map_free(externals->problems);
	map_free(externals->by_name);
	map_free(externals->heard);
	free(externals->subjects);
	free(externals->changes);
	free(externals->ring);
}
