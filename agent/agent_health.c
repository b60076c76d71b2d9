#include "agent/agent_health.h"

#include <jansson.h>
#include <stdlib.h>

#include "agent/agent_internal.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/store/store.h"
#include "agent/workers.h"
#include "reporters/payload.h"

enum {
	SILENCE_MAX_MS = 60 * 1000, /* of a worker, as for the watchdog */
};

/* NULL when all is well. */
static const char *
find_trouble(struct agent *agent, struct err *err)
{
	const char *unready = agent_unready(agent);
	if (unready)
		return unready;
	if (agent->workers
		&& clock_now().mono_ms - workers_heard(agent->workers)
			> SILENCE_MAX_MS)
		return "a thread that probes is stuck";
	/* As long as nothing changes nothing is written, and a disk may be full
	 * for hours before that is noticed. */
	if (!store_prove(agent->store, err))
		return err->text;
	return NULL;
}

bool
agent_health(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)argument, (void)at;
	struct agent *agent = cookie;
	struct err err;
	const char *trouble = find_trouble(agent, &err);
	const struct monitors *monitors = agent->monitors;

	json_t *json = json_object();
	json_object_set_new(json, "healthy", json_boolean(!trouble));
	json_object_set_new(
		json, "why", trouble ? payload_text(trouble) : json_null());
	json_object_set_new(json, "endpoints",
		json_integer((json_int_t)monitors_count(monitors)));
	json_object_set_new(json, "down",
		json_integer((json_int_t)monitors_count_down(monitors)));
	char *text = json_dumps(json, JSON_COMPACT);
	buf_printf(out, "%s\n", text ? text : "{}");
	free(text);
	json_decref(json);
	return false;
}
