/*
 * The endpoints on the main thread: each result is judged, and what it changes
 * is remembered and announced.
 *
 * No loop, no timer, no socket: results and time are handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/judge/verdict.h"
#include "agent/model/event.h"
#include "agent/model/result.h"

struct conf;
struct conf_endpoint;
struct err;
struct ledger;
struct monitors;
struct orders;
struct outbox;
struct outbox_adopter;
struct probe_target;
struct reporter;
struct rng;
struct store;
struct store_endpoint;

/** One endpoint, as `status`, the page and the API show it. */
struct monitor {
	uint32_t number; /* what results call it */
	uint32_t generation;
	const struct conf_endpoint *conf;
	struct conf *document; /* of `conf`, held */
	const char *url; /* what it looks at, for people */
	const char *method;
	struct verdict_policy policy;
	struct event_place *places; /* in the Cachets that there are */
	size_t n_places;

	struct verdict_state verdict;
	int64_t since_ms; /* wall clock, of what is announced; 0: nothing is */
	char *incident; /* UUID of the open one; NULL for none */
	int64_t opened_ms;
	unsigned seq; /* of the last event of the open incident */

	/* Of the last probe; at_ms is 0 before the first. */
	enum status seen;
	enum cause cause;
	int code;
	int64_t at_ms;
	int64_t latency_us;
	struct result_phases phases;
	int64_t took_us;
	int64_t certificate_ends_ms; /* wall clock; 0: it showed none */
	char *message; /* of the last result that was not good; NULL: good */
	char *detail; /* of the same result; NULL for none */
	char *evidence; /* of the last failure; NULL for none */
	uint64_t missed;
	bool unwritten; /* the store does not have `verdict` yet */
	bool asked; /* receivers were: they know of no past that we forgot */
	bool adopted; /* its severity is a guess until the next result */
};

typedef void monitors_event_fn(void *cookie, const struct event *event);
typedef void monitors_result_fn(void *cookie, const struct monitor *monitor);
typedef void monitors_row_fn(void *cookie, const struct store_endpoint *row);

/** All of it must outlive the monitors. */
struct monitors_settings {
	struct store *store;
	struct ledger *ledger;
	struct rng *rng;
	const struct orders *orders; /* NULL: nobody mutes anything */

	/* For whoever shows things to people; NULL for none. */
	monitors_event_fn *on_event;
	monitors_result_fn *on_result;
	monitors_row_fn *on_own_row; /* that of EVENT_OURS, at load */
	void *cookie;
};

struct monitors *monitors_new(const struct monitors_settings *settings);
void monitors_free(struct monitors *monitors);

/** The outbox needs the monitors for mirrored state, so it comes after. */
void monitors_connect(struct monitors *monitors, struct outbox *outbox,
	const struct reporter *const *reporters, size_t n);

/**
 * `conf` and `target` are of `document`, which is held.  Names are distinct.
 * The same number is given to another endpoint only after this one is gone.
 */
struct monitor *monitors_add(struct monitors *monitors,
	const struct conf_endpoint *conf, struct conf *document,
	const struct probe_target *target);

/**
 * Go on with other settings of the same name, and with the reporters as they
 * are now.  Counters and incidents stay, but for one thing: with another
 * component, no more in a Cachet, or without incidents from now on, what is
 * open is closed, and opened anew by the next failures.  The generation is
 * another one when it is to be probed otherwise.
 */
void monitors_change(struct monitors *monitors, struct monitor *monitor,
	const struct conf_endpoint *conf, struct conf *document,
	const struct probe_target *target, struct moment now);

/** An open incident is closed as no longer monitored; `monitor` is gone. */
void monitors_remove(
	struct monitors *monitors, struct monitor *monitor, struct moment now);

/** These are the reporters from now on; the endpoints follow one by one, by
 * monitors_change(). */
void monitors_tell(struct monitors *monitors,
	const struct reporter *const *reporters, size_t n);

/** Every receiver was asked what it shows: nothing that is there now is told of
 * as if something might have been forgotten. */
void monitors_asked(struct monitors *monitors);

/** An open incident of an endpoint of which nothing was remembered. */
struct monitor_past {
	const char *incident; /* its UUID; "" when there is none by its mark */
	enum status status; /* how bad it is, as far as can be seen */
	int64_t opened_ms; /* wall clock */
};

/** Go on with it: it counts as announced, and is told as `to` has it. */
void monitors_adopt(struct monitors *monitors, struct monitor *monitor,
	const struct monitor_past *past, const struct outbox_adopter *to,
	size_t n, struct moment now);

/** The opening that an adoption stands for. */
struct event monitor_past_event(const struct monitor *monitor,
	const struct monitor_past *past, struct moment now);

/** No news, but what mirrors the endpoint may not be in line. */
struct event monitor_mirror_event(
	const struct monitor *monitor, struct moment now);

/** What goes to this reporter of the endpoint's events. */
bool monitor_tells(const struct monitor *monitor,
	const struct reporter *reporter, const struct event *event);

/**
 * Tell people, and nobody else, what they were not told while it was muted: of
 * `monitor`, or of one that is gone when NULL.  It is not logged again.
 */
void monitors_tell_people(struct monitors *monitors,
	const struct monitor *monitor, const struct event *event,
	struct moment now);

/** The present state of its open incident; `told` is what people know, and
 * STATUS_OPERATIONAL that they know nothing of it. */
void monitors_tell_present(struct monitors *monitors, struct monitor *monitor,
	enum status told, struct moment now);

/**
 * Tell those of the endpoint's reporters whom `pick` picks that its incident is
 * still open.  It is not logged again.
 */
typedef bool monitors_pick_fn(void *cookie, const struct reporter *reporter,
	const struct event *event);
void monitors_remind(struct monitors *monitors, uint32_t number,
	monitors_pick_fn *pick, void *cookie, struct moment now);

/** Bring what this reporter mirrors into line, of all endpoints. */
void monitors_mirror_to(struct monitors *monitors,
	const struct reporter *reporter, struct moment now);

/**
 * Take up what a former process knew; after all were added and the outbox was
 * loaded.  An endpoint that was down and is gone from the configuration has
 * its incident closed as no longer monitored; one that has changed meanwhile is
 * as after monitors_change().
 */
bool monitors_load(
	struct monitors *monitors, struct moment now, struct err *err);

/**
 * Judge one result.  One of an older generation, or of an endpoint that is not
 * there, is dropped.  Takes over what the result owns.
 */
void monitors_take(
	struct monitors *monitors, struct result *result, struct moment now);

/** For struct outbox_settings: setters have UPDATE_STATUS; STATUS_UNKNOWN when
 * there are none. */
enum status monitors_mirror(void *cookie, const struct reporter *reporter,
	int64_t component_id, bool only_setters);

size_t monitors_count(const struct monitors *monitors);

/** That were announced as not operational and have not recovered. */
size_t monitors_count_down(const struct monitors *monitors);

/** All numbers are below that. */
size_t monitors_size(const struct monitors *monitors);

/** NULL when there is none of this name. */
struct monitor *monitors_named(
	const struct monitors *monitors, const char *name);

/** What its events carry; borrowed from its settings. */
struct event_endpoint monitor_facts(const struct monitor *monitor);

/** By number, from 0; NULL beyond the end or where one was removed. */
const struct monitor *monitors_at(
	const struct monitors *monitors, uint32_t number);
