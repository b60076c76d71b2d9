/*
 * What is asked at start: are the metric and the component there, and is the
 * token good?  A wrong token goes unnoticed by most reads, so one is sent that
 * needs it.
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

/* What is asked about, in this order; the carry says which it was. */
static const struct thing {
	const char *word;
	const char *path;
	const char *name;
} things[] = {
	{ "metric", "/metrics/", "Metric" },
	{ "component", "/components/", "Component" },
};

enum {
	THINGS = sizeof(things) / sizeof(things[0]),
};

static int64_t
id_of(const struct event_endpoint *endpoint, size_t thing)
{
	return thing == 0 ? endpoint->metric_id : endpoint->component_id;
}

/* That the last request was about; THINGS: about the token. */
static size_t
thing_of(const char *carry)
{
	size_t thing = 0;
	while (thing < THINGS && !str_eq(carry, things[thing].word))
		thing++;
	return thing;
}

static void
ask_next(const struct cachet *cachet, const struct event_endpoint *endpoint,
	size_t thing, char *carry, struct arena *arena,
	struct reporter_step *step)
{
	while (thing < THINGS && id_of(endpoint, thing) <= 0)
		thing++;
	if (thing == THINGS)
		ask(cachet, "/subscribers?per_page=1", "token", carry, arena,
			step);
	else
		ask(cachet,
			arena_printf(arena, "%s%" PRId64, things[thing].path,
				id_of(endpoint, thing)),
			things[thing].word, carry, arena, step);
}

void
cachet_vet_step(const struct cachet *cachet,
	const struct event_endpoint *endpoint,
	const struct http_response *answer, char *carry, struct arena *arena,
	struct reporter_step *step)
{
	if (!answer) {
		ask_next(cachet, endpoint, 0, carry, arena, step);
		return;
	}
	size_t thing = thing_of(carry);
	/* A token of Cachet 3 need not see subscribers. */
	bool able = answer->status == 403 && thing == THINGS
		&& cachet->generation == CACHET_3;
	if (answer->status == 401 || (answer->status == 403 && !able)) {
		outcome_set(step, STEP_REJECTED,
			"Cachet refused the token (%d)", answer->status);
		step->refused = true;
	} else if (thing < THINGS && answer->status == 404) {
		outcome_set(step, STEP_REJECTED,
			"%s with id [%" PRId64 "] does not exist.",
			things[thing].name, id_of(endpoint, thing));
	} else if (thing < THINGS && answer->status == 200) {
		ask_next(cachet, endpoint, thing + 1, carry, arena, step);
	} else {
		outcome_done(step, "");
	}
}
