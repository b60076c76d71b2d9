/*
 * Inside the engine: where the reader is, what it may use, and how it
 * complains.  Only conf/ includes this.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/complain.h"
#include "conf/schema.h"
#include "conf/yaml.h"

struct arena;
struct buf;
struct conf_strings;
struct conf_text;
struct map;

enum {
	CONF_VALUE_BYTES_MAX = 1024 * 1024, /* of a text, filled in */
	CONF_LIST_MAX = 1000 * 1000, /* sections in a list */
};

/** A map that is being read; the outermost is the document. */
struct conf_frame {
	struct conf_frame *up; /* NULL for the document */
	const char *key; /* in `up`, as written */
	size_t index; /* in the list at `key`; CONF_NO_INDEX: there is none */
	const struct conf_yaml *map;
	struct conf_mark mark;
	bool of_old;
	bool broken; /* one of its own keys has an error */
};

#define CONF_NO_INDEX ((size_t)-1)

/** A value that is being read. */
struct conf_spot {
	struct conf_frame *frame;
	const struct conf_field *field;
	const char *key; /* as written */
	size_t index; /* or CONF_NO_INDEX */
	struct conf_mark mark;
	const struct conf_yaml *value;
};

struct conf_reader {
	const char *path;
	const struct conf_text *text; /* instead of what is in the file */
	bool missing; /* there is no such file */
	const struct conf_types *types;
	struct arena *arena; /* the document's */
	struct arena *scratch; /* gone with the reader, like the tree */
	struct arena *raw; /* what a check asked for; gone after it */
	struct conf_strings *strings; /* in the document's arena */
	struct map *shared; /* what was read of shared values */
	struct map *files; /* files that it names, as ${file:...} does */
	struct map *secrets; /* what ${NAME} stands for in templates */
	unsigned variables; /* of conf/variables.c: those the file names */
	struct conf_complaints *complaints;
	struct conf_frame *frame; /* of the section that is being checked */
	struct conf_frame root;
	struct conf_yaml tree;
};

/**
 * Read the file, or `text` unless that is NULL, into the struct of `section`.
 * NULL after an error that leaves nothing to go on with.  Otherwise the reader
 * stands at the document, so that checks may follow, then conf_reader_close().
 */
void *conf_reader_open(struct conf_reader *reader, const char *path,
	const struct conf_text *text, const struct conf_section *section,
	const struct conf_types *types, struct arena *arena);

/** Tell all complaints and free the tree.  True when there was no error. */
bool conf_reader_close(
	struct conf_reader *reader, conf_complain_fn *complain, void *cookie);

/** Fill the struct `to` from the map of `frame`. */
void conf_read_section(struct conf_reader *reader, struct conf_frame *frame,
	const struct conf_section *section, void *to);

/** Fill the member of `field` in the struct `to`. */
void conf_read_field(
	struct conf_reader *reader, const struct conf_spot *spot, void *to);

/** A map that is a section.  False when it is no map. */
bool conf_read_map(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_section *section, void *to);

/** A map that is of the kind that its row or its `type:` says. */
void conf_read_chosen(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_chosen *to);

/** The item of a list, or the value of a map. */
struct conf_spot conf_spot_inside(const struct conf_spot *spot,
	const struct conf_yaml_item *item, size_t i);

/** Where to point at: an empty value has no place of its own. */
struct conf_mark conf_item_mark(const struct conf_yaml_item *item);

/** Values that are one scalar.  False after a complaint. */
bool conf_read_scalar(
	struct conf_reader *reader, const struct conf_spot *spot, void *to);

/** A text, kept in the document.  False after a complaint. */
bool conf_read_text(struct conf_reader *reader, const struct conf_spot *spot,
	const char **text);

bool conf_read_choice(
	struct conf_reader *reader, const struct conf_spot *spot, int *choice);

/**
 * The scalar with its `${NAME}` filled in, in the scratch arena; what was
 * filled in counts as plain, as if it had been written there.
 */
bool conf_read_filled(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_yaml *filled);

/** Warn of a number that few would read as YAML 1.1 does. */
void conf_warn_oddity(struct conf_reader *reader, const struct conf_spot *spot,
	const struct conf_yaml *value);

/** As YAML without places, `${NAME}` filled in.  False after a complaint. */
bool conf_read_tree(struct conf_reader *reader, const struct conf_spot *spot,
	struct conf_node *node);

/** The same in the raw arena, without a complaint. */
const struct conf_node *conf_raw_of(
	struct conf_reader *reader, const struct conf_yaml *value);

/** What `text` is when filled in, without a complaint. */
const char *conf_fill_quietly(struct conf_reader *reader, const char *text);

void conf_complain_at(struct conf_reader *reader, enum conf_severity severity,
	const struct conf_spot *spot, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** "expected X, got Y", where a secret is not shown.  Always false. */
bool conf_expected(struct conf_reader *reader, const struct conf_spot *spot,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** The same, followed by "did you mean" unless `near` is NULL. */
bool conf_expected_near(struct conf_reader *reader,
	const struct conf_spot *spot, const char *near, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** Complain about `key`, or about the frame as a whole. */
void conf_complain_key(struct conf_reader *reader, enum conf_severity severity,
	struct conf_frame *frame, const char *key, struct conf_mark mark,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

/** "endpoints[0] (shop)" */
void conf_frame_path(const struct conf_frame *frame, struct buf *path);

/** For messages: the item of the frame's map, or NULL. */
const struct conf_yaml_item *conf_given(
	const struct conf_reader *reader, const char *key);

/** Item `index` of the list at `key` of the document, or NULL. */
const struct conf_yaml *conf_given_item(
	const struct conf_reader *reader, const char *key, size_t index);
