#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"

static const char *const stage_words[] = {
	[CACHET_BEGIN] = "begin",
	[CACHET_WAITED] = "waited",
	[CACHET_LOOKING] = "look",
	[CACHET_CREATING] = "create",
	[CACHET_CHECKING] = "check",
	[CACHET_DROPPING] = "drop",
	[CACHET_VERIFYING] = "verify",
	[CACHET_SWEEPING] = "sweep",
	[CACHET_READING] = "read",
	[CACHET_UPDATING] = "update",
	[CACHET_CONFIRMING] = "confirm",
	[CACHET_KEEPING] = "keep",
	[CACHET_REPLACING] = "replace",
	[CACHET_WRITING] = "write",
	[CACHET_MENDING] = "mend",
	[CACHET_REOPENING] = "reopen",
	[CACHET_LISTING] = "list",
};

enum {
	STAGES = sizeof(stage_words) / sizeof(stage_words[0]),
};

static bool
read_word(const char **at, const char *word)
{
	size_t len = strlen(word);
	if (strncmp(*at, word, len) != 0
		|| ((*at)[len] != ' ' && (*at)[len] != '\0'))
		return false;
	*at += len;
	*at += **at == ' ';
	return true;
}

static bool
read_stage(struct cachet_job *job, const char **at)
{
	for (size_t i = 0; i < STAGES; i++) {
		if (read_word(at, stage_words[i])) {
			job->stage = (enum cachet_stage)i;
			return true;
		}
	}
	return false;
}

static void
read_carry(struct cachet_job *job, const char *at)
{
	if (!read_stage(job, &at))
		return;
	job->doubt = read_word(&at, "doubt");
	job->plain = read_word(&at, "plain");
	job->by_post = read_word(&at, "post");
	job->fixed = read_word(&at, "fixed");
	job->unmarked = read_word(&at, "unmarked");
	if (read_word(&at, "set") && *at >= '1' && *at <= '9')
		job->shown = *at++ - '0';
	at += *at == ' ';
	while (*at != '\0' && job->n_ids < CACHET_IDS) {
		char *end;
		long long id = strtoll(at, &end, 10);
		if (end == at || id <= 0)
			return;
		job->ids[job->n_ids++] = id;
		at = end + (*end == ' ');
	}
}

void
cachet_job_init(struct cachet_job *job, const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	*job = (struct cachet_job){
		.cachet = cachet,
		.context = context,
		.answer = answer,
		.step = step,
		.status = CACHET_FIXED,
	};
	read_carry(job, context->carry);
}

void
cachet_job_enter(struct cachet_job *job, enum cachet_stage stage)
{
	job->stage = stage;
	char *carry = job->context->carry;
	size_t len = (size_t)snprintf(carry, REPORTER_CARRY_MAX, "%s%s%s%s%s%s",
		stage_words[stage], job->doubt ? " doubt" : "",
		job->plain ? " plain" : "", job->by_post ? " post" : "",
		job->fixed ? " fixed" : "", job->unmarked ? " unmarked" : "");
	if (job->shown > 0)
		len += (size_t)snprintf(carry + len, REPORTER_CARRY_MAX - len,
			" set %d", job->shown);
	/* 51 ids of at most 20 digits do fit. */
	for (size_t i = 0; i < job->n_ids; i++)
		len += (size_t)snprintf(carry + len, REPORTER_CARRY_MAX - len,
			" %" PRId64, job->ids[i]);
}

bool
cachet_job_waits(struct cachet_job *job)
{
	const struct reporter_context *context = job->context;
	int64_t timeout = job->cachet->timeout_ms;
	if (!context->uncertain || job->stage == CACHET_WAITED)
		return false;
	int64_t rest = context->begun_ms + timeout - context->now_ms;
	if (rest <= 0)
		return false;

	/* A clock that was set back must not make it longer. */
	outcome_set(job->step, STEP_RETRY,
		"an earlier request may still be on its way to Cachet");
	job->step->after_ms = rest < timeout ? rest : timeout;
	job->n_ids = 0;
	cachet_job_enter(job, CACHET_WAITED);
	return true;
}

bool
cachet_job_waits_same(struct cachet_job *job)
{
	size_t n_ids = job->n_ids;
	if (!cachet_job_waits(job))
		return false;
	job->n_ids = n_ids;
	cachet_job_enter(job, CACHET_WAITED);
	return true;
}

void
cachet_job_look(struct cachet_job *job, enum cachet_stage stage)
{
	cachet_job_enter(job, stage);
	cachet_look_ask(job->cachet, job->context->event, job->plain,
		job->context->arena, job->step);
}

bool
cachet_job_looks_again(struct cachet_job *job)
{
	if (job->cachet->generation != CACHET_3 || job->answer->status != 400
		|| job->plain)
		return false;
	job->plain = true;
	cachet_job_look(job, job->stage);
	return true;
}

void
cachet_job_put(struct cachet_job *job, const char *path, json_t *body)
{
	struct arena *arena = job->context->arena;
	cachet_call_write(job->cachet, arena, job->by_post ? "POST" : "PUT",
		path, body, job->step);
	if (!job->by_post)
		return;
	struct http_request *request = &job->step->request;
	size_t n = request->n_headers;
	struct http_header *headers =
		arena_alloc(arena, (n + 1) * sizeof(*headers));
	memcpy(headers, request->headers, n * sizeof(*headers));
	headers[n] = (struct http_header){ "X-HTTP-Method-Override", "PUT" };
	request->headers = headers;
	request->n_headers = n + 1;
}

bool
cachet_job_is_blocked(struct cachet_job *job)
{
	int status = job->answer->status;
	if ((status != 405 && status != 501) || job->by_post)
		return false;
	job->by_post = true;
	return true;
}

void
cachet_job_lost(struct cachet_job *job)
{
	cachet_call_trouble(job->cachet, job->answer, job->context, job->step);
	if (job->step->after_ms < job->cachet->timeout_ms)
		job->step->after_ms = job->cachet->timeout_ms;
	job->doubt = true;
	job->n_ids = 0;
	cachet_job_enter(job, CACHET_BEGIN); /* which minds begun_ms */
}

void
cachet_job_refused(struct cachet_job *job)
{
	cachet_call_trouble(job->cachet, job->answer, job->context, job->step);
	job->step->undone = true;
	/* What is between us and Cachet may say so and have passed it on. */
	if (outcome_is_busy(job->answer->status))
		job->doubt = true;
	job->n_ids = 0;
	cachet_job_enter(job, CACHET_BEGIN);
}

void
cachet_job_failed(struct cachet_job *job)
{
	cachet_call_trouble(job->cachet, job->answer, job->context, job->step);
	/* A question that Cachet does not like says nothing of the event. */
	if (job->step->kind == STEP_REJECTED)
		job->step->kind = STEP_RETRY;
	job->n_ids = 0;
	cachet_job_enter(job, CACHET_WAITED);
}

void
cachet_job_again(
	struct cachet_job *job, void (*outcome)(struct cachet_job *job))
{
	size_t n_ids = job->n_ids;
	outcome(job);
	job->n_ids = n_ids;
	cachet_job_enter(job, CACHET_BEGIN);
}

void
cachet_job_done(struct cachet_job *job, int64_t id)
{
	outcome_done(job->step, "");
	if (id > 0)
		snprintf(
			job->step->ref, sizeof(job->step->ref), "%" PRId64, id);
}

void
cachet_job_mirror(struct cachet_job *job)
{
	const struct event *event = job->context->event;
	if (event->endpoint.component_id > 0)
		cachet_component_lane(event, job->step->mirror_again);
}
