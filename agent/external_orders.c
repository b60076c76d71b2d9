/* What people ordered of what other monitors watch. */
#include "agent/base/arena.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "conf/conf.h"
#include "conf/inbound.h"

bool
externals_named(const struct externals *externals, const char *name,
	struct external_subject *subject)
{
	if (!map_get(externals->by_name, name))
		return false;
	for (size_t i = 0; i < externals->n_subjects; i++)
		if (str_eq(externals->subjects[i]->key, name))
			*subject = externals_at(externals, i);
	return true;
}

bool
externals_drop(struct externals *externals, const char *name, struct moment now)
{
	struct subject *subject = map_get(externals->by_name, name);
	if (!subject)
		return false;
	struct arena *arena = arena_new_small();
	const char *message =
		arena_printf(arena, "%s is no longer monitored", name);
	LIST_EACH (at, &subject->problems, after)
		external_close(externals,
			LIST_ENTRY(at, struct external_problem, link), message,
			CAUSE_REMOVED, now);
	external_remove_subject(externals, subject);
	arena_free(arena);
	return true;
}

static void
each_case(const struct subject *subject, external_case_fn *each, void *cookie)
{
	LIST_EACH (at, &subject->problems, after) {
		struct external_problem *problem =
			LIST_ENTRY(at, struct external_problem, link);
		struct external_case found = {
			.name = subject->key,
			.incident = problem->incident,
			.title = problem->title,
			.status = problem->status,
			.opened_ms = problem->opened_ms,
			.problem = problem,
		};
		each(cookie, &found);
	}
}

void
externals_cases(const struct externals *externals, const char *name,
	external_case_fn *each, void *cookie)
{
	const struct subject *subject =
		name ? map_get(externals->by_name, name) : NULL;
	if (subject)
		each_case(subject, each, cookie);
	for (size_t i = 0; !name && i < externals->n_subjects; i++)
		each_case(externals->subjects[i], each, cookie);
}

static const struct conf_inbound *
source_of(const struct externals *externals, const char *name)
{
	const struct conf_inbound *sources = externals->conf->inbound.items;
	for (size_t i = 0; i < externals->conf->inbound.count; i++)
		if (str_eq(sources[i].name, name))
			return &sources[i];
	return NULL;
}

static struct external_audience
audience_of(const struct externals *externals,
	const struct external_case *found, struct arena *arena)
{
	struct problem said;
	external_recall(found->problem, arena, &said);
	struct external_audience audience = {
		.source = source_of(externals, found->problem->subject->source),
		.people = true,
	};
	if (audience.source)
		audience.rule = external_rule(audience.source, &said);
	return audience;
}

void
externals_remind(struct externals *externals, const struct external_case *found,
	external_pick_fn *pick, void *cookie, struct moment now)
{
	struct arena *arena = arena_new();
	struct external_audience audience =
		audience_of(externals, found, arena);
	audience.pick = pick;
	audience.pick_cookie = cookie;
	struct event event = {
		.kind = EVENT_REMINDER,
		.from = found->status,
		.to = found->status,
		.message = found->title,
	};
	external_tell(externals, &audience, found->problem, &event, now);
	arena_free(arena);
}

void
externals_tell_present(struct externals *externals,
	const struct external_case *found, enum status told, struct moment now)
{
	struct arena *arena = arena_new();
	struct external_audience audience =
		audience_of(externals, found, arena);
	bool known = status_is_bad(told);
	struct event event = {
		.kind = known ? EVENT_CHANGED : EVENT_OPENED,
		.from = told,
		.to = found->problem->status,
		.message = found->problem->title,
	};
	external_tell(externals, &audience, found->problem, &event, now);
	arena_free(arena);
}
