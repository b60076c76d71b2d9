#include "reporters/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/http/follow.h"

enum {
	RETRY_AFTER_MAX_MS = 60 * 60 * 1000,
};

void
outcome_set(struct reporter_step *step, enum reporter_step_kind kind,
	const char *format, ...)
{
	*step = (struct reporter_step){ .kind = kind };
	va_list args;
	va_start(args, format);
	vsnprintf(step->detail, sizeof(step->detail), format, args);
	va_end(args);
}

void
outcome_done(struct reporter_step *step, const char *ref)
{
	*step = (struct reporter_step){ .kind = STEP_DONE };
	str_copy(step->ref, sizeof(step->ref), ref);
}

void
outcome_no_answer(struct reporter_step *step, const char *who,
	const struct http_response *answer)
{
	/* A URL of a target may be a secret. */
	bool plain = *answer->detail != '\0' && !strstr(answer->detail, "://");
	outcome_set(step, STEP_RETRY, "%s did not answer: %s", who,
		plain ? answer->detail : http_fail_name(answer->fail));
	step->undone = !answer->sent;
	step->target_down = true;
}

void
outcome_busy(struct reporter_step *step, const char *who,
	const struct http_response *answer, int64_t now_ms)
{
	int status = answer->status;
	outcome_set(step, STEP_RETRY, "%s answered %d", who, status);
	step->undone = status < 500;
	step->limited = status == 429;
	step->target_down = status >= 502 && status <= 504;
	step->after_ms = http_response_retry_after(answer, now_ms);
	if (step->after_ms > RETRY_AFTER_MAX_MS)
		step->after_ms = RETRY_AFTER_MAX_MS;
}

void
outcome_redirect(struct reporter_step *step, enum reporter_step_kind kind,
	const char *who, const char *where, const struct http_response *answer)
{
	struct arena *arena = arena_new();
	const char *place = http_follow_place(answer, arena);
	outcome_set(step, kind,
		"%s answered with a redirect (%d) to %.80s, which is not "
		"followed; %s should be changed to where that leads",
		who, answer->status, place ? place : "elsewhere", where);
	arena_free(arena);
}

bool
outcome_is_busy(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}
