#include "agent/agent.h"
#include "agent/agent_reload.h"
#include "agent/base/hmac.h"
#include "agent/base/str.h"
#include "agent/web/metrics.h"
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

/* Who may tell the agent to do something. */
static bool
may_command(const struct web_request *request)
{
	static const char scheme[] = "Bearer ";
	const char *token = agent_view(request->agent).token;
	const char *given = request->authorization;
	if (request->from_here)
		return true;
	return token && given && str_istarts(given, scheme)
		&& hmac_same_text(given + sizeof(scheme) - 1, token);
}

static const char *
list_text(const json_t *list, struct buf *text)
{
	size_t i;
	const json_t *item;
	json_array_foreach (list, i, item)
		buf_printf(text, "%s%s", i > 0 ? "\n" : "",
			json_string_value(item));
	return text->data;
}

static void
answer_reload(const struct web_request *request, struct web_answer *answer)
{
	if (!may_command(request)) {
		web_answer_text(answer, 403,
			"only from this machine, or with the token of the "
			"server section as \"Authorization: Bearer TOKEN\"");
		return;
	}
	struct buf text;
	buf_init(&text, WEB_BODY_MAX);
	json_t *json = agent_reload(request->agent);
	const json_t *errors = json_object_get(json, "errors");
	if (errors)
		web_answer_text(answer, 422, list_text(errors, &text));
	else
		web_answer_text(answer, 200,
			json_object_get(json, "later") ? "later" : "reloaded");
	json_decref(json);
	buf_finish(&text);
}

const struct web_route web_routes[] = {
	{ "/-/healthy", WEB_GET, answer_healthy },
	{ "/-/ready", WEB_GET, answer_ready },
	{ "/-/reload", WEB_POST, answer_reload },
	{ "/metrics", WEB_GET, web_metrics_answer },
	{ "/metrics/agent", WEB_GET, web_metrics_answer_agent },
	{ 0 },
};
