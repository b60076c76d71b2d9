#include "agent/cli/ctl_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/str.h"
#include "agent/cli/probe_waterfall.h"
#include "agent/cli/status_text.h"
#include "agent/cli/terminal.h"

enum {
	CELL_MAX = 60, /* columns; the last may have more */
	PAGE_MAX = 64 * 1024,
};

/* Tables: one row an object, one column a key. */

struct column {
	const char *key; /* NULL ends the list */
	const char *head;
};

/* Until the next one of these it stands as it is. */
static void
cell(const json_t *row, const char *key, struct buf *out)
{
	const json_t *value = json_object_get(row, key);
	char text[DURATION_TEXT_SIZE];
	buf_clear(out);
	if (str_eq(key, "for_ms")) {
		duration_text((int64_t)json_integer_value(value), text);
		buf_add_text(out, text);
	} else if (json_is_string(value)) {
		buf_add_text(out, json_string_value(value));
	} else {
		buf_add_text(out, "-");
	}
}

static int
width_of(const json_t *rows, const struct column *column, struct buf *text)
{
	int width = cli_width(column->head);
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row) {
		cell(row, column->key, text);
		int of_cell = cli_width(text->data);
		if (of_cell > width)
			width = of_cell;
	}
	return width < CELL_MAX ? width : CELL_MAX;
}

static void
print_cell(const char *text, const int *width, bool last)
{
	cli_print_padded(text, last ? 0 : *width + 2);
	if (last)
		putchar('\n');
}

static void
print_table(const json_t *rows, const struct column *columns)
{
	int widths[8] = { 0 };
	size_t i;
	const json_t *row;
	struct buf text;
	if (json_array_size(rows) == 0)
		return;
	buf_init(&text, PAGE_MAX);
	putchar('\n');
	for (size_t c = 0; columns[c].key; c++) {
		widths[c] = width_of(rows, &columns[c], &text);
		print_cell(columns[c].head, &widths[c], !columns[c + 1].key);
	}
	json_array_foreach (rows, i, row) {
		for (size_t c = 0; columns[c].key; c++) {
			cell(row, columns[c].key, &text);
			print_cell(text.data, &widths[c], !columns[c + 1].key);
		}
	}
	buf_finish(&text);
}

static const struct column of_removed[] = {
	{ "name", "NAME" },
	{ "by", "BY" },
	{ "at", "AT" },
	{ 0 },
};

static const struct column of_history[] = {
	{ "opened", "OPENED" },
	{ "for_ms", "FOR" },
	{ "worst", "WORST" },
	{ "closed", "CLOSED" },
	{ "message", "WHAT" },
	{ 0 },
};

static const struct column of_audit[] = {
	{ "at", "AT" },
	{ "who", "WHO" },
	{ "source", "FROM" },
	{ "said", "SAID" },
	{ "outcome", "OUTCOME" },
	{ 0 },
};

static const struct column of_runs[] = {
	{ "since", "BEGUN" },
	{ "name", "ACTION" },
	{ "said", "WORDS" },
	{ "by", "BY" },
	{ "outcome", "OUTCOME" },
	{ "result", "WHAT" },
	{ 0 },
};

/* A look. */

static int64_t
us_of(const json_t *phases, const char *key)
{
	double ms = json_number_value(json_object_get(phases, key));
	return (int64_t)(ms * 1000);
}

static void
print_waterfall(const json_t *endpoint, bool colours)
{
	const json_t *phases = json_object_get(endpoint, "phases");
	const struct cli_bar bars[] = {
		{ "name", us_of(phases, "dns_ms"), false },
		{ "connect", us_of(phases, "connect_ms"), false },
		{ "TLS", us_of(phases, "tls_ms"), false },
		{ "first byte", us_of(phases, "wait_ms"), false },
		{ "body", us_of(phases, "transfer_ms"), false },
	};
	const struct cli_waterfall how = {
		.columns = cli_columns(STDOUT_FILENO),
		.has_bars = isatty(STDOUT_FILENO) != 0,
		.has_colours = colours,
	};
	struct buf page;
	if (!json_is_number(json_object_get(endpoint, "latency_ms")))
		return;
	buf_init(&page, PAGE_MAX);
	cli_waterfall(&page, bars, sizeof(bars) / sizeof(bars[0]), &how);
	printf("\n%s", page.data);
	buf_finish(&page);
}

