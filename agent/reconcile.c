#include "agent/reconcile.h"

#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/reconcile_internal.h"
#include "reporters/reporter.h"

enum {
	FIRST_RETRY_MS = 5 * 1000, /* of a look that failed; doubles */
	LAST_RETRY_MS = 5 * 60 * 1000,
	LATE_MS = 65 * 1000, /* a request that was lost may take so long */
	PACE_MS = 20 * 1000, /* between looks after troubles, ... */
	BURST = 3, /* ... but for so many */
	FIRST_RESULTS_MS = 60 * 1000, /* then nobody waits for them */
	REQUEST_MS = 30 * 1000,
};

/* Desks. */

static struct desk *
desk_of(const struct reconcile *reconcile, const char *id)
{
	for (size_t i = 0; i < reconcile->n_desks; i++)
		if (str_eq(reconcile->desks[i]->reporter->id, id))
			return reconcile->desks[i];
	return NULL;
}

static struct desk *
desk_new(struct reconcile *reconcile, const struct reporter *reporter,
	struct moment now)
{
	struct desk *desk = mem_zalloc(sizeof(*desk));
	desk->reconcile = reconcile;
	desk->reporter = reporter;
	desk->owed = true;
	desk->next_ms = reporter->look_never ? -1 : now.mono_ms;
	desk->left = map_new();
	return desk;
}

static void
desk_free(struct desk *desk)
{
	view_free(desk->view);
	view_free(desk->listed);
	reconcile_forget_left(desk);
	map_free(desk->left);
	free(desk);
}

/* It may have another interval. */
static void
desk_succeed(
	struct desk *desk, const struct reporter *reporter, struct moment now)
{
	bool same = desk->reporter == reporter;
	desk->reporter = reporter;
	if (!same)
		desk->next_ms = reporter->look_never ? -1 : now.mono_ms;
}

struct reconcile *
reconcile_new(const struct reconcile_settings *settings)
{
	struct reconcile *reconcile = mem_zalloc(sizeof(*reconcile));
	reconcile->settings = *settings;
	reconcile->answered = true;
	return reconcile;
}

void
reconcile_free(struct reconcile *reconcile)
{
	if (!reconcile)
		return;
	for (size_t i = 0; i < reconcile->n_desks; i++)
		desk_free(reconcile->desks[i]);
	free((void *)reconcile->desks);
	json_decref(reconcile->rows);
	json_decref(reconcile->failed);
	free(reconcile);
}

static bool
is_among(const struct reporter *const *reporters, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(reporters[i]->id, id))
			return true;
	return false;
}

void
reconcile_set_reporters(struct reconcile *reconcile,
	const struct reporter *const *reporters, size_t n, struct moment now)
{
	size_t kept = 0;
	reconcile->reporters = reporters;
	reconcile->n_reporters = n;
	for (size_t i = 0; i < reconcile->n_desks; i++) {
		struct desk *desk = reconcile->desks[i];
		if (is_among(reporters, n, desk->reporter->id))
			reconcile->desks[kept++] = desk;
		else
			desk_free(desk);
	}
	reconcile->n_desks = kept;
	for (size_t i = 0; i < n; i++) {
		struct desk *desk = desk_of(reconcile, reporters[i]->id);
		if (desk) {
			desk_succeed(desk, reporters[i], now);
		} else if (reporters[i]->type->look) {
			reconcile->desks = mem_grow((void *)reconcile->desks,
				reconcile->n_desks + 1, sizeof(struct desk *));
			reconcile->desks[reconcile->n_desks++] =
				desk_new(reconcile, reporters[i], now);
		}
	}
}

/* Requests. */

static bool
is_pending(const struct reconcile *reconcile)
{
	for (size_t i = 0; i < reconcile->n_desks; i++)
		if (reconcile->desks[i]->wanted)
			return true;
	return false;
}

static void
answer_one(struct desk *desk, const char *failure)
{
	struct reconcile *reconcile = desk->reconcile;
	if (failure)
		json_array_append_new(reconcile->failed,
			json_pack("{s:s, s:s}", "reporter",
				reporter_label(desk->reporter), "reason",
				failure));
	desk->wanted = desk->looks_for_it = false;
	reconcile->answered = !is_pending(reconcile);
}

uint64_t
reconcile_ask(struct reconcile *reconcile, const struct reconcile_wish *wish,
	struct moment now)
{
	if (!reconcile->begun || is_pending(reconcile))
		return 0;
	json_decref(reconcile->rows);
	json_decref(reconcile->failed);
	reconcile->rows = json_array();
	reconcile->failed = json_array();
	reconcile->wish = *wish;
	reconcile->deadline_ms = now.mono_ms + REQUEST_MS;
	for (size_t i = 0; i < reconcile->n_desks; i++)
		reconcile->desks[i]->wanted = true;
	reconcile->answered = !is_pending(reconcile);
	return ++reconcile->request;
}

