/* Older files are loaded as what they would be today. */
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
read_stream(FILE *file, size_t most, struct arena *arena,
	struct conf_text *text, struct err *err)
{
	size_t size = most + 1;
	char *bytes = mem_alloc(size);
	size_t len = fread(bytes, 1, size, file);
	int error = ferror(file) ? errno : 0;
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
	bool good = read_stream(file, most, arena, text, err);
	fclose(file);
	return good;
}

bool
conf_migrate_read(const char *path, struct arena *arena, struct conf_text *text,
	struct err *err)
{
	if (!path)
		return read_stream(
			stdin, CONF_MIGRATE_BYTES_MAX, arena, text, err);
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

static void
say_older(const struct conf_listener *listener, const char *path,
	enum conf_age age, const struct conf_migration *migration)
{
	const struct conf_mark whole = { 0 };
	say(listener, CONF_WARNING, path, whole,
		age == CONF_BEFORE_0_6
			? "this is the format of cachet-url-monitor before "
			  "0.6, and is migrated in memory; `curlew migrate` "
			  "writes it as it is now"
			: "this has keys of an older cachet-url-monitor, and "
			  "is migrated in memory; `curlew migrate` writes it "
			  "as it is now");
	for (const struct conf_note *note = migration->notes; note;
		note = note->next)
		if (note->kind != CONF_NOTE_CHANGED)
			say(listener, CONF_WARNING, path, note->mark,
				note->text);
}

static struct conf *
load_migrated(const char *path, const struct conf_types *types,
	const struct conf_listener *listener, struct conf_migration *migration)
{
	struct conf_migration_complaints complaints = {
		.migration = migration,
		.path = path,
		.complain = listener->complain,
		.cookie = listener->cookie,
	};
	const struct conf_text text = { migration->text, migration->len };
	return conf_load_text(
		path, &text, types, conf_migration_complain, &complaints);
}

bool
conf_load_older(const char *path, enum conf_age age,
	const struct conf_types *types, const struct conf_listener *listener,
	struct conf **conf)
{
	const struct conf_migrate_options options = { .variable = getenv };
	struct arena *arena = arena_new();
	struct conf_migration migration;
	struct conf_text text = { 0 };
	struct conf_mark where = { 0 };
	struct err err = { "" };
	bool good = conf_migrate_read(path, arena, &text, &err)
		&& conf_migrate(text.text, text.len, &options, arena,
			&migration, &err, &where);
	bool done = age == CONF_BEFORE_0_6 || (good && migration.changed);
	if (good && done) {
		say_older(listener, path, age, &migration);
		*conf = load_migrated(path, types, listener, &migration);
	} else if (done) {
		say(listener, CONF_ERROR, path, where, err.text);
		*conf = NULL;
	} else if (!good) {
		err_prefix(&err, "it is not migrated in memory");
		say(listener, CONF_WARNING, path, where, err.text);
	}
	arena_free(arena);
	return done;
}
