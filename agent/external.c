/*
 *     externals_take -> take -> open_problem, change_problem, close_problem,
 *                               notice -> announce -> outbox_announce
 */
#include "agent/external.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "agent/judge/route.h"
#include "agent/ledger.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "conf/conf.h"
#include "conf/inbound.h"
#include "reporters/reporter.h"

enum {
	REPORTERS_MAX = 256,
	DELIVERIES_MAX = 50000, /* that wait for reporters */
};

struct externals *
externals_new(const struct external_settings *settings)
{
	struct externals *externals = mem_zalloc(sizeof(*externals));
	externals->settings = *settings;
	externals->problems = map_new();
	externals->by_name = map_new();
	externals->heard = map_new();
	list_init(&externals->waiting);
	external_join(externals);
	return externals;
}

void
externals_free(struct externals *externals)
{
	if (!externals)
		return;
	LIST_EACH (at, &externals->waiting, after)
		externals_forget(LIST_ENTRY(at, struct external_wait, link));
	external_keep_free(externals);
	free(externals);
}

struct external_wait *
externals_wait(
	struct externals *externals, external_done_fn *done, void *cookie)
{
	struct external_wait *wait = mem_zalloc(sizeof(*wait));
	wait->done = done;
	wait->cookie = cookie;
	list_add(&externals->waiting, &wait->link);
	ledger_wake(externals->settings.ledger);
	return wait;
}

void
externals_forget(struct external_wait *wait)
{
	if (!wait)
		return;
	list_remove(&wait->link);
	free(wait);
}

/* Telling. */

/* While it is muted, only what is not for people hears of it. */
static bool
is_to_hear(const struct externals *externals,
	const struct external_audience *audience, const struct event *event,
	const struct reporter *reporter)
{
	if (!route_is_for_people(reporter->audience))
		return !audience->people;
	return audience->people
		|| !orders_muted(
			externals->settings.orders, event->endpoint.name);
}

static void
announce(struct externals *externals, const struct external_audience *audience,
	const struct event *event, struct moment now)
{
	const struct reporter *to[REPORTERS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < externals->n_reporters; i++) {
		const struct reporter *reporter = externals->reporters[i];
		if (n < REPORTERS_MAX
			&& is_to_hear(externals, audience, event, reporter)
			&& route_wants(reporter->audience,
				external_is_chosen(audience->source,
					audience->rule, reporter),
				event)
			&& (!audience->pick
				|| audience->pick(audience->pick_cookie,
					reporter, event)))
			to[n++] = reporter;
	}
	if (n == 0 && audience->pick)
		return;
	outbox_announce(externals->settings.outbox, event, to, n, now);
	ledger_wake(externals->settings.ledger);
	if (externals->settings.on_event && !audience->people)
		externals->settings.on_event(externals->settings.cookie, event);
}

static struct event_endpoint
facts(const char *name, const char *link, const char *title, const char *over)
{
	return (struct event_endpoint){
		.name = name,
		.url = link,
		.method = "",
		.is_public = true,
		.titles = { title, title, over },
	};
}

static const char *
told_title(struct arena *arena, const char *name, const char *title)
{
	return *title == '\0' || str_eq(name, title)
		? name
		: arena_printf(arena, "%s: %s", name, title);
}

void
external_tell(struct externals *externals,
	const struct external_audience *audience,
	struct external_problem *problem, struct event *event,
	struct moment now)
{
	struct arena *arena = arena_new();
	const char *name = problem->subject->key;
	const char *title = told_title(arena, name, problem->title);
	event->incident = problem->incident;
	event->seq = ++problem->seq;
	event->at_ms = now.wall_ms;
	event->opened_ms = problem->opened_ms;
	if (event->cause == CAUSE_NONE)
		event->cause = CAUSE_EXTERNAL;
	event->endpoint = facts(name, problem->where, title,
		arena_printf(arena, "%s is over", title));
	event_decode_known(problem->known, arena, &event->endpoint);
	announce(externals, audience, event, now);
	external_mark_problem(externals, problem);
	arena_free(arena);
}

/* A subject is as its worst open problem is. */
static void
judge(struct externals *externals, struct subject *subject, int64_t now_ms)
{
	enum status worst = STATUS_COUNT - 1;
	while (worst > STATUS_OPERATIONAL && subject->counts[worst] == 0)
		worst--;
	if (worst == subject->status)
		return;
	subject->status = worst;
	subject->since_ms = now_ms;
	external_mark_subject(externals, subject);
}