/* How actions are asked for. */

static void
print_line(const char *head, const char *text)
{
	printf("  %-8s ", head);
	cli_print(text, "");
	putchar('\n');
}

static void
print_way(const json_t *row, const char *head)
{
	const char *say = json_string_value(json_object_get(row, "say"));
	const char *help = json_string_value(json_object_get(row, "help"));
	struct buf text;
	buf_init(&text, PAGE_MAX);
	buf_printf(&text, "curlew ctl %s%s%s%s%s",
		say && *say == '/' ? "run " : "", say ? say : "",
		help ? " (" : "", help ? help : "", help ? ")" : "");
	print_line(head, text.data);
	buf_finish(&text);
}

static void
print_word(const json_t *row)
{
	const char *word = json_string_value(json_object_get(row, "word"));
	const char *look = json_string_value(json_object_get(row, "look"));
	const char *choices =
		json_string_value(json_object_get(row, "choices"));
	struct buf head, text;
	buf_init(&head, PAGE_MAX);
	buf_init(&text, PAGE_MAX);
	buf_printf(&head, "{%s}", word ? word : "");
	if (choices)
		buf_printf(&text, "one of %s", choices);
	else if (look)
		buf_printf(&text, "must look like %s", look);
	else
		buf_add_text(&text, "one word without blanks");
	print_line(head.data, text.data);
	buf_finish(&head);
	buf_finish(&text);
}

static void
print_ids(const char *head, const json_t *ids, const char *otherwise)
{
	size_t i;
	const json_t *id;
	struct buf text;
	buf_init(&text, PAGE_MAX);
	json_array_foreach (ids, i, id)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "",
			json_is_string(id) ? json_string_value(id) : "");
	print_line(head, ids ? text.data : otherwise);
	buf_finish(&text);
}

static void
print_lesson(const json_t *lesson)
{
	const char *name = json_string_value(json_object_get(lesson, "name"));
	json_t *example = json_object_get(lesson, "example");
	size_t i;
	const json_t *row;
	putchar('\n');
	cli_print(name ? name : "", "");
	putchar('\n');
	json_array_foreach (json_object_get(lesson, "ways"), i, row)
		print_way(row, "say");
	json_array_foreach (json_object_get(lesson, "words"), i, row)
		print_word(row);
	if (example) {
		json_t *way = json_pack("{s:O}", "say", example);
		print_way(way, "such as");
		json_decref(way);
	}
	print_ids("who", json_object_get(lesson, "users"),
		"whoever may change something in the chat");
	print_ids("where", json_object_get(lesson, "channels"), "anywhere");
}

static void
print_lessons(const json_t *lessons)
{
	size_t i;
	const json_t *lesson;
	json_array_foreach (lessons, i, lesson)
		print_lesson(lesson);
}

static void
print_more(const json_t *answer)
{
	json_int_t more = json_integer_value(json_object_get(answer, "more"));
	if (more > 0)
		printf("... and %" JSON_INTEGER_FORMAT " more\n", more);
}

void
cli_ctl_print(json_t *answer, bool colours)
{
	json_t *endpoint = json_object_get(answer, "endpoint");
	json_t *endpoints = json_object_get(answer, "endpoints");
	const char *text = json_string_value(json_object_get(answer, "text"));
	const char *result =
		json_string_value(json_object_get(answer, "result"));
	cli_print(text ? text : "", "");
	if (result) {
		fputs(strchr(result, '\n') ? ":\n" : ": ", stdout);
		cli_print(result, "");
	}
	putchar('\n');
	if (endpoint) {
		putchar('\n');
		cli_status_endpoint(endpoint, colours);
		print_waterfall(endpoint, colours);
	}
	if (json_array_size(endpoints) > 0)
		cli_status_rows(endpoints, colours);
	print_table(json_object_get(answer, "removed"), of_removed);
	print_table(json_object_get(answer, "history"), of_history);
	print_table(json_object_get(answer, "audit"), of_audit);
	print_table(json_object_get(answer, "runs"), of_runs);
	print_lessons(json_object_get(answer, "lessons"));
	print_more(answer);
}
