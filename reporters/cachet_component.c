/*
 * A component is brought into line: read, and written only when it differs,
 * since Cachet mails its subscribers for every write.
 *
 *     begin --> read --> write --> done
 *                 +----------------> done
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

enum {
	UNKNOWN_RETRY_MS = 5 * 60 * 1000, /* somebody has to do something */
};

void
cachet_component_lane(
	const struct event *event, char lane[static REPORTER_LANE_SIZE])
{
	/*
	 * Without UPDATE_STATUS the component only gets back what an incident
	 * took: a lane of its own, for it does not speak for the others that
	 * share the component.
	 */
	bool restore = !event_has_action(event, ACTION_UPDATE_STATUS);
	snprintf(lane, REPORTER_LANE_SIZE, "component/%" PRId64 "%s",
		event->endpoint.component_id, restore ? "/restore" : "");
}

static const char *
path_of(const struct cachet_job *job)
{
	return arena_printf(job->context->arena, "/components/%" PRId64,
		job->context->event->endpoint.component_id);
}

/* The endpoint has only incidents: undo what its own did to the component. */
static bool
is_restore(const struct cachet_job *job)
{
	return !event_has_action(job->context->event, ACTION_UPDATE_STATUS);
}

/* A closing restores only what its opening did. */
static bool
is_due(const struct cachet_job *job)
{
	enum reporter_opening opening = job->context->opening;
	bool is_over = job->context->event->kind == EVENT_CLOSED;
	if (!is_restore(job))
		return true;
	/* There, an incident leaves the component's own status alone, unless it
	 * was an older Cachet when it was created. */
	if (job->cachet->generation == CACHET_3)
		return is_over && opening == OPENING_SET;
	return !is_over || reporter_opening_is_told(opening);
}

/* What the component is to show.  On Cachet 3 incidents alone do not set it:
 * where nobody else does, nobody would take them back. */
static enum status
due_status(const struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	bool has_setter = context->mirror_of_setters != STATUS_UNKNOWN;
	if (job->cachet->generation == CACHET_3 && !has_setter)
		return STATUS_OPERATIONAL;
	return context->mirror;
}

static void
begin(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	bool announced = context->mirror != STATUS_UNKNOWN;
	if (announced && is_due(job)) {
		cachet_job_enter(job, CACHET_READING);
		cachet_call_get(
			job->cachet, context->arena, path_of(job), job->step);
	} else if (announced && context->opening == OPENING_PENDING) {
		outcome_set(job->step, STEP_RETRY,
			"the incident's opening is not told yet");
	} else {
		cachet_job_done(job, 0);
	}
}

/* The component is in the last answer.  Left out of a change, 2.3 takes it for
 * true, and so does many a Cachet 3. */
static bool
is_enabled(const struct http_response *answer)
{
	json_t *data = cachet_call_data(answer);
	const json_t *enabled = json_object_get(data, "enabled");
	int64_t number;
	bool off = json_is_false(enabled)
		|| (payload_number(enabled, &number) && number == 0);
	json_decref(data);
	return !off;
}

static void
put(struct cachet_job *job, enum status status)
{
	enum cachet_generation generation = job->cachet->generation;
	json_t *body = json_object();
	json_object_set_new(body, "status", json_integer(status));
	bool enabled = is_enabled(job->answer);
	if (generation == CACHET_2_3 || !enabled)
		json_object_set_new(body, "enabled", json_boolean(enabled));
	if (job->cachet->silent && generation == CACHET_2_4)
		json_object_set_new(body, "silent", json_true());

	/* By the answer the mirror may be another: the carry has this one. */
	job->ids[0] = status;
	job->n_ids = 1;
	cachet_job_enter(job, CACHET_WRITING);
	cachet_job_put(job, path_of(job), body);
}

static bool
read_status(const struct http_response *answer, int64_t *status)
{
	json_t *data = cachet_call_data(answer);
	bool good = payload_number(json_object_get(data, "status"), status);
	json_decref(data);
	return good;
}

void
cachet_component_unknown(struct cachet_job *job)
{
	outcome_set(job->step, STEP_RETRY,
		"Component with id [%" PRId64 "] does not exist.",
		job->context->event->endpoint.component_id);
	job->step->after_ms = UNKNOWN_RETRY_MS;
}

/* No endpoint sets it any more: it was only to be left as it was found. */
static bool
is_of_nobody(const struct cachet_job *job)
{
	return job->context->mirror_of_setters == STATUS_UNKNOWN;
}

static void
trouble(struct cachet_job *job)
{
	bool missing = job->answer->status == 404
		&& cachet_call_is_missing(job->answer);
	if (missing && is_of_nobody(job))
		cachet_job_done(job, 0);
	else if (missing)
		cachet_component_unknown(job);
	else
		cachet_call_trouble(
			job->cachet, job->answer, job->context, job->step);
	job->n_ids = 0;
	cachet_job_enter(job, CACHET_BEGIN);
}

/* A restore leaves alone what is not as an incident of ours left it, such as
 * what people have under maintenance in Cachet 3.  Behind an opening, that is
 * what its creation has set by then: it may have been on its way while another
 * endpoint that shares the component grew worse. */
static bool
is_as_it_should(const struct cachet_job *job, int64_t status)
{
	int64_t mirror = due_status(job);
	bool opened = job->context->event->kind == EVENT_OPENED;
	if (!is_restore(job) || opened)
		return status == mirror;
	return status <= mirror || status >= STATUS_COUNT;
}

static void
on_read(struct cachet_job *job)
{
	int64_t status;
	if (!read_status(job->answer, &status))
		trouble(job);
	else if (is_as_it_should(job, status))
		cachet_job_done(job, 0);
	else
		put(job, due_status(job));
}

static void
on_written(struct cachet_job *job)
{
	int64_t sent = job->n_ids > 0 ? job->ids[0] : 0;
	int64_t mirror = due_status(job);
	int64_t status;
	if (cachet_job_is_blocked(job)) {
		job->n_ids = 0;
		begin(job);
	} else if (!read_status(job->answer, &status)) {
		trouble(job);
	} else if (status == sent && sent != mirror && mirror > 0) {
		put(job, due_status(job)); /* it changed meanwhile */
	} else if (status == sent) {
		cachet_job_done(job, 0);
	} else {
		outcome_set(job->step, STEP_RETRY,
			"Cachet answered 200 to the change of a component and "
			"did not change it");
		job->n_ids = 0;
		cachet_job_enter(job, CACHET_BEGIN);
	}
}

void
cachet_component_step(struct cachet_job *job)
{
	if (job->answer && job->stage == CACHET_READING)
		on_read(job);
	else if (job->answer && job->stage == CACHET_WRITING)
		on_written(job);
	else
		begin(job);
}
