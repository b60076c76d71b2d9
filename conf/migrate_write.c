/*
 * From pieces to text.  What was not touched is written as it was; brackets
 * and texts over several lines move with what they stand in.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"

struct writer {
	const struct conf_paper *paper;
	struct buf *out;
	size_t seen; /* bytes that were counted */
	uint32_t line, column; /* after those, from 1 */
	struct conf_place *places;
	size_t n_places, places_size;
};

static void
note_line(struct writer *writer, struct conf_mark before, bool verbatim)
{
	for (; writer->seen < writer->out->len; writer->seen++) {
		unsigned char c =
			(unsigned char)writer->out->data[writer->seen];
		writer->column += (c & 0xc0) != 0x80;
		if (c == '\n') {
			writer->line++;
			writer->column = 1;
		}
	}
	if (before.line == 0)
		return;
	if (writer->n_places == writer->places_size) {
		writer->places_size = writer->places_size * 2 + 64;
		writer->places = mem_grow(writer->places, writer->places_size,
			sizeof(*writer->places));
	}
	writer->places[writer->n_places++] = (struct conf_place){
		.now = { writer->line, writer->column },
		.before = before,
		.verbatim = verbatim,
	};
}

static void
note_place(struct writer *writer, struct conf_mark before)
{
	note_line(writer, before, false);
}

static void
put_blanks(struct writer *writer, unsigned count)
{
	while (count-- > 0)
		buf_add_char(writer->out, ' ');
}

/* Comments that were apart may meet; one empty line between them is enough. */
static bool
is_second_gap(const struct buf *out, const struct conf_line *line)
{
	return line->text[0] == '\0' && out->len >= 2
		&& memcmp(out->data + out->len - 2, "\n\n", 2) == 0;
}

static void
put_lines(
	struct writer *writer, const struct conf_lines *lines, unsigned indent)
{
	for (const struct conf_line *line = lines->first; line;
		line = line->next) {
		if (is_second_gap(writer->out, line))
			continue;
		if (line->text[0] != '\0') {
			put_blanks(writer, indent + line->extra);
			buf_add_text(writer->out, line->text);
		}
		buf_add_char(writer->out, '\n');
	}
}

static void
end_line(struct writer *writer, struct conf_item *item)
{
	if (item->trail) {
		put_blanks(writer, item->pad > 0 ? item->pad : 1);
		buf_add_text(writer->out, item->trail);
	}
	buf_add_char(writer->out, '\n');
}

static bool
is_many(const struct conf_piece *piece)
{
	return piece->kind == CONF_PIECE_LIST || piece->kind == CONF_PIECE_MAP;
}

/* Lines after the first keep their distance, as far as YAML lets them. */
static void
put_raw(struct writer *writer, const struct conf_piece *piece, unsigned indent)
{
	const char *at = piece->raw;
	struct conf_mark mark = piece->mark;
	for (;;) {
		if (is_many(piece))
			note_line(writer, mark, true);
		size_t len = strcspn(at, "\n");
		buf_add(writer->out, at, len);
		at += len;
		if (*at == '\0')
			return;
		at++;
		buf_add_char(writer->out, '\n');
		mark.line++;
		size_t blanks = strspn(at, " \t");
		at += blanks;
		if (*at == '\n' || *at == '\0')
			continue;
		put_blanks(writer,
			blanks > indent + 1 ? (unsigned)blanks : indent + 2);
		mark.column = (uint32_t)blanks + 1;
	}
}

/* As | whatever it was: the same text. */
static void
put_block(struct writer *writer, const struct conf_piece *piece,
	struct conf_item *item, unsigned indent)
{
	const char *text = piece->text;
	size_t len = strlen(text), ends = 0;
	while (ends < len && text[len - 1 - ends] == '\n')
		ends++;
	size_t props = strcspn(piece->raw, "|>");
	buf_add(writer->out, piece->raw, props);
	buf_add_char(writer->out, '|');
	if (len > 0 && strchr(" \t\n", text[0]))
		buf_add_char(writer->out, '2');
	if (ends != 1 || ends == len)
		buf_add_char(writer->out, ends == 0 ? '-' : '+');
	end_line(writer, item);
	while (*text != '\0') {
		size_t line = strcspn(text, "\n");
		if (line > 0)
			put_blanks(writer, indent + 2);
		buf_add(writer->out, text, line);
		buf_add_char(writer->out, '\n');
		text += line + (text[line] == '\n');
	}
}

static bool
is_touched(const struct conf_piece *piece)
{
	if (piece->touched)
		return true;
	if (piece->kind != CONF_PIECE_LIST && piece->kind != CONF_PIECE_MAP)
		return false;
	for (const struct conf_item *item = piece->first; item;
		item = item->next)
		if (is_touched(item->value)
			|| (item->key && item->key->touched))
			return true;
	return false;
}

