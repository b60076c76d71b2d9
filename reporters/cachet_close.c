/*
 * An incident is fixed: by an update where Cachet knows updates, else, as with
 * 2.3, by a change of the incident itself, for which it is read before.
 *
 *     begin --------------> update -----------------------> done
 *       | |                  ^ | |  no such incident,         ^
 *       | | in doubt         | | |  or no updates             |
 *       | +--> read ---------+ | +--> keep --> replace -------+
 *       |       |              |       ^                      |
 *       |       | it is fixed, | the answer is lost           |
 *       |       | or gone      +-------|--> a pause --> begin |
 *       |       +----------------------|----------------------+
 *       +------------------------------+  2.3
 *
 * A Cachet 3 of before July 2026 lists an update and leaves the incident as it
 * was: so it is read once more, "confirm", and changed where that is needed.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

static bool
is_change(const struct cachet_job *job)
{
	return job->context->event->kind == EVENT_CHANGED;
}

/* Cachet 3 cuts blanks at the end, which then would not be the same. */
static const char *
text_of_change(const struct cachet_job *job)
{
	const struct event *event = job->context->event;
	char *text = arena_printf(job->context->arena, "Now %s: %s",
		status_words(event->to), event_text(event));
	size_t len = strlen(text);
	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		text[--len] = '\0';
	return text;
}

json_t *
cachet_close_message(const struct cachet_job *job)
{
	return cachet_text(job->cachet,
		is_change(job) ? text_of_change(job)
			       : event_text(job->context->event));
}

static void
update(struct cachet_job *job, const char *id)
{
	struct arena *arena = job->context->arena;
	json_t *body = json_object();
	json_object_set_new(body, "status", json_integer(job->status));
	json_object_set_new(body, "message", cachet_close_message(job));

	cachet_job_enter(job, CACHET_UPDATING);
	cachet_call_write(job->cachet, arena, "POST",
		arena_printf(arena, "/incidents/%s/updates", id), body,
		job->step);
	job->step->once = true;
}

void
cachet_close_tell(struct cachet_job *job, const char *id)
{
	if (job->cachet->generation == CACHET_2_3)
		cachet_close_keep(job, id);
	else
		update(job, id);
}

static void
read_for(struct cachet_job *job, enum cachet_stage stage, const char *id)
{
	struct arena *arena = job->context->arena;
	cachet_job_enter(job, stage);
	cachet_call_get(job->cachet, arena,
		arena_printf(arena, "/incidents/%s", id), job->step);
}

void
cachet_close_confirm(struct cachet_job *job, const char *id)
{
	read_for(job, CACHET_CONFIRMING, id);
}

void
cachet_close_keep(struct cachet_job *job, const char *id)
{
	bool refused = job->answer && job->stage == CACHET_UPDATING;
	read_for(job, CACHET_KEEPING, id);
	job->step->undone = refused;
}

/* True and "1" are 1. */
static int64_t
flag_of(const json_t *incident, const char *key, bool fallback)
{
	const json_t *flag = json_object_get(incident, key);
	int64_t number;
	if (payload_number(flag, &number))
		return number;
	return json_is_boolean(flag) ? json_is_true(flag) : fallback;
}

/* Where there are no updates, what was said before stands there as well. */
static json_t *
message_of(const struct cachet_job *job, const json_t *incident)
{
	const char *before =
		json_string_value(json_object_get(incident, "message"));
	json_t *now = cachet_close_message(job);
	if (!before || *before == '\0')
		return now;
	json_t *both = json_sprintf("%s\n\n%s", before, json_string_value(now));
	json_decref(now);
	return both;
}

/* 2.3 answers 500 when the component is gone, again and again; and behind every
 * closing there is a part that brings the component into line. */
static bool
is_left_to_mirror(const struct cachet_job *job)
{
	return job->doubt && job->context->event->kind == EVENT_CLOSED;
}

