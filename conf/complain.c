#include "conf/complain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"

enum {
	LINE_MAX_BYTES = 4096,
	PATH_MAX_BYTES = 4096,
};

struct complaint {
	enum conf_severity severity;
	struct conf_mark mark;
	size_t number; /* in the order in which they came */
	char *text; /* "path: sentence" */
};

struct conf_complaints {
	struct complaint *items;
	size_t count;
	size_t size;
	size_t kept[CONF_ERROR + 1];
	size_t left_out[CONF_ERROR + 1];
	size_t errors;
	struct map *known; /* "line:column:key:sentence" */
};

struct conf_complaints *
conf_complaints_new(void)
{
	struct conf_complaints *complaints = mem_zalloc(sizeof(*complaints));
	complaints->known = map_new();
	return complaints;
}

void
conf_complaints_free(struct conf_complaints *complaints)
{
	if (!complaints)
		return;
	for (size_t i = 0; i < complaints->count; i++)
		free(complaints->items[i].text);
	free(complaints->items);
	map_free(complaints->known);
	free(complaints);
}

/* A complaint is one line, whatever the file holds. */
static void
cover_controls(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++)
		if (*c < ' ' || *c == 0x7f)
			*c = ' ';
}

static bool
is_known(struct conf_complaints *complaints, struct conf_mark mark,
	const char *path, const char *sentence)
{
	struct buf name;
	buf_init(&name, LINE_MAX_BYTES);
	const char *dot = strrchr(path, '.');
	buf_printf(&name, "%" PRIu32 ":%" PRIu32 ":%s:%s", mark.line,
		mark.column, dot && mark.line > 0 ? dot : path, sentence);
	bool known = map_get(complaints->known, name.data) != NULL;
	if (!known)
		map_put(complaints->known, name.data, complaints);
	buf_finish(&name);
	return known;
}

void
conf_complaints_add(struct conf_complaints *complaints,
	enum conf_severity severity, struct conf_mark mark, const char *path,
	const char *sentence)
{
	complaints->errors += severity == CONF_ERROR;
	if (conf_complaints_full(complaints, severity)) {
		complaints->left_out[severity]++;
		return;
	}
	if (is_known(complaints, mark, path, sentence))
		return;
	if (complaints->count == complaints->size) {
		complaints->size = complaints->size * 2 + 16;
		complaints->items = mem_grow(complaints->items,
			complaints->size, sizeof(*complaints->items));
	}
	struct buf text;
	buf_init(&text, LINE_MAX_BYTES);
	if (*path != '\0')
		buf_printf(&text, "%s: ", path);
	buf_add_text(&text, sentence);
	cover_controls(text.data);
	complaints->kept[severity]++;
	complaints->items[complaints->count] = (struct complaint){
		.severity = severity,
		.mark = mark,
		.number = complaints->count,
		.text = buf_steal(&text),
	};
	complaints->count++;
	buf_finish(&text);
}

size_t
conf_complaints_errors(const struct conf_complaints *complaints)
{
	return complaints->errors;
}

bool
conf_complaints_full(
	const struct conf_complaints *complaints, enum conf_severity severity)
{
	return complaints->kept[severity] >= CONF_COMPLAINTS_MAX;
}

static int
in_file_order(const void *a, const void *b)
{
	const struct complaint *left = a, *right = b;
	if (left->mark.line != right->mark.line)
		return left->mark.line < right->mark.line ? -1 : 1;
	if (left->mark.column != right->mark.column)
		return left->mark.column < right->mark.column ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

static void
tell(const struct complaint *complaint, const char *file, struct buf *line,
	conf_complain_fn *complain, void *cookie)
{
	buf_clear(line);
	buf_printf(line, "%s:", file);
	if (complaint->mark.line > 0)
		buf_printf(line, "%" PRIu32 ":%" PRIu32 ":",
			complaint->mark.line, complaint->mark.column);
	buf_printf(line, " %s", complaint->text);
	complain(cookie, complaint->severity, line->data);
}

void
conf_complaints_tell(struct conf_complaints *complaints, const char *file,
	conf_complain_fn *complain, void *cookie)
{
	struct buf line;
	buf_init(&line, LINE_MAX_BYTES + PATH_MAX_BYTES);
	if (complaints->count > 0)
		qsort(complaints->items, complaints->count,
			sizeof(*complaints->items), in_file_order);
	for (size_t i = 0; i < complaints->count; i++)
		tell(&complaints->items[i], file, &line, complain, cookie);
	for (int severity = CONF_WARNING; severity <= CONF_ERROR; severity++) {
		size_t more = complaints->left_out[severity];
		if (more == 0)
			continue;
		buf_clear(&line);
		buf_printf(&line, "%s: and %zu more", file, more);
		complain(cookie, (enum conf_severity)severity, line.data);
	}
	buf_finish(&line);
}
