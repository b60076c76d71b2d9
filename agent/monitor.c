#include "agent/monitor_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/ledger.h"
#include "agent/store/store.h"
#include "conf/conf.h"

/* Most have none: it takes no room as long as all is well. */

const char *
monitor_incident(const struct monitor *monitor)
{
	return monitor->incident ? monitor->incident : "";
}

void
monitor_set_incident(struct monitor *monitor, const char *incident)
{
	free(monitor->incident);
	monitor->incident =
		incident && *incident != '\0' ? mem_dup(incident) : NULL;
}

enum {
	EVIDENCE_MAX = 64 * 1024 * 1024, /* bytes, of all endpoints */
	EVIDENCE_LEAST = 512, /* of each one, whatever the others have */
};

/* What the ledger makes durable. */

static bool
write_one(const struct monitor *monitor, struct store *store, struct err *err)
{
	struct store_endpoint row = {
		.name = monitor->conf->name,
		.verdict = monitor->verdict,
		.since_ms = monitor->since_ms,
		.incident = monitor_incident(monitor),
	};
	return store_put_endpoint(store, &row, err);
}

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	struct monitors *monitors = cookie;
	/* First, for one that was removed may be there again. */
	for (size_t i = 0; i < monitors->n_gone; i++)
		if (!store_drop_endpoint(store, monitors->gone[i], err))
			return false;
	for (size_t i = 0; i < monitors->n_unwritten; i++) {
		const struct monitor *monitor =
			monitors->items[monitors->unwritten[i]];
		if (monitor && !write_one(monitor, store, err))
			return false;
	}
	return true;
}

static void
on_written(void *cookie)
{
	struct monitors *monitors = cookie;
	for (size_t i = 0; i < monitors->n_unwritten; i++) {
		struct monitor *monitor =
			monitors->items[monitors->unwritten[i]];
		if (monitor)
			monitor->unwritten = false;
	}
	monitors->n_unwritten = 0;
	monitors->n_spare_now = monitors->n_spare;
	while (monitors->n_gone > 0)
		free(monitors->gone[--monitors->n_gone]);
}

void
monitor_mark_unwritten(struct monitors *monitors, struct monitor *monitor)
{
	if (monitor->unwritten)
		return;
	monitor->unwritten = true;
	/* There is room for all of them: see monitors_add(). */
	monitors->unwritten[monitors->n_unwritten++] = monitor->number;
}

/* Making and freeing. */

struct monitors *
monitors_new(const struct monitors_settings *settings)
{
	struct monitors *monitors = mem_zalloc(sizeof(*monitors));
	monitors->settings = *settings;
	monitor_name_all(monitors);
	monitors->by_component = map_new();
	return monitors;
}

void
monitors_free(struct monitors *monitors)
{
	if (!monitors)
		return;
	on_written(monitors); /* the rest is found again by the next process */
	monitor_disband(monitors);
	monitor_free_places(monitors);
	index_finish(&monitors->by_name);
	free(monitors->items);
	free(monitors->unwritten);
	free(monitors->gone);
	free(monitors->spare);
	free(monitors->to);
	free(monitors);
}

void
monitors_tell(struct monitors *monitors,
	const struct reporter *const *reporters, size_t n)
{
	monitors->reporters = reporters;
	monitors->n_reporters = n;
	monitors->to = mem_grow(monitors->to, n + 1, sizeof(struct reporter *));
}

void
monitors_connect(struct monitors *monitors, struct outbox *outbox,
	const struct reporter *const *reporters, size_t n)
{
	monitors->outbox = outbox;
	monitors_tell(monitors, reporters, n);
	for (size_t i = 0; i < monitors->n; i++) {
		struct monitor *monitor = monitors->items[i];
		if (!monitor)
			continue;
		free(monitor_unplace(monitors, monitor).items);
		monitor_place(monitors, monitor,
			monitor_places_of(monitors, monitor->conf));
	}
	ledger_join(monitors->settings.ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = monitors,
		});
}

/* Results. */

