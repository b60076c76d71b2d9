#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "conf/conf.h"
#include "conf/inbound.h"

struct sweep {
	struct moment now;
	int64_t due_ms; /* wall clock; -1 for none */
	struct external_problem *found;
	bool (*is_over)(const struct externals *externals,
		const struct external_problem *problem, struct sweep *sweep);
	const struct externals *externals;
};

static void
look(void *cookie, const char *key, void *thing)
{
	(void)key;
	struct sweep *sweep = cookie;
	if (sweep->is_over(sweep->externals, thing, sweep))
		sweep->found = thing;
}

/* One at a time, since the map must not change meanwhile. */
static struct external_problem *
find_over(struct externals *externals, struct sweep *sweep)
{
	sweep->found = NULL;
	sweep->due_ms = -1;
	sweep->externals = externals;
	map_each(externals->problems, look, sweep);
	return sweep->found;
}

static bool
is_expired(const struct externals *externals,
	const struct external_problem *problem, struct sweep *sweep)
{
	(void)externals;
	int64_t at_ms = problem->expires_ms;
	if (at_ms == 0)
		return false;
	if (sweep->due_ms < 0 || at_ms < sweep->due_ms)
		sweep->due_ms = at_ms;
	return at_ms <= sweep->now.wall_ms;
}

int64_t
externals_turn(struct externals *externals, struct moment now)
{
	struct sweep sweep = { .now = now, .is_over = is_expired };
	struct external_problem *problem;
	if (now.mono_ms < externals->turn_ms)
		return externals->turn_ms < INT64_MAX ? externals->turn_ms : -1;
	while ((problem = find_over(externals, &sweep))) {
		externals->stats.expired++;
		external_close(externals, problem,
			"nothing more was heard of it", CAUSE_NONE, now);
	}
	/* The wall clock may be set: look at least once a minute. */
	int64_t wait_ms = INT64_C(60) * 1000;
	if (sweep.due_ms < 0) {
		externals->turn_ms = INT64_MAX;
		return -1;
	}
	if (sweep.due_ms - now.wall_ms < wait_ms)
		wait_ms = sweep.due_ms - now.wall_ms;
	externals->turn_ms = now.mono_ms + wait_ms;
	return externals->turn_ms;
}

static bool
is_of_source(const struct conf *conf, const char *name)
{
	const struct conf_inbound *sources = conf->inbound.items;
	for (size_t i = 0; i < conf->inbound.count; i++)
		if (str_eq(sources[i].name, name))
			return true;
	return false;
}

static bool
is_orphan(const struct externals *externals,
	const struct external_problem *problem, struct sweep *sweep)
{
	(void)sweep;
	return !is_of_source(externals->conf, problem->subject->source);
}

void
externals_set_scope(struct externals *externals, const struct conf *conf,
	const struct reporter *const *reporters, size_t n, struct moment now)
{
	struct sweep sweep = { .now = now, .is_over = is_orphan };
	struct external_problem *problem;
	externals->conf = conf;
	externals->reporters = reporters;
	externals->n_reporters = n;
	while ((problem = find_over(externals, &sweep)))
		external_close(externals, problem,
			"its source is no longer configured", CAUSE_REMOVED,
			now);
	for (size_t i = externals->n_subjects; i-- > 0;) {
		struct subject *subject = externals->subjects[i];
		if (!is_of_source(conf, subject->source))
			external_remove_subject(externals, subject);
	}
}
