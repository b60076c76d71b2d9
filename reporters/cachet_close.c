/*
 * An incident is fixed: by an update where Cachet knows updates (2.4), else by
 * a change of the incident itself.
 *
 *     begin --------------> update -----------------------> done
 *       |                    ^ | |  no such incident,         ^
 *       | in doubt           | | |  or no updates             |
 *       +--> read -----------+ | +--> replace ----------------+
 *              | it is fixed,  | the answer is lost           |
 *              | or gone       +--> a pause --> begin         |
 *              +----------------------------------------------+
 */
#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

static void
read_incident(struct cachet_job *job)
{
	struct arena *arena = job->context->arena;
	cachet_job_enter(job, CACHET_READING);
	cachet_call_get(job->cachet, arena,
		arena_printf(arena, "/incidents/%s", job->context->ref),
		job->step);
}

void
cachet_close_update(struct cachet_job *job, const char *id)
{
	struct arena *arena = job->context->arena;
	json_t *body = json_object();
	json_object_set_new(body, "status", json_integer(CACHET_FIXED));
	json_object_set_new(
		body, "message", payload_text(event_text(job->context->event)));

	cachet_job_enter(job, CACHET_UPDATING);
	cachet_call_write(job->cachet, arena, "POST",
		arena_printf(arena, "/incidents/%s/updates", id), body,
		job->step);
	job->step->once = true;
}

void
cachet_close_replace(struct cachet_job *job, const char *id)
{
	const struct event_endpoint *endpoint = &job->context->event->endpoint;
	struct arena *arena = job->context->arena;
	json_t *body = json_object();
	json_object_set_new(body, "status", json_integer(CACHET_FIXED));
	/* Left out, it would make a hidden incident public. */
	json_object_set_new(body, "visible", json_integer(endpoint->is_public));
	if (endpoint->component_id > 0) {
		json_object_set_new(body, "component_id",
			json_integer(endpoint->component_id));
		json_object_set_new(body, "component_status",
			json_integer(STATUS_OPERATIONAL));
	}
	json_object_set_new(body, "notify", json_boolean(job->cachet->notify));

	cachet_job_enter(job, CACHET_REPLACING);
	cachet_call_write(job->cachet, arena, "PUT",
		arena_printf(arena, "/incidents/%s", id), body, job->step);
	job->step->undone = true; /* the update was refused */
}

static bool
is_fixed(const struct http_response *answer)
{
	json_t *data = cachet_call_data(answer);
	int64_t status;
	bool fixed =
		cachet_look_status(data, &status) && status == CACHET_FIXED;
	json_decref(data);
	return fixed;
}

bool
cachet_close_is_over(const struct http_response *answer)
{
	return is_fixed(answer)
		|| (answer->status == 404 && cachet_call_is_missing(answer));
}

static void
begin(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	if (context->opening == OPENING_PENDING) {
		outcome_set(
			job->step, STEP_RETRY, "its opening is not told yet");
		return;
	}
	if (context->opening != OPENING_TOLD || *context->ref == '\0') {
		cachet_job_done(job, 0); /* nothing was opened */
		return;
	}
	if (context->uncertain)
		job->doubt = true;
	if (cachet_job_waits(job))
		return;
	if (job->doubt)
		read_incident(job);
	else
		cachet_close_update(job, context->ref);
}

static void
on_read(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (cachet_close_is_over(job->answer))
		cachet_job_done(job, 0);
	else if (data)
		cachet_close_update(job, job->context->ref);
	else
		cachet_job_failed(job);
	json_decref(data);
}

static void
on_updated(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (data)
		cachet_job_done(job, 0);
	else if (cachet_call_is_missing(job->answer))
		cachet_close_replace(job, job->context->ref);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_lost(job);
	else
		cachet_job_refused(job);
	json_decref(data);
}

static void
on_replaced(struct cachet_job *job)
{
	if (cachet_close_is_over(job->answer))
		cachet_job_done(job, 0);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_lost(job);
	else
		cachet_job_refused(job);
}

void
cachet_close_step(struct cachet_job *job)
{
	if (!job->answer) {
		begin(job);
		return;
	}
	switch (job->stage) {
	case CACHET_READING:
		on_read(job);
		break;
	case CACHET_UPDATING:
		on_updated(job);
		break;
	case CACHET_REPLACING:
		on_replaced(job);
		break;
	default:
		begin(job);
	}
}