json_t *
reconcile_answer(const struct reconcile *reconcile, uint64_t request)
{
	if (request == 0 || request != reconcile->request)
		return NULL;
	if (!reconcile->answered)
		return json_pack("{s:b}", "done", false);
	return json_pack("{s:b, s:b, s:O, s:O, s:I}", "done", true, "dry",
		reconcile->wish.dry, "rows", reconcile->rows, "failed",
		reconcile->failed, "reporters", (json_int_t)reconcile->n_desks);
}

static void
give_up_request(struct reconcile *reconcile)
{
	for (size_t i = 0; i < reconcile->n_desks; i++)
		if (reconcile->desks[i]->wanted)
			answer_one(reconcile->desks[i],
				"it did not answer in time");
}

/* When to look. */

/* A tenth more or less, so that not all agents of the world ask at once. */
static int64_t
jittered(const struct desk *desk)
{
	int64_t every = desk->reporter->look_every_ms;
	struct rng *rng = desk->reconcile->settings.rng;
	return every - every / 10
		+ (int64_t)rng_below(rng, (uint64_t)(every / 5 + 1));
}

static void
look_later(struct desk *desk, struct moment now)
{
	bool never = desk->reporter->look_never
		|| desk->reporter->look_every_ms <= 0;
	desk->next_ms = never ? -1 : now.mono_ms + jittered(desk);
}

/* What is still owed, as it was not known how all endpoints are, or something
 * may arrive yet, is not left for long. */
static void
look_next(struct desk *desk, struct moment now)
{
	look_later(desk, now);
	int64_t soon = now.mono_ms + LAST_RETRY_MS;
	if (desk->owed && !desk->reporter->look_never
		&& (desk->next_ms < 0 || soon < desk->next_ms))
		desk->next_ms = soon;
}

/* What is owed is tried sooner. */
static void
look_again(struct desk *desk, struct moment now)
{
	look_later(desk, now);
	if (!desk->owed || desk->reporter->look_never)
		return;
	int64_t wait = FIRST_RETRY_MS;
	for (unsigned i = 1; i < desk->failures && wait < LAST_RETRY_MS; i++)
		wait *= 2;
	if (wait > LAST_RETRY_MS)
		wait = LAST_RETRY_MS;
	if (desk->next_ms < 0 || now.mono_ms + wait < desk->next_ms)
		desk->next_ms = now.mono_ms + wait;
}

/* One that is away every other minute is not looked at all the time. */
static void
look_soon(struct desk *desk, struct moment now)
{
	if (desk->reporter->look_never)
		return;
	if (desk->pace_ms < now.mono_ms)
		desk->pace_ms = now.mono_ms;
	int64_t due = desk->pace_ms - (int64_t)BURST * PACE_MS;
	desk->pace_ms += PACE_MS;
	if (due < now.mono_ms)
		due = now.mono_ms;
	if (desk->next_ms < 0 || due < desk->next_ms)
		desk->next_ms = due;
}

void
reconcile_on_doubt(void *cookie, const struct reporter *reporter, bool back)
{
	const struct reconcile *reconcile = cookie;
	const struct reconcile_settings *settings = &reconcile->settings;
	struct desk *desk = desk_of(reconcile, reporter->id);
	if (!desk)
		return;
	struct moment now = settings->now(settings->now_cookie);
	desk->owed = true;
	if (!back)
		desk->late_ms = now.mono_ms + LATE_MS;
	if (back && reconcile->begun)
		look_soon(desk, now);
}

/* Comparing. */

static void
compare(struct desk *desk, const struct reporter_view *view, bool asked,
	struct moment now)
{
	struct reconcile *reconcile = desk->reconcile;
	const struct reconcile_wish *wish = &reconcile->wish;
	struct comparison comparison = {
		.desk = desk,
		.view = view,
		.terms = { .owed = desk->owed,
			.strict = desk->reporter->look_strictly
				|| (asked && wish->strict) },
		.dry = asked && wish->dry,
		.rows = asked ? reconcile->rows : NULL,
		.now = now,
	};
	reconcile_compare(&comparison);
	if (!comparison.dry && !comparison.unsure
		&& now.mono_ms >= desk->late_ms)
		desk->owed = false;
}

