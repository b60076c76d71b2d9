/*
 * A metric gets a point: one request, whatever comes of it.
 *
 *     begin --> meter --> post --> done
 *                 +-------------> early: its window is not the right one
 *
 * Cachet 2 unites points of the same value that come soon after one another, so
 * none of the digits that were measured is left out.  Cachet 3 throws away what
 * comes within the metric's threshold of its latest point: so the metric is
 * read, now and then, and those of a window are united by the outbox.  What is
 * lost all the same shows in the answer: it counts more than one.
 */
#include <inttypes.h>
#include <math.h>

#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

enum {
	FOUND_FOR_MS = 60 * 60 * 1000,
	MISSING_FOR_MS = 5 * 60 * 1000,
	MINUTE_MS = 60 * 1000,
	THRESHOLD = 5, /* minutes, of a metric that does not say */
	THRESHOLD_MAX = 24 * 60,
	CALC_SUM = 0,
};

/* It may round to three decimals, or to two. */
#define ROUNDED 0.0051

static int64_t
metric_of(const struct cachet_job *job)
{
	return job->context->event->endpoint.metric_id;
}

static void
post(struct cachet_job *job)
{
	const struct reporter_point *point = &job->context->point;
	struct arena *arena = job->context->arena;
	const char *path = arena_printf(
		arena, "/metrics/%" PRId64 "/points", metric_of(job));
	json_t *body = json_object();
	json_object_set_new(body, "value", json_real(point->value));
	json_object_set_new(
		body, "timestamp", json_integer(point->at_ms / 1000));
	cachet_job_enter(job, CACHET_WRITING);
	cachet_call_write(job->cachet, arena, "POST", path, body, job->step);
}

static void
post_in_time(struct cachet_job *job)
{
	const struct reporter_point *point = &job->context->point;
	int64_t window_ms = point->meter->window_ms;
	if (window_ms == 0 || window_ms == point->window_ms) {
		post(job);
		return;
	}
	outcome_set(job->step, STEP_RETRY, "its window is not over");
	job->step->early = true;
}

static void
is_missing(struct cachet_job *job)
{
	outcome_set(job->step, STEP_REJECTED,
		"Metric with id [%" PRId64 "] does not exist.", metric_of(job));
}

static bool
is_found(const struct reporter_meter *meter, int64_t now_ms)
{
	int64_t age = now_ms - meter->found_ms;
	return meter->found_ms > 0 && age >= 0
		&& age < (meter->missing ? MISSING_FOR_MS : FOUND_FOR_MS);
}

static void
begin(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	struct reporter_meter *meter = context->point.meter;
	if (job->cachet->generation != CACHET_3)
		*meter = (struct reporter_meter){ .missing = meter->missing,
			.found_ms = meter->missing ? meter->found_ms : 0 };
	bool found = is_found(meter, context->now_ms);
	if (found && meter->missing) {
		is_missing(job);
	} else if (found || job->cachet->generation != CACHET_3) {
		post_in_time(job);
	} else {
		cachet_job_enter(job, CACHET_READING);
		cachet_call_get(job->cachet, context->arena,
			arena_printf(context->arena, "/metrics/%" PRId64,
				metric_of(job)),
			job->step);
	}
}

static void
trouble(struct cachet_job *job)
{
	struct reporter_meter *meter = job->context->point.meter;
	if (!cachet_call_is_missing(job->answer)) {
		cachet_call_trouble(
			job->cachet, job->answer, job->context, job->step);
		return;
	}
	meter->missing = true;
	meter->found_ms = job->context->now_ms;
	is_missing(job);
}

static void
on_meter(struct cachet_job *job)
{
	struct reporter_meter *meter = job->context->point.meter;
	json_t *data = cachet_call_data(job->answer);
	int64_t threshold;
	int64_t calc_type;
	if (!payload_number(json_object_get(data, "threshold"), &threshold)
		|| threshold < 0 || threshold > THRESHOLD_MAX)
		threshold = THRESHOLD;
	if (data) {
		*meter = (struct reporter_meter){
			.window_ms = threshold * MINUTE_MS,
			.adds_up = payload_number(
					   json_object_get(data, "calc_type"),
					   &calc_type)
				&& calc_type == CALC_SUM,
			.found_ms = job->context->now_ms,
		};
		post_in_time(job);
	} else {
		trouble(job);
	}
	json_decref(data);
}

/* Another point stands there, and counts for ours as well. */
static bool
is_swallowed(const struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	double ours = job->context->point.value;
	const json_t *value = json_object_get(data, "value");
	int64_t counter;
	bool swallowed =
		(payload_number(json_object_get(data, "counter"), &counter)
			&& counter > 1)
		|| (json_is_number(value)
			&& fabs(json_number_value(value) - ours) > ROUNDED);
	json_decref(data);
	return swallowed;
}

static void
on_posted(struct cachet_job *job)
{
	job->context->point.meter->missing = false;
	if (!is_swallowed(job)) {
		cachet_job_done(job, 0);
		return;
	}
	job->context->point.meter->found_ms = 0; /* has it another threshold? */
	outcome_set(job->step, STEP_REJECTED,
		"Cachet counts it as one with another point of the metric");
}

void
cachet_point_step(struct cachet_job *job)
{
	const struct http_response *answer = job->answer;
	if (answer && job->stage == CACHET_READING)
		on_meter(job);
	else if (answer && answer->status / 100 == 2)
		on_posted(job);
	else if (answer)
		trouble(job);
	else
		begin(job);
}
