/* The table that UptimeRobot exports: a monitor a row. */

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "conf/csv.h"
#include "conf/import_parts.h"

/* As they are called there. */
enum column {
	TYPE = 0,
	STATUS,
	NAME,
	URL,
	KEYWORD_TYPE,
	KEYWORD,
	PORT,
	COLUMNS,
};

static const char *const columns[COLUMNS] = {
	"Type",
	"Status",
	"Friendly Name",
	"URL/IP",
	"Keyword Type",
	"Keyword Value",
	"Port",
};

/* Of no use here, and of no harm. */
static const char *const ignored[] = { "ID", "Monitor ID", "" };

struct table {
	struct conf_importer *importer;
	size_t places[COLUMNS]; /* CONF_CSV_CELLS_MAX: there is none */
};

static const char *
cell(const struct table *table, const struct conf_csv_row *row,
	enum column column)
{
	size_t place = table->places[column];
	return place < row->count ? row->cells[place] : "";
}

static struct conf_mark
mark_of(const struct conf_csv_row *row)
{
	return (struct conf_mark){ row->line, 1 };
}

/* The columns */

static size_t
find_column(const struct conf_csv_row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++)
		if (str_ieq(row->cells[i], name))
			return i;
	return CONF_CSV_CELLS_MAX;
}

static size_t
find_url(const struct conf_csv_row *row)
{
	size_t place = find_column(row, columns[URL]);
	return place < row->count ? place : find_column(row, "URL");
}

static bool
has_columns(const struct conf_csv_row *row)
{
	return find_column(row, columns[NAME]) < row->count
		&& find_url(row) < row->count;
}

bool
conf_import_is_uptimerobot(const char *text)
{
	struct conf_csv csv;
	struct conf_csv_row row;
	struct arena *arena = arena_new();
	conf_csv_begin(&csv, text, arena);
	bool good = conf_csv_next(&csv, &row) && has_columns(&row);
	arena_free(arena);
	return good;
}

static bool
is_known(const char *name)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (str_ieq(name, columns[i]))
			return true;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (str_ieq(name, ignored[i]))
			return true;
	return str_ieq(name, "URL");
}

static bool
read_columns(struct table *table, const struct conf_csv_row *row)
{
	if (!has_columns(row))
		return conf_import_refuse(table->importer, mark_of(row),
			"the first line has no columns \"%s\" and \"%s\", as "
			"the table of UptimeRobot has",
			columns[NAME], columns[URL]);
	for (size_t i = 0; i < COLUMNS; i++)
		table->places[i] = find_column(row, columns[i]);
	table->places[URL] = find_url(row);
	for (size_t i = 0; i < row->count; i++)
		if (!is_known(row->cells[i]))
			conf_note(&table->importer->move, CONF_NOTE_LOST,
				mark_of(row), "the column %.80s",
				row->cells[i]);
	return true;
}

/* A monitor: by word, or by the number that its API has for it. */

static bool
is_of(const char *type, const char *word, const char *number)
{
	return str_istarts(type, word) || str_eq(type, number);
}

static bool
is_paused(const char *status)
{
	return str_istarts(status, "pause") || str_eq(status, "0");
}

static void
add_keyword(struct table *table, const struct conf_csv_row *row,
	struct conf_draft_endpoint *endpoint)
{
	struct conf_importer *importer = table->importer;
	const char *keyword = cell(table, row, KEYWORD);
	const char *kind = cell(table, row, KEYWORD_TYPE);
	if (*keyword == '\0') {
		conf_note(&importer->move, CONF_NOTE_LOST, mark_of(row),
			"%.100s: it has no keyword; only the status counts",
			endpoint->name);
		return;
	}
	bool without = str_istarts(kind, "not") || str_eq(kind, "2");
	endpoint->rules[endpoint->n_rules++] = (struct conf_draft_rule){
		.type = "REGEX",
		.key = "regex",
		.value = conf_import_literal(importer->arena, keyword, without),
		.is_text = true,
		.incident = "MAJOR",
	};
	conf_note(&importer->move, CONF_NOTE_MEANING, mark_of(row),
		"%.100s: a page %s \"%.80s\" is well; UptimeRobot's screens "
		"call the same setting \"alert when\", so look at it",
		endpoint->name, without ? "without" : "with", keyword);
}

