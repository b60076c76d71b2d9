/*
 * For monitor.c and its monitor_*.c alone.
 *
 *     monitor.c           results in, verdicts out; what the ledger writes
 *     monitor_announce.c  what is announced, and to whom
 *     monitor_roster.c    who is watched: added, changed, removed, taken up
 *     monitor_places.c    in which Cachets, and as which components
 */
#pragma once

#include "agent/base/index.h"
#include "agent/monitor.h"

struct map;
struct result;
struct verdict;

/** The endpoints that share a component of Cachet's. */
struct sharers {
	struct monitor **items;
	size_t n;
};

struct monitors {
	struct monitors_settings settings;
	struct outbox *outbox;
	const struct reporter *const *reporters;
	size_t n_reporters;
	const struct reporter **to; /* room for all of them */

	struct monitor **items; /* by number; NULL where one was removed */
	size_t n; /* numbers in use or once in use */
	size_t size;
	size_t count; /* of monitors */
	uint32_t generation; /* the last that was given away */
	struct index by_name;
	struct map *by_component; /* struct sharers */
	char **cachets; /* ids of those that there were */
	size_t n_cachets;

	uint32_t *unwritten; /* numbers */
	size_t n_unwritten;
	size_t evidence; /* bytes of it, of all endpoints */
	char **gone; /* names to be forgotten */
	size_t n_gone;

	/* Numbers for new ones, and those that are free after the next commit,
	 * since `unwritten` may have them still. */
	uint32_t *spare;
	size_t n_spare;
	size_t n_spare_now;
};

/* monitor.c */

/** "" when none is open. */
const char *monitor_incident(const struct monitor *monitor);

/** This one is open; NULL or "" for none. */
void monitor_set_incident(struct monitor *monitor, const char *incident);

/** The store is to have its state. */
void monitor_mark_unwritten(struct monitors *monitors, struct monitor *monitor);

/** What it said when it failed; NULL to forget that.  Taken over. */
void monitor_keep_evidence(
	struct monitors *monitors, struct monitor *monitor, char *evidence);

/* monitor_roster.c */

/** Be ready to find them by their names. */
void monitor_name_all(struct monitors *monitors);

/** All of them are gone, and nobody is told. */
void monitor_disband(struct monitors *monitors);

/* monitor_places.c */

/** What an endpoint is in the Cachets that there are.  Owned by the monitor,
 * but for the ids. */
struct monitor_places {
	struct event_place *items;
	size_t n;
};

/** By what the configuration says; for the caller to free. */
struct monitor_places monitor_places_of(
	struct monitors *monitors, const struct conf_endpoint *conf);

/** This is where it is from now on: it counts for the components there. */
void monitor_place(struct monitors *monitors, struct monitor *monitor,
	struct monitor_places places);

/** It counts for none of them any more; what it had, for the caller. */
struct monitor_places monitor_unplace(
	struct monitors *monitors, struct monitor *monitor);

/** What was told where it is no longer must be closed there: it is another
 * component, or not in a Cachet any more that is still there. */
bool monitor_places_move(const struct monitors *monitors,
	struct monitor_places before, struct monitor_places after);

/** One that updates this component, and of which something was announced; NULL
 * when there is none. */
const struct monitor *monitor_mirroring(
	const struct monitors *monitors, const struct event_place *place);

/** Others are among them, or other components. */
bool monitor_places_differ(
	struct monitor_places before, struct monitor_places after);

void monitor_free_places(struct monitors *monitors);

/* monitor_announce.c */

/** The verdict of `result` changed what is announced. */
void monitor_announce_verdict(struct monitors *monitors,
	struct monitor *monitor, const struct verdict *verdict,
	const struct result *result, struct moment now);

/** What was measured goes out though there is no news. */
void monitor_announce_point(struct monitors *monitors,
	const struct monitor *monitor, const struct result *result,
	struct moment now);

/** Close what is open of an endpoint that is not watched any more: `last` is
 * the last event of its incident. */
void monitor_announce_removal(struct monitors *monitors,
	const struct event *last, const char *message, struct moment now);

/** What mirrors the endpoint is to be brought into line. */
void monitor_announce_mirror(struct monitors *monitors,
	const struct monitor *monitor, struct moment now);
