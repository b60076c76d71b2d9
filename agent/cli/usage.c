#include "agent/cli/usage.h"

#include <string.h>

#include "agent/base/buf.h"
#include "agent/cli/cli.h"

enum {
	COLUMNS = 78,
	HELP_COLUMN = 26,
	TEXT_MAX = 64 * 1024,
};

static const char intro[] =
	"curlew watches URLs and tells people and systems what changed.\n"
	"\n"
	"usage: curlew [VERB] [OPTIONS]\n"
	"       curlew [run] [CONFIG]\n"
	"\n"
	"verbs:\n";

static const char outro[] =
	"\n"
	"  -h, --help               this text; `curlew VERB --help` tells "
	"more\n"
	"  -V, --version            versions of curlew and its libraries\n"
	"\n"
	"CONFIG is the path of a config.yml; without one it is "
	"$CURLEW_CONFIG,\n"
	"else ./config.yml, else /etc/curlew/config.yml, else where the "
	"container of\n"
	"cachet-url-monitor has it.\n"
	"\n"
	"examples:\n"
	"  curlew demo              see what it does, in a minute, without a "
	"network\n"
	"  curlew check config.yml  find every mistake in a configuration\n"
	"  curlew explain timeout   what a key of it means\n"
	"  curlew config.yml        watch what it lists\n"
	"  curlew status            what the running agent knows\n"
	"  curlew probe shop        one look at an endpoint, or at any URL\n"
	"\n"
	"signals:\n"
	"  TERM, INT                stop within 10 s, losing nothing; a second "
	"one stops\n"
	"                           at once, losing nothing either\n"
	"  HUP                      reads the configuration again\n"
	"\n"
	"exit codes:\n"
	"  0  all well          1  it failed, and stderr says why\n"
	"  2  the command line was wrong (`curlew probe` has the codes of "
	"Nagios)\n";

static void
print_option(FILE *to, const struct cli_option *option)
{
	char name[64];
	snprintf(name, sizeof name, "--%s%s%s", option->name,
		option->value ? " " : "", option->value ? option->value : "");
	if (option->letter)
		fprintf(to, "  -%c, %-20s %s\n", option->letter, name,
			option->help);
	else
		fprintf(to, "      %-20s %s\n", name, option->help);
}

void
cli_usage(FILE *to)
{
	fputs(intro, to);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++) {
		char name[32];
		if ((*verb)->hidden)
			continue;
		snprintf(name, sizeof name, "%s %s", (*verb)->name,
			(*verb)->operand ? (*verb)->operand : "");
		fprintf(to, "  %-24s %s\n", name, (*verb)->summary);
	}
	fputs(outro, to);
}

/* In a column of its own, as many lines as it takes. */
static void
add_help(struct buf *out, const char *help)
{
	size_t at = HELP_COLUMN;
	while (*(help += strspn(help, " ")) != '\0') {
		size_t len = strcspn(help, " ");
		if (at + 1 + len > COLUMNS) {
			buf_printf(out, "\n%*s", HELP_COLUMN, "");
			at = HELP_COLUMN;
		}
		buf_printf(out, "%s%.*s", at > HELP_COLUMN ? " " : "", (int)len,
			help);
		at += len + (at > HELP_COLUMN);
		help += len;
	}
	buf_add_char(out, '\n');
}

void
cli_usage_text(struct buf *out, const struct cli_verb *verb)
{
	struct cli_word word;
	for (size_t i = 0; verb->word && verb->word(i, &word); i++) {
		char name[64];
		snprintf(
			name, sizeof(name), "%s %s", word.name, word.arguments);
		buf_printf(out, "  %-*s", HELP_COLUMN - 2, name);
		add_help(out, word.help);
	}
	buf_printf(out, "%s%s", verb->word ? "\n" : "", verb->text);
}

void
cli_usage_verb(FILE *to, const struct cli_verb *verb)
{
	struct buf text;
	buf_init(&text, TEXT_MAX);
	cli_usage_text(&text, verb);
	fprintf(to, "usage: curlew %s%s%s%s\n\n%s\n", verb->name,
		verb->options ? " [OPTIONS]" : "", verb->operand ? " " : "",
		verb->operand ? verb->operand : "", text.data);
	buf_finish(&text);
	fputs("options:\n", to);
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++)
		print_option(to, option);
	fputs("  -h, --help               this text\n", to);
}
