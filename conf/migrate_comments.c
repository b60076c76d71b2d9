/*
 * Comments: libyaml drops them.  A # outside of any scalar, at the start of a
 * line or after a blank, begins one.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/migrate_parts.h"

struct scan {
	struct conf_paper *paper;
	size_t at, line_start;
	unsigned line;
	size_t scalar; /* the next one */
	bool blank; /* so far nothing but blanks on the line */
};

static void
add_comment(struct scan *scan, size_t len, bool empty)
{
	struct conf_paper *paper = scan->paper;
	if (paper->n_comments == paper->comments_size) {
		paper->comments_size = paper->comments_size * 2 + 64;
		paper->comments = mem_grow(paper->comments,
			paper->comments_size, sizeof(*paper->comments));
	}
	size_t pad = 0;
	while (scan->at - pad > scan->line_start
		&& strchr(" \t", paper->text[scan->at - pad - 1]))
		pad++;
	while (len > 0 && strchr(" \t", paper->text[scan->at + len - 1]))
		len--;
	paper->comments[paper->n_comments++] = (struct conf_comment){
		.at = scan->at,
		.line = scan->line,
		.column = (unsigned)(scan->at - scan->line_start),
		.pad = (unsigned)pad,
		.alone = scan->blank,
		.text = empty ? ""
			      : arena_dup_n(paper->arena,
				      paper->text + scan->at, len),
	};
}

static bool
begins_comment(const struct scan *scan)
{
	const char *text = scan->paper->text;
	return text[scan->at] == '#'
		&& (scan->at == scan->line_start
			|| strchr(" \t", text[scan->at - 1]));
}

static void
step(struct scan *scan)
{
	const char *text = scan->paper->text;
	if (begins_comment(scan)) {
		size_t len = strcspn(text + scan->at, "\n");
		add_comment(scan, len, false);
		scan->at += len;
		scan->blank = false;
	} else if (text[scan->at] == '\n') {
		if (scan->blank)
			add_comment(scan, 0, true);
		scan->line_start = ++scan->at;
		scan->line++;
		scan->blank = true;
	} else {
		scan->blank &= strchr(" \t", text[scan->at]) != NULL;
		scan->at++;
	}
}

/* Of "key: | # why", whose # is inside of the scalar. */
static void
look_at_header(struct scan *scan, const struct conf_span *span)
{
	const char *text = scan->paper->text;
	size_t at = span->from;
	while (at < span->to && strchr("&!", text[at]))
		at += strcspn(text + at, " \n") + 1;
	if (at >= span->to || !strchr("|>", text[at]))
		return;
	size_t end = at + strcspn(text + at, "\n");
	for (at++; at < end && text[at] != '#'; at++)
		if (!strchr(" \t+-0123456789", text[at]))
			return;
	if (at >= end)
		return;
	scan->at = at;
	scan->blank = false;
	add_comment(scan, end - at, false);
}

static void
pass_scalar(struct scan *scan, const struct conf_span *span)
{
	look_at_header(scan, span);
	for (scan->at = span->from; scan->at < span->to; scan->at++) {
		scan->blank = false;
		if (scan->paper->text[scan->at] != '\n')
			continue;
		scan->line++;
		scan->line_start = scan->at + 1;
		scan->blank = true;
	}
}

static void
scan_text(struct conf_paper *paper)
{
	struct scan scan = { .paper = paper, .blank = true };
	while (scan.at < paper->len) {
		const struct conf_span *span = scan.scalar < paper->n_scalars
			? &paper->scalars[scan.scalar]
			: NULL;
		if (span && scan.at >= span->from) {
			scan.scalar++;
			pass_scalar(&scan, span);
		} else {
			step(&scan);
		}
	}
}

/* Giving them away. */

struct handing {
	struct conf_paper *paper;
	size_t next; /* the first item that begins below the comment */
	size_t flow; /* the first brackets that end after it */
	struct conf_lines held; /* empty lines, until it is clear whose */
};

static bool
is_in_flow(struct handing *handing, const struct conf_comment *comment)
{
	const struct conf_paper *paper = handing->paper;
	while (handing->flow < paper->n_flows
		&& paper->flows[handing->flow].to <= comment->at)
		handing->flow++;
	return handing->flow < paper->n_flows
		&& paper->flows[handing->flow].from < comment->at;
}

static void
hand_over(struct handing *handing, struct conf_lines *to,
	const struct conf_comment *comment, unsigned column)
{
	unsigned extra =
		comment->column > column ? comment->column - column : 0;
	conf_lines_join(to, &handing->held);
	conf_lines_add(handing->paper->arena, to, comment->text, extra);
}

static void
hand_trailing(struct handing *handing, const struct conf_comment *comment)
{
	struct conf_paper *paper = handing->paper;
	if (handing->next == 0) {
		hand_over(handing, &paper->head, comment, comment->column);
		return;
	}
	struct conf_item *item = paper->items[handing->next - 1];
	if (item->trail) {
		hand_over(handing, &item->foot, comment, comment->column);
		return;
	}
	item->trail = comment->text;
	item->pad = comment->pad;
}

/* Indented deeper than what follows, it belongs to what went before. */
static void
hand_alone(struct handing *handing, const struct conf_comment *comment)
{
	struct conf_paper *paper = handing->paper;
	struct conf_item *next = handing->next < paper->n_items
		? paper->items[handing->next]
		: NULL;
	if (paper->opening && comment->line < paper->opening_line) {
		hand_over(handing, &paper->head, comment, comment->column);
	} else if (handing->next > 0
		&& comment->column > (next ? next->column : 0)) {
		struct conf_item *item = paper->items[handing->next - 1];
		while (item->up && item->column > comment->column)
			item = item->up;
		hand_over(handing, &item->foot, comment, item->column);
	} else if (next) {
		hand_over(handing, &next->head, comment, comment->column);
	} else {
		hand_over(handing, &paper->foot, comment, comment->column);
	}
}

static void
hand(struct handing *handing, const struct conf_comment *comment)
{
	struct conf_paper *paper = handing->paper;
	for (; handing->next < paper->n_items
		&& paper->items[handing->next]->line <= comment->line;
		handing->next++)
		conf_lines_join(
			&paper->items[handing->next]->head, &handing->held);
	if (is_in_flow(handing, comment))
		return;
	if (comment->text[0] == '\0')
		conf_lines_add(paper->arena, &handing->held, "", 0);
	else if (comment->alone)
		hand_alone(handing, comment);
	else
		hand_trailing(handing, comment);
}

/* What stands above an empty line, and the editor's line, are the file's. */
static void
split_head(struct conf_paper *paper)
{
	static const char modeline[] = "# yaml-language-server:";
	if (paper->n_items == 0)
		return;
	struct conf_lines *head = &paper->items[0]->head;
	struct conf_line *last = NULL;
	for (struct conf_line *line = head->first; line; line = line->next)
		if (line->text[0] == '\0' || str_starts(line->text, modeline))
			last = line;
	if (!last)
		return;
	struct conf_lines front = { head->first, last };
	head->first = last->next;
	if (!head->first)
		head->last = NULL;
	last->next = NULL;
	conf_lines_join(&paper->head, &front);
}

void
conf_paper_find_comments(struct conf_paper *paper)
{
	scan_text(paper);
	struct handing handing = { .paper = paper };
	for (size_t i = 0; i < paper->n_comments; i++)
		hand(&handing, &paper->comments[i]);
	if (handing.next < paper->n_items)
		conf_lines_join(
			&paper->items[handing.next]->head, &handing.held);
	split_head(paper);
}