static void
take_view(struct desk *desk, struct moment now)
{
	desk->failures = 0;
	desk->stats.looks++;
	bool asked = desk->looks_for_it;
	if (asked || !desk->reporter->look_never)
		compare(desk, desk->view, asked, now);
	if (asked)
		answer_one(desk, NULL);
	look_next(desk, now);
}

static void
miss_view(struct desk *desk, const char *detail, struct moment now)
{
	desk->failures++;
	desk->stats.failures++;
	log_say(desk->failures == 1 ? LOG_WARN : LOG_DEBUG,
		"could not look at what the receiver shows, will try again",
		log_text("reporter", reporter_label(desk->reporter)),
		log_text("reason", detail));
	if (desk->looks_for_it)
		answer_one(desk, detail);
	look_again(desk, now);
}

void
reconcile_on_looked(void *cookie, const struct reporter *reporter, bool whole,
	const char *detail)
{
	const struct reconcile *reconcile = cookie;
	const struct reconcile_settings *settings = &reconcile->settings;
	struct moment now = settings->now(settings->now_cookie);
	struct desk *desk = desk_of(reconcile, reporter->id);
	if (!desk || !desk->looking)
		return;
	desk->looking = false;
	if (whole)
		take_view(desk, now);
	else
		miss_view(desk, detail, now);
	view_free(desk->view), desk->view = NULL;
}

/* The start. */

void
reconcile_listed(struct reconcile *reconcile, const struct reporter *reporter,
	struct reporter_view *view)
{
	struct desk *desk = desk_of(reconcile, reporter->id);
	if (desk && !desk->listed)
		desk->listed = view;
	else
		view_free(view);
}

void
reconcile_begin(struct reconcile *reconcile, struct moment now)
{
	reconcile->begun = true;
	reconcile->begun_ms = now.mono_ms;
	reconcile_adopt(reconcile, now);
}

/* What was remembered is the truth only once somebody looked again. */
static bool
is_all_seen(struct reconcile *reconcile, struct moment now)
{
	const struct monitors *monitors = reconcile->settings.monitors;
	size_t size = monitors_size(monitors);
	while (reconcile->seen < size) {
		const struct monitor *monitor =
			monitors_at(monitors, reconcile->seen);
		if (monitor && monitor->at_ms == 0)
			break;
		reconcile->seen++;
	}
	return reconcile->seen >= size
		|| now.mono_ms >= reconcile->begun_ms + FIRST_RESULTS_MS;
}

static void
use_listed(struct desk *desk, struct moment now)
{
	if (!desk->reporter->look_never)
		compare(desk, desk->listed, false, now);
	view_free(desk->listed), desk->listed = NULL;
	desk->stats.looks++;
	look_next(desk, now);
}

static void
begin_look(struct desk *desk, struct moment now)
{
	struct outbox *outbox = desk->reconcile->settings.outbox;
	desk->view = view_new();
	reconcile_want(desk, desk->view);
	desk->looking = outbox_look(outbox, desk->reporter, desk->view, now);
	if (desk->looking) {
		desk->looks_for_it = desk->wanted;
		return;
	}
	view_free(desk->view), desk->view = NULL;
	look_again(desk, now);
}

static int64_t
turn_desk(struct desk *desk, struct moment now)
{
	if (desk->looking)
		return -1;
	if (desk->listed)
		use_listed(desk, now);
	bool due = desk->next_ms >= 0 && desk->next_ms <= now.mono_ms;
	if (due || desk->wanted)
		begin_look(desk, now);
	return desk->looking ? -1 : desk->next_ms;
}

int64_t
reconcile_turn(struct reconcile *reconcile, struct moment now)
{
	if (!reconcile->begun)
		return -1;
	bool pending = is_pending(reconcile);
	if (pending && now.mono_ms >= reconcile->deadline_ms) {
		give_up_request(reconcile);
		pending = false;
	}
	int64_t next = pending ? reconcile->deadline_ms : -1;
	if (!pending && !is_all_seen(reconcile, now))
		return clock_earlier(
			next, reconcile->begun_ms + FIRST_RESULTS_MS);
	for (size_t i = 0; i < reconcile->n_desks; i++)
		next = clock_earlier(next, turn_desk(reconcile->desks[i], now));
	return next;
}

void
reconcile_each(const struct reconcile *reconcile, reconcile_stats_fn *each,
	void *cookie)
{
	for (size_t i = 0; i < reconcile->n_desks; i++) {
		struct reconcile_stats stats = reconcile->desks[i]->stats;
		const struct reporter *reporter = reconcile->desks[i]->reporter;
		stats.reporter = reporter->id;
		stats.label = reporter_label(reporter);
		each(cookie, &stats);
	}
}
