/*
 * An incident is created, exactly once, though Cachet takes every creation for
 * a new one.
 *
 *     begin -----> create -------------------------------------> done
 *       |          ^    | the answer is lost                      ^
 *       | in doubt,|    +--> a pause --> begin, in doubt          |
 *       | or first |                                              |
 *       +--> look -+                                              |
 *             |    +--> create, in doubt --> check --> drop ... --+
 *             +--------- ours is there already ------> drop ... --+
 *
 * If it is over by then, it is created as one that is fixed.  Where there was a
 * doubt, it is done, and after a minute:
 *
 *     begin --> verify --> sweep ... --> done
 */
#include <inttypes.h>

#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

enum {
	VERIFY_AFTER_MS = 60 * 1000,
};

static json_t *
mark_of(const struct cachet_job *job)
{
	const struct event *event = job->context->event;
	json_t *meta = json_object();
	json_object_set_new(meta, "curlew", payload_text(event->incident));
	json_object_set_new(meta, "endpoint",
		cachet_text(job->cachet, event->endpoint.name));
	return meta;
}

static json_t *
incident_of(const struct cachet_job *job, enum status shown)
{
	const struct event *event = job->context->event;
	const struct event_endpoint *endpoint = &event->endpoint;
	enum cachet_generation generation = job->cachet->generation;
	json_t *body = json_object();
	json_object_set_new(body, "name",
		cachet_text_name(job->cachet, event_title(event)));
	const char *text = cachet_late_text(job->context);
	bool as_it_is = generation == CACHET_2_4; /* in this one place */
	json_object_set_new(body, "message",
		as_it_is ? payload_text(text) : cachet_text(job->cachet, text));
	json_object_set_new(body, "status",
		json_integer(job->fixed ? CACHET_FIXED : CACHET_INVESTIGATING));
	/* Cachet 3 takes nothing but a truth value; its default is false. */
	bool shows = endpoint->is_public;
	json_object_set_new(body, "visible",
		generation == CACHET_3 ? json_boolean(shows)
				       : json_integer(shows));
	if (endpoint->component_id > 0) {
		json_object_set_new(body, "component_id",
			json_integer(endpoint->component_id));
		json_object_set_new(
			body, "component_status", json_integer(shown));
	}
	json_object_set_new(body,
		generation == CACHET_3 ? "notifications" : "notify",
		json_boolean(job->cachet->notify));
	if (generation != CACHET_2_3)
		json_object_set_new(body, "meta", mark_of(job));
	cachet_late_date(job, body);
	return body;
}

static void
create(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	const struct event *last =
		context->closing ? context->closing : context->event;
	enum status shown =
		context->mirror != STATUS_UNKNOWN ? context->mirror : last->to;
	bool other = job->shown != 0 && job->shown != (int)shown;
	if (job->cachet->generation != CACHET_3)
		job->shown = other ? CACHET_SHOWN_MIXED : (int)shown;
	job->n_ids = 0;
	job->fixed = context->closing != NULL;
	job->unmarked |= !cachet_generation_keeps_marks(job->cachet);
	cachet_job_enter(job, CACHET_CREATING);
	cachet_call_write(job->cachet, context->arena, "POST", "/incidents",
		incident_of(job, shown), job->step);
	cachet_late_zone(job, &job->step->request);
	job->step->once = true;
}

static void
begin(struct cachet_job *job)
{
	if (job->stage == CACHET_VERIFYING || job->stage == CACHET_SWEEPING) {
		cachet_job_look(job, CACHET_VERIFYING);
		return;
	}
	if (job->context->uncertain)
		job->doubt = true;
	if (cachet_job_waits(job))
		return;
	if (job->doubt || job->context->event->first)
		cachet_job_look(job, CACHET_LOOKING);
	else
		create(job);
}

/* The incident is ids[0]. */
static void
tell(struct cachet_job *job)
{
	job->n_ids = 1;
	cachet_job_done(job, job->ids[0]);
	job->step->told_closing = job->fixed;
	if (job->doubt) {
		cachet_job_enter(job, CACHET_VERIFYING);
		job->step->after_ms = VERIFY_AFTER_MS;
	}
}

static void
drop(struct cachet_job *job, enum cachet_stage stage)
{
	struct arena *arena = job->context->arena;
	cachet_job_enter(job, stage);
	cachet_call_write(job->cachet, arena, "DELETE",
		arena_printf(arena, "/incidents/%" PRId64, job->ids[1]), NULL,
		job->step);
}

static void
drop_next(struct cachet_job *job)
{
	if (job->n_ids > 1)
		drop(job, CACHET_DROPPING);
	else
		tell(job);
}

