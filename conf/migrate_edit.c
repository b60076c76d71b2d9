/* Asking pieces, and changing them. */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"
#include "conf/quote.h"
#include "conf/scalar.h"

enum {
	INDENT = 2,
	DEPTH_MAX = CONF_YAML_DEPTH_MAX,
	TEXT_MAX = 1024 * 1024,
};

/* Asking. */

struct conf_piece *
conf_piece_of(struct conf_piece *piece)
{
	for (unsigned n = 0; n < DEPTH_MAX && piece
		&& piece->kind == CONF_PIECE_ALIAS && piece->target;
		n++)
		piece = piece->target;
	return piece;
}

/* Of repeated keys the last one counts. */
struct conf_item *
conf_piece_find(struct conf_piece *map, const char *key)
{
	struct conf_item *found = NULL;
	map = conf_piece_of(map);
	if (!map || map->kind != CONF_PIECE_MAP)
		return NULL;
	for (struct conf_item *item = map->first; item; item = item->next)
		if (item->key->kind == CONF_PIECE_SCALAR
			&& str_eq(item->key->text, key))
			found = item;
	return found;
}

static struct conf_item *
find_merged(struct conf_piece *map, const char *key, unsigned depth)
{
	struct conf_item *found = conf_piece_find(map, key);
	struct conf_item *merge = conf_piece_find(map, "<<");
	if (found || !merge || depth == 0)
		return found;
	struct conf_piece *from = conf_piece_of(merge->value);
	if (from->kind != CONF_PIECE_LIST)
		return find_merged(from, key, depth - 1);
	for (struct conf_item *item = from->first; item && !found;
		item = item->next)
		found = find_merged(item->value, key, depth - 1);
	return found;
}

struct conf_item *
conf_piece_merged(struct conf_piece *map, const char *key)
{
	return find_merged(map, key, DEPTH_MAX);
}

enum conf_node_kind
conf_piece_scalar_kind(const struct conf_piece *piece)
{
	if (piece->kind != CONF_PIECE_SCALAR)
		return piece->kind == CONF_PIECE_MAP ? CONF_NODE_MAP
						     : CONF_NODE_LIST;
	if (piece->style != CONF_STYLE_PLAIN)
		return CONF_NODE_TEXT;
	return conf_scalar_kind(piece->text);
}

bool
conf_piece_is_null(struct conf_piece *piece)
{
	piece = conf_piece_of(piece);
	return conf_piece_scalar_kind(piece) == CONF_NODE_NULL;
}

/* Writing a scalar. */

static void
add_single(struct buf *out, const char *text)
{
	buf_add_char(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_add_char(out, '\'');
		buf_add_char(out, *text);
	}
	buf_add_char(out, '\'');
}

void
conf_piece_set_text(struct arena *arena, struct conf_piece *piece,
	const char *text, enum conf_piece_style style)
{
	struct buf out;
	buf_init(&out, TEXT_MAX);
	if (style == CONF_STYLE_BLOCK
		|| (style == CONF_STYLE_SINGLE && strpbrk(text, "\n\t")))
		style = CONF_STYLE_DOUBLE;
	if (style == CONF_STYLE_PLAIN && *text != '\0'
		&& !conf_quote_is_plain(text))
		style = CONF_STYLE_DOUBLE;
	if (style == CONF_STYLE_PLAIN)
		buf_add_text(&out, text);
	else if (style == CONF_STYLE_SINGLE)
		add_single(&out, text);
	else
		conf_quote_double(&out, text);
	piece->kind = CONF_PIECE_SCALAR;
	piece->style = style;
	piece->text = arena_dup(arena, text);
	piece->raw = arena_dup(arena, out.data);
	piece->touched = true;
	buf_finish(&out);
}

/* Making. */

struct conf_piece *
conf_piece_text(struct arena *arena, const char *text,
	enum conf_piece_style style, struct conf_mark mark)
{
	struct conf_piece *piece = arena_alloc(arena, sizeof(*piece));
	piece->mark = mark;
	conf_piece_set_text(arena, piece, text, style);
	return piece;
}

struct conf_piece *
conf_piece_list(struct arena *arena, struct conf_mark mark)
{
	struct conf_piece *piece = arena_alloc(arena, sizeof(*piece));
	piece->kind = CONF_PIECE_LIST;
	piece->mark = mark;
	piece->indent = INDENT;
	piece->touched = true;
	return piece;
}

