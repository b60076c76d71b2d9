#include "agent/agent.h"
#include "agent/web/router.h"

/* The loop turns, and that is all that is asked. */
static void
answer_healthy(const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	web_answer_text(answer, 200, "ok");
}

static void
answer_ready(const struct web_request *request, struct web_answer *answer)
{
	const char *why = agent_unready(request->agent);
	web_answer_text(answer, why ? 503 : 200, why ? why : "ok");
}

const struct web_route web_routes[] = {
	{ "/-/healthy", WEB_GET, answer_healthy },
	{ "/-/ready", WEB_GET, answer_ready },
	{ 0 },
};
