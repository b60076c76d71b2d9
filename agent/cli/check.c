#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent_reporters.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/plan_text.h"
#include "agent/cli/terminal.h"
#include "agent/model/token.h"
#include "agent/web/listen.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

enum {
	OPTION_RUNNING = 0,
	OPTION_CONFIG,
	OPTION_SOCKET,
	OPTION_STATE,
	OPTION_STRICT,
	REQUEST_MAX = 2 * PATH_MAX,
	ANSWER_MAX = 64 * 1024 * 1024,
};

static const struct cli_option options[] = {
	[OPTION_RUNNING] = { "against-running", 0, NULL,
		"show what a reload with it would change" },
	[OPTION_CONFIG] = { "config", 'c', "CONFIG",
		"the same as naming it as an operand" },
	[OPTION_SOCKET] = { "socket", 0, "PATH", "the running agent is there" },
	[OPTION_STATE] = { "state", 0, "PATH",
		"the running agent has this state file" },
	[OPTION_STRICT] = { "strict", 0, NULL,
		"let warnings fail the check, too" },
	{ 0 },
};

/* The one variable of which it could be read, and which is not there. */
static const char *
variable_missing(const struct token_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct token_provider *provider = &source->providers[i];
		const char *value = provider->kind == TOKEN_VARIABLE
			? getenv(provider->value)
			: provider->value;
		if (provider->kind == TOKEN_AWS || (value && *value != '\0'))
			return NULL;
	}
	return source->count > 0 ? source->providers[0].value : NULL;
}

static void
warn_of_tokens(const char *path, const struct agent_reporters *reporters,
	struct cli_config_count *count)
{
	for (size_t i = 0; i < reporters->count; i++) {
		const struct reporter *reporter = reporters->items[i];
		const char *variable = reporter->token_source
			? variable_missing(reporter->token_source)
			: NULL;
		if (variable)
			cli_config_warn(count,
				"%s: cachet%s%s%s.token: the environment "
				"variable %s is not set here, and nothing else "
				"has a token; `curlew run` needs it",
				path, reporter->name ? " (" : "",
				reporter->name ? reporter->name : "",
				reporter->name ? ")" : "", variable);
	}
}

/* What only those see who will work with it. */
static bool
would_work(const char *path, const struct conf *conf,
	struct cli_config_count *count, size_t *n_reporters, struct err *err)
{
	struct web_address address;
	if (conf->server
		&& !web_address_parse(conf->server->listen, &address, err))
		return err_prefix(err, "server.listen");

	struct agent_reporters reporters;
	if (!agent_reporters_init(&reporters, conf, err))
		return false;
	*n_reporters = reporters.count;
	warn_of_tokens(path, &reporters, count);
	agent_reporters_finish(&reporters);
	return true;
}

static void
print_good(const char *path, const struct conf *conf, size_t n_reporters)
{
	const struct {
		size_t n;
		const char *what;
		const char *plural;
	} more[] = {
		{ conf->inbound.count, "inbound", "" },
		{ conf->actions.count, "action", "s" },
		{ conf->chats.count, "chat", "s" },
	};
	printf("%s is good: %zu endpoint%s, %zu reporter%s", path,
		conf->endpoints.count, conf->endpoints.count == 1 ? "" : "s",
		n_reporters, n_reporters == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i].n > 0)
			printf(", %zu %s%s", more[i].n, more[i].what,
				more[i].n == 1 ? "" : more[i].plural);
	putchar('\n');
}

static int
check(const char *path, bool strict)
{
	struct cli_config_count count;
	struct conf *conf = cli_config_load(path, &count);
	if (!conf) {
		fprintf(stderr, "%s is wrong: %zu error%s\n", path,
			count.errors, count.errors == 1 ? "" : "s");
		return CLI_FAILED;
	}

	struct err err;
	size_t n_reporters = 0;
	int code = CLI_FAILED;
	if (!would_work(path, conf, &count, &n_reporters, &err)) {
		cli_fail("%s: %s", path, err.text);
	} else if (strict && count.warnings > 0) {
		fprintf(stderr,
			"%s has %zu warning%s, and --strict was given\n", path,
			count.warnings, count.warnings == 1 ? "" : "s");
	} else {
		print_good(path, conf, n_reporters);
		code = CLI_OK;
	}
	conf_free(conf);
	return code;
}

/* What the running agent would make of it. */
static int
ask_plan(const char *path, const struct cli_agent *agent)
{
	char here[PATH_MAX] = "";
	if (*path != '/' && !getcwd(here, sizeof(here)))
		return cli_fail("%s: %s", path, strerror(errno));
	struct buf request, answer;
	buf_init(&request, REQUEST_MAX);
	buf_printf(
		&request, "plan %s%s%s", here, *here != '\0' ? "/" : "", path);
	buf_init(&answer, ANSWER_MAX);
	struct err err;
	int code = CLI_FAILED;
	if (!cli_ask(agent, request.data, &answer, &err)) {
		cli_fail("%s", err.text);
	} else {
		json_t *json = json_loadb(answer.data, answer.len, 0, NULL);
		if (cli_plan_print(json, cli_has_colours(STDOUT_FILENO)))
			code = CLI_OK;
		json_decref(json);
	}
	buf_finish(&request);
	buf_finish(&answer);
	return code;
}

static int
run(const struct cli_args *args)
{
	const char *named = args->options[OPTION_CONFIG];
	if (args->operand && named)
		return cli_misuse(
			&cli_check, "give the configuration only once");
	const char *path =
		cli_config_path(args->operand ? args->operand : named);
	if (!path)
		return cli_fail("%s", cli_config_missing);
	int code = check(path, args->options[OPTION_STRICT] != NULL);
	if (code != CLI_OK || !args->options[OPTION_RUNNING])
		return code;
	return ask_plan(path,
		&(struct cli_agent){
			.socket = args->options[OPTION_SOCKET],
			.state = args->options[OPTION_STATE],
			.config = path,
		});
}

const struct cli_verb cli_check = {
	.name = "check",
	.operand = "[CONFIG]",
	.summary = "find every mistake in a configuration",
	.text = "Reads the configuration and says all that is wrong with it at "
		"once: where it\nstands, what was expected, and which key may "
		"have been meant.  Nothing is\nprobed, sent or written.\n"
		"\n"
		"Without CONFIG it is the one that `curlew run` would take.\n"
		"\n"
		"examples:\n"
		"  curlew check config.yml\n"
		"  curlew check --strict config.yml    before a deployment\n"
		"  curlew check --against-running      before a reload\n"
		"\n"
		"exit codes:\n"
		"  0  the configuration can be used    1  it cannot\n",
	.options = options,
	.run = run,
};
