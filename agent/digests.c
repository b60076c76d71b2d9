#include "agent/digests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/judge/calendar.h"
#include "agent/model/digest.h"
#include "agent/monitor.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "conf/digest.h"
#include "conf/zone.h"
#include "reporters/reporter.h"

enum {
	LOOK_MS = 60 * 1000, /* the wall clock may be set meanwhile */
	REPORTERS_MAX = 256,
};

/* The longest, when clocks are put back. */
#define DAY_MS (INT64_C(25) * 3600 * 1000)

struct planned {
	const struct conf_digest *conf;
	struct calendar calendar;
	int64_t times[CONF_DIGEST_TIMES_MAX];
	int64_t from_ms; /* wall clock: the last time, or when we began */
	int64_t next_ms; /* wall clock */
};

struct digests {
	struct digests_settings settings;
	const struct reporter *const *reporters;
	size_t n_reporters;
	struct planned *items;
	size_t count;
	struct arena *zones; /* of these items */
	bool behind[REPORTERS_MAX]; /* one of a turn before waits there */
};

struct digests *
digests_new(const struct digests_settings *settings)
{
	struct digests *digests = mem_zalloc(sizeof(*digests));
	digests->settings = *settings;
	return digests;
}

void
digests_free(struct digests *digests)
{
	if (!digests)
		return;
	free(digests->items);
	arena_free(digests->zones);
	free(digests);
}

static void
plan(struct planned *planned, const struct conf_digest *conf,
	struct arena *zones, int64_t wall_ms)
{
	struct err err;
	const char *const *times = conf->at.items;
	*planned = (struct planned){ .conf = conf, .from_ms = wall_ms };
	planned->calendar.every_ms = conf->every_ms;
	planned->calendar.n_at = conf->at.count;
	planned->calendar.at_ms = planned->times; /* it stays there */
	planned->calendar.zone = conf_zone_find(conf->time_zone, zones, &err);
	if (!planned->calendar.zone)
		log_say(LOG_WARN, "a digest goes by UTC",
			log_text("reason", err.text));
	for (size_t i = 0; i < conf->at.count; i++)
		conf_digest_time(times[i], &planned->times[i]);
	planned->next_ms = calendar_next(&planned->calendar, wall_ms);
}

/* A reload does not begin its period anew. */
static void
go_on(struct planned *planned, const struct planned *former)
{
	const struct calendar *a = &planned->calendar;
	const struct calendar *b = &former->calendar;
	if (a->every_ms != b->every_ms
		|| !str_eq(planned->conf->time_zone, former->conf->time_zone)
		|| a->n_at != b->n_at
		|| memcmp(planned->times, former->times, sizeof(former->times))
			!= 0)
		return;
	planned->from_ms = former->from_ms;
	planned->next_ms = former->next_ms;
}

void
digests_set_scope(struct digests *digests, const struct conf *conf,
	const struct reporter *const *reporters, size_t n, struct moment now)
{
	const struct conf_digest *confs = conf->digests.items;
	size_t count = conf->digests.count;
	struct planned *items = mem_zalloc((count + 1) * sizeof(*items));
	struct arena *zones = arena_new();
	for (size_t i = 0; i < count; i++) {
		plan(&items[i], &confs[i], zones, now.wall_ms);
		if (i < digests->count)
			go_on(&items[i], &digests->items[i]);
	}
	free(digests->items);
	arena_free(digests->zones);
	digests->zones = zones;
	digests->items = items;
	digests->count = count;
	assert(n <= REPORTERS_MAX);
	digests->reporters = reporters;
	digests->n_reporters = n;
}

/* Gathering. */

struct gathering {
	struct digest *digest;
	struct digest_row *rows; /* of all of them */
	const struct orders *orders;
	struct map *downtimes; /* endpoint -> milliseconds, as int64_t */
};

static void
on_downtime(void *cookie, const char *endpoint, int64_t ms)
{
	const struct gathering *gathering = cookie;
	int64_t *kept = mem_alloc(sizeof(*kept));
	*kept = ms;
	free(map_put(gathering->downtimes, endpoint, kept));
}

static int64_t
uptime_of(const struct gathering *gathering, const char *name)
{
	const struct digest *digest = gathering->digest;
	const int64_t *down = map_get(gathering->downtimes, name);
	int64_t period = digest->to_ms - digest->from_ms;
	if (period <= 0 || !gathering->downtimes)
		return -1;
	if (!down)
		return DIGEST_MILLION;
	int64_t up = *down < period ? period - *down : 0;
	return (int64_t)((double)up / (double)period * DIGEST_MILLION);
}

static void
add(struct gathering *gathering, struct digest_row row)
{
	struct digest *digest = gathering->digest;
	row.muted = row.status != STATUS_OPERATIONAL
		&& orders_muted(gathering->orders, row.name);
	digest->muted += row.muted;
	digest->bad += !row.muted && status_is_bad(row.status);
	digest->unknown += !row.muted && row.status == STATUS_UNKNOWN;
	row.uptime_ppm = uptime_of(gathering, row.name);
	gathering->rows[digest->total++] = row;
}