/* Taking. */

static const char *
text_of(const struct problem *said)
{
	return *said->text != '\0' ? said->text : said->title;
}

static char *
known_of(const struct problem *said)
{
	struct event_endpoint endpoint = { 0 };
	struct arena *arena = arena_new_small();
	external_know(said, arena, &endpoint);
	char *known = event_encode_known(&endpoint);
	arena_free(arena);
	return known;
}

static void
describe(struct external_problem *problem, const struct problem *said)
{
	free(problem->title);
	free(problem->where);
	free(problem->known);
	problem->known = known_of(said);
	problem->title = mem_dup(said->title);
	problem->where = mem_dup(said->link);
	external_set_status(problem, said->status);
}

static void
let_expire(struct externals *externals, struct external_problem *problem,
	const struct conf_inbound *source, struct moment now)
{
	problem->expires_ms = now.wall_ms + source->expire_ms;
	externals->turn_ms = 0;
}

static void
open_problem(struct externals *externals,
	const struct external_audience *audience, const struct problem *said,
	struct moment now)
{
	struct subject *subject = external_subject_of(
		externals, audience->source->name, said->subject, now.wall_ms);
	struct external_problem *problem =
		external_add(externals, subject, said->identity);
	describe(problem, said);
	uuid_make(now.wall_ms, externals->settings.rng, problem->incident);
	bool is_known = said->started_ms > 0 && said->started_ms < now.wall_ms;
	problem->opened_ms = is_known ? said->started_ms : now.wall_ms;
	if (said->is_for_ever)
		let_expire(externals, problem, audience->source, now);
	struct event event = {
		.kind = EVENT_OPENED,
		.from = STATUS_OPERATIONAL,
		.to = problem->status,
		.message = text_of(said),
	};
	externals->stats.opened++;
	external_tell(externals, audience, problem, &event, now);
	judge(externals, subject, now.wall_ms);
}

static void
change_problem(struct externals *externals,
	const struct external_audience *audience,
	struct external_problem *problem, const struct problem *said,
	struct moment now)
{
	enum status before = problem->status;
	if (said->is_for_ever)
		let_expire(externals, problem, audience->source, now);
	if (before == said->status && !said->is_news) {
		externals->stats.repeated++;
		external_mark_problem(externals, problem);
		return;
	}
	describe(problem, said);
	struct event event = {
		.kind = EVENT_CHANGED,
		.from = before,
		.to = said->status,
		.message = text_of(said),
	};
	external_tell(externals, audience, problem, &event, now);
	judge(externals, problem->subject, now.wall_ms);
}

/* `audience` matters to who was told of the opening, and to nobody else: so it
 * goes to all, and the outbox knows who was. */
void
external_close(struct externals *externals, struct external_problem *problem,
	const char *message, enum cause cause, struct moment now)
{
	struct subject *subject = problem->subject;
	struct event event = {
		.kind = EVENT_CLOSED,
		.from = problem->status,
		.to = STATUS_OPERATIONAL,
		.cause = cause,
		.message = message,
	};
	externals->stats.closed++;
	external_tell(externals, &(struct external_audience){ 0 }, problem,
		&event, now);
	external_remove(externals, problem);
	judge(externals, subject, now.wall_ms);
}

static const char *
notice_words(enum problem_state state)
{
	switch (state) {
	case PROBLEM_UP:
		return "over, and its beginning was not heard of";
	case PROBLEM_TEST:
		return "test";
	case PROBLEM_SCHEDULED:
		return "maintenance";
	case PROBLEM_FINISHED:
		return "maintenance is over";
	default:
		return "";
	}
}

static void
notice(struct externals *externals, const struct external_audience *audience,
	const struct problem *said, struct moment now)
{
	struct arena *arena = arena_new();
	char incident[UUID_TEXT_SIZE];
	const char *words = notice_words(said->state);
	const char *name = arena_printf(
		arena, "%s/%s", audience->source->name, said->subject);
	const char *title = told_title(arena, name, said->title);
	if (*words != '\0')
		title = arena_printf(arena, "%s (%s)", title, words);
	uuid_make(now.wall_ms, externals->settings.rng, incident);
	struct event event = {
		.kind = EVENT_NOTICE,
		.incident = incident,
		.seq = 1,
		.at_ms = now.wall_ms,
		.opened_ms = now.wall_ms,
		.from = STATUS_OPERATIONAL,
		.to = STATUS_OPERATIONAL,
		.cause = CAUSE_EXTERNAL,
		.message = text_of(said),
		.endpoint = facts(name, said->link, title, title),
	};
	external_know(said, arena, &event.endpoint);
	externals->stats.notices++;
	announce(externals, audience, &event, now);
	arena_free(arena);
}

