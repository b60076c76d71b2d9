#include <sys/resource.h>

#include "agent/agent.h"
#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/limits.h"
#include "agent/cli/log_options.h"
#include "agent/control_address.h"
#include "agent/http/client.h"
#include "agent/sandbox.h"
#include "agent/web/server.h"
#include "conf/conf.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_LOG_FORMAT,
	OPTION_LOG_LEVEL,
	OPTION_STATE,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = { "config", 'c', "CONFIG",
		"the same as naming it as an operand" },
	[OPTION_LOG_FORMAT] = { "log-format", 0, "FORMAT",
		"logfmt (the default) or json" },
	[OPTION_LOG_LEVEL] = { "log-level", 0, "LEVEL",
		"debug, info (the default), warn or error" },
	[OPTION_STATE] = { "state", 0, "PATH",
		"the state file, instead of the configuration's" },
	{ 0 },
};

/* All is open, and there is one thread. */
static void
enter_sandbox(
	const struct agent *agent, const struct conf *conf, const char *path)
{
	char socket[CONTROL_PATH_SIZE];
	struct sandbox_settings settings = {
		.config = path,
		.state = agent_view(agent).state,
		.files = conf->files.items,
		.n_files = conf->files.count,
	};
	if (control_address_path(settings.state, socket))
		settings.socket = socket;
	sandbox_enter(&settings);
}

static void
say_where(const char *address, const char *tls)
{
	if (*address != '\0')
		log_say(LOG_INFO, "listening", log_text("address", address),
			log_text("tls", tls));
}

static bool
run_agent(struct agent *agent, const struct conf *conf, const char *path,
	struct err *err)
{
	struct web_server *server = NULL;
	if (conf->server) {
		server = web_open(agent, err);
		if (!server)
			return false;
		say_where(web_where(server), "no");
		say_where(web_where_tls(server), "yes");
	}
	if (conf->sandbox)
		enter_sandbox(agent, conf, path);
	bool good = agent_run(agent, err);
	web_close(server);
	return good;
}

static bool
run_conf(struct conf *conf, const struct agent_options *chosen, struct err *err)
{
	if (!http_global_init(err))
		return false;
	struct agent *agent = agent_new(conf, chosen, err);
	bool good = agent && run_agent(agent, conf, chosen->config, err);
	agent_free(agent);
	http_global_finish();
	return good;
}

static int
run_path(const char *path, const char *state)
{
	struct conf *conf = cli_config_load_logging(path);
	if (!conf) {
		log_say(LOG_ERROR,
			"cannot start: the configuration is wrong; "
			"`curlew check` shows the same",
			log_text("config", path));
		return CLI_FAILED;
	}
	struct arena *arena = arena_new();
	const struct conf_types types = cli_config_types(arena);
	struct agent_options chosen = {
		.config = path,
		.types = &types,
		.state = state,
	};
	struct err err;
	bool good = run_conf(conf, &chosen, &err);
	if (!good)
		log_say(LOG_ERROR, "cannot start",
			log_text("reason", err.text));
	conf_free(conf);
	arena_free(arena);
	return good ? CLI_OK : CLI_FAILED;
}

static int
run(const struct cli_args *args)
{
	const char *named = args->options[OPTION_CONFIG];
	if (args->operand && named)
		return cli_misuse(&cli_run, "give the configuration only once");
	struct err err;
	if (!cli_log_options(args->options[OPTION_LOG_LEVEL],
		    args->options[OPTION_LOG_FORMAT], &err))
		return cli_misuse(&cli_run, "%s", err.text);
	const char *path =
		cli_config_path(args->operand ? args->operand : named);
	if (!path)
		return cli_fail("%s", cli_config_missing);
	cli_limits();
	mem_give_back();
	return run_path(path, args->options[OPTION_STATE]);
}

const struct cli_verb cli_run = {
	.name = "run",
	.operand = "[CONFIG]",
	.summary = "watch what a configuration lists (the default verb)",
	.text = "Probes the endpoints of the configuration, judges what it "
		"sees, and tells the\n"
		"receivers what changed, until it is asked to stop.  Logs are "
		"logfmt on stderr,\n"
		"in colour on a terminal.\n"
		"\n"
		"Without CONFIG it is $CURLEW_CONFIG, else ./config.yml, else\n"
		"/etc/curlew/config.yml, else, where cachet-url-monitor's "
		"container has it,\n"
		"/usr/src/app/config/config.yml.\n"
		"\n"
		"examples:\n"
		"  curlew config.yml                   the same as curlew run "
		"config.yml\n"
		"  curlew run --log-level debug --state /tmp/curlew.db "
		"config.yml\n"
		"\n"
		"files:\n"
		"  the state    `state:` of the configuration, else "
		"$STATE_DIRECTORY/curlew.db,\n"
		"               else /var/lib/curlew/curlew.db where that can "
		"be written, else\n"
		"               $XDG_STATE_HOME/curlew/curlew.db\n"
		"  the socket   $RUNTIME_DIRECTORY/curlew.sock, else beside "
		"the state with .sock\n"
		"               in place of .db; `curlew status` asks there\n"
		"\n"
		"environment:\n"
		"  CURLEW_LOG_LEVEL, CURLEW_LOG_FORMAT   as the options, which "
		"go before them\n"
		"  NOTIFY_SOCKET, WATCHDOG_USEC          where and how often a "
		"service manager\n"
		"                                        hears how it is\n"
		"\n"
		"signals:\n"
		"  TERM, INT    stop within 10 s; what was not told yet is "
		"told by the next start\n"
		"  HUP          reads the configuration again, as `curlew ctl "
		"reload`\n"
		"\n"
		"exit codes:\n"
		"  0  it was asked to stop    1  it could not start; stderr "
		"says why\n",
	.options = options,
	.run = run,
};
