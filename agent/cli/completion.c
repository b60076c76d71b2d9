/*
 * Completions for shells, from the tables of the verbs.
 *
 *     run -> write_bash, write_zsh, write_fish -> wanted -> words_of
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "conf/outline.h"

enum {
	WORDS_MAX = 64 * 1024,
	WORDS_OF_SIZE = 512,
};

/* What may stand where a verb or an option wants something. */
struct wanted {
	bool files;
	const char *words; /* with blanks between them; "" for none */
};

struct shell {
	const char *name;
	void (*write)(const char *keys);
};

/* As the usage calls it -> which words there are. */
static const struct {
	const char *name;
	const char *words;
} values[] = {
	{ "LEVEL", "debug info warn error" },
	{ "METHOD", "GET HEAD POST PUT DELETE OPTIONS PATCH" },
	{ "MONITOR", "cachet-monitor uptimerobot" },
	{ "SEVERITY", "MAJOR PARTIAL PERFORMANCE" },
};

static struct wanted
wanted(const char *name, const char *keys)
{
	struct wanted none = { false, "" };
	if (str_eq(name, "CONFIG") || str_eq(name, "PATH"))
		return (struct wanted){ true, "" };
	if (str_eq(name, "KEY"))
		return (struct wanted){ false, keys };
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (str_eq(name, values[i].name))
			return (struct wanted){ false, values[i].words };
	return none;
}

static const char *
words_of(const struct cli_verb *verb)
{
	static char words[WORDS_OF_SIZE];
	struct cli_word word;
	size_t len = 0;
	for (size_t i = 0; verb->word(i, &word) && len < sizeof(words); i++)
		len += (size_t)snprintf(words + len, sizeof(words) - len,
			"%s%s", i > 0 ? " " : "", word.name);
	return words;
}

/* "[CONFIG]" or "bash|zsh|fish". */
static struct wanted
operand_of(const struct cli_verb *verb, const char *keys, char word[static 64])
{
	str_copy(word, 64, verb->operand ? verb->operand : "");
	if (verb->word)
		return (struct wanted){ false, words_of(verb) };
	size_t len = strlen(word);
	if (word[0] == '[') {
		memmove(word, word + 1, len);
		word[len - 2] = '\0';
	}
	bool is_choice = word[0] >= 'a' && word[0] <= 'z';
	if (!is_choice)
		return wanted(word, keys);
	for (char *bar = word; (bar = strchr(bar, '|'));)
		*bar = ' ';
	return (struct wanted){ false, word };
}

static char *
keys_of(struct arena *arena)
{
	struct conf_types types = cli_config_types(arena);
	struct conf_outline outline = conf_outline_of(&types, arena);
	struct buf keys;
	buf_init(&keys, WORDS_MAX);
	const char *before = "";
	for (size_t i = 0; i < outline.count; i++) {
		const struct conf_entry *entry = &outline.entries[i];
		bool again = str_eq(before, entry->path);
		if (entry->kind != CONF_ENTRY_KEY || again)
			continue;
		buf_printf(&keys, "%s%s", keys.len > 0 ? " " : "", entry->path);
		before = entry->path;
	}
	char *text = arena_dup(arena, keys.data);
	buf_finish(&keys);
	return text;
}

/* bash */

static void
bash_kind(struct wanted what)
{
	if (what.files)
		fputs("kind=files", stdout);
	else
		printf("kind=words words='%s'", what.words);
}

static void
bash_verb(const struct cli_verb *verb, const char *keys)
{
	char word[64];
	printf("\t%s)\n\t\toptions='-h --help", verb->name);
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++) {
		if (option->letter)
			printf(" -%c", option->letter);
		printf(" --%s", option->name);
	}
	fputs("'\n\t\t", stdout);
	bash_kind(operand_of(verb, keys, word));
	fputs("\n\t\tcase $before in\n", stdout);
	for (option = verb->options; option && option->name; option++) {
		if (!option->value)
			continue;
		fputs("\t\t", stdout);
		if (option->letter)
			printf("-%c|", option->letter);
		printf("--%s) options= ", option->name);
		bash_kind(wanted(option->value, keys));
		fputs(" ;;\n", stdout);
	}
	fputs("\t\tesac ;;\n", stdout);
}

static void
write_bash(const char *keys)
{
	fputs("# What curlew completes; made by `curlew completion bash`.\n"
	      "_curlew()\n"
	      "{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n"
	      "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal verb=${COMP_WORDS[1]} options= kind= words=\n"
	      "\tCOMPREPLY=()\n"
	      "\t[ \"$COMP_CWORD\" -gt 1 ] || verb=\n"
	      "\tcase $verb in\n"
	      "\t'') options='-h --help -V --version' kind=both\n"
	      "\t\twords='",
		stdout);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		if (!(*verb)->hidden)
			printf("%s ", (*verb)->name);
	fputs("help' ;;\n", stdout);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		if (!(*verb)->hidden)
			bash_verb(*verb, keys);
	fputs("\tesac\n"
	      "\tcase $word in\n"
	      "\t-*) kind=words words=$options ;;\n"
	      "\tesac\n"
	      "\tif [ \"$kind\" != files ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	      "\"$word\")\n"
	      "\tfi\n"
	      "\tif [ \"$kind\" = files ] || { [ \"$kind\" = both ] && "
	      "[ ${#COMPREPLY[@]} -eq 0 ]; }; then\n"
	      "\t\tcompopt -o filenames 2>/dev/null\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	      "\tfi\n"
	      "}\n"
	      "complete -F _curlew curlew\n",
		stdout);
}

/* zsh, and what is quoted for both it and fish */