static void
forget_dropped(struct cachet_job *job)
{
	if (job->n_ids < 2)
		return;
	for (size_t i = 2; i < job->n_ids; i++)
		job->ids[i - 1] = job->ids[i];
	job->n_ids--;
}

/* `keep`, and after it those that bear our mark as well. */
static void
keep_one(struct cachet_job *job, int64_t keep, const struct cachet_look *look)
{
	job->n_ids = 0;
	job->ids[job->n_ids++] = keep;
	for (size_t i = 0; i < look->n_marked; i++)
		if (look->marked[i] != keep)
			job->ids[job->n_ids++] = look->marked[i];
}

static bool
is_in(const struct cachet_job *job, int64_t id)
{
	for (size_t i = 0; i < job->n_ids; i++)
		if (job->ids[i] == id)
			return true;
	return false;
}

/* After those that bear our mark, those of before it was known that there are
 * marks. */
static void
add_unmarked(struct cachet_job *job)
{
	int64_t twins[CACHET_LIST];
	size_t n = cachet_twin_read(job->cachet, job->answer,
		job->context->event, job->ids[0], twins);
	for (size_t i = 0; i < n && job->n_ids < CACHET_IDS; i++)
		if (!is_in(job, twins[i]))
			job->ids[job->n_ids++] = twins[i];
}

/* The same without marks: of those that one creation has made, the eldest. */
static void
keep_eldest(struct cachet_job *job, int64_t id)
{
	int64_t twins[CACHET_LIST];
	size_t n = cachet_twin_read(
		job->cachet, job->answer, job->context->event, id, twins);
	job->n_ids = 0;
	job->ids[job->n_ids++] = id;
	for (size_t i = 0; i < n; i++) {
		int64_t eldest = job->ids[0];
		bool elder = twins[i] < eldest;
		job->ids[job->n_ids++] = elder ? eldest : twins[i];
		job->ids[0] = elder ? twins[i] : eldest;
	}
}

/* An open one without our mark that is ours all the same; 0: there is none. */
static int64_t
unmarked(const struct cachet_job *job, const struct cachet_look *look)
{
	bool first = job->context->event->first;
	if (look->n_open > 0 && (first || !look->has_marks))
		return look->open[0];
	return job->doubt && job->unmarked && look->n_alike > 0 ? look->alike[0]
								: 0;
}

static bool
is_over(const struct cachet_job *job)
{
	return job->context->closing != NULL;
}

static void
on_look(struct cachet_job *job)
{
	struct cachet_look look;
	int64_t late = cachet_late_find(job);
	job->fixed = false;
	if (!cachet_look_read(
		    job->cachet, job->answer, job->context->event, &look)) {
		cachet_job_failed(job);
	} else if (look.n_marked > 0) {
		keep_one(job, look.marked[0], &look);
		job->fixed = is_over(job) && !look.has_open_mark;
		drop_next(job);
	} else if (late > 0 && (!look.has_marks || job->unmarked)) {
		job->ids[0] = late;
		job->fixed = true;
		tell(job);
	} else if (unmarked(job, &look) == 0) {
		create(job);
	} else if (job->doubt) {
		keep_eldest(job, unmarked(job, &look));
		drop_next(job);
	} else {
		cachet_job_done(job, unmarked(job, &look));
	}
}

static int64_t
created_id(const struct http_response *answer)
{
	json_t *data = cachet_call_data(answer);
	int64_t id = 0;
	payload_number(json_object_get(data, "id"), &id);
	json_decref(data);
	return id;
}

/* Cachet 3 says so; 2.4 does not mind, and 2.3 takes it for its own fault. */
static bool
misses_component(const struct http_response *answer)
{
	if (answer->status != 422)
		return false;
	json_t *root = payload_read(answer);
	bool misses = json_object_get(
		json_object_get(root, "errors"), "component_id");
	json_decref(root);
	return misses;
}

static void
on_created(struct cachet_job *job)
{
	int64_t id = created_id(job->answer);
	if (id > 0) {
		job->ids[0] = id;
		job->n_ids = 1;
		if (job->doubt)
			cachet_job_look(job, CACHET_CHECKING);
		else
			tell(job);
	} else if (cachet_call_is_lost(job->answer)) {
		cachet_job_lost(job);
	} else {
		cachet_job_refused(job);
		if (misses_component(job->answer)) {
			cachet_component_unknown(job);
			job->step->undone = true;
		}
	}
}

/* Ours is there.  If an earlier one turned up as well, that one stays, and ours
 * goes, though it bears no mark if this Cachet was taken for an older one. */
