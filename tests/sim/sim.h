/*
 * A simulation of long trouble: the unmodified judge, store, outbox and
 * reporters under a virtual clock, against made-up receivers on a made-up
 * network and a made-up disk.  All chance comes from one seed, so a failing run
 * can be repeated, byte for byte.
 *
 *     main.c       seeds, and what is asked for on the command line
 *     world.c      one run: time passes, and what happens happens
 *     draw.c       what will happen, drawn before it does
 *     act.c        clock steps, reloads, restarts: when their time has come
 *     target.c     what is looked at, and what the agent gets to see of it
 *     plan.c       the configuration, as text
 *     life.c       one life of the agent's process, from what it asks at its
 *                  start to its death
 *     disk.c       an SQLite VFS: kill, power cut, full disk
 *     net.c        the network
 *     fate.c       delays, losses, refusals
 *     cachet.c     what a Cachet has, of which there may be several
 *     people.c     and what people do to it
 *     cachet_2.c   its API in 2.3 and 2.4
 *     cachet_3.c   and in 3.x
 *     metric.c     a metric of it, and its points
 *     receiver.c   webhooks and Slack: they remember what they were told
 *     record.c     what the agent announced, and what of it is durable
 *     check*.c     what must hold
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/heap.h"
#include "agent/base/rng.h"
#include "agent/model/status.h"
#include "tests/sim/plan.h"

struct sim_cachet;
struct sim_disk;
struct sim_life;
struct sim_net;
struct sim_receiver;
struct sim_records;

enum {
	SIM_LULLS = 3, /* of the storm; each is as long as a calm */
	SIM_OUTAGES_MAX = 256,
	SIM_ACTS_MAX = 256,
};

#define SIM_SECOND_MS INT64_C(1000)
#define SIM_MINUTE_MS (SIM_SECOND_MS * 60)
#define SIM_HOUR_MS (SIM_MINUTE_MS * 60)
#define SIM_WEEK_MS (SIM_HOUR_MS * 24 * 7)

/*
 * Anything may happen; then all is well but some targets, until the last
 * minutes; then they are well, too.
 */
#define SIM_CALM_MS (SIM_MINUTE_MS * 90)
#define SIM_STORM_MS (SIM_WEEK_MS - SIM_CALM_MS * 2)
#define SIM_HALF_CALM_MS (SIM_STORM_MS + SIM_CALM_MS)

/* So long after a lull began, targets are what they are until its end. */
#define SIM_SETTLED_MS (SIM_MINUTE_MS * 20)

/* And so long before that end all is to be well. */
#define SIM_MARGIN_MS (SIM_MINUTE_MS * 5)

/** What a target really does.  Times are of the world, from 0. */
struct sim_outage {
	int64_t from_ms, to_ms;
	enum status status;
};

/** Something that is looked at: an endpoint of the agent, by any name. */
struct sim_target {
	struct heap_item next; /* its next probe */
	struct sim_outage outages[SIM_OUTAGES_MAX];
	size_t n_outages;

	/* What the agent got to see of it, over all lives. */
	unsigned bad_in_a_row, good_in_a_row;
	unsigned good_before; /* as many again, if it forgets what was bad */
	int64_t bad_ms; /* monotonic: when it was bad last */
	unsigned certain; /* bad in a row that nothing made it forget */
	enum status seen; /* the last of them */
	int64_t seen_ms; /* by the wall clock of then */
};

/** Something that happens at one moment. */
enum sim_act_kind {
	ACT_CLOCK_STEP,
	ACT_CLOCK_LEAP, /* by more than anything lasts */
	ACT_RELOAD,
	ACT_DEATH, /* soon: with one of the next steps of the process */
	ACT_PEOPLE, /* someone does something at the status page */
	ACT_PEOPLE_CALM, /* the same, while nothing is owed to it */
	ACT_RESTORED, /* the status page is as it once was, after it was away */
	ACT_MISSED, /* the same, and it is the agent that was away */
	ACT_UPGRADED, /* the status page is of another generation */
	ACT_FORGOTTEN, /* the state file is gone */
	ACT_DISK_FULL,
	ACT_DISK_BROKEN,
	ACT_DISK_MENDED,
};

