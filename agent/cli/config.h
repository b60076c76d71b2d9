/*
 * Finding and reading the configuration, for the verbs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"

struct arena;
struct conf;
struct conf_migration;
struct conf_text;

/**
 * `named` if it is not NULL, else $CURLEW_CONFIG, ./config.yml,
 * /etc/curlew/config.yml or where cachet-url-monitor's container has it,
 * whichever is there first; NULL when none is.
 */
const char *cli_config_path(const char *named);

/** What to say when cli_config_path() is NULL. */
extern const char cli_config_missing[];

struct cli_config_count {
	size_t errors;
	size_t warnings;
};

/**
 * Read it and print each complaint on stderr, with colours on a terminal.
 * NULL after at least one error.
 */
struct conf *cli_config_load(const char *path, struct cli_config_count *count);

/** A complaint of a verb's own. */
void cli_config_warn(struct cli_config_count *count, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * The same of what a migration would make of it, with the old places; unknown
 * keys become notes of it, in `arena`.
 */
struct conf *cli_config_load_migrated(const char *path,
	struct conf_migration *migration, struct arena *arena,
	struct cli_config_count *count);

/** The same of what is not in the file at `path` yet. */
struct conf *cli_config_load_text(const char *path,
	const struct conf_text *text, struct cli_config_count *count);

/** The same, without a word. */
struct conf *cli_config_load_text_quietly(
	const char *path, const struct conf_text *text);

/** The same as of cli_config_load(), as lines of the log. */
struct conf *cli_config_load_logging(const char *path);

/** The same, without a word. */
struct conf *cli_config_load_quietly(const char *path);

/** All kinds of probes and reporters; the lists live in `arena`. */
struct conf_types cli_config_types(struct arena *arena);
