#include "agent/cli/migrate_report.h"

#include <inttypes.h>

#include <jansson.h>

#include "conf/migrate.h"

enum {
	N_KINDS = CONF_NOTE_LOST + 1,
};

static const struct kind {
	const char *title;
	const char *key;
} kinds[][N_KINDS] = {
	{
		[CONF_NOTE_CHANGED] = { "changed", "changed" },
		[CONF_NOTE_MEANING] = { "does something else now", "meaning" },
		[CONF_NOTE_LOST] = { "could not be carried over", "lost" },
	},
	{
		[CONF_NOTE_CHANGED] = { "mapped", "mapped" },
		[CONF_NOTE_MEANING] = { "changed in meaning", "meaning" },
		[CONF_NOTE_LOST] = { "dropped", "dropped" },
	},
};

static void
print_kind(FILE *to, const char *path, const struct conf_migration *migration,
	enum conf_note_kind kind, bool imported)
{
	bool first = true;
	for (const struct conf_note *note = migration->notes; note;
		note = note->next) {
		if (note->kind != kind)
			continue;
		if (first)
			fprintf(to, "%s:\n", kinds[imported][kind].title);
		first = false;
		if (note->mark.line > 0)
			fprintf(to, "  %s:%" PRIu32 ":%" PRIu32 ": %s\n", path,
				note->mark.line, note->mark.column, note->text);
		else
			fprintf(to, "  %s: %s\n", path, note->text);
	}
}

void
cli_migrate_report(FILE *to, const char *path,
	const struct conf_migration *migration, bool imported)
{
	for (int kind = 0; kind < N_KINDS; kind++)
		print_kind(to, path, migration, (enum conf_note_kind)kind,
			imported);
	if (migration->n_notes > CONF_NOTES_MAX)
		fprintf(to, "and %zu more\n",
			migration->n_notes - CONF_NOTES_MAX);
}

void
cli_migrate_json(FILE *to, const char *path,
	const struct conf_migration *migration, const char *written,
	const char *backup, bool imported)
{
	json_t *json = json_pack("{s:s,s:s,s:b,s:s?,s:s?}", "file", path,
		"format", migration->format, "changes", migration->changed,
		"written", written, "backup", backup);
	for (int kind = 0; json && kind < N_KINDS; kind++)
		json_object_set_new(
			json, kinds[imported][kind].key, json_array());
	for (const struct conf_note *note = migration->notes; note;
		note = note->next)
		json_array_append_new(
			json_object_get(json, kinds[imported][note->kind].key),
			json_pack("{s:I,s:I,s:s}", "line",
				(json_int_t)note->mark.line, "column",
				(json_int_t)note->mark.column, "text",
				note->text));
	json_dumpf(json, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(json);
}
