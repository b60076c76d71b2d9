/*
 * Inside conf_import().  Only conf/import*.c include this.
 */
#pragma once

#include "agent/base/buf.h"
#include "conf/draft.h"
#include "conf/import.h"
#include "conf/migrate_parts.h"

struct map;

/** An import that is being made. */
struct conf_importer {
	struct arena *arena;
	const struct conf_import_options *options;
	struct conf_move move; /* for notes */
	struct map *names; /* that are taken: the last number of each */
	struct buf head, endpoints; /* sections; and what stands in theirs */
	size_t n_endpoints;

	/* Of the first that cannot be watched: why; or NULL. */
	const char *unwatched;
	struct conf_mark unwatched_mark;
	struct err *err;
	struct conf_mark *where;
};

/** Always false, to be returned. */
bool conf_import_refuse(struct conf_importer *importer, struct conf_mark mark,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Adds it, under a name that no other has. */
void conf_import_add(struct conf_importer *importer, struct conf_mark mark,
	struct conf_draft_endpoint *endpoint);

/** The same as a comment, since it is paused. */
void conf_import_add_paused(struct conf_importer *importer,
	struct conf_mark mark, struct conf_draft_endpoint *endpoint);

/**
 * What Go searches anywhere in a body, as we match it from its start.  NULL
 * with a sentence when that cannot be said.
 */
const char *conf_import_go_pattern(
	struct conf_importer *importer, const char *text, struct err *err);

/** A body with this in it; or one without it. */
const char *conf_import_literal(
	struct arena *arena, const char *text, bool without);

/** YAML or JSON.  `elsewhere`: its marks are those of another text. */
bool conf_import_read(struct conf_importer *importer, const char *text,
	size_t len, struct conf_yaml *root, bool *elsewhere);

/** Keys of Go count in any case.  NULL when there is none. */
const struct conf_yaml_item *conf_import_find(
	const struct conf_yaml *map, const char *key);

/** The text of a scalar; NULL when there is none. */
const char *conf_import_text(const struct conf_yaml *map, const char *key);

/** The same, but for what Go would not take as a text. */
const char *conf_import_only_text(const struct conf_yaml *map, const char *key);
bool conf_import_is_true(const struct conf_yaml *map, const char *key);

/** NULL is none that is wrong. */
bool conf_import_is_no_boolean(const struct conf_yaml_item *item);

/** The section `cachet`.  False when it was refused. */
bool conf_import_cachet_api(
	struct conf_importer *importer, const struct conf_yaml *root);

/** What is told, of all monitors; `system` is their machine, or NULL. */
void conf_import_templates(struct conf_importer *importer,
	const struct conf_yaml *monitors, const char *system);

bool conf_import_cachet_monitor(
	struct conf_importer *importer, const char *text, size_t len);
bool conf_import_uptimerobot(
	struct conf_importer *importer, const char *text, size_t len);

/** True when the first line has the columns. */
bool conf_import_is_uptimerobot(const char *text);