/* It is not even remembered as heard. */
static bool
is_removed(const struct externals *externals, const struct conf_inbound *source,
	const struct problem *said)
{
	const struct orders *orders = externals->settings.orders;
	if (orders_count(orders, STORE_ORDER_REMOVED) == 0)
		return false;
	struct arena *arena = arena_new_small();
	bool removed = orders_removed(orders,
		arena_printf(arena, "%s/%s", source->name, said->subject));
	arena_free(arena);
	return removed;
}

static void
take(struct externals *externals, const struct conf_inbound *source,
	const struct problem *said, struct moment now)
{
	struct external_audience audience = {
		.source = source,
		.rule = external_rule(source, said),
	};
	if (is_removed(externals, source, said)) {
		externals->stats.dropped++;
		return;
	}
	struct external_problem *problem =
		external_find(externals, source->name, said->identity);
	bool is_close = problem && said->state == PROBLEM_UP;
	if (*said->delivery != '\0'
		&& !external_hear(externals, source->name, said->delivery)) {
		externals->stats.repeated++;
	} else if (audience.rule && audience.rule->drop && !is_close) {
		externals->stats.dropped++;
	} else if (is_close) {
		external_close(externals, problem, "", CAUSE_NONE, now);
	} else if (!problem_is_open(said)) {
		if (said->state != PROBLEM_UNKNOWN)
			notice(externals, &audience, said, now);
		/* That it is well is known of it then. */
		if (said->state == PROBLEM_UP)
			external_subject_of(externals, source->name,
				said->subject, now.wall_ms);
	} else if (problem) {
		change_problem(externals, &audience, problem, said, now);
	} else {
		open_problem(externals, &audience, said, now);
	}
}

void
externals_take(struct externals *externals, const struct conf_inbound *source,
	const struct problem *problems, size_t n, struct moment now)
{
	for (size_t i = 0; i < n; i++)
		take(externals, source, &problems[i], now);
}

static void
add_waiting(void *cookie, const struct outbox_stats *stats)
{
	size_t *waiting = cookie;
	*waiting += stats->waiting;
}

void
externals_note(struct externals *externals, int status)
{
	if (status == 503)
		externals->stats.deferred++;
	else if (status >= 400)
		externals->stats.refused++;
	else
		externals->stats.taken++;
}

const char *
externals_unready(const struct externals *externals)
{
	int64_t since_ms;
	size_t waiting = 0;
	if (ledger_trouble(externals->settings.ledger, &since_ms))
		return "nothing can be recorded now";
	if (map_count(externals->problems) >= EXTERNAL_PROBLEMS_MAX)
		return "too many problems are open";
	outbox_each(externals->settings.outbox, add_waiting, &waiting);
	return waiting >= DELIVERIES_MAX ? "too much waits to be told" : NULL;
}

/* Looking. */

size_t
externals_count(const struct externals *externals)
{
	return externals->n_subjects;
}

struct external_subject
externals_at(const struct externals *externals, size_t number)
{
	const struct subject *subject = externals->subjects[number];
	const struct external_problem *worst = NULL;
	struct external_subject shown = {
		.name = subject->key,
		.status = subject->status,
		.since_ms = subject->since_ms,
		.title = "",
		.link = "",
		.incident = "",
	};
	LIST_EACH (at, &subject->problems, after) {
		const struct external_problem *problem =
			LIST_ENTRY(at, struct external_problem, link);
		shown.problems++;
		if (!worst || problem->status > worst->status)
			worst = problem;
	}
	if (worst) {
		shown.title = worst->title;
		shown.link = worst->where;
		shown.incident = worst->incident;
	}
	return shown;
}

struct external_stats
externals_stats(const struct externals *externals)
{
	struct external_stats stats = externals->stats;
	stats.problems = map_count(externals->problems);
	return stats;
}
