/*
 * Templates of cachet-monitor, which each monitor has for itself, while we have
 * titles for all: those that are the same everywhere, and simple, become ours.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/import_parts.h"
#include "conf/quote.h"
#include "conf/yaml.h"

enum {
	TITLE_MAX = 1024,
};

/* What there is to be told, and what we call it. */
static const struct occasion {
	const char *theirs, *ours;
} occasions[] = {
	{ "investigating", "incident_outage" },
	{ "fixed", "incident_operational" },
};

enum {
	N_OCCASIONS = sizeof(occasions) / sizeof(occasions[0]),
};

static const struct conf_yaml_item *
below(const struct conf_yaml_item *item, const char *key)
{
	return item ? conf_import_find(&item->value, key) : NULL;
}

static const char *
subject_of(const struct conf_yaml *monitor, const char *occasion)
{
	const struct conf_yaml_item *item =
		below(below(conf_import_find(monitor, "template"), occasion),
			"subject");
	return item && conf_yaml_is_scalar(&item->value) ? item->value.text
							 : NULL;
}

/* The one that all monitors have; NULL when there is none. */
static const char *
common_subject(const struct conf_yaml *monitors, const char *occasion)
{
	const char *common = NULL;
	for (size_t i = 0; i < monitors->count; i++) {
		const char *subject =
			subject_of(&monitors->items[i].value, occasion);
		if (!subject || (common && !str_eq(common, subject)))
			return NULL;
		common = subject;
	}
	return common;
}

static void
add_plain(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '{' || text[i] == '}')
			buf_add_char(out, text[i]);
		buf_add_char(out, text[i]);
	}
}

/* ".Monitor.Name" and few others; false for anything else. */
static bool
add_action(struct buf *out, const char *text, size_t len, const char *system)
{
	static const struct {
		const char *theirs, *ours;
	} fields[] = { { ".Monitor.Name", "{name}" },
		{ ".Monitor.Target", "{url}" }, { ".Monitor.URL", "{url}" } };
	while (len > 0 && text[len - 1] == ' ')
		len--;
	while (len > 0 && *text == ' ')
		text++, len--;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].theirs) == len
			&& strncmp(fields[i].theirs, text, len) == 0) {
			buf_add_text(out, fields[i].ours);
			return true;
		}
	if (!system || len != strlen(".SystemName")
		|| strncmp(".SystemName", text, len) != 0)
		return false;
	add_plain(out, system, strlen(system));
	return true;
}

static const char *
translate(struct arena *arena, const char *text, const char *system)
{
	struct buf out;
	buf_init(&out, TITLE_MAX);
	bool good = true;
	while (good && *text != '\0') {
		const char *open = strstr(text, "{{");
		size_t len = open ? (size_t)(open - text) : strlen(text);
		add_plain(&out, text, len);
		if (!open)
			break;
		const char *close = strstr(open, "}}");
		good = close
			&& add_action(&out, open + 2,
				(size_t)(close - open - 2), system);
		text = close ? close + 2 : "";
	}
	const char *title =
		good && !out.full ? arena_dup(arena, out.data) : NULL;
	buf_finish(&out);
	return title;
}

static void
tell(struct conf_importer *importer, const struct conf_yaml *monitors,
	bool titles)
{
	for (size_t i = 0; i < monitors->count; i++) {
		const struct conf_yaml_item *item =
			conf_import_find(&monitors->items[i].value, "template");
		if (item)
			conf_note(&importer->move, CONF_NOTE_LOST, item->mark,
				titles ? "template: its titles are in "
					 "`messages`; the texts are ours"
				       : "template: titles and texts are the "
					 "same for all endpoints here; "
					 "`messages` sets the titles");
	}
}

void
conf_import_templates(struct conf_importer *importer,
	const struct conf_yaml *monitors, const char *system)
{
	bool begun = false;
	for (size_t i = 0; i < N_OCCASIONS; i++) {
		const char *subject =
			common_subject(monitors, occasions[i].theirs);
		const char *title = subject && *subject != '\0'
			? translate(importer->arena, subject, system)
			: NULL;
		if (!title)
			continue;
		if (!begun)
			buf_add_text(&importer->head, "messages:\n");
		begun = true;
		buf_printf(&importer->head, "  %s: ", occasions[i].ours);
		conf_quote_text(&importer->head, title);
		buf_add_char(&importer->head, '\n');
	}
	if (begun)
		buf_add_char(&importer->head, '\n');
	tell(importer, monitors, begun);
}
