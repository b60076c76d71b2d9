/*
 * A metric gets a point: one request, whatever comes of it.
 *
 * Cachet unites points of the same value that come soon after one another, so
 * none of the digits that were measured is left out.
 */
#include <inttypes.h>

#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"

/* When the answer was there. */
static int64_t
seen_s(const struct event *event)
{
	return (event->at_ms + event->latency_us / 1000) / 1000;
}

static void
post(struct cachet_job *job)
{
	const struct event *event = job->context->event;
	const struct event_endpoint *endpoint = &event->endpoint;
	double value =
		(double)event->latency_us / (double)endpoint->latency_unit_us;
	struct arena *arena = job->context->arena;
	const char *path = arena_printf(
		arena, "/metrics/%" PRId64 "/points", endpoint->metric_id);
	json_t *body = json_object();
	json_object_set_new(body, "value", json_real(value));
	json_object_set_new(body, "timestamp", json_integer(seen_s(event)));
	cachet_call_write(job->cachet, arena, "POST", path, body, job->step);
}

void
cachet_point_step(struct cachet_job *job)
{
	const struct http_response *answer = job->answer;
	if (!answer)
		post(job);
	else if (answer->status / 100 == 2)
		cachet_job_done(job, 0);
	else if (cachet_call_is_missing(answer))
		outcome_set(job->step, STEP_REJECTED,
			"Metric with id [%" PRId64 "] does not exist.",
			job->context->event->endpoint.metric_id);
	else
		cachet_call_trouble(
			job->cachet, answer, job->context, job->step);
}
