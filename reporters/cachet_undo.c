/*
 * An incident is taken back, as if it had never been there.
 */
#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"

void
cachet_undo_step(const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	int64_t id;
	bool is_one = str_int(context->ref, &id) && id > 0;
	*step = (struct reporter_step){ .kind = STEP_DONE };
	if (!is_one)
		outcome_done(step, "there is nothing to take back");
	else if (!answer)
		cachet_call_write(cachet, context->arena, "DELETE",
			arena_printf(context->arena, "/incidents/%lld",
				(long long)id),
			NULL, step);
	else if (answer->status / 100 == 2 || cachet_call_is_missing(answer))
		outcome_done(step, "");
	else
		cachet_call_trouble(cachet, answer, context, step);
}