struct conf_item *
conf_item_new(struct arena *arena, const char *key, struct conf_piece *value,
	struct conf_mark mark)
{
	struct conf_item *item = arena_alloc(arena, sizeof(*item));
	if (key)
		item->key = conf_piece_text(arena, key, CONF_STYLE_PLAIN, mark);
	item->value = value;
	return item;
}

/* Moving. */

void
conf_piece_add(struct conf_piece *owner, struct conf_item *item)
{
	item->next = NULL;
	if (owner->last)
		owner->last->next = item;
	else
		owner->first = item;
	owner->last = item;
}

void
conf_piece_add_first(struct conf_piece *owner, struct conf_item *item)
{
	item->next = owner->first;
	owner->first = item;
	if (!owner->last)
		owner->last = item;
	owner->touched = true;
}

static size_t
place_in(const char *const *order, const struct conf_item *item)
{
	size_t n = 0;
	while (order[n]
		&& !(item->key->kind == CONF_PIECE_SCALAR
			&& str_eq(order[n], item->key->text)))
		n++;
	return order[n] ? n : 0;
}

void
conf_piece_insert(struct conf_piece *map, struct conf_item *item,
	const char *const *order)
{
	size_t place = place_in(order, item);
	struct conf_item *before = NULL, *next = map->first;
	while (next && place_in(order, next) <= place) {
		before = next;
		next = next->next;
	}
	map->touched = true;
	if (!next) {
		conf_piece_add(map, item);
	} else if (!before) {
		conf_piece_add_first(map, item);
	} else {
		item->next = next;
		before->next = item;
	}
}

void
conf_piece_take(struct conf_piece *owner, struct conf_item *item)
{
	struct conf_item *before = NULL;
	for (struct conf_item *at = owner->first; at != item; at = at->next)
		before = at;
	if (before)
		before->next = item->next;
	else
		owner->first = item->next;
	if (owner->last == item)
		owner->last = before;
	item->next = NULL;
	owner->touched = true;
}

void
conf_piece_replace(struct conf_piece *owner, struct conf_item *item,
	struct conf_item *with)
{
	with->next = item->next;
	if (owner->last == item)
		owner->last = with;
	if (owner->first == item) {
		owner->first = with;
	} else {
		struct conf_item *at = owner->first;
		while (at->next != item)
			at = at->next;
		at->next = with;
	}
	item->next = NULL;
	owner->touched = true;
}

/* Comments. */

void
conf_lines_add(struct arena *arena, struct conf_lines *lines, const char *text,
	unsigned extra)
{
	struct conf_line *line = arena_alloc(arena, sizeof(*line));
	*line = (struct conf_line){ .text = text, .extra = extra };
	struct conf_lines one = { line, line };
	conf_lines_join(lines, &one);
}

void
conf_lines_join(struct conf_lines *to, struct conf_lines *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	*from = (struct conf_lines){ 0 };
}

static void
take_all(struct arena *arena, struct conf_lines *lines, struct conf_item *item)
{
	conf_lines_join(lines, &item->head);
	if (item->trail)
		conf_lines_add(arena, lines, item->trail, 0);
	item->trail = NULL;
	struct conf_piece *value = item->value;
	bool many =
		value->kind == CONF_PIECE_LIST || value->kind == CONF_PIECE_MAP;
	for (struct conf_item *inner = many ? value->first : NULL; inner;
		inner = inner->next)
		take_all(arena, lines, inner);
	conf_lines_join(lines, &item->foot);
}

void
conf_item_inherit(
	struct arena *arena, struct conf_item *to, struct conf_item *from)
{
	if (!to->trail && !from->head.first && from->trail) {
		to->trail = from->trail;
		to->pad = from->pad;
		from->trail = NULL;
	}
	take_all(arena, &to->head, from);
}

void
conf_piece_drop(struct conf_paper *paper, struct conf_piece *owner,
	struct conf_item *item)
{
	struct conf_item *next = item->next;
	struct conf_lines lines = { 0 };
	conf_piece_take(owner, item);
	take_all(paper->arena, &lines, item);
	struct conf_lines *to = next ? &next->head
		: owner->last	     ? &owner->last->foot
				     : &paper->foot;
	if (next) {
		conf_lines_join(&lines, to);
		*to = lines;
	} else {
		conf_lines_join(to, &lines);
	}
}
