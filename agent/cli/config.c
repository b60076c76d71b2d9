#include "agent/cli/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/cli/terminal.h"
#include "conf/conf.h"
#include "conf/migrate.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

enum {
	MESSAGE_MAX = 2048,
};

const char cli_config_missing[] =
	"Missing configuration file argument, and there is no $CURLEW_CONFIG, "
	"./config.yml, /etc/curlew/config.yml or (in a container) "
	"/usr/src/app/config/config.yml; `curlew demo` needs none";

const char *
cli_config_path(const char *named)
{
	if (named)
		return named;
	const char *from_env = getenv("CURLEW_CONFIG");
	if (from_env && from_env[0] != '\0')
		return from_env;
	static const char *const places[] = {
		"config.yml", "/etc/curlew/config.yml",
		"/usr/src/app/config/config.yml", /* the old container's */
	};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		/* What is there but not for us is told of when it is read. */
		if (access(places[i], F_OK) == 0 || errno == EACCES)
			return places[i];
	}
	return NULL;
}

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	struct cli_config_count *count = cookie;
	bool colours = cli_has_colours(STDERR_FILENO);
	const char *plain = colours ? CLI_PLAIN : "";
	if (severity == CONF_ERROR) {
		count->errors++;
		fprintf(stderr, "%serror:%s %s\n", colours ? CLI_RED : "",
			plain, message);
	} else {
		count->warnings++;
		fprintf(stderr, "%swarning:%s %s\n", colours ? CLI_YELLOW : "",
			plain, message);
	}
}

void
cli_config_warn(struct cli_config_count *count, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	on_complaint(count, CONF_WARNING, message);
}

static void
on_logged_complaint(
	void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie;
	log_say(severity == CONF_ERROR ? LOG_ERROR : LOG_WARN, message);
}

static void
on_quiet_complaint(
	void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie, (void)severity, (void)message;
}

struct conf_types
cli_config_types(struct arena *arena)
{
	size_t n_probes = 0;
	while (probe_types[n_probes])
		n_probes++;
	size_t n_reporters = 0;
	while (reporter_types[n_reporters])
		n_reporters++;

	const struct conf_variant **probes = arena_alloc(
		arena, (n_probes + 1) * sizeof(struct conf_variant *));
	for (size_t i = 0; i < n_probes; i++)
		probes[i] = &probe_types[i]->conf;
	const struct conf_variant **reporters = arena_alloc(
		arena, (n_reporters + 1) * sizeof(struct conf_variant *));
	for (size_t i = 0; i < n_reporters; i++)
		reporters[i] = &reporter_types[i]->conf;
	return (struct conf_types){ .families = { probes, reporters } };
}

static struct conf *
load(const char *path, conf_complain_fn *complain, void *cookie)
{
	struct arena *arena = arena_new_small();
	struct conf_types types = cli_config_types(arena);
	struct conf *conf = conf_load(path, &types, complain, cookie);
	arena_free(arena);
	return conf;
}

struct conf *
cli_config_load(const char *path, struct cli_config_count *count)
{
	*count = (struct cli_config_count){ 0 };
	return load(path, on_complaint, count);
}

struct conf *
cli_config_load_migrated(const char *path, struct conf_migration *migration,
	struct arena *arena, struct cli_config_count *count)
{
	struct conf_migration_complaints complaints = {
		.migration = migration,
		.path = path,
		.complain = on_complaint,
		.cookie = count,
		.arena = arena,
	};
	const struct conf_text text = { migration->text, migration->len };
	struct conf_types types = cli_config_types(arena);
	*count = (struct cli_config_count){ 0 };
	return conf_load_text(
		path, &text, &types, conf_migration_complain, &complaints);
}

static struct conf *
load_text(const char *path, const struct conf_text *text,
	conf_complain_fn *complain, void *cookie)
{
	struct arena *arena = arena_new_small();
	struct conf_types types = cli_config_types(arena);
	struct conf *conf =
		conf_load_text(path, text, &types, complain, cookie);
	arena_free(arena);
	return conf;
}

struct conf *
cli_config_load_text(const char *path, const struct conf_text *text,
	struct cli_config_count *count)
{
	*count = (struct cli_config_count){ 0 };
	return load_text(path, text, on_complaint, count);
}

struct conf *
cli_config_load_text_quietly(const char *path, const struct conf_text *text)
{
	return load_text(path, text, on_quiet_complaint, NULL);
}

struct conf *
cli_config_load_logging(const char *path)
{
	return load(path, on_logged_complaint, NULL);
}

struct conf *
cli_config_load_quietly(const char *path)
{
	return load(path, on_quiet_complaint, NULL);
}
