#include <stdio.h>

#include "agent/agent_reporters.h"
#include "agent/base/err.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/web/listen.h"
#include "conf/conf.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_STRICT,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = { "config", 'c', "CONFIG",
		"the same as naming it as an operand" },
	[OPTION_STRICT] = { "strict", 0, NULL,
		"let warnings fail the check, too" },
	{ 0 },
};

/* What only those see who will work with it. */
static bool
would_work(const struct conf *conf, size_t *n_reporters, struct err *err)
{
	struct web_address address;
	if (conf->server
		&& !web_address_parse(conf->server->listen, &address, err))
		return err_prefix(err, "server.listen");

	struct agent_reporters reporters;
	if (!agent_reporters_init(&reporters, conf, err))
		return false;
	*n_reporters = reporters.count;
	agent_reporters_finish(&reporters);
	return true;
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
	if (!would_work(conf, &n_reporters, &err)) {
		cli_fail("%s: %s", path, err.text);
	} else if (strict && count.warnings > 0) {
		fprintf(stderr,
			"%s has %zu warning%s, and --strict was given\n", path,
			count.warnings, count.warnings == 1 ? "" : "s");
	} else {
		printf("%s is good: %zu endpoint%s, %zu reporter%s\n", path,
			conf->endpoints.count,
			conf->endpoints.count == 1 ? "" : "s", n_reporters,
			n_reporters == 1 ? "" : "s");
		code = CLI_OK;
	}
	conf_free(conf);
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
	return check(path, args->options[OPTION_STRICT] != NULL);
}

const struct cli_verb cli_check = {
	.name = "check",
	.operand = "[CONFIG]",
	.summary = "find every mistake in a configuration",
	.text = "Reads the configuration and says all that is wrong with it at "
		"once: where it\nstands, what was expected, and which key may "
		"have been meant.  Nothing is\nprobed, sent or written.\n"
		"\n"
		"Without CONFIG it is $CURLEW_CONFIG, else ./config.yml, else\n"
		"/etc/curlew/config.yml.\n"
		"\n"
		"examples:\n"
		"  curlew check config.yml\n"
		"  curlew check --strict config.yml    before a deployment\n"
		"\n"
		"exit codes:\n"
		"  0  the configuration can be used    1  it cannot\n",
	.options = options,
	.run = run,
};
