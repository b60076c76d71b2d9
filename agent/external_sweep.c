#include <stdlib.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "conf/conf.h"
#include "conf/inbound.h"

struct sweep;

typedef bool over_fn(
	const struct external_problem *problem, struct sweep *sweep);

struct sweep {
	const struct externals *externals;
	struct moment now;
	over_fn *is_over;
	int64_t due_ms; /* wall clock; -1 for none */
	struct external_problem **found;
	size_t n;
};

static void
look(void *cookie, const char *key, void *thing)
{
	(void)key;
	struct sweep *sweep = cookie;
	if (sweep->is_over(thing, sweep))
		sweep->found[sweep->n++] = thing;
}

/* All at once: the map must not change meanwhile, and there may be thousands.
 * To be freed. */
static struct sweep
find_over(
	const struct externals *externals, over_fn *is_over, struct moment now)
{
	size_t size = map_count(externals->problems);
	struct sweep sweep = {
		.externals = externals,
		.now = now,
		.is_over = is_over,
		.due_ms = -1,
		.found = mem_grow(
			NULL, size + 1, sizeof(struct external_problem *)),
	};
	map_each(externals->problems, look, &sweep);
	return sweep;
}

static bool
is_expired(const struct external_problem *problem, struct sweep *sweep)
{
	int64_t at_ms = problem->expires_ms;
	if (at_ms == 0)
		return false;
	if (at_ms <= sweep->now.wall_ms)
		return true;
	if (sweep->due_ms < 0 || at_ms < sweep->due_ms)
		sweep->due_ms = at_ms;
	return false;
}

int64_t
externals_turn(struct externals *externals, struct moment now)
{
	if (now.mono_ms < externals->turn_ms)
		return externals->turn_ms < INT64_MAX ? externals->turn_ms : -1;
	struct sweep sweep = find_over(externals, is_expired, now);
	for (size_t i = 0; i < sweep.n; i++)
		external_close(externals, sweep.found[i],
			"nothing more was heard of it", CAUSE_NONE, now);
	externals->stats.expired += sweep.n;
	free(sweep.found);
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
is_orphan(const struct external_problem *problem, struct sweep *sweep)
{
	return !is_of_source(sweep->externals->conf, problem->subject->source);
}

void
externals_set_scope(struct externals *externals, const struct conf *conf,
	const struct reporter *const *reporters, size_t n, struct moment now)
{
	externals->conf = conf;
	externals->reporters = reporters;
	externals->n_reporters = n;
	struct sweep sweep = find_over(externals, is_orphan, now);
	for (size_t i = 0; i < sweep.n; i++)
		external_close(externals, sweep.found[i],
			"its source is no longer configured", CAUSE_REMOVED,
			now);
	free(sweep.found);
	for (size_t i = externals->n_subjects; i-- > 0;) {
		struct subject *subject = externals->subjects[i];
		if (!is_of_source(conf, subject->source))
			external_remove_subject(externals, subject);
	}
}
