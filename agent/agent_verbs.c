#include "agent/agent_verbs.h"

#include <stdlib.h>

#include "agent/agent_health.h"
#include "agent/agent_reload.h"
#include "agent/agent_status.h"
#include "agent/base/buf.h"

/* The document is consumed. */
static bool
answer_json(json_t *json, struct buf *out)
{
	char *text = json_dumps(json, JSON_COMPACT);
	buf_printf(out, "%s\n", text ? text : "{}");
	free(text);
	json_decref(json);
	return false;
}

static bool
answer_plan(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	return answer_json(agent_reload_plan(cookie, argument), out);
}

static bool
answer_reload(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)argument, (void)at;
	return answer_json(agent_reload(cookie), out);
}

const struct control_verb agent_verbs[] = {
	{ "health", agent_health },
	{ "plan", answer_plan },
	{ "reload", answer_reload },
	{ "status", agent_status_all },
	{ "summary", agent_status_summary },
	{ 0 },
};
