/*
 * The reference as text for a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/outline.h"

struct buf;

struct cli_explain_page {
	int columns;
	bool colours;
};

/** Every entry on a line or two. */
void cli_explain_all(struct buf *text, const struct conf_outline *outline,
	const struct cli_explain_page *page);

/** All about one, and a line or two for each that stands inside of it. */
void cli_explain_one(struct buf *text, const struct conf_outline *outline,
	const struct conf_entry *entry, const struct cli_explain_page *page);
