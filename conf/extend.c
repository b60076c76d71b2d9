#include "conf/extend.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/migrate_parts.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum {
	ADDED_MAX = 64 * 1024 * 1024,
	INDENT = 2,
};

/* Past what belongs to it, unless that is an empty value. */
static size_t
end_of(const struct conf_item *item)
{
	const struct conf_piece *value = item->value;
	bool many =
		value->kind == CONF_PIECE_LIST || value->kind == CONF_PIECE_MAP;
	if (many && !value->flow && value->last)
		return end_of(value->last);
	if (value->to > value->from || !item->key)
		return value->to;
	return item->key->to;
}

static size_t
next_line(const struct conf_paper *paper, size_t at)
{
	while (at < paper->len && paper->text[at] != '\n')
		at++;
	return at < paper->len ? at + 1 : at;
}

/* Comments below that stand deeper than the list are of its last item. */
static size_t
pass_comments(const struct conf_paper *paper, size_t at, unsigned column)
{
	for (;;) {
		size_t blanks = strspn(paper->text + at, " ");
		if (at >= paper->len || paper->text[at + blanks] != '#'
			|| blanks <= column)
			return at;
		at = next_line(paper, at);
	}
}

static size_t
end_of_block(const struct conf_paper *paper, const struct conf_piece *list)
{
	size_t at = end_of(list->last);
	if (at == 0 || paper->text[at - 1] != '\n')
		at = next_line(paper, at);
	return pass_comments(paper, at, list->column);
}

/* In front of the bracket at its end. */
static size_t
end_of_flow(const struct conf_paper *paper, const struct conf_piece *list,
	const char **gap)
{
	size_t at = list->to - 1, back = at;
	while (back > list->from && strchr(" \t\r\n", paper->text[back - 1]))
		back--;
	*gap = paper->text[back - 1] == ',' || !list->first ? "" : ", ";
	return at;
}

static void
put_block(struct buf *out, unsigned column, const char *gap,
	const struct conf_draft_endpoint *endpoints, size_t n)
{
	struct buf margin;
	buf_init(&margin, column + 1);
	for (unsigned i = 0; i < column; i++)
		buf_add_char(&margin, ' ');
	buf_add_text(out, gap);
	for (size_t i = 0; i < n; i++)
		conf_draft_lines(out, margin.data, &endpoints[i]);
	buf_finish(&margin);
}

static void
put_flow(struct buf *out, const char *gap,
	const struct conf_draft_endpoint *endpoints, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_text(out, i > 0 ? ", " : gap);
		conf_draft_braces(out, &endpoints[i]);
	}
}

/* With the line ends of the file. */
static void
add_lines(struct buf *out, const char *text, bool returns)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n' && returns)
			buf_add_char(out, '\r');
		buf_add_char(out, *text);
	}
}

/* Where more is put, and in place of what. */
struct gap {
	const struct conf_piece *list; /* NULL: there is none yet */
	size_t cut, rest; /* nothing between these is kept */
	size_t at;
	const char *head; /* in front of what is added */
};

/* A "[]", or a nothing, in place of which a block can be. */
static bool
is_nothing(const struct conf_piece *value)
{
	if (value->kind == CONF_PIECE_LIST)
		return value->flow && !value->first && !value->props
			&& value->raw
			&& strspn(value->raw, "[] ") == strlen(value->raw);
	return value->kind == CONF_PIECE_SCALAR
		&& conf_piece_scalar_kind(value) == CONF_NODE_NULL
		&& value->raw[0] != '&' && value->raw[0] != '!';
}

/* A line of its own begins there, once this is in front of it. */
static const char *
line_end(const struct conf_paper *paper, size_t at)
{
	return at > 0 && paper->text[at - 1] != '\n' ? "\n" : "";
}

/* In a block; `item` NULL: at its end. */
static void
open_list(const struct conf_paper *paper, const struct conf_item *item,
	struct gap *gap)
{
	*gap = (struct gap){ .at = paper->len };
	if (!item) {
		gap->cut = gap->rest = paper->len;
		gap->head = arena_printf(paper->arena, "%s\nendpoints:\n",
			line_end(paper, gap->at));
		return;
	}
	gap->cut = item->key->to;
	gap->rest = item->key->to;
	if (item->value->to > item->value->from) {
		gap->cut = item->value->from;
		gap->rest = item->value->to;
		while (paper->text[gap->cut - 1] == ' ')
			gap->cut--;
	}
	gap->at = next_line(paper, gap->rest);
	gap->head = line_end(paper, gap->at);
}

