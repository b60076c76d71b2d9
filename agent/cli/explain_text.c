#include "agent/cli/explain_text.h"

#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/terminal.h"
#include "conf/explain.h"
#include "conf/facts.h"

enum {
	NAME_COLUMNS = 26,
	DEFAULT_COLUMNS = 16,
	LABEL_COLUMNS = 15,
	HELP_LEAST = 24, /* columns that are left to it on any terminal */
};

struct fact {
	struct buf *text;
	const struct cli_explain_page *page;
};

static void
pad(struct buf *text, size_t from, size_t to)
{
	do
		buf_add_char(text, ' ');
	while (++from < to);
}

static void
add_in(struct buf *text, const struct cli_explain_page *page, const char *style,
	const char *word)
{
	buf_printf(text, "%s%s%s", page->colours ? style : "", word,
		page->colours ? CLI_PLAIN : "");
}

/* Broken at blanks; each line but the first begins at column `left`. */
static void
add_wrapped(struct buf *text, const char *words, size_t left,
	const struct cli_explain_page *page)
{
	size_t right = page->columns > (int)left + HELP_LEAST
		? (size_t)page->columns
		: left + HELP_LEAST;
	size_t at = left;
	while (*(words += strspn(words, " ")) != '\0') {
		size_t len = strcspn(words, " ");
		if (at > left && at + 1 + len > right) {
			buf_add_char(text, '\n');
			pad(text, 0, left);
			at = left;
		}
		if (at > left)
			buf_add_char(text, ' '), at++;
		buf_add(text, words, len);
		at += len;
		words += len;
	}
	buf_add_char(text, '\n');
}

static const char *
default_of(const struct conf_entry *entry)
{
	const struct conf_field *field = entry->field;
	const char *text = "";
	if (entry->required)
		text = "required";
	else if (field && entry->choices && field->variant)
		text = field->variant;
	else if (field && field->fallback)
		text = field->fallback;
	return strlen(text) < DEFAULT_COLUMNS ? text : "";
}

static void
add_line(struct buf *text, const struct conf_entry *entry, unsigned base,
	const struct cli_explain_page *page)
{
	size_t indent = 2 * (size_t)(entry->depth - base);
	const char *prefix = entry->kind == CONF_ENTRY_VARIANT ? "type: " : "";
	const char *usual = default_of(entry);
	size_t left = NAME_COLUMNS + DEFAULT_COLUMNS;
	buf_printf(text, "%*s%s", (int)indent, "", prefix);
	add_in(text, page, CLI_BOLD, entry->name);
	size_t at = indent + strlen(prefix) + strlen(entry->name);
	if (at >= NAME_COLUMNS)
		buf_add_char(text, '\n'), at = 0;
	pad(text, at, NAME_COLUMNS);
	add_in(text, page, CLI_DIM, usual);
	pad(text, strlen(usual), DEFAULT_COLUMNS);
	add_wrapped(text, entry->help, left, page);
}

void
cli_explain_all(struct buf *text, const struct conf_outline *outline,
	const struct cli_explain_page *page)
{
	for (size_t i = 0; i < outline->count; i++) {
		const struct conf_entry *entry = &outline->entries[i];
		if (i > 0 && entry->depth == 0)
			buf_add_char(text, '\n');
		add_line(text, entry, 0, page);
	}
	buf_add_text(text,
		"\n`curlew explain KEY` tells more of a key, "
		"conf/config.yml shows them all.\n");
}

static void
on_fact(void *cookie, const char *label, const char *words)
{
	struct fact *fact = cookie;
	buf_add_text(fact->text, "  ");
	add_in(fact->text, fact->page, CLI_DIM, label);
	pad(fact->text, 2 + strlen(label), LABEL_COLUMNS);
	add_wrapped(fact->text, words, LABEL_COLUMNS, fact->page);
}

void
cli_explain_one(struct buf *text, const struct conf_outline *outline,
	const struct conf_entry *entry, const struct cli_explain_page *page)
{
	struct fact fact = { text, page };
	add_in(text, page, CLI_BOLD, entry->path);
	if (entry->kind == CONF_ENTRY_KEY && entry->variant)
		buf_printf(text, "   with type: %s", entry->variant->name);
	buf_add_text(text, "\n  ");
	add_wrapped(text, entry->help, 2, page);
	if (entry->field || entry->form)
		buf_add_char(text, '\n');
	conf_facts(entry, on_fact, &fact);

	const struct conf_form *form = entry->form;
	for (size_t i = 0; form && i < 4 && form->needs[i]; i++)
		on_fact(&fact, "needs", form->needs[i]);

	size_t inside = conf_explain_inside(outline, entry);
	if (inside > 0)
		buf_add_char(text, '\n');
	for (size_t i = 1; i <= inside; i++)
		add_line(text, &entry[i], entry->depth, page);
}
