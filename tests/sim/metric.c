#include "tests/sim/metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "tests/sim/sim.h"

enum {
	KEY_SIZE = 64,
};

struct sim_metric *
sim_metric_new(struct sim_world *world)
{
	struct sim_metric *metric = mem_zalloc(sizeof(*metric));
	metric->world = world;
	metric->points = map_new();
	return metric;
}

void
sim_metric_free(struct sim_metric *metric)
{
	map_free(metric->points);
	free(metric);
}

/* No two of the looks took the same time. */
static void
check_new(struct sim_metric *metric, double value, int64_t time_s)
{
	char key[KEY_SIZE];
	snprintf(key, sizeof(key), "%.6f at %" PRId64, value, time_s);
	if (map_put(metric->points, key, metric))
		sim_fail(metric->world, "the point %s came twice", key);
}

/* Nothing but a restart or a step of the clock makes it forget what it told. */
static void
check_pace(const struct sim_metric *metric, int64_t time_s)
{
	const struct sim_world *world = metric->world;
	if (!metric->unpaced && metric->newest_ms > world->restart_ms
		&& metric->newest_ms > world->stepped_ms + SIM_HOUR_MS)
		sim_fail(metric->world,
			"a point of %" PRId64 " comes too soon after %" PRId64,
			time_s, metric->newest_s);
}

static bool
comes_too_soon(const struct sim_metric *metric, int64_t time_s)
{
	return metric->newest_s > 0
		&& llabs(time_s - metric->newest_s)
		< INT64_C(60) * METRIC_THRESHOLD_MIN;
}

bool
sim_metric_add(
	struct sim_metric *metric, const json_t *body, bool paces, bool late)
{
	const json_t *value = json_object_get(body, "value");
	const json_t *time = json_object_get(body, "timestamp");
	if (!json_is_number(value) || !json_is_integer(time))
		return false;
	int64_t time_s = json_integer_value(time);
	check_new(metric, json_number_value(value), time_s);
	if (paces && comes_too_soon(metric, time_s)) {
		if (!late)
			check_pace(metric, time_s);
		metric->counter++;
		return true;
	}
	metric->value = json_number_value(value);
	metric->counter = 1;
	metric->newest_s = time_s;
	metric->newest_ms = sim_time(metric->world);
	metric->unpaced = late || !paces;
	return true;
}
