/*
 * Tables of RFC 4180, also with semicolons or tabs between the cells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
	CONF_CSV_CELLS_MAX = 64, /* of a row; more are passed over */
};

struct conf_csv {
	const char *at; /* what comes next */
	char separator;
	uint32_t line; /* of `at`, from 1 */
	struct arena *arena;
};

struct conf_csv_row {
	uint32_t line;
	size_t count;
	const char *cells[CONF_CSV_CELLS_MAX]; /* without blanks around them */
	bool open; /* quotes that never end */
};

/** The separator is the one that the first line has most of. */
void conf_csv_begin(
	struct conf_csv *csv, const char *text, struct arena *arena);

/** False at the end.  Empty lines are passed over. */
bool conf_csv_next(struct conf_csv *csv, struct conf_csv_row *row);
