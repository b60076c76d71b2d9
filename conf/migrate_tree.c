/* From the events of libyaml to pieces. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "conf/migrate_parts.h"

enum {
	INDENT = 2,
};

struct parse {
	yaml_parser_t yaml;
	struct conf_paper *paper;
	uint32_t *bytes; /* of each character: libyaml counts those */
	struct map *anchors; /* struct conf_piece */
	unsigned in_flow; /* brackets that are open */
	bool broken;
};

static void
index_characters(struct parse *parse)
{
	const struct conf_paper *paper = parse->paper;
	parse->bytes = mem_grow(NULL, paper->len + 2, sizeof(*parse->bytes));
	size_t n = 0;
	for (size_t i = 0; i < paper->len; i++)
		if (((unsigned char)paper->text[i] & 0xc0) != 0x80)
			parse->bytes[n++] = (uint32_t)i;
	for (size_t i = n; i < paper->len + 2; i++)
		parse->bytes[i] = (uint32_t)paper->len;
}

static size_t
byte_of(const struct parse *parse, const yaml_mark_t *mark)
{
	size_t index = mark->index;
	return parse
		->bytes[index <= parse->paper->len ? index : parse->paper->len];
}

static void
add_span(struct conf_span **spans, size_t *n, size_t *size, size_t from,
	size_t to)
{
	if (*n == *size) {
		*size = *size * 2 + 64;
		*spans = mem_grow(*spans, *size, sizeof(**spans));
	}
	(*spans)[(*n)++] = (struct conf_span){ from, to };
}

static void
add_item(struct conf_paper *paper, struct conf_item *item)
{
	if (paper->n_items == paper->items_size) {
		paper->items_size = paper->items_size * 2 + 64;
		paper->items = mem_grow(paper->items, paper->items_size,
			sizeof(struct conf_item *));
	}
	paper->items[paper->n_items++] = item;
}

static bool
next_event(struct parse *parse, yaml_event_t *event)
{
	/* After an error libyaml has no event, and says that all is well. */
	if (!parse->broken && yaml_parser_parse(&parse->yaml, event)
		&& event->type != YAML_NO_EVENT)
		return true;
	parse->broken = true;
	memset(event, 0, sizeof(*event));
	return false;
}

static struct conf_piece *
piece_at(struct parse *parse, const yaml_event_t *event,
	enum conf_piece_kind kind)
{
	struct conf_piece *piece =
		arena_alloc(parse->paper->arena, sizeof(*piece));
	piece->kind = kind;
	piece->from = byte_of(parse, &event->start_mark);
	piece->to = byte_of(parse, &event->end_mark);
	piece->column = (unsigned)event->start_mark.column;
	piece->mark = (struct conf_mark){
		(uint32_t)event->start_mark.line + 1,
		(uint32_t)event->start_mark.column + 1,
	};
	piece->indent = INDENT;
	return piece;
}

static void
keep_raw(const struct parse *parse, struct conf_piece *piece)
{
	piece->raw = arena_dup_n(parse->paper->arena,
		parse->paper->text + piece->from, piece->to - piece->from);
}

static void
set_anchor(struct parse *parse, const yaml_char_t *anchor,
	struct conf_piece *piece)
{
	if (anchor)
		map_put(parse->anchors, (const char *)anchor, piece);
}

/* The empty lines below it belong to nobody, unless they are its own. */
static void
trim_block(const struct parse *parse, struct conf_piece *piece)
{
	const char *text = parse->paper->text;
	size_t header = strcspn(text + piece->from, "\n");
	if (memchr(text + piece->from, '+', header))
		return;
	while (piece->to > piece->from + 1
		&& (text[piece->to - 1] == '\n' || text[piece->to - 1] == ' '))
		piece->to--;
	if (piece->to < parse->paper->len && text[piece->to] == '\n')
		piece->to++;
}

static struct conf_piece *
read_scalar(struct parse *parse, const yaml_event_t *event)
{
	struct conf_piece *piece = piece_at(parse, event, CONF_PIECE_SCALAR);
	struct conf_paper *paper = parse->paper;
	piece->text =
		arena_dup(paper->arena, (const char *)event->data.scalar.value);
	switch (event->data.scalar.style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		piece->style = CONF_STYLE_SINGLE;
		break;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		piece->style = CONF_STYLE_DOUBLE;
		break;
	case YAML_LITERAL_SCALAR_STYLE:
	case YAML_FOLDED_SCALAR_STYLE:
		piece->style = CONF_STYLE_BLOCK;
		trim_block(parse, piece);
		break;
	default:
		piece->style = CONF_STYLE_PLAIN;
	}
	keep_raw(parse, piece);
	set_anchor(parse, event->data.scalar.anchor, piece);
	if (piece->to > piece->from)
		add_span(&paper->scalars, &paper->n_scalars,
			&paper->scalars_size, piece->from, piece->to);
	return piece;
}

static struct conf_piece *
read_alias(struct parse *parse, const yaml_event_t *event)
{
	struct conf_piece *piece = piece_at(parse, event, CONF_PIECE_ALIAS);
	const char *name = (const char *)event->data.alias.anchor;
	piece->text = arena_dup(parse->paper->arena, name);
	piece->target = map_get(parse->anchors, name);
	keep_raw(parse, piece);
	return piece;
}

/* Past "&name" and "!tag", comments and line ends, to what is meant. */
static void
skip_props(const struct parse *parse, struct conf_piece *piece)
{
	const char *text = parse->paper->text;
	size_t at = piece->from, line = at, end = at;
	while (line > 0 && text[line - 1] != '\n')
		line--;
	while (at < parse->paper->len) {
		if (text[at] == '\n')
			line = ++at;
		else if (text[at] == ' ' || text[at] == '\t')
			at++;
		else if (text[at] == '#')
			at += strcspn(text + at, "\n");
		else if (text[at] == '&' || text[at] == '!')
			end = at += strcspn(text + at, " \t\n");
		else
			break;
	}
	if (end == piece->from)
		return;
	piece->props = arena_dup_n(
		parse->paper->arena, text + piece->from, end - piece->from);
	piece->column = (unsigned)(at - line);
}