static void
on_check(struct cachet_job *job)
{
	int64_t ours = job->ids[0];
	struct cachet_look look;
	if (!cachet_look_read(
		    job->cachet, job->answer, job->context->event, &look)
		|| look.n_marked == 0) {
		keep_eldest(job, ours);
		job->fixed &= job->ids[0] == ours; /* a twin is open */
	} else {
		keep_one(job, ours < look.marked[0] ? ours : look.marked[0],
			&look);
		if (!is_in(job, ours))
			job->ids[job->n_ids++] = ours;
		job->fixed &= job->ids[0] == ours || !look.has_open_mark;
		if (job->unmarked)
			add_unmarked(job);
	}
	drop_next(job);
}

static void
on_dropped(struct cachet_job *job)
{
	forget_dropped(job); /* if it did not work, the verification sees it */
	drop_next(job);
}

/* It is told whatever happens here; what may pass is tried again, also when
 * nothing is taken from us until somebody mends it. */
static void
verify_later(struct cachet_job *job)
{
	cachet_call_trouble(job->cachet, job->answer, job->context, job->step);
	job->n_ids = 1;
	cachet_job_enter(job, CACHET_VERIFYING);
	if (job->step->kind != STEP_RETRY && job->step->kind != STEP_SUSPENDED)
		cachet_job_done(job, job->ids[0]);
}

static void
sweep_next(struct cachet_job *job)
{
	if (job->n_ids > 1)
		drop(job, CACHET_SWEEPING);
	else
		cachet_job_done(job, job->ids[0]);
}

/* With a mark or without. */
static bool
is_listed(const struct cachet_job *job, int64_t id)
{
	json_t *data = cachet_call_data(job->answer);
	bool listed = false;
	size_t i;
	const json_t *incident;
	json_array_foreach (data, i, incident) {
		int64_t its;
		listed |= payload_number(json_object_get(incident, "id"), &its)
			&& its == id;
	}
	json_decref(data);
	return listed;
}

/* By now the one that was told of may be fixed already: it stays, whatever its
 * age, unless it is gone.  Were it told as fixed, nobody would fix another. */
static void
on_verify(struct cachet_job *job)
{
	struct cachet_look look;
	if (!cachet_look_read(
		    job->cachet, job->answer, job->context->event, &look)) {
		verify_later(job);
		return;
	}
	int64_t told = job->ids[0];
	bool gone = look.n_marked > 0 && !is_listed(job, told) && !job->fixed;
	keep_one(job, gone ? look.marked[0] : told, &look);
	if (look.n_marked == 0 || job->unmarked)
		add_unmarked(job);
	sweep_next(job);
}

static void
on_swept(struct cachet_job *job)
{
	int status = job->answer->status;
	if (status / 100 != 2 && status != 404) {
		verify_later(job);
		return;
	}
	forget_dropped(job);
	sweep_next(job);
}

static bool
needs_id(enum cachet_stage stage)
{
	return stage == CACHET_CHECKING || stage == CACHET_DROPPING
		|| stage == CACHET_VERIFYING || stage == CACHET_SWEEPING;
}

static bool
looked(const struct cachet_job *job)
{
	return job->stage == CACHET_LOOKING || job->stage == CACHET_CHECKING
		|| job->stage == CACHET_VERIFYING;
}

static void
step(struct cachet_job *job)
{
	if (needs_id(job->stage) && job->n_ids == 0) {
		job->stage = CACHET_BEGIN;
		job->doubt = true;
	}
	if (!job->answer) {
		begin(job);
		return;
	}
	if (looked(job) && cachet_job_looks_again(job))
		return;
	switch (job->stage) {
	case CACHET_LOOKING:
		on_look(job);
		break;
	case CACHET_CREATING:
		on_created(job);
		break;
	case CACHET_CHECKING:
		on_check(job);
		break;
	case CACHET_DROPPING:
		on_dropped(job);
		break;
	case CACHET_VERIFYING:
		on_verify(job);
		break;
	case CACHET_SWEEPING:
		on_swept(job);
		break;
	default:
		begin(job);
	}
}

/*
 * A creation sets the component, also one that arrives late, when the endpoint
 * has recovered and the component was already brought into line.  With Cachet 3
 * it does not, but what an older one has set stays so when it becomes a 3.
 */
void
cachet_open_step(struct cachet_job *job)
{
	const struct event *event = job->context->event;
	step(job);
	if (job->step->kind != STEP_DONE || job->shown == 0
		|| event->endpoint.component_id <= 0)
		return;
	job->step->sets_mirror = !event_has_action(event, ACTION_UPDATE_STATUS);
	if (job->shown != (int)job->context->mirror)
		cachet_job_mirror(job);
}
