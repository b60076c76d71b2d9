/*
 * A configuration that a verb has made, and where it goes.  What fails is told
 * on stderr, and leaves no trace.
 */
#pragma once

#include <stdbool.h>

struct conf_text;

struct cli_deposit {
	const char *path; /* NULL: stdout */
	bool force; /* what is there may go; it is kept beside it */
	const char *otherwise; /* what to do when something is there */

	/* The same text as it will be read, where the environment is not yet
	 * what it will be; or NULL. */
	const struct conf_text *as_read;
};

/** NULL and "-" are stdout. */
const char *cli_deposit_path(const char *named);

/** Before the work: false when something is there that must stay. */
bool cli_deposit_may(const struct cli_deposit *deposit);

/** True when `curlew run` would take it; else its mistakes are told. */
bool cli_deposit_check(const char *path, const struct conf_text *text);

/** Checks it and writes it, whole.  The exit code. */
int cli_deposit_put(
	const struct cli_deposit *deposit, const struct conf_text *text);