/* In an outage of all, the long pages of a hundred thousand are not kept. */
static char *
within_bounds(char *evidence, size_t room)
{
	size_t len = strlen(evidence);
	if (len < room || len <= EVIDENCE_LEAST)
		return evidence;
	len = EVIDENCE_LEAST;
	while (len > 0 && ((unsigned char)evidence[len] & 0xc0) == 0x80)
		len--; /* not within a character */
	char *cut = mem_dup_n(evidence, len);
	free(evidence);
	return cut;
}

void
monitor_keep_evidence(
	struct monitors *monitors, struct monitor *monitor, char *evidence)
{
	if (monitor->evidence)
		monitors->evidence -= strlen(monitor->evidence) + 1;
	free(monitor->evidence);
	monitor->evidence = NULL;
	if (!evidence)
		return;
	size_t room = monitors->evidence < EVIDENCE_MAX
		? EVIDENCE_MAX - monitors->evidence
		: 0;
	monitor->evidence = within_bounds(evidence, room);
	monitors->evidence += strlen(monitor->evidence) + 1;
}

static void
remember_seen(struct monitors *monitors, struct monitor *monitor,
	struct result *result)
{
	monitor->seen = result->status;
	monitor->cause = result->cause;
	monitor->code = result->code;
	monitor->at_ms = result->at_ms;
	monitor->latency_us = result->latency_us;
	monitor->phases = result->phases;
	monitor->took_us = result->took_us;
	monitor->certificate_ends_ms = result->certificate_ends_ms;
	monitor->missed = result->missed;

	free(monitor->message);
	monitor->message =
		result->message[0] != '\0' ? mem_dup(result->message) : NULL;
	free(monitor->detail);
	monitor->detail = result->detail, result->detail = NULL;
	if (result->evidence)
		monitor_keep_evidence(monitors, monitor, result->evidence);
	result->evidence = NULL;
}

static bool
is_same(struct verdict_state a, struct verdict_state b)
{
	return a.announced == b.announced && a.fails == b.fails
		&& a.goods == b.goods;
}

/* A failure that is forgotten in a crash delays an announcement by one probe; a
 * good result that is forgotten would let failures speak too soon. */
static void
remember_verdict(struct monitors *monitors, struct monitor *monitor,
	struct verdict_state before, struct moment now)
{
	monitor_mark_unwritten(monitors, monitor);
	if (monitor->verdict.fails < before.fails)
		ledger_wake(monitors->settings.ledger);
	else
		ledger_wake_later(monitors->settings.ledger, now);
}

/* What receivers show of how bad it is may be of another endpoint.  True when
 * it lasts, and is known now. */
static bool
believe_past(struct monitor *monitor, enum status status)
{
	if (!monitor->adopted || status == STATUS_UNKNOWN)
		return false;
	monitor->adopted = false;
	if (status_is_bad(status))
		monitor->verdict.announced = status;
	return status_is_bad(status);
}

void
monitors_take(
	struct monitors *monitors, struct result *result, struct moment now)
{
	struct monitor *monitor = result->endpoint < monitors->n
		? monitors->items[result->endpoint]
		: NULL;
	if (!monitor || monitor->generation != result->generation) {
		result_finish(result);
		return;
	}
	struct verdict_state before = monitor->verdict;
	bool lasts = believe_past(monitor, result->status);
	struct verdict verdict =
		verdict_step(monitor->policy, monitor->verdict, result->status);
	bool moved = !is_same(before, verdict.next);
	monitor->verdict = verdict.next;
	remember_seen(monitors, monitor, result);

	if (verdict.change != VERDICT_SAME)
		monitor_announce_verdict(
			monitors, monitor, &verdict, result, now);
	else
		monitor_announce_point(monitors, monitor, result, now);
	if (lasts)
		monitor_announce_mirror(monitors, monitor, now);
	if (moved)
		remember_verdict(monitors, monitor, before, now);
	if (monitors->settings.on_result)
		monitors->settings.on_result(
			monitors->settings.cookie, monitor);
	result_finish(result);
}
