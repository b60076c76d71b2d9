/*
 * The metric of a Cachet, and what of its points is to be.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct map;
struct sim_world;

enum {
	METRIC_ID = 1, /* there is one */
	METRIC_THRESHOLD_MIN = 5,
};

struct sim_metric {
	struct sim_world *world;
	struct map *points; /* by value and time, as text */

	/* The newest that Cachet 3 keeps. */
	int64_t newest_s; /* by what it says; 0: there is none */
	int64_t newest_ms; /* when it came, of the world */
	double value;
	unsigned counter;
	bool unpaced; /* it was late, or came before an upgrade */
};

struct sim_metric *sim_metric_new(struct sim_world *world);
void sim_metric_free(struct sim_metric *metric);

/**
 * A point comes, to Cachet 2 or, where it `paces`, to Cachet 3, which counts
 * one that comes too soon as another of the newest.  False when it is no point;
 * `value` and `counter` are those of the point that it is then.
 */
bool sim_metric_add(
	struct sim_metric *metric, const json_t *body, bool paces, bool late);
