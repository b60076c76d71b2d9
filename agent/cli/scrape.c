#include "agent/cli/scrape.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/deposit.h"
#include "agent/cli/limits.h"
#include "conf/conf.h"

enum {
	OPTION_ACTION = 0,
	OPTION_ALLOWED_FAILS,
	OPTION_CA_FILE,
	OPTION_FORCE,
	OPTION_FREQUENCY,
	OPTION_GROUP,
	OPTION_INCIDENT,
	OPTION_INLINE_TOKEN,
	OPTION_INSECURE,
	OPTION_METHOD,
	OPTION_NO_METRICS,
	OPTION_PATIENCE,
	OPTION_PRIVATE,
	OPTION_STATUS,
	OPTION_TIMEOUT,
	OPTION_UPDATE,
	TEXT_MAX = 64 * 1024 * 1024,
};

static const char default_action[] = "CREATE_INCIDENT, UPDATE_STATUS";
static const char default_patience[] = "2m";

static const struct cli_option options[] = {
	[OPTION_ACTION] = { "action", 0, "LIST",
		"CREATE_INCIDENT,UPDATE_STATUS unless said" },
	[OPTION_ALLOWED_FAILS] = { "allowed-fails", 0, "N", "0 unless said" },
	[OPTION_CA_FILE] = { "ca-file", 0, "PATH",
		"certificates that vouch for this Cachet" },
	[OPTION_FORCE] = { "force", 0, NULL,
		"write over FILE, and keep what was there" },
	[OPTION_FREQUENCY] = { "frequency", 0, "SECONDS", "30 unless said" },
	[OPTION_GROUP] = { "group", 0, "GROUP",
		"only components of this one, by name or id" },
	[OPTION_INCIDENT] = { "incident", 0, "SEVERITY",
		"MAJOR unless said; PARTIAL, PERFORMANCE" },
	[OPTION_INLINE_TOKEN] = { "inline-token", 0, NULL,
		"write the token itself into the file" },
	[OPTION_INSECURE] = { "insecure", 'k', NULL,
		"accept any certificate of this Cachet" },
	[OPTION_METHOD] = { "method", 'X', "METHOD", "GET unless said" },
	[OPTION_NO_METRICS] = { "no-metrics", 0, NULL,
		"leave the metrics of Cachet alone" },
	[OPTION_PATIENCE] = { "patience", 0, "SECONDS",
		"with a Cachet that is busy; 120 unless said" },
	[OPTION_PRIVATE] = { "private", 0, NULL,
		"incidents for who is logged in only" },
	[OPTION_STATUS] = { "status", 0, "RANGE",
		"200-300 (without 300) unless said" },
	[OPTION_TIMEOUT] = { "timeout", 't', "SECONDS", "1 unless said" },
	[OPTION_UPDATE] = { "update", 0, "PATH",
		"add to this configuration what it lacks" },
	{ 0 },
};

/* One run of the verb. */
struct task {
	struct arena *arena;
	struct scrape_source source;
	struct scrape_defaults defaults;
	struct scrape_access access;
	struct cli_deposit deposit;
	const char *update; /* NULL: it is a new one */
	struct scrape scrape;
};

/* On stderr, as stdout may be the file. */
static void
report(const struct task *task)
{
	const struct scrape *scrape = &task->scrape;
	const char *path = task->deposit.path;
	size_t disabled = 0, unusable = 0, fed = 0;
	for (size_t i = 0; i < scrape->n_components; i++) {
		const struct scrape_component *component =
			&scrape->components[i];
		if (component->left_out)
			continue;
		unusable += component->trouble != NULL;
		disabled += !component->trouble && !component->enabled;
		fed += !component->trouble && component->enabled
			&& component->metric;
	}
	fprintf(stderr,
		"%s%s%zu endpoints of %zu components; %zu disabled, %zu "
		"without a link that can be probed, %zu with a metric\n",
		path ? path : "", path ? ": " : "", cli_scrape_usable(scrape),
		scrape->n_components, disabled, unusable, fed);
	if (scrape->n_odd > 0)
		fprintf(stderr,
			"%zu entries of Cachet make no sense and are left "
			"out\n",
			scrape->n_odd);
	const char *token = getenv("CACHET_TOKEN");
	if (!task->access.inline_token && (!token || *token == '\0'))
		fputs("it reads the token from $CACHET_TOKEN, which is not set "
		      "here: `curlew run` needs it\n",
			stderr);
	if (!task->source.token)
		fputs("without a token, what is disabled or hidden was not "
		      "seen\n",
			stderr);
}

