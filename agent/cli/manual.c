/*
 * The man pages: a page of prose in which two lines stand for what is in the
 * tables.  Used while curlew is built.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/usage.h"
#include "conf/facts.h"
#include "conf/outline.h"

enum {
	COLUMNS = 76,
	LINE_SIZE = 1024,
	FACTS_MAX = 8 * 1024,
	TEXT_MAX = 64 * 1024,
};

/* So that nothing is taken for a macro or an escape. */
static void
put_plain(const char *text, size_t len, bool at_start)
{
	for (size_t i = 0; i < len; i++) {
		if (at_start && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", stdout);
		at_start = text[i] == '\n';
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(text[i]);
	}
}

/* In short lines, and a new one for each sentence. */
static void
put_text(const char *text)
{
	size_t at = 0;
	while (*(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");
		if (at > 0
			&& (at + len > COLUMNS || str_starts(text - 2, "  ")))
			putchar('\n'), at = 0;
		if (at > 0)
			putchar(' ');
		put_plain(text, len, at == 0);
		at += len + 1;
		text += len;
	}
	putchar('\n');
}

/* Verbs */

static void
put_option(const struct cli_option *option)
{
	fputs(".It ", stdout);
	if (option->letter)
		printf("Fl %c , ", option->letter);
	printf("Fl Fl %s", option->name);
	if (option->value)
		printf(" Ar %s", option->value);
	putchar('\n');
	put_text(option->help);
}

static void
put_verb(const struct cli_verb *verb)
{
	const char *operand = verb->operand ? verb->operand : "";
	bool may_lack = operand[0] == '[';
	size_t len = strlen(operand) - (may_lack ? 2 : 0);
	printf(".Ss curlew %s\n.Nm\n.Cm %s\n", verb->name, verb->name);
	if (verb->options)
		fputs(".Op Ar OPTIONS\n", stdout);
	if (len > 0)
		printf(".%sAr %.*s\n", may_lack ? "Op " : "", (int)len,
			operand + may_lack);
	fputs(".Bd -literal\n", stdout);
	struct buf text;
	buf_init(&text, TEXT_MAX);
	cli_usage_text(&text, verb);
	put_plain(text.data, text.len, true);
	buf_finish(&text);
	fputs(".Ed\n", stdout);
	const struct cli_option *option = verb->options;
	if (!option)
		return;
	fputs(".Pp\nOptions:\n.Bl -tag -width Ds\n", stdout);
	for (; option->name; option++)
		put_option(option);
	fputs(".El\n", stdout);
}

static void
put_verbs(void)
{
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		if (!(*verb)->hidden)
			put_verb(*verb);
}

/* Keys */

static void
on_fact(void *cookie, const char *label, const char *text)
{
	struct buf *facts = cookie;
	if (str_eq(label, "value"))
		buf_add_text(facts, text);
	else
		buf_printf(facts, "; %s: %s", label, text);
}

static void
put_entry(const struct conf_entry *entry)
{
	struct buf facts;
	buf_init(&facts, FACTS_MAX);
	if (entry->kind == CONF_ENTRY_VARIANT)
		printf(".It Cm type : %s\n", entry->name);
	else
		printf(".It Cm %s\n", entry->name);
	put_text(entry->help);
	conf_facts(entry, on_fact, &facts);
	if (facts.len > 0) {
		fputs(".br\n", stdout);
		buf_add_char(&facts, '.');
		put_text(facts.data);
	}
	buf_finish(&facts);
}

static void
put_keys(void)
{
	struct arena *arena = arena_new();
	struct conf_types types = cli_config_types(arena);
	struct conf_outline outline = conf_outline_of(&types, arena);
	unsigned depth = 0;
	fputs(".Bl -tag -width Ds\n", stdout);
	for (size_t i = 0; i < outline.count; i++) {
		const struct conf_entry *entry = &outline.entries[i];
		for (; depth < entry->depth; depth++)
			fputs(".Bl -tag -width Ds\n", stdout);
		for (; depth > entry->depth; depth--)
			fputs(".El\n", stdout);
		put_entry(entry);
	}
	for (; depth > 0; depth--)
		fputs(".El\n", stdout);
	fputs(".El\n", stdout);
	arena_free(arena);
}

static int
run(const struct cli_args *args)
{
	char line[LINE_SIZE];
	FILE *page = args->operand ? fopen(args->operand, "r") : NULL;
	if (!page)
		return cli_fail("cannot read %s: %s",
			args->operand ? args->operand : "a page",
			args->operand ? strerror(errno) : "it has no name");
	while (fgets(line, sizeof(line), page)) {
		if (str_eq(line, ".\\\" VERBS\n"))
			put_verbs();
		else if (str_eq(line, ".\\\" KEYS\n"))
			put_keys();
		else
			fputs(line, stdout);
	}
	fclose(page);
	return CLI_OK;
}

const struct cli_verb cli_manual = {
	.name = "manual",
	.operand = "PAGE",
	.summary = "a man page, with what stands in the tables",
	.text = "Prints the page with what the tables say in the place of its "
		"lines VERBS and KEYS.\n",
	.hidden = true,
	.run = run,
};