static void
put_flow(struct writer *writer, const struct conf_piece *piece, unsigned indent)
{
	bool list = piece->kind == CONF_PIECE_LIST;
	note_place(writer, piece->mark);
	if (!is_many(piece) || (piece->raw && !is_touched(piece))) {
		put_raw(writer, piece, indent);
		return;
	}
	if (piece->props)
		buf_printf(writer->out, "%s ", piece->props);
	buf_add_char(writer->out, list ? '[' : '{');
	for (const struct conf_item *item = piece->first; item;
		item = item->next) {
		if (item->key) {
			note_place(writer, item->key->mark);
			put_raw(writer, item->key, indent);
			buf_add_text(writer->out, ": ");
		}
		put_flow(writer, item->value, indent);
		if (item->next)
			buf_add_text(writer->out, ", ");
	}
	buf_add_char(writer->out, list ? ']' : '}');
}

static bool
is_inline(const struct conf_piece *piece)
{
	return !is_many(piece) || piece->flow || !piece->first;
}

/* Comments between brackets that are written anew go above them. */
static void
put_inner_comments(
	struct writer *writer, const struct conf_piece *piece, unsigned indent)
{
	if (!is_many(piece) || !piece->raw || !is_touched(piece))
		return;
	const struct conf_paper *paper = writer->paper;
	for (size_t i = 0; i < paper->n_comments; i++) {
		const struct conf_comment *comment = &paper->comments[i];
		if (comment->at <= piece->from || comment->at >= piece->to
			|| comment->text[0] == '\0')
			continue;
		put_blanks(writer, indent);
		buf_printf(writer->out, "%s\n", comment->text);
	}
}

static void put_items(struct writer *writer, const struct conf_piece *piece,
	unsigned indent, bool begun);

/* The value; the cursor stands behind "key:" or "-". */
static void
put_value(struct writer *writer, struct conf_item *item, unsigned indent)
{
	const struct conf_piece *value = item->value;
	bool list_item = !item->key;
	if (is_inline(value)) {
		if (!value->raw || value->raw[0] != '\0')
			buf_add_char(writer->out, ' ');
		if (value->kind == CONF_PIECE_SCALAR
			&& value->style == CONF_STYLE_BLOCK) {
			note_place(writer, value->mark);
			put_block(writer, value, item, indent);
		} else {
			put_flow(writer, value, indent);
			end_line(writer, item);
		}
		return;
	}
	if (list_item && !value->props && !item->trail) {
		put_blanks(writer, value->indent - 1);
		note_place(writer, value->mark);
		put_items(writer, value, indent + value->indent, true);
		return;
	}
	if (value->props)
		buf_printf(writer->out, " %s", value->props);
	end_line(writer, item);
	put_items(writer, value, indent + value->indent, false);
}

/* `begun`: the first one stands on a line that is there already. */
static void
put_items(struct writer *writer, const struct conf_piece *piece,
	unsigned indent, bool begun)
{
	for (struct conf_item *item = piece->first; item; item = item->next) {
		if (!begun || item != piece->first) {
			put_lines(writer, &item->head, indent);
			put_inner_comments(writer, item->value, indent);
			put_blanks(writer, indent);
		}
		if (item->key) {
			note_place(writer, item->key->mark);
			put_raw(writer, item->key, indent);
			buf_add_char(writer->out, ':');
		} else {
			buf_add_char(writer->out, '-');
		}
		put_value(writer, item, indent);
		put_lines(writer, &item->foot, indent);
	}
}

/* In front of a "- key:" there is no room for the comments of its key. */
static void
lift_heads(struct conf_piece *piece)
{
	if (!is_many(piece))
		return;
	for (struct conf_item *item = piece->first; item; item = item->next) {
		lift_heads(item->value);
		if (item->key || is_inline(item->value) || item->value->props)
			continue;
		conf_lines_join(&item->head, &item->value->first->head);
	}
}

void
conf_paper_write(const struct conf_paper *paper, struct buf *out,
	struct conf_migration *migration)
{
	struct writer writer = {
		.paper = paper, .out = out, .line = 1, .column = 1
	};
	lift_heads(paper->root);
	if (paper->opening)
		buf_printf(out, "%s\n", paper->opening);
	put_lines(&writer, &paper->head, 0);
	if (is_inline(paper->root)) {
		put_flow(&writer, paper->root, 0);
		buf_add_char(out, '\n');
	} else {
		put_items(&writer, paper->root, 0, false);
	}
	put_lines(&writer, &paper->foot, 0);
	size_t bytes = writer.n_places * sizeof(*writer.places);
	struct conf_place *places = arena_alloc(paper->arena, bytes + 1);
	if (writer.places)
		memcpy(places, writer.places, bytes);
	migration->places = places;
	migration->n_places = writer.n_places;
	free(writer.places);
}

bool
conf_piece_same(const struct conf_piece *a, const struct conf_piece *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == CONF_PIECE_ALIAS)
		return str_eq(a->text, b->text);
	if (a->kind == CONF_PIECE_SCALAR)
		return str_eq(a->text, b->text)
			&& (a->style == CONF_STYLE_PLAIN)
			== (b->style == CONF_STYLE_PLAIN);
	const struct conf_item *left = a->first, *right = b->first;
	for (; left && right; left = left->next, right = right->next) {
		if (left->key && !conf_piece_same(left->key, right->key))
			return false;
		if (!conf_piece_same(left->value, right->value))
			return false;
	}
	return !left && !right;
}
