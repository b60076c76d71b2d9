/*
 *     conf_import -> guess -> conf_import_cachet_monitor -> conf_import_add
 *                          -> conf_import_uptimerobot
 */
#include "conf/import.h"

#include <stdarg.h>
#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "conf/import_parts.h"
#include "conf/quote.h"
#include "conf/unicode.h"

enum {
	OUT_MAX = 64 * 1024 * 1024,
};

static const char *const names[CONF_IMPORT_KINDS] = {
	[CONF_IMPORT_CACHET_MONITOR] = "cachet-monitor",
	[CONF_IMPORT_UPTIMEROBOT] = "uptimerobot",
};

const char *
conf_import_name(enum conf_import_from from)
{
	return names[from];
}

bool
conf_import_refuse(struct conf_importer *importer, struct conf_mark mark,
	const char *format, ...)
{
	va_list args;
	*importer->where = mark;
	va_start(args, format);
	vsnprintf(
		importer->err->text, sizeof(importer->err->text), format, args);
	va_end(args);
	return false;
}

static void
choose_name(struct conf_importer *importer, struct conf_mark mark,
	struct conf_draft_endpoint *endpoint)
{
	const char *wanted = endpoint->name, *name = wanted;
	unsigned *last = map_get(importer->names, wanted);
	while (map_get(importer->names, name))
		name = arena_printf(
			importer->arena, "%s (%u)", wanted, ++*last);
	if (name != wanted)
		conf_note(&importer->move, CONF_NOTE_CHANGED, mark,
			"the name %.100s is taken; it is called %.110s", wanted,
			name);
	unsigned *count = arena_alloc(importer->arena, sizeof(*count));
	*count = 1;
	map_put(importer->names, name, count);
	endpoint->name = name;
}

void
conf_import_add(struct conf_importer *importer, struct conf_mark mark,
	struct conf_draft_endpoint *endpoint)
{
	choose_name(importer, mark, endpoint);
	if (importer->endpoints.len > 0)
		buf_add_char(&importer->endpoints, '\n');
	conf_draft_lines(&importer->endpoints, "  ", endpoint);
	importer->n_endpoints++;
}

void
conf_import_add_paused(struct conf_importer *importer, struct conf_mark mark,
	struct conf_draft_endpoint *endpoint)
{
	choose_name(importer, mark, endpoint);
	buf_add_text(&importer->endpoints,
		importer->endpoints.len > 0 ? "\n  # Paused:\n"
					    : "  # Paused:\n");
	conf_draft_lines(&importer->endpoints, "  # ", endpoint);
}

static bool
guess(struct conf_importer *importer, const char *text,
	enum conf_import_from *from)
{
	*from = importer->options->from;
	if (*from != CONF_IMPORT_GUESS)
		return true;
	/* Of that there is no doubt; all else has to prove what it is. */
	*from = conf_import_is_uptimerobot(text) ? CONF_IMPORT_UPTIMEROBOT
						 : CONF_IMPORT_CACHET_MONITOR;
	return true;
}

static void
compose(struct conf_importer *importer, struct conf_migration *import)
{
	struct buf out;
	buf_init(&out, OUT_MAX);
	buf_printf(&out, "# yaml-language-server: $schema=%s\n#\n# Made of ",
		importer->options->schema);
	conf_quote_comment(&out, importer->options->file);
	buf_printf(&out, " of %s by `curlew import`.\n\n", import->format);
	buf_add_text(&out, importer->head.data);
	buf_add_text(&out, "endpoints:\n");
	buf_add_text(&out, importer->endpoints.data);
	import->text = arena_dup_n(importer->arena, out.data, out.len);
	import->len = out.len;
	import->changed = true;
	import->notes = importer->move.notes;
	buf_finish(&out);
}

static bool
read_text(struct conf_importer *importer, const char *text, size_t len,
	struct conf_migration *import)
{
	enum conf_import_from from;
	if (!guess(importer, text, &from))
		return false;
	import->format = names[from];
	bool good = from == CONF_IMPORT_UPTIMEROBOT
		? conf_import_uptimerobot(importer, text, len)
		: conf_import_cachet_monitor(importer, text, len);
	if (!good)
		return false;
	if (importer->n_endpoints == 0)
		return conf_import_refuse(importer, importer->unwatched_mark,
			"nothing in it can be watched%s%s",
			importer->unwatched ? ": " : "",
			importer->unwatched ? importer->unwatched : "");
	compose(importer, import);
	return true;
}

bool
conf_import(const char *text, size_t len,
	const struct conf_import_options *options, struct arena *arena,
	struct conf_migration *import, struct err *err, struct conf_mark *where)
{
	*import = (struct conf_migration){ .format = "" };
	*where = (struct conf_mark){ 0 };
	if (len == 0)
		return err_set(err, "the file is empty");
	if (len > CONF_MIGRATE_BYTES_MAX)
		return err_set(err, "the file is longer than %d MiB",
			CONF_MIGRATE_BYTES_MAX / (1024 * 1024));
	if (!conf_unicode(&text, &len, arena, err))
		return false;
	struct conf_importer importer = {
		.arena = arena,
		.options = options,
		.move = { .arena = arena, .migration = import },
		.names = map_new(),
		.err = err,
		.where = where,
	};
	buf_init(&importer.head, OUT_MAX);
	buf_init(&importer.endpoints, OUT_MAX);
	bool good = read_text(&importer, text, len, import);
	buf_finish(&importer.head);
	buf_finish(&importer.endpoints);
	map_free(importer.names);
	return good;
}
