#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/migrate_report.h"
#include "agent/cli/replace.h"
#include "conf/conf.h"
#include "conf/migrate.h"

enum {
	OPTION_BAKE = 0,
	OPTION_CHECK,
	OPTION_JSON,
	OPTION_NAME,
	WOULD_CHANGE = 3,
};

static const struct cli_option options[] = {
	[OPTION_BAKE] = { "bake-env", 0, NULL,
		"write into it what old variables say" },
	[OPTION_CHECK] = { "check", 0, NULL,
		"write nothing; the exit code tells" },
	[OPTION_JSON] = { "json", 0, NULL, "the report for programs" },
	[OPTION_NAME] = { "name", 0, "NAME",
		"for an endpoint without one, not its host" },
	{ 0 },
};

/* One run of the verb. */
struct task {
	const char *old; /* "stdin" for that */
	bool from_stdin;
	const char *into; /* NULL: in place; "-": to stdout */
	bool check, json;
	struct arena *arena;
	struct conf_migration migration;
	const char *written;
	char backup[CLI_REPLACE_PATH_SIZE];
};

static int
fail_at(const char *path, struct conf_mark where, const struct err *err)
{
	if (where.line > 0)
		return cli_fail("%s:%u:%u: %s", path, (unsigned)where.line,
			(unsigned)where.column, err->text);
	return cli_fail("%s: %s", path, err->text);
}

/* As `curlew check`, of what would be written. */
static bool
would_load(struct task *task)
{
	struct cli_config_count count = { 0 };
	struct conf *conf = cli_config_load_migrated(
		task->old, &task->migration, task->arena, &count);
	if (!conf && task->from_stdin)
		cli_fail("it has %zu error%s, so nothing is written",
			count.errors, count.errors == 1 ? "" : "s");
	else if (!conf)
		cli_fail("%s has %zu error%s, and is left as it is; correct "
			 "%s and try again",
			task->old, count.errors, count.errors == 1 ? "" : "s",
			count.errors == 1 ? "it" : "them");
	conf_free(conf);
	return conf != NULL;
}

static bool
write_out(struct task *task, struct err *err)
{
	const struct conf_migration *migration = &task->migration;
	if (task->into && str_eq(task->into, "-")) {
		fwrite(migration->text, 1, migration->len, stdout);
		return fflush(stdout) == 0
			|| err_set(err, "cannot write to stdout");
	}
	if (task->into) {
		if (!cli_file_create(task->into,
			    task->from_stdin ? NULL : task->old,
			    migration->text, migration->len, err))
			return false;
		task->written = task->into;
		return true;
	}
	if (!migration->changed)
		return true;
	if (!cli_file_replace(task->old, migration->text, migration->len,
		    task->backup, err))
		return false;
	task->written = task->old;
	return true;
}

static void
report(const struct task *task)
{
	const struct conf_migration *migration = &task->migration;
	bool to_stdout = task->into && str_eq(task->into, "-");
	FILE *to = to_stdout ? stderr : stdout;
	const char *backup = task->backup[0] != '\0' ? task->backup : NULL;
	if (task->json) {
		cli_migrate_json(
			to, task->old, migration, task->written, backup, false);
		return;
	}
	cli_migrate_report(to, task->old, migration, false);
	if (!migration->changed)
		fprintf(to, "%s is as it is written today; nothing to change\n",
			task->old);
	else if (task->check)
		fprintf(to, "%s would be changed\n", task->old);
	if (backup)
		fprintf(to, "%s is written anew; what it was is in %s\n",
			task->old, backup);
	else if (task->written && task->from_stdin)
		fprintf(to, "%s is written\n", task->written);
	else if (task->written)
		fprintf(to, "%s is written; %s is as it was\n", task->written,
			task->old);
}

static int
migrate(struct task *task, const struct conf_migrate_options *how)
{
	struct conf_text text;
	struct conf_mark where = { 0 };
	struct err err;
	if (!conf_migrate_read(task->from_stdin ? NULL : task->old, task->arena,
		    &text, &err)
		|| !conf_migrate(text.text, text.len, how, task->arena,
			&task->migration, &err, &where))
		return fail_at(task->old, where, &err);
	if (!would_load(task))
		return CLI_FAILED;
	if (!task->check && !write_out(task, &err))
		return cli_fail("%s", err.text);
	report(task);
	return task->check && task->migration.changed ? WOULD_CHANGE : CLI_OK;
}

static int
run(const struct cli_args *args)
{
	if (!args->operand)
		return cli_misuse(&cli_migrate, "which file?");
	bool from_stdin = str_eq(args->operand, "-");
	struct task task = {
		.old = from_stdin ? "stdin" : args->operand,
		.from_stdin = from_stdin,
		.into = args->second,
		.check = args->options[OPTION_CHECK] != NULL,
		.json = args->options[OPTION_JSON] != NULL,
	};
	if (task.check && task.into)
		return cli_misuse(&cli_migrate,
			"--check writes nothing; what is %s for?", task.into);
	if (from_stdin && !task.into)
		task.into = "-";
	struct conf_migrate_options how = {
		.name = args->options[OPTION_NAME],
		.bake = args->options[OPTION_BAKE] != NULL,
		.variable = getenv,
	};
	if (how.name && *how.name == '\0')
		return cli_misuse(&cli_migrate, "--name must not be empty");
	task.arena = arena_new();
	int code = migrate(&task, &how);
	arena_free(task.arena);
	return code;
}

const struct cli_verb cli_migrate = {
	.name = "migrate",
	.operand = "OLD [NEW]",
	.takes_second = true,
	.summary = "bring an old configuration up to date",
	.text = "Writes a configuration of any version of cachet-url-monitor, "
		"0.1 to 0.6.11, as\n"
		"it is written today, with its comments, and says what "
		"changed, what does\n"
		"something else than before, and what could not be carried "
		"over.\n"
		"\n"
		"Without NEW it does so in place, and keeps what was there in "
		"OLD.bak; NEW must\n"
		"not be there yet, and - is stdout, with the report on stderr. "
		" As OLD, - is\n"
		"stdin.  Nothing is written unless `curlew check` would take "
		"it, and never by\n"
		"halves.  A file that is up to date is left as it is, to the "
		"byte.  `curlew run`\n"
		"takes the old file as well.\n"
		"\n"
		"examples:\n"
		"  curlew migrate config.yml           in place\n"
		"  curlew migrate config.yml -         only look\n"
		"  curlew migrate --name shop old.yml new.yml\n"
		"  ssh old cat config.yml | curlew migrate - config.yml\n"
		"\n"
		"environment:\n"
		"  ENDPOINT_URL, ENDPOINT_METHOD, ENDPOINT_TIMEOUT, "
		"ALLOWED_FAILS, LATENCY_UNIT,\n"
		"  CACHET_COMPONENT_ID, CACHET_METRIC_ID, "
		"CACHET_PUBLIC_INCIDENTS\n"
		"      went before the file in 0.3 to 0.5, and are not read "
		"any more; --bake-env\n"
		"      writes them down\n"
		"\n"
		"exit codes:\n"
		"  0  done, or nothing to do    1  it cannot be migrated\n"
		"  3  --check: it would be changed\n",
	.options = options,
	.run = run,
};
