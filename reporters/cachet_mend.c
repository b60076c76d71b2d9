/*
 * An incident of ours that Cachet shows wrongly is set right: fixed, since for
 * us it is over, or open again.  It is read first, for it may have been set
 * right meanwhile.
 *
 *     begin --> read --> update --> done
 *       ^         |       | |
 *       |         |       | +--> keep --> replace --> done
 *       |         +-- as it should be, or gone -----> done
 *       +-- a pause <-----+ the answer is lost
 *
 * The carry always has the incident's id, and at first what is to be done:
 * "mend 123", "reopen 123".  From then on `set 1` stands for a reopening.
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

void
cachet_mend_plan(enum reporter_mend mend, int64_t id,
	struct reporter_part *part, char *carry)
{
	part->kind = PART_EVENT;
	str_copy(part->lane, sizeof(part->lane), "incident");
	snprintf(carry, REPORTER_CARRY_MAX, "%s %" PRId64,
		mend == MEND_REOPEN ? "reopen" : "mend", id);
}

static const char *
id_of(const struct cachet_job *job)
{
	return arena_printf(job->context->arena, "%" PRId64, job->ids[0]);
}

static void
begin(struct cachet_job *job)
{
	struct arena *arena = job->context->arena;
	if (cachet_job_waits_same(job))
		return;
	cachet_job_enter(job, CACHET_READING);
	cachet_call_get(job->cachet, arena,
		arena_printf(arena, "/incidents/%s", id_of(job)), job->step);
}

static bool
is_right(const struct cachet_job *job, const json_t *incident)
{
	int64_t status;
	if (!cachet_look_status(incident, &status))
		return false;
	return job->status == CACHET_FIXED ? status == CACHET_FIXED
					   : status != CACHET_FIXED;
}

static bool
is_gone(const struct cachet_job *job)
{
	return job->answer->status == 404
		&& cachet_call_is_missing(job->answer);
}

static void
done(struct cachet_job *job)
{
	cachet_job_done(job, 0);
	/* Where an incident sets its component, a change of it does. */
	if (job->cachet->generation != CACHET_3)
		cachet_job_mirror(job);
}

static void
on_read(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (is_gone(job) || is_right(job, data))
		cachet_job_done(job, 0);
	else if (json_is_object(data))
		cachet_close_tell(job, id_of(job));
	else
		cachet_job_again(job, cachet_job_failed);
	json_decref(data);
}

static void
on_updated(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (data && job->cachet->generation == CACHET_3)
		cachet_close_confirm(job, id_of(job));
	else if (data)
		done(job);
	else if (cachet_call_is_missing(job->answer))
		cachet_close_keep(job, id_of(job));
	else if (cachet_call_is_lost(job->answer))
		cachet_job_again(job, cachet_job_lost);
	else
		cachet_job_again(job, cachet_job_refused);
	json_decref(data);
}

static void
on_kept(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (is_gone(job) || is_right(job, data))
		cachet_job_done(job, 0);
	else if (json_is_object(data))
		cachet_close_replace(job, id_of(job), data);
	else
		cachet_job_again(job, cachet_job_failed);
	json_decref(data);
}

static void
on_replaced(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (is_gone(job) || is_right(job, data))
		done(job);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_again(job, cachet_job_lost);
	else
		cachet_job_again(job, cachet_job_refused);
	json_decref(data);
}

void
cachet_mend_step(struct cachet_job *job)
{
	if (job->n_ids == 0) {
		cachet_job_done(job, 0); /* there is nothing to be mended */
		return;
	}
	if (job->stage == CACHET_REOPENING)
		job->shown = CACHET_INVESTIGATING;
	if (job->shown == CACHET_INVESTIGATING)
		job->status = CACHET_INVESTIGATING;
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
	case CACHET_CONFIRMING:
	case CACHET_KEEPING:
		on_kept(job);
		break;
	case CACHET_REPLACING:
		on_replaced(job);
		break;
	default:
		begin(job);
	}
}