static int
write_new(struct task *task)
{
	struct err err;
	struct scrape *scrape = &task->scrape;
	if (!cli_scrape_plan(scrape, &task->defaults, NULL, &err))
		return cli_fail("%s", err.text);
	if (cli_scrape_usable(scrape) == 0)
		return cli_fail("of %zu components of Cachet none has a link "
				"that can be probed%s, so nothing is written",
			scrape->n_components,
			task->source.token ? ""
					   : " or can be seen without a "
					     "token");
	struct buf out;
	buf_init(&out, TEXT_MAX);
	cli_scrape_text(&out, scrape, &task->defaults, &task->access);
	const struct conf_text text = { out.data, out.len };
	int code = CLI_FAILED;
	if (out.full)
		cli_fail("it would be too long");
	else
		code = cli_deposit_put(&task->deposit, &text);
	buf_finish(&out);
	if (code == CLI_OK)
		report(task);
	return code;
}

static int
scrape(struct task *task)
{
	struct err err;
	if (!cli_scrape_vet(&task->defaults, task->arena, &err))
		return cli_misuse(&cli_scrape, "%s", err.text);
	if (task->update)
		return cli_scrape_update(&(struct scrape_update){
			.path = task->update,
			.arena = task->arena,
			.source = &task->source,
			.defaults = &task->defaults,
			.access = &task->access,
			.scrape = &task->scrape,
		});
	if (!cli_deposit_may(&task->deposit))
		return CLI_FAILED;
	if (!cli_scrape_read(&task->scrape, &task->source, task->arena, &err))
		return cli_fail("%s", err.text);
	return write_new(task);
}

static const char *
option(const struct cli_args *args, size_t number, const char *otherwise)
{
	const char *value = args->options[number];
	return value ? value : otherwise;
}

static struct scrape_defaults
read_defaults(const struct cli_args *args)
{
	return (struct scrape_defaults){
		.method = option(args, OPTION_METHOD, "GET"),
		.status_range = option(args, OPTION_STATUS, "200-300"),
		.incident = option(args, OPTION_INCIDENT, "MAJOR"),
		.timeout = option(args, OPTION_TIMEOUT, "1"),
		.allowed_fails = option(args, OPTION_ALLOWED_FAILS, "0"),
		.action = option(args, OPTION_ACTION, default_action),
		.public_incidents =
			args->options[OPTION_PRIVATE] ? "false" : "true",
		.frequency = option(args, OPTION_FREQUENCY, "30"),
		.group = args->options[OPTION_GROUP],
		.metrics = !args->options[OPTION_NO_METRICS],
	};
}

/* On the command line others see it; "-" and "" leave it to the variable. */
static const char *
read_token(const struct cli_args *args)
{
	const char *token = args->second;
	if (!token || *token == '\0' || str_eq(token, "-"))
		token = getenv("CACHET_TOKEN");
	return token && *token != '\0' ? token : NULL;
}

static bool
is_severity(const char *word)
{
	return str_eq(word, "MAJOR") || str_eq(word, "PARTIAL")
		|| str_eq(word, "PERFORMANCE");
}

