/*
 * Configurations of other monitors become ours.
 *
 * Pure: text in, text and notes out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/migrate.h"

struct arena;
struct err;

enum conf_import_from {
	CONF_IMPORT_GUESS = 0,
	CONF_IMPORT_CACHET_MONITOR, /* of Go, YAML or JSON */
	CONF_IMPORT_UPTIMEROBOT, /* CSV */
	CONF_IMPORT_KINDS,
};

/** As a user names it; NULL for CONF_IMPORT_GUESS. */
const char *conf_import_name(enum conf_import_from from);

struct conf_import_options {
	enum conf_import_from from;
	const char *file; /* its name, for the first lines */
	const char *schema; /* where editors find it */
	const char *frequency; /* where the file says none; NULL: as usual */

	/** False, saying why, when it is no regular expression of ours. */
	bool (*is_pattern)(const char *text, struct err *err);
};

/**
 * `import` is filled in as by a migration: what is CHANGED is mapped, and what
 * is LOST is dropped.  All of it lives in `arena`.  False: one sentence and its
 * place.
 */
bool conf_import(const char *text, size_t len,
	const struct conf_import_options *options, struct arena *arena,
	struct conf_migration *import, struct err *err,
	struct conf_mark *where);