static struct conf_piece *read_piece(
	struct parse *parse, const yaml_event_t *event, struct conf_item *up);

static bool
is_end(const yaml_event_t *event)
{
	return event->type == YAML_SEQUENCE_END_EVENT
		|| event->type == YAML_MAPPING_END_EVENT;
}

/* The item that begins with this event; in a map, it is the key. */
static bool
read_item(struct parse *parse, struct conf_piece *owner,
	const yaml_event_t *event, struct conf_item *up)
{
	struct conf_item *item =
		arena_alloc(parse->paper->arena, sizeof(*item));
	item->up = up;
	item->line = (unsigned)event->start_mark.line;
	item->column = owner->kind == CONF_PIECE_LIST
		? owner->column
		: (unsigned)event->start_mark.column;
	if (parse->in_flow == 0)
		add_item(parse->paper, item);
	conf_piece_add(owner, item);
	if (owner->kind == CONF_PIECE_LIST) {
		item->value = read_piece(parse, event, item);
		return item->value != NULL;
	}
	item->key = read_piece(parse, event, item);
	yaml_event_t value;
	if (!item->key || !next_event(parse, &value))
		return false;
	item->value = read_piece(parse, &value, item);
	yaml_event_delete(&value);
	return item->value != NULL;
}

static bool
read_items(struct parse *parse, struct conf_piece *owner, struct conf_item *up)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(parse, &event))
			return false;
		bool ended = is_end(&event);
		if (ended)
			owner->to = byte_of(parse, &event.end_mark);
		bool good = ended || read_item(parse, owner, &event, up);
		yaml_event_delete(&event);
		if (!good || ended)
			return good;
	}
}

static void
set_indent(struct conf_piece *piece, const struct conf_item *up)
{
	unsigned from = up ? up->column : 0;
	if (piece->first && up && piece->column >= from
		&& piece->column - from <= 8)
		piece->indent = piece->column - from;
	if (piece->kind == CONF_PIECE_MAP || (up && !up->key))
		piece->indent = piece->indent < 2 ? INDENT : piece->indent;
}

static struct conf_piece *
read_many(struct parse *parse, const yaml_event_t *event, struct conf_item *up)
{
	bool list = event->type == YAML_SEQUENCE_START_EVENT;
	struct conf_piece *piece =
		piece_at(parse, event, list ? CONF_PIECE_LIST : CONF_PIECE_MAP);
	piece->flow = list
		? event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
		: event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	set_anchor(parse,
		list ? event->data.sequence_start.anchor
		     : event->data.mapping_start.anchor,
		piece);
	skip_props(parse, piece);
	struct conf_paper *paper = parse->paper;
	parse->in_flow += piece->flow;
	bool good = read_items(parse, piece, up);
	parse->in_flow -= piece->flow;
	if (piece->flow) {
		keep_raw(parse, piece);
		if (parse->in_flow == 0)
			add_span(&paper->flows, &paper->n_flows,
				&paper->flows_size, piece->from, piece->to);
	} else {
		set_indent(piece, up);
	}
	return good ? piece : NULL;
}

static struct conf_piece *
read_piece(struct parse *parse, const yaml_event_t *event, struct conf_item *up)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(parse, event);
	case YAML_ALIAS_EVENT:
		return read_alias(parse, event);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_many(parse, event, up);
	default:
		return NULL;
	}
}

static void
open_document(struct parse *parse, const yaml_event_t *event)
{
	struct conf_paper *paper = parse->paper;
	if (event->data.document_start.implicit)
		return;
	size_t from = byte_of(parse, &event->start_mark);
	size_t to = byte_of(parse, &event->end_mark);
	paper->opening =
		arena_dup_n(paper->arena, paper->text + from, to - from);
	paper->opening_line = (unsigned)event->end_mark.line;
	add_span(&paper->scalars, &paper->n_scalars, &paper->scalars_size, from,
		to);
}

static void
read_document(struct parse *parse)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(parse, &event))
			return;
		bool ended = event.type == YAML_STREAM_END_EVENT
			|| event.type == YAML_DOCUMENT_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT)
			open_document(parse, &event);
		else if (!ended && event.type != YAML_STREAM_START_EVENT)
			parse->paper->root = read_piece(parse, &event, NULL);
		yaml_event_delete(&event);
		if (ended)
			return;
	}
}

bool
conf_paper_read(struct conf_paper *paper, const char *text, size_t len,
	struct arena *arena, struct err *err)
{
	*paper =
		(struct conf_paper){ .arena = arena, .text = text, .len = len };
	struct parse parse = { .paper = paper, .anchors = map_new() };
	index_characters(&parse);
	/* It fails only without memory. */
	if (!yaml_parser_initialize(&parse.yaml))
		abort();
	yaml_parser_set_input_string(
		&parse.yaml, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&parse.yaml, YAML_UTF8_ENCODING);
	read_document(&parse);
	yaml_parser_delete(&parse.yaml);
	map_free(parse.anchors);
	free(parse.bytes);
	if (parse.broken || !paper->root)
		return err_set(err, "this cannot be taken apart as YAML");
	return true;
}

void
conf_paper_finish(struct conf_paper *paper)
{
	free(paper->items), paper->items = NULL;
	free(paper->scalars), paper->scalars = NULL;
	free(paper->flows), paper->flows = NULL;
	free(paper->comments), paper->comments = NULL;
}
