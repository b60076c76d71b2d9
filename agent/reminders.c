/*
 *     reminders_turn -> look -> see_monitor, on_case -> watch, is_to_be_told
 *         -> monitors_remind, externals_remind -> on_candidate
 *         -> keep
 */
#include "agent/reminders.h"

#include <stdlib.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/external.h"
#include "agent/judge/remind.h"
#include "agent/monitor.h"
#include "agent/orders.h"
#include "agent/outbox.h"
#include "conf/conf.h"
#include "conf/reminder.h"
#include "reporters/reporter.h"

enum {
	LOOK_LEAST_MS = 100,
	LOOK_MOST_MS = 10 * 1000,
	LOOKS = 8, /* within the shortest interval */
};

/** An incident that is open. */
struct watched {
	int64_t began_ms; /* for us; monotonic, so that it may be below 0 */
	int64_t told_ms; /* since then: when people were reminded last */
};

struct reminders {
	struct reminders_settings settings;
	const struct conf_reminder *rules;
	size_t n_rules;
	struct map *watched; /* by incident */
	int64_t look_ms; /* monotonic: the next */
};

struct reminders *
reminders_new(const struct reminders_settings *settings)
{
	struct reminders *reminders = mem_zalloc(sizeof(*reminders));
	reminders->settings = *settings;
	reminders->watched = map_new();
	return reminders;
}

static void
free_one(void *cookie, const char *incident, void *thing)
{
	(void)cookie, (void)incident;
	free(thing);
}

static void
free_watched(struct map *watched)
{
	map_each(watched, free_one, NULL);
	map_free(watched);
}

void
reminders_free(struct reminders *reminders)
{
	if (!reminders)
		return;
	free_watched(reminders->watched);
	free(reminders);
}

void
reminders_set_scope(struct reminders *reminders, const struct conf *conf)
{
	reminders->rules = conf->reminders.items;
	reminders->n_rules = conf->reminders.count;
	reminders->look_ms = 0;
}

/* Looking. */

struct looking {
	struct reminders *reminders;
	struct moment now;
	struct map *watched; /* what is open still */
	struct watched *one; /* what is told of now */
	const char *incident;
	int64_t lasted_ms;
	bool any; /* somebody is told */
};

/* When it was heard of, which the incident's UUID says; another monitor may
 * tell of what began long before. */
static int64_t
heard_ms(const char *incident, int64_t opened_ms)
{
	int64_t made_ms;
	return uuid_read(incident, &made_ms) && made_ms > opened_ms ? made_ms
								    : opened_ms;
}

/* The past that is not ours is by the wall clock, which may have jumped. */
static struct watched
first_seen(const struct reminders *reminders, const char *incident,
	int64_t opened_ms, struct moment now)
{
	const struct store_order *row = orders_find(
		reminders->settings.orders, STORE_ORDER_REMINDED, incident);
	int64_t before_ms = row ? row->until_ms : 0;
	int64_t past_ms = row ? row->at_ms : heard_ms(incident, opened_ms);
	int64_t since_ms = now.wall_ms - past_ms;
	if (since_ms < 0)
		since_ms = 0;
	return (struct watched){
		.began_ms = now.mono_ms - before_ms - since_ms,
		.told_ms = before_ms,
	};
}

static void
watch(struct looking *looking, const char *incident, int64_t opened_ms)
{
	struct watched *one = map_remove(looking->reminders->watched, incident);
	if (!one) {
		one = mem_alloc(sizeof(*one));
		*one = first_seen(
			looking->reminders, incident, opened_ms, looking->now);
	}
	map_put(looking->watched, incident, one);
	looking->one = one;
	looking->incident = incident;
	looking->lasted_ms = looking->now.mono_ms - one->began_ms;
	looking->any = false;
}

static bool
is_due(const struct looking *looking, const struct conf_reminder *rule)
{
	const struct remind remind = { rule->after_ms, rule->up_to_ms };
	return remind_next(&remind, looking->one->told_ms)
		<= looking->lasted_ms;
}

static bool
is_any_due(const struct looking *looking)
{
	const struct reminders *reminders = looking->reminders;
	for (size_t i = 0; i < reminders->n_rules; i++)
		if (is_due(looking, &reminders->rules[i]))
			return true;
	return false;
}