static bool
find_gap(const struct conf_paper *paper, struct gap *gap, struct err *err)
{
	struct conf_piece *root = paper->root;
	struct conf_item *item = conf_piece_find(root, "endpoints");
	struct conf_piece *list = item ? item->value : NULL;
	bool in_block = root->kind == CONF_PIECE_MAP && !root->flow
		&& root->first && root->column == 0;
	if (in_block && (!item || is_nothing(list))) {
		open_list(paper, item, gap);
		return true;
	}
	if (!list || list->kind != CONF_PIECE_LIST
		|| !(list->first || list->flow))
		return err_set(err,
			"its `endpoints` is no list that more can be put "
			"behind");
	*gap = (struct gap){ .list = list, .head = "" };
	if (list->flow) {
		gap->at = end_of_flow(paper, list, &gap->head);
	} else {
		gap->at = end_of_block(paper, list);
		gap->head = line_end(paper, gap->at);
	}
	gap->cut = gap->rest = gap->at;
	return true;
}

static bool
extend(const struct conf_paper *paper,
	const struct conf_draft_endpoint *endpoints, size_t n,
	const char *section, struct buf *out, struct err *err)
{
	struct gap gap = { .head = "" };
	if (!find_gap(paper, &gap, err))
		return false;
	struct buf added;
	buf_init(&added, ADDED_MAX);
	if (gap.list && gap.list->flow)
		put_flow(&added, gap.head, endpoints, n);
	else
		put_block(&added, gap.list ? gap.list->column : INDENT,
			gap.head, endpoints, n);
	bool returns = strstr(paper->text, "\r\n") != NULL;
	buf_add(out, paper->text, gap.cut);
	buf_add(out, paper->text + gap.rest, gap.at - gap.rest);
	add_lines(out, added.data, returns);
	buf_add(out, paper->text + gap.at, paper->len - gap.at);
	if (section && out->data[out->len - 1] != '\n')
		add_lines(out, "\n", returns);
	if (section) {
		add_lines(out, "\n", returns);
		add_lines(out, section, returns);
	}
	bool whole = !added.full && !out->full;
	buf_finish(&added);
	return whole || err_set(err, "it would be too long");
}

/* A key without a value is in the way of the section of its name. */
static bool
drop_empty(const struct conf_paper *paper, const char *section,
	struct conf_text *text)
{
	const char *key =
		arena_dup_n(paper->arena, section, strcspn(section, ":"));
	struct conf_item *item = conf_piece_find(paper->root, key);
	if (!item || paper->root->flow || !is_nothing(item->value))
		return false;
	size_t from = item->key->from;
	size_t to = item->value->to > item->value->from ? item->value->to
							: item->key->to + 1;
	if (to < paper->len && paper->text[to] == '\n')
		to++;
	char *rest = arena_alloc(paper->arena, paper->len - (to - from) + 1);
	memcpy(rest, paper->text, from);
	memcpy(rest + from, paper->text + to, paper->len - to);
	*text = (struct conf_text){ rest, paper->len - (to - from) };
	rest[text->len] = '\0';
	return true;
}

static bool
read_paper(struct conf_paper *paper, const struct conf_text *text,
	const char *section, struct arena *arena, struct err *err)
{
	struct conf_text rest;
	if (!conf_paper_read(paper, text->text, text->len, arena, err))
		return false;
	if (!section || !drop_empty(paper, section, &rest))
		return true;
	conf_paper_finish(paper);
	return conf_paper_read(paper, rest.text, rest.len, arena, err);
}

bool
conf_extend(const struct conf_text *old,
	const struct conf_draft_endpoint *endpoints, size_t n_endpoints,
	const char *section, struct arena *arena, struct conf_text *text,
	struct err *err)
{
	size_t mark = strlen(BYTE_ORDER_MARK);
	if (old->len < mark || memcmp(old->text, BYTE_ORDER_MARK, mark) != 0)
		mark = 0;
	if (memchr(old->text, '\0', old->len))
		return err_set(err, "it is not UTF-8");
	struct conf_paper paper;
	struct buf out;
	buf_init(&out, ADDED_MAX);
	buf_add(&out, old->text, mark);
	const struct conf_text marked = { old->text + mark, old->len - mark };
	bool good = read_paper(&paper, &marked, section, arena, err)
		&& extend(&paper, endpoints, n_endpoints, section, &out, err);
	conf_paper_finish(&paper);
	*text = (struct conf_text){
		.text = arena_dup_n(arena, out.data, out.len),
		.len = out.len,
	};
	buf_finish(&out);
	return good;
}
