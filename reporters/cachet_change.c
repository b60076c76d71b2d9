/*
 * That an outage became better or worse is said at its incident, once: by an
 * update which leaves its status, or, as with 2.3, by what its text gets.
 *
 *     begin --> list --> read --> update --> done
 *       ^ |       | |     | |      |  |       ^
 *       | |       | +-----|-|------|--|-------+ in doubt: it is there;
 *       | |       |       +-|------|--|-------+ the incident is fixed or gone
 *       | |       |         |      |  |       |
 *       | | 2.3   | no updates     |  +--> a pause --> begin, in doubt
 *       | +-----> keep --> replace-|----------+
 *       +--------------------------+
 *
 * Ours can only be after the last update that was there before; its id is in
 * the carry, and `set 2` is the page of the list.  Nothing is set once it is
 * known that there are no updates: what seems to be a 2.3 may be a 2.4, whose
 * updates are to be looked at before its text is changed.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	PER_PAGE = 100,
	PAGES_MAX = 9,
	MESSAGE_MAX = 32 * 1024, /* what an incident of 2.3 may grow to */
};

static void
list(struct cachet_job *job)
{
	struct arena *arena = job->context->arena;
	cachet_job_enter(job, CACHET_LISTING);
	cachet_call_get(job->cachet, arena,
		arena_printf(arena, "/incidents/%s/updates?per_page=%d&page=%d",
			job->context->ref, PER_PAGE, job->shown),
		job->step);
}

static void
begin(struct cachet_job *job)
{
	if (!cachet_close_is_told(job))
		return;
	if (job->context->uncertain)
		job->doubt = true;
	if (cachet_job_waits_same(job))
		return;
	if (!job->doubt)
		job->n_ids = 0;
	job->fixed = false;
	job->shown = 1;
	if (job->cachet->generation == CACHET_2_3)
		cachet_close_keep(job, job->context->ref);
	else
		list(job);
}

static int64_t
last_before(const struct cachet_job *job)
{
	return job->n_ids > 0 ? job->ids[0] : 0;
}

static bool
is_ours(const struct cachet_job *job, const json_t *update)
{
	const char *message =
		json_string_value(json_object_get(update, "message"));
	json_t *ours = cachet_close_message(job);
	bool same = message && str_eq(message, json_string_value(ours));
	json_decref(ours);
	return same;
}

/* True when ours is there.  The last one says whether it is fixed, also where
 * the incident does not follow. */
static bool
read_update(struct cachet_job *job, const json_t *update)
{
	int64_t id;
	int64_t status = 0;
	if (!payload_number(json_object_get(update, "id"), &id)
		|| id <= last_before(job))
		return false;
	payload_number(json_object_get(update, "status"), &status);
	if (job->doubt) {
		job->fixed |= status == CACHET_FIXED;
		return is_ours(job, update);
	}
	job->fixed = status == CACHET_FIXED;
	job->ids[0] = id;
	job->n_ids = 1;
	return false;
}

static bool
has_next_page(const struct cachet_job *job)
{
	json_t *root = payload_read(job->answer);
	const json_t *pages =
		json_object_get(json_object_get(root, "meta"), "pagination");
	bool more = json_is_string(json_object_get(
			    json_object_get(root, "links"), "next"))
		|| json_is_string(json_object_get(
			json_object_get(pages, "links"), "next_page"));
	json_decref(root);
	return more;
}

/* There are no updates. */
static void
change_text(struct cachet_job *job)
{
	job->shown = 0;
	cachet_close_keep(job, job->context->ref);
}

static void
read_updates(struct cachet_job *job, const json_t *updates)
{
	struct arena *arena = job->context->arena;
	bool is_there = false;
	size_t i;
	const json_t *update;
	json_array_foreach (updates, i, update)
		is_there |= read_update(job, update);
	bool more = job->shown < PAGES_MAX && has_next_page(job);
	if (is_there || (job->fixed && !more)) {
		cachet_job_done(job, 0);
	} else if (more) {
		job->shown++;
		list(job);
	} else {
		cachet_job_enter(job, CACHET_READING);
		cachet_call_get(job->cachet, arena,
			arena_printf(arena, "/incidents/%s", job->context->ref),
			job->step);
	}
}

static void
on_listed(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (json_is_array(data))
		read_updates(job, data);
	else if (cachet_call_is_missing(job->answer))
		change_text(job);
	else
		cachet_job_again(job, cachet_job_failed);
	json_decref(data);
}

/* It was said by changing the incident itself, or cannot be any more. */
static bool
is_said(const struct cachet_job *job, const json_t *incident)
{
	const char *message =
		json_string_value(json_object_get(incident, "message"));
	if (!message)
		return false;
	json_t *ours = cachet_close_message(job);
	bool said = strlen(message) > MESSAGE_MAX
		|| str_ends(message, json_string_value(ours));
	json_decref(ours);
	return said;
}

/* An update of 2.4 has no status 0. */
static void
keep_status(struct cachet_job *job, int64_t status)
{
	bool is_low = status < CACHET_INVESTIGATING
		&& job->cachet->generation == CACHET_2_4;
	job->status = is_low ? CACHET_INVESTIGATING : (int)status;
}

/* As its answer to this look showed. */
static bool
keeps_updates(const struct cachet_job *job)
{
	return job->cachet->generation != CACHET_2_3;
}

/* What is read before a change of the incident, or before an update. */
static void
on_read(struct cachet_job *job, bool for_change)
{
	const char *id = job->context->ref;
	json_t *data = cachet_call_data(job->answer);
	bool minds_text = for_change || job->doubt;
	int64_t status;
	if (cachet_close_is_over(job->answer)
		|| (minds_text && is_said(job, data))) {
		cachet_job_done(job, 0);
	} else if (for_change && job->shown > 0 && keeps_updates(job)) {
		list(job);
	} else if (!cachet_look_status(data, &status)) {
		cachet_job_again(job, cachet_job_failed);
	} else {
		keep_status(job, status);
		if (for_change)
			cachet_close_replace(job, id, data);
		else
			cachet_close_tell(job, id);
	}
	json_decref(data);
}

/* The answer to what says it. */
static void
on_written(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (json_is_object(data))
		cachet_job_done(job, 0);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_again(job, cachet_job_lost);
	else
		cachet_job_again(job, cachet_job_refused);
	json_decref(data);
}

static void
on_updated(struct cachet_job *job)
{
	if (cachet_call_is_missing(job->answer))
		change_text(job);
	else
		on_written(job);
}

static void
on_replaced(struct cachet_job *job)
{
	if (cachet_job_is_blocked(job))
		cachet_close_keep(job, job->context->ref);
	else if (cachet_close_is_over(job->answer))
		cachet_job_done(job, 0);
	else
		on_written(job);
}

void
cachet_change_step(struct cachet_job *job)
{
	if (!job->answer) {
		begin(job);
		return;
	}
	switch (job->stage) {
	case CACHET_LISTING:
		on_listed(job);
		break;
	case CACHET_READING:
		on_read(job, false);
		break;
	case CACHET_UPDATING:
		on_updated(job);
		break;
	case CACHET_KEEPING:
		on_read(job, true);
		break;
	case CACHET_REPLACING:
		on_replaced(job);
		break;
	default:
		begin(job);
	}
}
