#include "agent/cli/deposit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/replace.h"
#include "conf/conf.h"

const char *
cli_deposit_path(const char *named)
{
	return named && !str_eq(named, "-") ? named : NULL;
}

/* An empty file is as good as none. */
static bool
has_content(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0
		&& !(S_ISREG(about.st_mode) && about.st_size == 0);
}

bool
cli_deposit_may(const struct cli_deposit *deposit)
{
	struct stat about;
	const char *path = deposit->path;
	if (!path || !has_content(path))
		return true;
	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
		cli_fail("%s is no file that can be written anew", path);
		return false;
	}
	if (deposit->force)
		return true;
	cli_fail("%s is there already; %s", path, deposit->otherwise);
	return false;
}

bool
cli_deposit_check(const char *path, const struct conf_text *text)
{
	struct cli_config_count count;
	struct conf *conf =
		cli_config_load_text(path ? path : "stdout", text, &count);
	if (!conf)
		cli_fail("what would be written has %zu error%s, so nothing "
			 "is",
			count.errors, count.errors == 1 ? "" : "s");
	conf_free(conf);
	return conf != NULL;
}

static int
put_out(const struct conf_text *text)
{
	if (fwrite(text->text, 1, text->len, stdout) != text->len
		|| fflush(stdout) != 0)
		return cli_fail(
			"cannot write to stdout: %s", err_system(errno));
	return CLI_OK;
}

int
cli_deposit_put(const struct cli_deposit *deposit, const struct conf_text *text)
{
	struct err err;
	char backup[CLI_REPLACE_PATH_SIZE];
	const char *path = deposit->path;
	if (!cli_deposit_check(
		    path, deposit->as_read ? deposit->as_read : text))
		return CLI_FAILED;
	if (!path)
		return put_out(text);
	bool replaces = access(path, F_OK) == 0;
	bool empty = replaces && !has_content(path);
	bool good = replaces
		? cli_file_replace(path, text->text, text->len, backup, &err)
		: cli_file_create(path, NULL, text->text, text->len, &err);
	if (!good)
		return cli_fail("%s", err.text);
	if (empty)
		(void)unlink(backup);
	else if (replaces)
		fprintf(stderr, "what was in %s is in %s\n", path, backup);
	return CLI_OK;
}
