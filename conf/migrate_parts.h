/*
 * Inside conf_migrate(): a YAML text as pieces that remember how they were
 * written and which comments stood beside them.  Only conf/migrate*.c,
 * conf/extend.c and conf/import_parts.h include this.
 */
#pragma once

#include <stdint.h>

#include "conf/migrate.h"

struct buf;

enum conf_piece_kind {
	CONF_PIECE_SCALAR = 0,
	CONF_PIECE_ALIAS,
	CONF_PIECE_LIST,
	CONF_PIECE_MAP,
};

enum conf_piece_style {
	CONF_STYLE_PLAIN = 0,
	CONF_STYLE_SINGLE,
	CONF_STYLE_DOUBLE,
	CONF_STYLE_BLOCK, /* | and > */
};

struct conf_line {
	const char *text; /* a comment with its #; "" for an empty line */
	unsigned extra; /* columns to the right of what it belongs to */
	struct conf_line *next;
};

struct conf_lines {
	struct conf_line *first, *last;
};

struct conf_piece {
	enum conf_piece_kind kind;
	enum conf_piece_style style; /* of a scalar */
	bool flow; /* a list or map in brackets */
	bool touched; /* `raw` no longer says what it is */
	const char *text; /* of a scalar; the name of an alias */
	const char *raw; /* as it was written; NULL: it never was */
	const char *props; /* "&name" of a list or a map; or NULL */
	size_t from, to; /* bytes in the old text */
	unsigned column; /* of it in the old text, from 0 */
	unsigned indent; /* from that of its owner */
	struct conf_mark mark;
	struct conf_item *first, *last; /* of a list or a map */
	struct conf_piece *target; /* of an alias */
};

/** A key and its value, or a value in a list. */
struct conf_item {
	struct conf_item *next;
	struct conf_item *up; /* in whose value it stands; NULL: the document */
	struct conf_piece *key; /* NULL in a list */
	struct conf_piece *value;
	struct conf_lines head, foot; /* comments above and below */
	const char *trail; /* a comment on the same line; or NULL */
	unsigned pad; /* blanks before that */
	unsigned line, column; /* in the old text, from 0 */
};

struct conf_comment {
	size_t at; /* the byte of its # */
	unsigned line, column, pad;
	bool alone; /* nothing else stands on the line */
	const char *text; /* "" for an empty line */
};

struct conf_span {
	size_t from, to;
};

/** The old text, taken apart. */
struct conf_paper {
	struct arena *arena;
	const char *text;
	size_t len;
	const char *opening; /* up to and with ---; or NULL */
	unsigned opening_line;
	struct conf_lines head, foot; /* comments of no piece */
	struct conf_piece *root;

	struct conf_item **items; /* outside of brackets, as they stand */
	size_t n_items, items_size;
	struct conf_span *scalars; /* as they stand */
	size_t n_scalars, scalars_size;
	struct conf_span *flows; /* the outermost brackets */
	size_t n_flows, flows_size;
	struct conf_comment *comments;
	size_t n_comments, comments_size;
};

/** False when there is no such text; what conf_yaml_load() takes, it takes. */
bool conf_paper_read(struct conf_paper *paper, const char *text, size_t len,
	struct arena *arena, struct err *err);
void conf_paper_finish(struct conf_paper *paper);

/** Find the comments and give each to what it stands beside. */
void conf_paper_find_comments(struct conf_paper *paper);

/** Write it anew; what stands where goes to `places`. */
void conf_paper_write(const struct conf_paper *paper, struct buf *out,
	struct conf_migration *migration);

/** True when both say the same. */
bool conf_piece_same(const struct conf_piece *a, const struct conf_piece *b);

/* Asking. */

/** What an alias stands for, and anything else itself. */
struct conf_piece *conf_piece_of(struct conf_piece *piece);
struct conf_item *conf_piece_find(struct conf_piece *map, const char *key);

/** Also in what is merged into it by `<<`. */
struct conf_item *conf_piece_merged(struct conf_piece *map, const char *key);
bool conf_piece_is_null(struct conf_piece *piece);
enum conf_node_kind conf_piece_scalar_kind(const struct conf_piece *piece);

/* Changing. */

struct conf_piece *conf_piece_text(struct arena *arena, const char *text,
	enum conf_piece_style style, struct conf_mark mark);
struct conf_piece *conf_piece_list(struct arena *arena, struct conf_mark mark);
struct conf_item *conf_item_new(struct arena *arena, const char *key,
	struct conf_piece *value, struct conf_mark mark);
void conf_piece_set_text(struct arena *arena, struct conf_piece *piece,
	const char *text, enum conf_piece_style style);
void conf_piece_add(struct conf_piece *owner, struct conf_item *item);
void conf_piece_add_first(struct conf_piece *owner, struct conf_item *item);

/** Before the first one that comes later in `order`. */
void conf_piece_insert(struct conf_piece *map, struct conf_item *item,
	const char *const *order);
void conf_piece_take(struct conf_piece *owner, struct conf_item *item);
void conf_piece_replace(struct conf_piece *owner, struct conf_item *item,
	struct conf_item *with);

/** Comments of `from` go above `to`. */
void conf_item_inherit(
	struct arena *arena, struct conf_item *to, struct conf_item *from);

/** Take it away; its comments go to the one after it. */
void conf_piece_drop(struct conf_paper *paper, struct conf_piece *owner,
	struct conf_item *item);
void conf_lines_add(struct arena *arena, struct conf_lines *lines,
	const char *text, unsigned extra);
void conf_lines_join(struct conf_lines *to, struct conf_lines *from);

/** A migration that is being made. */
struct conf_move {
	struct arena *arena;
	struct conf_paper *paper;
	const struct conf_migrate_options *options;
	struct conf_migration *migration;
	struct conf_note *notes;
	size_t changes;
	bool changed;
};

void conf_note(struct conf_move *move, enum conf_note_kind kind,
	struct conf_mark mark, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** In which order the keys of an endpoint stand. */
extern const char *const conf_endpoint_order[];

/** What was before 0.6 becomes what was after it; that comes next. */
void conf_move_legacy(struct conf_move *move);
void conf_move_modern(struct conf_move *move);

/* What both have to do with an endpoint. */

/** The host of a URL, or the whole of it. */
const char *conf_url_host(struct arena *arena, const char *url);
void conf_move_action(struct conf_move *move, struct conf_item *action);