static bool
is_named(const struct conf_reminder *rule, const struct reporter *reporter)
{
	const char *const *names = rule->report_to.items;
	for (size_t i = 0; i < rule->report_to.count; i++)
		if (reporter->name && str_eq(names[i], reporter->name))
			return true;
	return rule->report_to.count == 0;
}

/* Only of what they were told, and not behind what they were not told yet. */
static bool
on_candidate(void *cookie, const struct reporter *reporter,
	const struct event *event)
{
	struct looking *looking = cookie;
	const struct reminders *reminders = looking->reminders;
	const struct outbox *outbox = reminders->settings.outbox;
	bool wanted = false;
	for (size_t i = 0; i < reminders->n_rules; i++)
		wanted |= is_named(&reminders->rules[i], reporter)
			&& is_due(looking, &reminders->rules[i]);
	bool told = reporter->type->conf.reminds && wanted
		&& outbox_ref(outbox, reporter, event->incident)
		&& outbox_is_told(outbox, reporter, event);
	looking->any |= told;
	return told;
}

/* Who was muted hears of it at the next time after that; and when whoever looks
 * after it gives it back, it is told at once. */
static bool
is_to_be_told(struct looking *looking, const char *endpoint)
{
	const struct orders *orders = looking->reminders->settings.orders;
	if (orders_muted(orders, endpoint))
		looking->one->told_ms = looking->lasted_ms;
	return is_any_due(looking) && !orders_taken(orders, looking->incident);
}

static void
keep(const struct looking *looking, const char *endpoint)
{
	looking->one->told_ms = looking->lasted_ms;
	if (!looking->any)
		return;
	orders_put(looking->reminders->settings.orders,
		&(struct store_order){
			.kind = STORE_ORDER_REMINDED,
			.name = looking->incident,
			.endpoint = endpoint,
			.who = "",
			.at_ms = looking->now.wall_ms,
			.until_ms = looking->lasted_ms,
		});
}

/* It is as bad at this moment, as far as we can see. */
static void
see_monitor(struct looking *looking, uint32_t number)
{
	struct monitors *monitors = looking->reminders->settings.monitors;
	const struct monitor *monitor = monitors_at(monitors, number);
	if (!monitor || !monitor->incident)
		return;
	watch(looking, monitor->incident, monitor->opened_ms);
	const char *name = monitor->conf->name;
	if (!status_is_bad(monitor->seen) || !is_to_be_told(looking, name))
		return;
	monitors_remind(monitors, number, on_candidate, looking, looking->now);
	keep(looking, name);
}

static void
on_case(void *cookie, const struct external_case *found)
{
	struct looking *looking = cookie;
	watch(looking, found->incident, found->opened_ms);
	if (!is_to_be_told(looking, found->name))
		return;
	externals_remind(looking->reminders->settings.externals, found,
		on_candidate, looking, looking->now);
	keep(looking, found->name);
}

static void
look(struct reminders *reminders, struct moment now)
{
	struct looking looking = {
		.reminders = reminders,
		.now = now,
		.watched = map_new(),
	};
	size_t size = monitors_size(reminders->settings.monitors);
	for (size_t i = 0; i < size; i++)
		see_monitor(&looking, (uint32_t)i);
	externals_cases(reminders->settings.externals, NULL, on_case, &looking);
	free_watched(reminders->watched);
	reminders->watched = looking.watched;
}

/* Often enough for the shortest interval. */
static int64_t
pause_of(const struct reminders *reminders)
{
	int64_t pause_ms = LOOK_MOST_MS;
	for (size_t i = 0; i < reminders->n_rules; i++)
		if (reminders->rules[i].after_ms / LOOKS < pause_ms)
			pause_ms = reminders->rules[i].after_ms / LOOKS;
	return pause_ms > LOOK_LEAST_MS ? pause_ms : LOOK_LEAST_MS;
}

int64_t
reminders_turn(struct reminders *reminders, struct moment now)
{
	if (reminders->n_rules == 0)
		return -1;
	if (now.mono_ms >= reminders->look_ms) {
		look(reminders, now);
		reminders->look_ms = now.mono_ms + pause_of(reminders);
	}
	return reminders->look_ms;
}
