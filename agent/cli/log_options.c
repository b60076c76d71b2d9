#include "agent/cli/log_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/str.h"
#include "agent/cli/terminal.h"

/* A setting: from the command line, else from the environment. */
struct chosen {
	const char *value; /* NULL: it was not given */
	const char *name; /* of where it is from */
};

static struct chosen
choose(const char *given, const char *option, const char *variable)
{
	if (given)
		return (struct chosen){ given, option };
	const char *value = getenv(variable);
	if (value && value[0] == '\0')
		value = NULL;
	return (struct chosen){ value, variable };
}

static bool
set_level(struct chosen level, struct err *err)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	if (!level.value)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!str_eq(level.value, names[i]))
			continue;
		log_threshold((enum log_level)i);
		return true;
	}
	return err_set(err, "%s %s: expected debug, info, warn or error",
		level.name, level.value);
}

/* Does stderr lead to systemd's journal?  Then it says which socket it is. */
static bool
is_journal(void)
{
	const char *named = getenv("JOURNAL_STREAM");
	struct stat found;
	if (!named || fstat(STDERR_FILENO, &found) != 0)
		return false;
	char mine[64];
	snprintf(mine, sizeof mine, "%" PRIuMAX ":%" PRIuMAX,
		(uintmax_t)found.st_dev, (uintmax_t)found.st_ino);
	return str_eq(named, mine);
}

bool
cli_log_options(const char *level, const char *format, struct err *err)
{
	if (!set_level(choose(level, "--log-level", "CURLEW_LOG_LEVEL"), err))
		return false;
	struct chosen form =
		choose(format, "--log-format", "CURLEW_LOG_FORMAT");
	bool json = form.value && str_eq(form.value, "json");
	if (form.value && !json && !str_eq(form.value, "logfmt"))
		return err_set(err, "%s %s: expected logfmt or json", form.name,
			form.value);
	struct log_look look = {
		.json = json,
		.colours = !json && cli_has_colours(STDERR_FILENO),
		.priorities = is_journal(),
	};
	log_set_look(&look);
	return true;
}