/* Inside of '...'; `special` are to have a backslash before them. */
static void
put_quoted(const char *text, const char *special, const char *quote)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs(quote, stdout);
		else if (strchr(special, *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void
zsh_message(const char *name, struct wanted what)
{
	printf(":%s:", name);
	if (what.files)
		fputs("_files", stdout);
	else if (*what.words != '\0')
		printf("(%s)", what.words);
}

static void
zsh_option(const struct cli_option *option, const char *keys)
{
	fputs(" \\\n\t\t\t'*'", stdout);
	const char *equals = option->value ? "=" : "";
	if (option->letter)
		printf("{-%c%s,--%s%s}'[", option->letter,
			option->value ? "+" : "", option->name, equals);
	else
		printf("'--%s%s[", option->name, equals);
	put_quoted(option->help, "[]\\", "'\\''");
	putchar(']');
	if (option->value)
		zsh_message(option->value, wanted(option->value, keys));
	putchar('\'');
}

static void
zsh_verb(const struct cli_verb *verb, const char *keys)
{
	char word[64];
	printf("\t%s)\n\t\t_arguments -s : '(- *)'{-h,--help}'[how it is "
	       "used]'",
		verb->name);
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++)
		zsh_option(option, keys);
	struct wanted what = operand_of(verb, keys, word);
	if (verb->operand) {
		fputs(" \\\n\t\t\t'1", stdout);
		zsh_message(verb->operand[0] == '[' ? word : "what", what);
		putchar('\'');
	}
	fputs(" ;;\n", stdout);
}

static void
write_zsh(const char *keys)
{
	fputs("#compdef curlew\n"
	      "# What curlew completes; made by `curlew completion zsh`.\n"
	      "_curlew() {\n"
	      "\tlocal -a verbs=(\n",
		stdout);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++) {
		if ((*verb)->hidden)
			continue;
		printf("\t\t'%s:", (*verb)->name);
		put_quoted((*verb)->summary, "\\", "'\\''");
		fputs("'\n", stdout);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe -t verbs verb verbs\n"
	      "\t\t_files -g '*.(yml|yaml)'\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
		stdout);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		if (!(*verb)->hidden)
			zsh_verb(*verb, keys);
	fputs("\tesac\n"
	      "}\n"
	      "if [ \"$funcstack[1]\" = _curlew ]; then\n"
	      "\t_curlew \"$@\"\n"
	      "else\n"
	      "\tcompdef _curlew curlew\n"
	      "fi\n",
		stdout);
}

/* fish */

static void
fish_wanted(struct wanted what, bool alone)
{
	if (what.files)
		fputs(alone ? " -F" : " -r -F", stdout);
	else if (*what.words != '\0')
		printf(" -x -a '%s'", what.words);
	else if (!alone)
		fputs(" -x", stdout);
}

static void
fish_verb(const struct cli_verb *verb, const char *keys)
{
	char word[64];
	printf("complete -c curlew -n __fish_use_subcommand -f -a %s -d '",
		verb->name);
	put_quoted(verb->summary, "\\", "\\'");
	fputs("'\n", stdout);
	struct wanted what = operand_of(verb, keys, word);
	if (what.files || *what.words != '\0') {
		printf("complete -c curlew -n '__fish_seen_subcommand_from "
		       "%s'",
			verb->name);
		fish_wanted(what, true);
		putchar('\n');
	}
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++) {
		printf("complete -c curlew -n '__fish_seen_subcommand_from "
		       "%s'",
			verb->name);
		if (option->letter)
			printf(" -s %c", option->letter);
		printf(" -l %s", option->name);
		if (option->value)
			fish_wanted(wanted(option->value, keys), false);
		fputs(" -d '", stdout);
		put_quoted(option->help, "\\", "\\'");
		fputs("'\n", stdout);
	}
}

static void
write_fish(const char *keys)
{
	fputs("# What curlew completes; made by `curlew completion fish`.\n"
	      "complete -c curlew -f\n"
	      "complete -c curlew -s h -l help -d 'How it is used'\n"
	      "complete -c curlew -n __fish_use_subcommand -s V -l version "
	      "-d 'Versions'\n"
	      "complete -c curlew -n __fish_use_subcommand -F\n",
		stdout);
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		if (!(*verb)->hidden)
			fish_verb(*verb, keys);
}

static const struct shell shells[] = {
	{ "bash", write_bash },
	{ "zsh", write_zsh },
	{ "fish", write_fish },
};

static int
run(const struct cli_args *args)
{
	if (!args->operand)
		return cli_misuse(
			&cli_completion, "for which shell: bash, zsh or fish?");
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (!str_eq(args->operand, shells[i].name))
			continue;
		struct arena *arena = arena_new();
		shells[i].write(keys_of(arena));
		arena_free(arena);
		return CLI_OK;
	}
	return cli_misuse(&cli_completion,
		"nothing is known of the shell \"%s\"; there are bash, zsh "
		"and fish",
		args->operand);
}

const struct cli_verb cli_completion = {
	.name = "completion",
	.operand = "bash|zsh|fish",
	.summary = "what makes a shell complete verbs and options",
	.text = "Prints a script for the shell.  A package has it installed "
		"already; without one:\n"
		"\n"
		"  bash   source <(curlew completion bash)            in "
		"~/.bashrc\n"
		"  zsh    source <(curlew completion zsh)             in "
		"~/.zshrc, after compinit\n"
		"  fish   curlew completion fish > "
		"~/.config/fish/completions/curlew.fish\n"
		"\n"
		"exit codes:\n"
		"  0  it was printed    2  there is no such shell\n",
	.run = run,
};