/* Cachet 2 sets these anew by every change, whether it says so or not. */
static void
add_what_would_be_lost(
	const struct cachet_job *job, json_t *body, const json_t *incident)
{
	const struct reporter_context *context = job->context;
	const struct event_endpoint *endpoint = &context->event->endpoint;
	json_object_set_new(body, "visible",
		json_integer(
			flag_of(incident, "visible", endpoint->is_public)));
	if (flag_of(incident, "stickied", false))
		json_object_set_new(body, "stickied", json_true());
	if (endpoint->component_id > 0 && !is_change(job)
		&& !is_left_to_mirror(job)) {
		enum status shown = context->mirror != STATUS_UNKNOWN
			? context->mirror
			: STATUS_OPERATIONAL;
		json_object_set_new(body, "component_id",
			json_integer(endpoint->component_id));
		json_object_set_new(
			body, "component_status", json_integer(shown));
	}
	json_object_set_new(body, "notify", json_boolean(job->cachet->notify));
}

void
cachet_close_replace(
	struct cachet_job *job, const char *id, const json_t *incident)
{
	struct arena *arena = job->context->arena;
	json_t *body = json_object();
	json_object_set_new(body, "status", json_integer(job->status));
	if (job->cachet->generation == CACHET_2_3 || is_change(job))
		json_object_set_new(body, "message", message_of(job, incident));
	if (job->cachet->generation != CACHET_3)
		add_what_would_be_lost(job, body, incident);

	cachet_job_enter(job, CACHET_REPLACING);
	cachet_job_put(job, arena_printf(arena, "/incidents/%s", id), body);
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

bool
cachet_close_is_told(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	if (context->opening == OPENING_PENDING) {
		outcome_set(
			job->step, STEP_RETRY, "its opening is not told yet");
		return false;
	}
	if (!reporter_opening_is_told(context->opening)
		|| *context->ref == '\0') {
		cachet_job_done(job, 0); /* nothing was opened */
		return false;
	}
	return true;
}

static void
begin(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	if (!cachet_close_is_told(job))
		return;
	if (job->stage == CACHET_CONFIRMING) {
		cachet_close_confirm(job, context->ref);
		return;
	}
	if (context->uncertain)
		job->doubt = true;
	if (cachet_job_waits(job))
		return;
	if (job->doubt)
		read_for(job, CACHET_READING, context->ref);
	else
		cachet_close_tell(job, context->ref);
}

static void
on_read(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (cachet_close_is_over(job->answer))
		cachet_job_done(job, 0);
	else if (data)
		cachet_close_tell(job, job->context->ref);
	else
		cachet_job_failed(job);
	json_decref(data);
}

static void
on_updated(struct cachet_job *job)
{
	json_t *data = cachet_call_data(job->answer);
	if (data && job->cachet->generation == CACHET_3)
		cachet_close_confirm(job, job->context->ref);
	else if (data)
		cachet_job_done(job, 0);
	else if (cachet_call_is_missing(job->answer))
		cachet_close_keep(job, job->context->ref);
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
		cachet_job_done(job, 0);
	else if (data)
		cachet_close_replace(job, job->context->ref, data);
	else
		cachet_job_failed(job);
	json_decref(data);
}

static void
on_confirmed(struct cachet_job *job)
{
	on_kept(job);
	if (job->step->kind != STEP_SEND && job->step->kind != STEP_DONE)
		cachet_job_enter(job, CACHET_CONFIRMING);
}

/* Cachet 3 has the update by now: it is not told again. */
static void
on_replaced(struct cachet_job *job)
{
	if (cachet_job_is_blocked(job)) {
		cachet_close_keep(job, job->context->ref);
		return;
	}
	if (cachet_close_is_over(job->answer))
		cachet_job_done(job, 0);
	else if (cachet_call_is_lost(job->answer))
		cachet_job_lost(job);
	else
		cachet_job_refused(job);
	if (job->step->kind != STEP_DONE && job->cachet->generation == CACHET_3)
		cachet_job_enter(job, CACHET_CONFIRMING);
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
	case CACHET_CONFIRMING:
		on_confirmed(job);
		break;
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
