/*
 * A first good look, with nothing remembered: incidents of this endpoint that
 * Cachet still holds open are of a past that was forgotten.
 *
 *     begin --> look --> update --(next one)--> ... --> done
 *                          |         ^
 *                          |         |
 *                          +-> keep or confirm --> replace
 */
#include <inttypes.h>

#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"

static void
begin(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	if (!context->event->first) {
		cachet_job_done(job, 0);
		return;
	}
	if (context->uncertain)
		job->doubt = true;
	if (cachet_job_waits(job))
		return;
	job->n_ids = 0;
	cachet_job_look(job, CACHET_LOOKING);
}

static const char *
first_id(const struct cachet_job *job)
{
	return arena_printf(job->context->arena, "%" PRId64, job->ids[0]);
}

/* What was closed may have left the component red. */
static void
close_next(struct cachet_job *job)
{
	if (job->n_ids > 0) {
		cachet_close_tell(job, first_id(job));
		return;
	}
	cachet_job_done(job, 0);
	if (job->doubt)
		cachet_job_mirror(job);
}

static void
on_look(struct cachet_job *job)
{
	if (cachet_job_looks_again(job))
		return;
	struct cachet_look look;
	if (!cachet_look_read(
		    job->cachet, job->answer, job->context->event, &look)) {
		cachet_job_failed(job);
		return;
	}
	job->n_ids = 0;
	for (size_t i = 0; i < look.n_open; i++)
		job->ids[job->n_ids++] = look.open[i];
	close_next(job);
}

static void
on_closed(struct cachet_job *job)
{
	for (size_t i = 1; i < job->n_ids; i++)
		job->ids[i - 1] = job->ids[i];
	job->n_ids--;
	job->doubt = true;
	close_next(job);
}

static void
on_updated(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (data && job->cachet->generation == CACHET_3)
		cachet_close_confirm(job, first_id(job));
	else if (data)
		on_closed(job);
	else if (cachet_call_is_missing(job->answer))
		cachet_close_keep(job, first_id(job));
	else if (cachet_call_is_lost(job->answer))
		cachet_job_lost(job);
	else
		cachet_job_refused(job);
	json_decref(data);
}

static void
on_kept(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (cachet_close_is_over(job->answer))
		on_closed(job);
	else if (data)
		cachet_close_replace(job, first_id(job), data);
	else
		cachet_job_failed(job);
	json_decref(data);
}

static void
on_replaced(struct cachet_job *job)
{
	if (cachet_job_is_blocked(job))
		cachet_close_keep(job, first_id(job));
	else if (cachet_close_is_over(job->answer))
		on_closed(job);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_lost(job);
	else
		cachet_job_refused(job);
}

static bool
is_read(const struct cachet_job *job)
{
	return job->stage == CACHET_KEEPING || job->stage == CACHET_CONFIRMING;
}

void
cachet_leftover_step(struct cachet_job *job)
{
	bool named = job->n_ids > 0;
	if (job->answer && job->stage == CACHET_LOOKING)
		on_look(job);
	else if (job->answer && job->stage == CACHET_UPDATING && named)
		on_updated(job);
	else if (job->answer && is_read(job) && named)
		on_kept(job);
	else if (job->answer && job->stage == CACHET_REPLACING && named)
		on_replaced(job);
	else
		begin(job);
}
