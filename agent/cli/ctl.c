#include <stdio.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/plan_text.h"
#include "agent/cli/terminal.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_STATE,
	ANSWER_MAX = 64 * 1024 * 1024,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = { "config", 'c', "CONFIG",
		"ask the agent that runs with it" },
	[OPTION_JSON] = { "json", 'j', NULL, "the whole answer, for programs" },
	[OPTION_SOCKET] = { "socket", 0, "PATH",
		"ask the agent that is there" },
	[OPTION_STATE] = { "state", 0, "PATH",
		"ask the agent with this state file" },
	{ 0 },
};

static int
show(const struct buf *answer, bool as_json)
{
	json_error_t where;
	json_t *json = json_loadb(answer->data, answer->len, 0, &where);
	if (!json)
		return cli_fail(
			"the agent's answer is not JSON: %s", where.text);
	bool good = !json_object_get(json, "errors");
	if (as_json)
		fwrite(answer->data, 1, answer->len, stdout);
	else
		good = cli_plan_print(json, cli_has_colours(STDOUT_FILENO));
	json_decref(json);
	if (!good && !as_json)
		cli_fail("not reloaded; the agent goes on with what it has");
	return good ? CLI_OK : CLI_FAILED;
}

static int
run(const struct cli_args *args)
{
	struct cli_agent agent = {
		.socket = args->options[OPTION_SOCKET],
		.state = args->options[OPTION_STATE],
		.config = args->options[OPTION_CONFIG],
	};
	if (!args->operand)
		return cli_misuse(&cli_ctl, "say what to do: reload");
	if (!str_eq(args->operand, "reload"))
		return cli_misuse(&cli_ctl,
			"there is no \"%s\"; there is reload", args->operand);

	struct buf answer;
	buf_init(&answer, ANSWER_MAX);
	struct err err;
	int code = cli_ask(&agent, "reload", &answer, &err)
		? show(&answer, args->options[OPTION_JSON] != NULL)
		: cli_fail("%s", err.text);
	buf_finish(&answer);
	return code;
}

const struct cli_verb cli_ctl = {
	.name = "ctl",
	.operand = "COMMAND",
	.summary = "tell the running agent to do something",
	.text = "Tells the running agent, over its unix socket:\n"
		"\n"
		"  reload   read the configuration again and go on with it; "
		"what did not change\n"
		"           loses no tick, no counter and no open incident; "
		"with a mistake in\n"
		"           it nothing changes\n"
		"\n"
		"The agent is found as by `curlew status`.  `curlew check "
		"--against-running`\nshows beforehand what a reload would do.\n"
		"\n"
		"exit codes:\n"
		"  0  it is done    1  no agent is running, or it refused\n",
	.options = options,
	.run = run,
};
