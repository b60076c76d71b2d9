/* Files of before 0.6 are loaded as what they would be today. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/owner.h"
#include "conf/document.h"
#include "conf/extend.h"
#include "conf/migrate.h"

enum {
	MESSAGE_MAX = 2048,
};

static bool
read_most(const char *path, size_t most, struct arena *arena,
	struct conf_text *text, struct err *err)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		int error = errno;
		err_set(err, "cannot open the file: %s", err_system(error));
		return owner_advise(err, error, path);
	}
	size_t size = most + 1;
	char *bytes = mem_alloc(size);
	size_t len = fread(bytes, 1, size, file);
	int error = ferror(file) ? errno : 0;
	fclose(file);
	*text = (struct conf_text){
		.text = arena_dup_n(arena, bytes, len),
		.len = len,
	};
	free(bytes);
	if (error)
		return err_set(
			err, "cannot read the file: %s", err_system(error));
	return true;
}

bool
conf_migrate_read(const char *path, struct arena *arena, struct conf_text *text,
	struct err *err)
{
	return read_most(path, CONF_MIGRATE_BYTES_MAX, arena, text, err);
}

bool
conf_extend_read(const char *path, struct arena *arena, struct conf_text *text,
	struct err *err)
{
	if (!read_most(path, CONF_YAML_BYTES_MAX, arena, text, err))
		return false;
	if (text->len == 0)
		return err_set(err, "the file is empty");
	return text->len <= CONF_YAML_BYTES_MAX
		|| err_set(err, "the file is longer than %d MiB",
			CONF_YAML_BYTES_MAX / (1024 * 1024));
}

static void
say(const struct conf_listener *listener, enum conf_severity severity,
	const char *path, struct conf_mark mark, const char *sentence)
{
	char message[MESSAGE_MAX];
	if (mark.line > 0)
		snprintf(message, sizeof(message),
			"%s:%" PRIu32 ":%" PRIu32 ": %s", path, mark.line,
			mark.column, sentence);
	else
		snprintf(message, sizeof(message), "%s: %s", path, sentence);
	listener->complain(listener->cookie, severity, message);
}

static struct conf *
load(const char *path, const struct conf_types *types,
	const struct conf_listener *listener, struct arena *arena)
{
	const struct conf_migrate_options options = { .variable = getenv };
	struct conf_migration migration;
	struct conf_text text = { 0 };
	struct conf_mark where = { 0 };
	struct err err = { "" };
	if (!conf_migrate_read(path, arena, &text, &err)
		|| !conf_migrate(text.text, text.len, &options, arena,
			&migration, &err, &where)) {
		say(listener, CONF_ERROR, path, where, err.text);
		return NULL;
	}
	where = (struct conf_mark){ 0 };
	say(listener, CONF_WARNING, path, where,
		"this is the format of cachet-url-monitor before 0.6, and is "
		"migrated in memory; `curlew migrate` writes it as it is now");
	for (const struct conf_note *note = migration.notes; note;
		note = note->next)
		if (note->kind != CONF_NOTE_CHANGED)
			say(listener, CONF_WARNING, path, note->mark,
				note->text);
	struct conf_migration_complaints complaints = {
		.migration = &migration,
		.path = path,
		.complain = listener->complain,
		.cookie = listener->cookie,
	};
	text = (struct conf_text){ migration.text, migration.len };
	return conf_load_text(
		path, &text, types, conf_migration_complain, &complaints);
}

struct conf *
conf_load_legacy(const char *path, const struct conf_types *types,
	const struct conf_listener *listener)
{
	struct arena *arena = arena_new();
	struct conf *conf = load(path, types, listener, arena);
	arena_free(arena);
	return conf;
}
