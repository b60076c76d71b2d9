/*
 * What a migration or an import did, for people and for programs.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct conf_migration;

/** Nothing but notes; a line for each.  `imported`: in the words of that. */
void cli_migrate_report(FILE *to, const char *path,
	const struct conf_migration *migration, bool imported);

/** `written` and `backup` may be NULL. */
void cli_migrate_json(FILE *to, const char *path,
	const struct conf_migration *migration, const char *written,
	const char *backup, bool imported);
