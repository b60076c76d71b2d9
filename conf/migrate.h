/*
 * Every format that cachet-url-monitor ever had becomes today's.
 *
 * Pure: text in, text and notes out.  Comments, quoting and order stay where
 * there is a place for them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"
#include "conf/yaml.h"

struct arena;
struct conf_text;
struct err;

enum {
	CONF_MIGRATE_BYTES_MAX = 4 * 1024 * 1024,
	CONF_NOTES_MAX = 1000,
};

enum conf_note_kind {
	CONF_NOTE_CHANGED = 0, /* it is written otherwise */
	CONF_NOTE_MEANING, /* it does something else than it did */
	CONF_NOTE_LOST, /* it could not be carried over */
};

struct conf_note {
	enum conf_note_kind kind;
	struct conf_mark mark; /* in the old text */
	const char *text; /* a sentence without a full stop */
	struct conf_note *next;
};

/** What stands in the new text, and where it stood in the old one. */
struct conf_place {
	struct conf_mark now;
	struct conf_mark before;
	bool verbatim; /* so does the rest of the line, if nothing follows */
};

struct conf_migration {
	const char *format; /* "0.1 to 0.5", for people */
	bool changed; /* else `text` is the old text */
	const char *text;
	size_t len;
	struct conf_note *notes;
	size_t n_notes; /* of them; those beyond CONF_NOTES_MAX are counted */
	const struct conf_place *places; /* in order of `now` */
	size_t n_places;
};

struct conf_migrate_options {
	const char *name; /* for an endpoint that has none; NULL: its host */
	bool bake; /* put what the variables say into the text */
	char *(*variable)(const char *name); /* NULL: none is set */
};

/** The file as it is, in `arena`, up to the ceiling; NULL is stdin. */
bool conf_migrate_read(const char *path, struct arena *arena,
	struct conf_text *text, struct err *err);

/** All of it lives in `arena`.  False: one sentence and its place. */
bool conf_migrate(const char *text, size_t len,
	const struct conf_migrate_options *options, struct arena *arena,
	struct conf_migration *migration, struct err *err,
	struct conf_mark *where);

/** True for what only versions before 0.6 could read. */
bool conf_is_legacy(const struct conf_yaml *root);

enum conf_age {
	CONF_OF_TODAY = 0,
	CONF_OF_0_6, /* it has keys that mean nothing until it is migrated */
	CONF_BEFORE_0_6, /* conf_is_legacy() */
};

enum conf_age conf_age_of(const struct conf_yaml *root);

/** Where in the old text that is which stands at `now` in the new one. */
struct conf_mark conf_migration_place(
	const struct conf_migration *migration, struct conf_mark now);

/**
 * Complaints about the new text, as complaints about the old file.  To be
 * handed to conf_load_text() as the cookie of conf_migration_complain().
 */
struct conf_migration_complaints {
	struct conf_migration *migration;
	const char *path;
	conf_complain_fn *complain;
	void *cookie;
	struct arena *arena; /* of a note for each unknown key; NULL: none */
};

void conf_migration_complain(
	void *cookie, enum conf_severity severity, const char *message);
