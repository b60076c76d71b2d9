#include <stdio.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/status_health.h"
#include "agent/cli/status_text.h"
#include "agent/cli/terminal.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_HEALTH,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_STATE,
	ANSWER_MAX = 512 * 1024 * 1024,
	REQUEST_MAX = 1000,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = CLI_ASK_CONFIG,
	[OPTION_HEALTH] = { "health", 0, NULL,
		"only whether the agent is well, by the exit code" },
	[OPTION_JSON] = { "json", 'j', NULL, "the whole answer, for programs" },
	[OPTION_SOCKET] = CLI_ASK_SOCKET,
	[OPTION_STATE] = CLI_ASK_STATE,
	{ 0 },
};

static int
show(struct buf *answer, bool as_json)
{
	struct err err;
	json_t *json = cli_ask_parse(answer, &err);
	if (!json)
		return cli_fail("%s", err.text);

	int code = CLI_OK;
	json_t *error = json_object_get(json, "error");
	json_t *endpoint = json_object_get(json, "endpoint");
	if (error)
		code = cli_fail("%s", json_string_value(error));
	else if (as_json)
		fwrite(answer->data, 1, answer->len, stdout);
	else if (endpoint)
		cli_status_endpoint(endpoint, cli_has_colours(STDOUT_FILENO));
	else
		cli_status_table(json, cli_has_colours(STDOUT_FILENO));
	json_decref(json);
	return code;
}

static int
run(const struct cli_args *args)
{
	struct cli_agent agent = {
		.socket = args->options[OPTION_SOCKET],
		.state = args->options[OPTION_STATE],
		.config = args->options[OPTION_CONFIG],
	};

	/* As for the other verbs, a configuration may just be named. */
	const char *name = args->operand;
	if (name && !agent.config
		&& (str_ends(name, ".yml") || str_ends(name, ".yaml")))
		agent.config = name, name = NULL;

	if (args->options[OPTION_HEALTH] && name)
		return cli_misuse(&cli_status,
			"--health is of the agent, not of an endpoint");
	if (args->options[OPTION_HEALTH])
		return cli_status_health(
			&agent, args->options[OPTION_JSON] != NULL);

	struct buf request;
	buf_init(&request, REQUEST_MAX);
	buf_printf(&request, "status%s%s", name ? " " : "", name ? name : "");
	struct buf answer;
	buf_init(&answer, ANSWER_MAX);
	struct err err;
	int code = cli_ask(&agent, request.data, &answer, &err)
		? show(&answer, args->options[OPTION_JSON] != NULL)
		: cli_fail("%s", err.text);
	buf_finish(&answer);
	buf_finish(&request);
	return code;
}

const struct cli_verb cli_status = {
	.name = "status",
	.operand = "[NAME]",
	.summary = "what the running agent knows, of all or of one",
	.text = "Asks the running agent, over its unix socket, how the "
		"endpoints and the\n"
		"receivers are; with NAME, all about the endpoint of that "
		"name: the phases of\n"
		"the last probe and what the target said when it failed.\n"
		"\n"
		"The agent is found by --socket, or beside --state, or by the "
		"configuration:\n"
		"--config CONFIG (or CONFIG.yml instead of NAME), else the "
		"usual one; else where\n"
		"a service would be: /run/curlew/curlew.sock.\n"
		"\n"
		"With --health it says in one line whether the agent is well, "
		"for the health\n"
		"checks of containers and the like: it has started, its "
		"threads turn, and its\n"
		"state can be written, which it tries.  Endpoints that are "
		"down do not make it\n"
		"unwell.  It is given 2 seconds for the answer.\n"
		"\n"
		"examples:\n"
		"  curlew status\n"
		"  curlew status shop\n"
		"  curlew status --json | jq '.endpoints[] | "
		"select(.incident)'\n"
		"\n"
		"exit codes:\n"
		"  0  it answered (whatever the endpoints are); with --health, "
		"it is well\n"
		"  1  no agent is running, it knows no endpoint NAME, or it is "
		"not well\n",
	.options = options,
	.run = run,
};
