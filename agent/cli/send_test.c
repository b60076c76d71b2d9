#include "agent/cli/send_test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent_reporters.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/limits.h"
#include "agent/cli/terminal.h"
#include "agent/cover.h"
#include "conf/conf.h"
#include "conf/suggest.h"
#include "reporters/reporter.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_JSON,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = { "config", 'c', "CONFIG",
		"where the reporters are to be found" },
	[OPTION_JSON] = { "json", 'j', NULL, "the whole record, for programs" },
	{ 0 },
};

/* Which one. */

/* What the user calls it: its name, or what follows the kind in its id; of a
 * Cachet that is its URL. */
static const char *
name_of(const struct reporter *reporter)
{
	const char *slash = strchr(reporter->id, '/');
	if (!reporter->name && reporter->type->look)
		return reporter->type->conf.name;
	return reporter->name ? reporter->name
		: slash	      ? slash + 1
			      : reporter->id;
}

static const struct agent_home *
find(const struct agent_reporters *reporters, struct conf_suggestion *near)
{
	for (size_t i = 0; i < reporters->count; i++) {
		const struct reporter *reporter = reporters->items[i];
		if (str_eq(near->word, name_of(reporter))
			|| str_eq(near->word, reporter->id))
			return &reporters->homes[i];
		conf_suggest(near, name_of(reporter));
	}
	return NULL;
}

static int
list(const struct agent_reporters *reporters, bool json)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < reporters->count; i++) {
		const struct reporter *reporter = reporters->items[i];
		json_array_append_new(rows,
			json_pack("{s:s, s:s, s:s}", "name", name_of(reporter),
				"type", reporter->type->conf.name, "id",
				reporter->id));
		if (!json)
			printf("%-20s %s\n", name_of(reporter),
				reporter->type->conf.name);
	}
	if (json) {
		json_dumpf(rows, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (reporters->count == 0) {
		puts("nobody is told of anything: there are no `reporters`");
	}
	json_decref(rows);
	return CLI_OK;
}

/* The test. */

static int
tell(const struct cli_args *args, const char *path, const struct conf *conf,
	const struct agent_home *home)
{
	struct cover *cover = cover_new();
	struct cli_send_test test = {
		.home = home,
		.cover = cover,
		.system_resolver = conf->resolver == CONF_RESOLVER_SYSTEM,
	};
	struct err err;
	cover_add_settings(cover, &home->settings);
	cover_add_file(cover, path);
	json_t *record = cli_send_test_carry(&test, &err);
	cover_free(cover);
	if (!record)
		return cli_fail("%s", err.text);
	bool taken = json_is_true(json_object_get(record, "taken"));
	if (args->options[OPTION_JSON]) {
		json_dumpf(record, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_send_test_print(record, cli_has_colours(STDOUT_FILENO));
	}
	json_decref(record);
	return taken ? CLI_OK : CLI_FAILED;
}

static int
choose(const struct cli_args *args, const char *path, const struct conf *conf,
	const struct agent_reporters *reporters)
{
	if (!args->operand)
		return list(reporters, args->options[OPTION_JSON] != NULL);
	struct conf_suggestion near = { .word = args->operand };
	const struct agent_home *home = find(reporters, &near);
	if (!home)
		return cli_fail("there is no reporter \"%s\" in %s%s%s%s; "
				"`curlew send-test` lists them",
			args->operand, path,
			near.best ? "; did you mean \"" : "",
			near.best ? near.best : "", near.best ? "\"?" : "");
	return tell(args, path, conf, home);
}

static int
run(const struct cli_args *args)
{
	const char *path = cli_config_path(args->options[OPTION_CONFIG]);
	if (!path)
		return cli_fail("%s", cli_config_missing);
	cli_limits();
	struct cli_config_count count;
	struct conf *conf = cli_config_load(path, &count);
	if (!conf)
		return CLI_FAILED;
	struct agent_reporters reporters;
	struct err err;
	int code;
	if (agent_reporters_init(&reporters, conf, &err)) {
		code = choose(args, path, conf, &reporters);
		agent_reporters_finish(&reporters);
	} else {
		code = cli_fail("%s: %s", path, err.text);
	}
	conf_free(conf);
	return code;
}

const struct cli_verb cli_send_test = {
	.name = "send-test",
	.operand = "[NAME]",
	.summary = "tell a reporter of a made-up outage and its end",
	.text = "Tells the reporter NAME of an outage of \"curlew test\", "
		"which there is not, and\n"
		"of its end, by the same way as `curlew run` would, and shows "
		"each request, what\n"
		"was answered, and what curlew makes of that.  Secrets are "
		"shown as dots.\n"
		"Whether the agent runs or not makes no difference; nothing is "
		"recorded, and\n"
		"nothing is tried twice.  Without NAME it lists the reporters: "
		"by `name`, those\n"
		"of `webhooks` without one by their number.\n"
		"\n"
		"The people who read there are told, too; the message says "
		"that it is only a\n"
		"test.  A Cachet gets an incident that is not visible and "
		"mails "
		"nobody, which is\n"
		"closed and then deleted again.\n"
		"\n"
		"examples:\n"
		"  curlew send-test\n"
		"  curlew send-test ops\n"
		"  curlew send-test oncall --config /etc/curlew/config.yml\n"
		"  curlew send-test --json ops | jq .messages[].outcome\n"
		"\n"
		"exit codes:\n"
		"  0  all of it was taken\n"
		"  1  one was not, or there is no such reporter\n"
		"  2  the command line was wrong\n",
	.options = options,
	.run = run,
};