/* Else there is a note. */
static bool
looks_by_http(
	struct table *table, const struct conf_csv_row *row, const char *name)
{
	static const struct {
		const char *word, *number, *what;
	} others[] = { { "ping", "3", "pings" }, { "port", "4", "ports" },
		{ "heartbeat", "5", "heartbeats" }, { "dns", "6", "DNS" } };
	struct conf_importer *importer = table->importer;
	const char *type = cell(table, row, TYPE);
	if (*type == '\0' || is_of(type, "http", "1")
		|| is_of(type, "keyword", "2"))
		return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is_of(type, others[i].word, others[i].number)) {
			conf_note(&importer->move, CONF_NOTE_LOST, mark_of(row),
				"%.100s: %s are not watched yet", name,
				others[i].what);
			return false;
		}
	conf_note(&importer->move, CONF_NOTE_LOST, mark_of(row),
		"%.100s: nothing is known of the type %.80s", name, type);
	return false;
}

/* NULL with a note when it is nothing for us. */
static const char *
url_of(struct table *table, const struct conf_csv_row *row, const char *name)
{
	struct err err;
	const char *whole;
	struct conf_importer *importer = table->importer;
	const char *url = cell(table, row, URL);
	const char *port = cell(table, row, PORT);
	if (!looks_by_http(table, row, name))
		return NULL;
	if (!url_normalise(url, importer->arena, &whole, &err)) {
		conf_note(&importer->move, CONF_NOTE_LOST, mark_of(row),
			"%.100s: %.200s", name, err.text);
		return NULL;
	}
	if (*port != '\0' && !str_eq(port, "0"))
		conf_note(&importer->move, CONF_NOTE_LOST, mark_of(row),
			"%.100s: the port %.20s; it belongs into the URL", name,
			port);
	return url;
}

static void
read_row(struct table *table, const struct conf_csv_row *row)
{
	struct conf_importer *importer = table->importer;
	const char *name = cell(table, row, NAME);
	const char *frequency = importer->options->frequency;
	name = *name != '\0' ? name : cell(table, row, URL);
	const char *url = url_of(table, row, name);
	if (!url)
		return;
	struct conf_draft_endpoint endpoint = {
		.name = name,
		.url = url,
		.timeout = "30",
		.rules = { { .type = "HTTP_STATUS",
			.key = "status_range",
			.value = "200-400",
			.incident = "MAJOR" } },
		.n_rules = 1,
		.frequency = frequency ? frequency : "300",
	};
	if (is_of(cell(table, row, TYPE), "keyword", "2"))
		add_keyword(table, row, &endpoint);
	if (is_paused(cell(table, row, STATUS))) {
		conf_import_add_paused(importer, mark_of(row), &endpoint);
		conf_note(&importer->move, CONF_NOTE_CHANGED, mark_of(row),
			"%.100s: paused, and so a comment", endpoint.name);
		return;
	}
	conf_import_add(importer, mark_of(row), &endpoint);
	conf_note(&importer->move, CONF_NOTE_CHANGED, mark_of(row),
		"%.100s: name, url%s", endpoint.name,
		endpoint.n_rules > 1 ? ", keyword" : "");
}

bool
conf_import_uptimerobot(
	struct conf_importer *importer, const char *text, size_t len)
{
	struct conf_csv csv;
	struct conf_csv_row row = { .line = 1 };
	struct table table = { .importer = importer };
	(void)len;
	conf_csv_begin(&csv, text, importer->arena);
	if (!conf_csv_next(&csv, &row))
		row.count = 0;
	if (!read_columns(&table, &row))
		return false;
	while (conf_csv_next(&csv, &row)) {
		if (row.open)
			return conf_import_refuse(importer, mark_of(&row),
				"the quotes that begin on this row never end");
		read_row(&table, &row);
	}
	return true;
}