struct sim_act {
	enum sim_act_kind kind;
	int64_t at_ms;
	size_t cachet; /* if it is about one */
};

struct sim_world {
	uint64_t seed;
	bool verbose;
	uint64_t hash; /* of all that was seen of the agent */
	char failure[512]; /* the first thing that did not hold; "" if none */

	struct rng rng; /* the world's */
	struct rng agent_rng; /* the agent's own */
	struct moment now;
	int64_t wall_start_ms;

	struct sim_plan plan;
	struct sim_target targets[PLAN_TARGETS];
	uint64_t n_looks;
	struct heap probes; /* struct sim_target.next */
	int64_t lulls[SIM_LULLS]; /* when they begin */
	struct sim_act acts[SIM_ACTS_MAX]; /* in their order */
	size_t n_acts, next_act;

	int64_t steps_left; /* until the process dies; -1: it does not */
	bool dead; /* the process died: nothing of it has any effect */
	int64_t stepped_ms; /* when the clock did: of the world */
	bool refused; /* when it dies, it is for long */
	int64_t forgot_ms; /* when the state file was lost, of the world */
	bool forgets; /* with its next death, it loses its state file */
	int64_t restart_ms; /* when there is no process: of the world */
	struct sim_life *life; /* NULL when there is none */

	struct sim_disk *disk;
	struct sim_net *net;
	struct sim_cachet *cachets[PLAN_CACHETS];
	struct sim_receiver *receivers[PLAN_RECEIVERS];
	struct sim_records *records;
};

/* world.c */

struct sim_outcome {
	char failure[512]; /* "" when all held */
	uint64_t hash;
};

void sim_run(uint64_t seed, bool verbose, struct sim_outcome *outcome);

void sim_fail(struct sim_world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** For who watches; and all of it is part of the hash. */
void sim_say(struct sim_world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Milliseconds since the beginning, whatever the clock on the wall says. */
int64_t sim_time(const struct sim_world *world);

/** Anything may go wrong now. */
bool sim_is_storm(const struct sim_world *world);

/** So long is it since a lull began; -1 when there is none at this time. */
int64_t sim_into_lull(const struct sim_world *world, int64_t time_ms);

/** One step of the process is over: it may die here. */
void sim_step(struct sim_world *world);

/** The process is to die within that many steps, if it is not already. */
void sim_doom(struct sim_world *world, int64_t steps);

/** Below that many thousandths? */
bool sim_chance(struct sim_world *world, unsigned thousandths);

/** From `low` to `high` - 1. */
int64_t sim_between(struct sim_world *world, int64_t low, int64_t high);

/* draw.c */

void sim_draw(struct sim_world *world);

/* act.c */

void sim_act(struct sim_world *world, const struct sim_act *act);
void sim_restart(struct sim_world *world);
void sim_bury(struct sim_world *world);

/** A receiver says that something is wrong with the configuration: the process
 * ends, and somebody starts it again. */
void sim_refused(struct sim_world *world);

/* target.c */

enum status sim_target_status(
	const struct sim_world *world, const struct sim_target *target);
/** What a failure of it says, at this time of the world. */
void sim_target_words(char *text, size_t size, size_t target, int64_t time_ms);

void sim_target_probe(struct sim_world *world, struct sim_target *target);

/** The agent may have forgotten what it had counted. */
void sim_target_disturb(struct sim_world *world);

/* check.c */

/** Some targets are down, and all else is well. */
void sim_check_half_calm(struct sim_world *world);

/** All is well and everything was told.  Ends the life. */
void sim_check_calm(struct sim_world *world);

/* check_database.c */

/** No process holds it. */
void sim_check_database(struct sim_world *world);

/* check_cachet.c */

void sim_check_components(struct sim_world *world);
void sim_check_incidents(struct sim_world *world);

/* check_told.c */

void sim_check_told(struct sim_world *world);

/** One is about to be told, by this key. */
void sim_check_telling(struct sim_world *world, const char *key);
