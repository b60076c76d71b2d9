/*
 * One life of the agent's process: what agent.c puts together, without its loop
 * and its workers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent_reporters.h"

struct agent_vet;
struct conf;
struct ledger;
struct monitors;
struct outbox;
struct reconcile;
struct sim_world;
struct store;

struct sim_life {
	struct sim_world *world;
	struct conf *conf;
	struct store *store;
	struct ledger *ledger;
	struct outbox *outbox;
	struct monitors *monitors;
	struct reconcile *reconcile;
	struct agent_reporters reporters;
	struct agent_vet *vet; /* at its start */
	int64_t start_until_ms; /* monotonic: then it works, whatever comes */
	bool works;
	bool reload_later; /* when it has started */
	int64_t next_ms; /* when it wants a turn; -1: never */
};

struct sim_life *sim_life_new(struct sim_world *world);

/** False when it does not start: it died, or the disk is in trouble.  Receivers
 * are asked in its first turns; nothing is probed before it works. */
bool sim_life_begin(struct sim_life *life);

/** The plan is another one. */
void sim_life_reload(struct sim_life *life);

void sim_life_turn(struct sim_life *life);

/** NULL is allowed and does nothing. */
void sim_life_end(struct sim_life *life);