static void
add_all(struct gathering *gathering, const struct digests_settings *settings)
{
	size_t size = monitors_size(settings->monitors);
	for (size_t i = 0; i < size; i++) {
		const struct monitor *monitor =
			monitors_at(settings->monitors, (uint32_t)i);
		if (!monitor)
			continue;
		add(gathering,
			(struct digest_row){
				.name = monitor->conf->name,
				.url = monitor->url,
				.status = monitor->verdict.announced,
				.since_ms = monitor->since_ms,
			});
	}
	for (size_t i = 0; i < externals_count(settings->externals); i++) {
		struct external_subject subject =
			externals_at(settings->externals, i);
		add(gathering,
			(struct digest_row){
				.name = subject.name,
				.url = subject.link,
				.status = subject.status,
				.since_ms = subject.since_ms,
			});
	}
}

static void
free_downtime(void *cookie, const char *endpoint, void *thing)
{
	(void)cookie;
	(void)endpoint;
	free(thing);
}

static void
gather(const struct digests_settings *settings, struct digest *digest)
{
	size_t most = monitors_size(settings->monitors)
		+ externals_count(settings->externals);
	struct gathering gathering = {
		.digest = digest,
		.orders = settings->orders,
		.rows = mem_zalloc((most + 1) * sizeof(struct digest_row)),
		.downtimes = map_new(),
	};
	struct err err;
	if (!store_downtimes(settings->store, digest->from_ms, digest->to_ms,
		    on_downtime, &gathering, &err))
		log_say(LOG_WARN, "a digest says nothing of uptimes",
			log_text("reason", err.text));
	add_all(&gathering, settings);
	qsort(gathering.rows, digest->total, sizeof(struct digest_row),
		digest_compare);
	digest->n_rows = digest->total < DIGEST_ROWS_MAX ? digest->total
							 : DIGEST_ROWS_MAX;
	memcpy(digest->rows, gathering.rows,
		digest->n_rows * sizeof(struct digest_row));
	map_each(gathering.downtimes, free_downtime, NULL);
	map_free(gathering.downtimes);
	free(gathering.rows);
}

/* Announcing. */

static bool
is_named(const struct conf_digest *conf, const struct reporter *reporter)
{
	const char *const *names = conf->report_to.items;
	for (size_t i = 0; i < conf->report_to.count; i++)
		if (reporter->name && str_eq(names[i], reporter->name))
			return true;
	return conf->report_to.count == 0;
}

static struct event
event_of(const char *message, struct moment now)
{
	return (struct event){
		.kind = EVENT_DIGEST,
		.incident = "",
		.seq = (unsigned)(now.wall_ms / 1000),
		.at_ms = now.wall_ms,
		.message = message,
		.endpoint = { .name = EVENT_OURS_DIGEST,
			.url = "",
			.method = "",
			.titles = { "", "", "" } },
	};
}

/* Where one before is still on its way, another would only pile up. */
static void
find_behind(struct digests *digests, struct moment now)
{
	struct event event = event_of("", now);
	for (size_t i = 0; i < digests->n_reporters; i++)
		digests->behind[i] = !outbox_is_told(digests->settings.outbox,
			digests->reporters[i], &event);
}

static void
announce(struct digests *digests, const struct conf_digest *conf,
	const struct digest *digest, struct moment now)
{
	char *text = digest_encode(digest);
	struct event event = event_of(text, now);
	event.to = digest->bad > 0 ? STATUS_PARTIAL_OUTAGE : STATUS_OPERATIONAL;
	for (size_t i = 0; i < digests->n_reporters; i++) {
		const struct reporter *reporter = digests->reporters[i];
		if (reporter->type->conf.digests && is_named(conf, reporter)
			&& !digests->behind[i])
			outbox_announce(digests->settings.outbox, &event,
				&reporter, 1, now);
	}
	free(text);
}

static void
tell(struct digests *digests, struct planned *planned, struct moment now)
{
	const struct orders *orders = digests->settings.orders;
	if (orders_find(orders, STORE_ORDER_MUTED, ""))
		return;
	struct digest *digest = mem_zalloc(sizeof(*digest));
	digest->from_ms = planned->from_ms;
	digest->to_ms = now.wall_ms;
	gather(&digests->settings, digest);
	if (digest->bad + digest->unknown > 0 || !planned->conf->quiet)
		announce(digests, planned->conf, digest, now);
	free(digest);
}

/* A clock that was set back must not keep it waiting for what comes again. */
static bool
is_out_of_reach(const struct planned *planned, int64_t wall_ms)
{
	int64_t most = planned->calendar.every_ms > DAY_MS
		? planned->calendar.every_ms
		: DAY_MS;
	return planned->next_ms - wall_ms > most;
}

int64_t
digests_turn(struct digests *digests, struct moment now)
{
	int64_t due_ms = -1;
	bool looked = false;
	for (size_t i = 0; i < digests->count; i++) {
		struct planned *planned = &digests->items[i];
		bool is_due = now.wall_ms >= planned->next_ms;
		if (is_due && !looked)
			find_behind(digests, now);
		looked |= is_due;
		if (is_due)
			tell(digests, planned, now);
		if (is_due)
			planned->from_ms = now.wall_ms;
		if (is_due || is_out_of_reach(planned, now.wall_ms))
			planned->next_ms =
				calendar_next(&planned->calendar, now.wall_ms);
		int64_t wait_ms = planned->next_ms - now.wall_ms;
		if (wait_ms > LOOK_MS)
			wait_ms = LOOK_MS;
		if (due_ms < 0 || now.mono_ms + wait_ms < due_ms)
			due_ms = now.mono_ms + wait_ms;
	}
	return due_ms;
}
