#include "conf/import.h"

#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/deposit.h"
#include "agent/cli/migrate_report.h"
#include "agent/cli/places.h"
#include "conf/conf.h"

enum {
	OPTION_FORCE = 0,
	OPTION_FREQUENCY,
	OPTION_FROM,
	OPTION_JSON,
	OPTION_STRICT,
	WOULD_LOSE = 3,
};

static const struct cli_option options[] = {
	[OPTION_FORCE] = { "force", 0, NULL,
		"write over NEW, and keep what was there" },
	[OPTION_FREQUENCY] = { "frequency", 0, "SECONDS",
		"where FILE says none; 300 unless said" },
	[OPTION_FROM] = { "from", 0, "MONITOR",
		"cachet-monitor or uptimerobot; found out unless said" },
	[OPTION_JSON] = { "json", 0, NULL, "the report for programs" },
	[OPTION_STRICT] = { "strict", 0, NULL,
		"write nothing if anything is dropped or changes" },
	{ 0 },
};

/* One run of the verb. */
struct task {
	const char *file; /* "stdin" for that */
	bool from_stdin;
	struct cli_deposit deposit;
	bool json, strict;
	struct arena *arena;
	struct conf_migration import;
};

static bool
is_pattern(const char *text, struct err *err)
{
	return pattern_check(text, NULL, err);
}

static bool
is_faithful(const struct conf_migration *import)
{
	for (const struct conf_note *note = import->notes; note;
		note = note->next)
		if (note->kind != CONF_NOTE_CHANGED)
			return false;
	return true;
}

static void
report(const struct task *task, const char *written)
{
	FILE *to = task->deposit.path ? stdout : stderr;
	if (task->json) {
		cli_migrate_json(
			to, task->file, &task->import, written, NULL, true);
		return;
	}
	cli_migrate_report(to, task->file, &task->import, true);
	if (written && task->from_stdin)
		fprintf(to, "%s is written\n", written);
	else if (written)
		fprintf(to, "%s is written; %s is as it was\n", written,
			task->file);
}

static int
import(struct task *task, const struct conf_import_options *how)
{
	struct err err;
	struct conf_text text;
	struct conf_mark where = { 0 };
	if (!cli_deposit_may(&task->deposit))
		return CLI_FAILED;
	if (!conf_migrate_read(task->from_stdin ? NULL : task->file,
		    task->arena, &text, &err)
		|| !conf_import(text.text, text.len, how, task->arena,
			&task->import, &err, &where)) {
		if (where.line > 0)
			return cli_fail("%s:%u:%u: %s", task->file,
				(unsigned)where.line, (unsigned)where.column,
				err.text);
		return cli_fail("%s: %s", task->file, err.text);
	}
	if (task->strict && !is_faithful(&task->import)) {
		report(task, NULL);
		cli_fail("not all of it can be carried over as it is, so "
			 "nothing is written");
		return WOULD_LOSE;
	}
	const struct conf_text made = { task->import.text, task->import.len };
	int code = cli_deposit_put(&task->deposit, &made);
	if (code == CLI_OK)
		report(task, task->deposit.path);
	return code;
}

/* False: it was told. */
static bool
read_from(const char *name, enum conf_import_from *from)
{
	*from = CONF_IMPORT_GUESS;
	if (!name)
		return true;
	for (int i = CONF_IMPORT_GUESS + 1; i < CONF_IMPORT_KINDS; i++)
		if (str_ieq(name, conf_import_name((enum conf_import_from)i)))
			*from = (enum conf_import_from)i;
	return *from != CONF_IMPORT_GUESS;
}

static int
run(const struct cli_args *args)
{
	int64_t ms;
	if (!args->operand)
		return cli_misuse(&cli_import, "which file?");
	bool from_stdin = str_eq(args->operand, "-");
	const char *file = from_stdin ? "stdin" : args->operand;
	struct conf_import_options how = {
		.file = file,
		.schema = cli_schema_place,
		.frequency = args->options[OPTION_FREQUENCY],
		.is_pattern = is_pattern,
	};
	struct task task = {
		.file = file,
		.from_stdin = from_stdin,
		.deposit = {
			.path = cli_deposit_path(args->second),
			.force = args->options[OPTION_FORCE] != NULL,
			.otherwise = "--force writes it anew",
		},
		.json = args->options[OPTION_JSON] != NULL,
		.strict = args->options[OPTION_STRICT] != NULL,
	};
	if (!read_from(args->options[OPTION_FROM], &how.from))
		return cli_misuse(&cli_import,
			"nothing is known of \"%.80s\"; there are "
			"cachet-monitor and uptimerobot",
			args->options[OPTION_FROM]);
	if (how.frequency && (!duration_parse(how.frequency, &ms) || ms == 0))
		return cli_misuse(&cli_import,
			"--frequency is a number of seconds, or 30s, 5m");
	task.arena = arena_new();
	int code = import(&task, &how);
	arena_free(task.arena);
	return code;
}

const struct cli_verb cli_import = {
	.name = "import",
	.operand = "FILE [NEW]",
	.takes_second = true,
	.summary = "make a configuration of another monitor's",
	.text = "Reads what another monitor was configured with and writes it "
		"as ours, and says\n"
		"what is mapped, what changes in its meaning, and what is "
		"dropped:\n"
		"\n"
		"  cachet-monitor   the one written in Go, YAML and JSON\n"
		"  uptimerobot      the table that it exports, CSV\n"
		"\n"
		"Without NEW, it goes to stdout, with the report on stderr; as "
		"FILE, - is stdin.\n"
		"Nothing is written unless `curlew check` would take it, and "
		"never by halves.\n"
		"For files of cachet-url-monitor there is `curlew migrate`.\n"
		"\n"
		"examples:\n"
		"  curlew import cachet-monitor.json config.yml\n"
		"  curlew import --frequency 60 uptimerobot.csv config.yml\n"
		"\n"
		"exit codes:\n"
		"  0  done    1  it cannot be imported\n"
		"  3  --strict: something would be dropped or mean something "
		"else\n",
	.options = options,
	.run = run,
};
