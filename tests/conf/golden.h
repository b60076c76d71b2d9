/*
 * Files that configurations of others become, and what is said of them.
 * GOLDEN_UPDATE=1 writes them anew, to be read before they are committed.
 */
#pragma once

#include "conf/conf.h"
#include "conf/migrate.h"

/** The whole file; fails the test where there is none. */
struct conf_text golden_read(const char *path, struct arena *arena);

/** The file says just this. */
void golden_assert(const char *path, const char *text, struct arena *arena);

/** What is noted of a file, a line each; by the names of three kinds. */
const char *golden_report(const struct conf_migration *migration,
	const char *const names[static 3], struct arena *arena);
