#include "conf/csv.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"

enum {
	CELL_MAX = 64 * 1024,
};

static char
separator_of(const char *text)
{
	size_t counts[3] = { 0, 0, 0 };
	static const char candidates[] = ",;\t";
	for (; *text != '\0' && *text != '\n'; text++) {
		const char *found = strchr(candidates, *text);
		if (found)
			counts[found - candidates]++;
	}
	size_t best = 0;
	for (size_t i = 1; i < 3; i++)
		if (counts[i] > counts[best])
			best = i;
	return candidates[best];
}

void
conf_csv_begin(struct conf_csv *csv, const char *text, struct arena *arena)
{
	*csv = (struct conf_csv){
		.at = text,
		.separator = separator_of(text),
		.line = 1,
		.arena = arena,
	};
}

static const char *
trimmed(struct arena *arena, const struct buf *cell)
{
	const char *from = cell->data + strspn(cell->data, " \t\r\n");
	size_t len = strlen(from);
	while (len > 0 && strchr(" \t\r\n", from[len - 1]))
		len--;
	return arena_dup_n(arena, from, len);
}

/* Behind the opening quote; two of them are one. */
static void
read_quoted(struct conf_csv *csv, struct buf *cell, bool *open)
{
	for (; *csv->at != '\0'; csv->at++) {
		if (*csv->at == '"' && csv->at[1] != '"') {
			csv->at++;
			return;
		}
		csv->at += *csv->at == '"';
		csv->line += *csv->at == '\n';
		buf_add_char(cell, *csv->at);
	}
	*open = true;
}

/* True when another one comes on this row. */
static bool
read_cell(struct conf_csv *csv, struct buf *cell, bool *open)
{
	buf_clear(cell);
	const char *quote = csv->at + strspn(csv->at, " ");
	if (*quote == '"') {
		csv->at = quote + 1;
		read_quoted(csv, cell, open);
	}
	while (*csv->at != '\0' && *csv->at != '\n'
		&& *csv->at != csv->separator)
		buf_add_char(cell, *csv->at++);
	bool more = *csv->at == csv->separator && *csv->at != '\0';
	csv->line += *csv->at == '\n';
	csv->at += *csv->at != '\0';
	return more;
}

bool
conf_csv_next(struct conf_csv *csv, struct conf_csv_row *row)
{
	while (*csv->at == '\r' || *csv->at == '\n') {
		csv->line += *csv->at == '\n';
		csv->at++;
	}
	if (*csv->at == '\0')
		return false;
	*row = (struct conf_csv_row){ .line = csv->line };
	struct buf cell;
	buf_init(&cell, CELL_MAX);
	for (bool more = true; more;) {
		more = read_cell(csv, &cell, &row->open);
		if (row->count < CONF_CSV_CELLS_MAX)
			row->cells[row->count++] = trimmed(csv->arena, &cell);
	}
	buf_finish(&cell);
	return true;
}
