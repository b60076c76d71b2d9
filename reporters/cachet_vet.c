/*
 * What is asked at start: is the component there, and is the token good?  A
 * wrong token goes unnoticed by most reads, so one is sent that needs it.
 */
#include <inttypes.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"

static void
ask(const struct cachet *cachet, const char *path, const char *word,
	char *carry, struct arena *arena, struct reporter_step *step)
{
	str_copy(carry, REPORTER_CARRY_MAX, word);
	cachet_call_get(cachet, arena, path, step);
}

void
cachet_vet_step(const struct cachet *cachet,
	const struct event_endpoint *endpoint,
	const struct http_response *answer, char *carry, struct arena *arena,
	struct reporter_step *step)
{
	int64_t component = endpoint->component_id;
	if (!answer && component > 0) {
		ask(cachet,
			arena_printf(arena, "/components/%" PRId64, component),
			"component", carry, arena, step);
		return;
	}
	int status = answer ? answer->status : 200;
	bool of_component = answer && str_eq(carry, "component");
	if (status == 401 || status == 403)
		outcome_set(step, STEP_REJECTED,
			"Cachet refused the token (%d)", status);
	else if (of_component && status == 404)
		outcome_set(step, STEP_REJECTED,
			"Component with id [%" PRId64 "] does not exist.",
			component);
	else if (!answer || (of_component && status == 200))
		ask(cachet, "/subscribers?per_page=1", "token", carry, arena,
			step);
	else
		outcome_done(step, "");
}