static struct task
read_task(const struct cli_args *args)
{
	const char *token = read_token(args);
	const char *ca_file = args->options[OPTION_CA_FILE];
	bool insecure = args->options[OPTION_INSECURE] != NULL;
	return (struct task){
		.source = {
			.url = args->operand,
			.token = token,
			.ca_file = ca_file,
			.insecure = insecure,
			.progress = isatty(STDERR_FILENO),
		},
		.access = {
			.ca_file = ca_file,
			.insecure = insecure,
			.inline_token = args->options[OPTION_INLINE_TOKEN]
				? token
				: NULL,
		},
		.defaults = read_defaults(args),
		.deposit = {
			.path = cli_deposit_path(args->third),
			.force = args->options[OPTION_FORCE] != NULL,
			.otherwise = "--update adds to it what it lacks, "
				     "--force writes it anew",
		},
		.update = args->options[OPTION_UPDATE],
	};
}

/* CLI_OK, or it was said what is wrong with it. */
static int
complete_task(const struct cli_args *args, struct task *task)
{
	if (!args->operand || *args->operand == '\0')
		return cli_misuse(&cli_scrape,
			"which Cachet?  Its URL is needed, such as "
			"https://status.example.net/api/v1");
	if (task->update && args->third)
		return cli_misuse(&cli_scrape,
			"--update writes to %s; what is %s for?", task->update,
			args->third);
	if (!is_severity(task->defaults.incident))
		return cli_misuse(&cli_scrape,
			"--incident is MAJOR, PARTIAL or PERFORMANCE, not %s",
			task->defaults.incident);
	if (args->options[OPTION_INLINE_TOKEN] && !task->source.token)
		return cli_misuse(
			&cli_scrape, "--inline-token needs a token to write");
	const char *patience = option(args, OPTION_PATIENCE, default_patience);
	if (!duration_parse(patience, &task->source.patience_ms)
		|| task->source.patience_ms == 0)
		return cli_misuse(&cli_scrape,
			"--patience is a number of seconds, or 500ms, 30s, 2m");
	return CLI_OK;
}

static int
run(const struct cli_args *args)
{
	struct task task = read_task(args);
	int code = complete_task(args, &task);
	if (code != CLI_OK)
		return code;
	cli_limits();
	task.arena = arena_new();
	code = scrape(&task);
	arena_free(task.arena);
	return code;
}

const struct cli_verb cli_scrape = {
	.name = "scrape",
	.operand = "URL [TOKEN] [FILE]",
	.takes_second = true,
	.takes_third = true,
	.summary = "make a configuration of what a Cachet shows",
	.text = "Reads all components of a Cachet 2.3, 2.4 or 3 and writes a "
		"configuration that\n"
		"watches the link of each, under its name, and tells Cachet: "
		"as the generator of\n"
		"cachet-url-monitor did, with groups, and the metric that has "
		"a component's name.\n"
		"Disabled components are in it as comments, and those whose "
		"link cannot be probed\n"
		"are listed.\n"
		"\n"
		"URL is that of the API, or of the page.  TOKEN is read from "
		"$CACHET_TOKEN where\n"
		"it is left out or -; only with it Cachet shows what is "
		"disabled or hidden.  The\n"
		"file does not hold it but reads $CACHET_TOKEN when it is "
		"used.  Without FILE, it\n"
		"goes to stdout.  Nothing is written unless `curlew check` "
		"would take it, and\n"
		"never by halves.\n"
		"\n"
		"--update adds the components that a configuration lacks, by "
		"their ids, and says\n"
		"what Cachet has no more, has disabled, or links to something "
		"else; nothing else\n"
		"in it changes, to the byte.  Where it has several Cachets, it "
		"is that of the\n"
		"URL.\n"
		"\n"
		"examples:\n"
		"  curlew scrape https://status.example.net/api/v1 $TOKEN "
		"config.yml\n"
		"  curlew scrape --timeout 10 --group Web "
		"https://status.example.net\n"
		"  curlew scrape https://status.example.net --update "
		"config.yml\n"
		"\n"
		"exit codes:\n"
		"  0  done    1  it failed, and wrote nothing    2  an option "
		"is wrong\n",
	.options = options,
	.run = run,
};
