#include "agent/cli/cli.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/container.h"
#include "agent/cli/usage.h"
#include "conf/suggest.h"

const struct cli_verb *const cli_verbs[] = {
	&cli_check,
	&cli_completion,
	&cli_ctl,
	&cli_demo,
	&cli_explain,
	&cli_import,
	&cli_init,
	&cli_manual,
	&cli_migrate,
	&cli_probe,
	&cli_reconcile,
	&cli_run,
	&cli_scrape,
	&cli_send_test,
	&cli_status,
	&cli_version,
	NULL,
};

enum {
	LETTERS_SIZE = 2 * CLI_OPTIONS_MAX + 4,
	BY_INDEX = 256, /* what getopt_long returns for option 0 */
};

int
cli_fail(const char *format, ...)
{
	va_list args;
	fputs("curlew: error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_FAILED;
}

int
cli_misuse(const struct cli_verb *verb, const char *format, ...)
{
	const char *blank = verb ? " " : "";
	const char *name = verb ? verb->name : "";
	va_list args;
	fprintf(stderr, "curlew%s%s: ", blank, name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n`curlew%s%s --help` tells how it is used\n", blank,
		name);
	return verb && verb->misuse ? verb->misuse : CLI_USAGE;
}

static const struct cli_verb *
find_verb(const char *name)
{
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++) {
		if (str_eq((*verb)->name, name))
			return *verb;
	}
	return NULL;
}

/* For getopt_long(), from the verb's table. */
struct getopt_table {
	struct option names[CLI_OPTIONS_MAX + 2];
	char letters[LETTERS_SIZE];
};

static void
make_table(const struct cli_verb *verb, struct getopt_table *table)
{
	*table = (struct getopt_table){ .letters = ":h" };
	char *letter = table->letters + strlen(table->letters);
	size_t n = 0;
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++, n++) {
		table->names[n] = (struct option){
			.name = option->name,
			.has_arg =
				option->value ? required_argument : no_argument,
			.val = BY_INDEX + (int)n,
		};
		if (!option->letter)
			continue;
		*letter++ = option->letter;
		if (option->value)
			*letter++ = ':';
	}
	table->names[n] = (struct option){ .name = "help", .val = 'h' };
}

static size_t
index_of(const struct cli_verb *verb, int found)
{
	if (found >= BY_INDEX)
		return (size_t)(found - BY_INDEX);
	size_t n = 0;
	while (verb->options[n].letter != found)
		n++;
	return n;
}

/* What getopt_long() stumbled over. */
static int
complain(const struct cli_verb *verb, int found, const char *word)
{
	if (found == ':')
		return cli_misuse(verb, "%s needs a value", word);
	if (optopt > 0 && optopt < BY_INDEX)
		return cli_misuse(verb, "there is no option -%c", optopt);
	if (optopt >= BY_INDEX)
		return cli_misuse(verb, "%s takes no value", word);

	struct conf_suggestion near = { .word = word + strspn(word, "-") };
	const struct cli_option *option = verb->options;
	for (; option && option->name; option++)
		conf_suggest(&near, option->name);
	if (near.best)
		return cli_misuse(verb,
			"there is no option %s; did you mean --%s?", word,
			near.best);
	return cli_misuse(verb, "there is no option %s", word);
}

/* The exit code, or -1 to go on. */
static int
read_options(const struct cli_verb *verb, int argc, char **argv,
	struct cli_args *args, struct cli_given *given)
{
	struct getopt_table table;
	make_table(verb, &table);
	opterr = 0;
	for (;;) {
		int found = getopt_long(
			argc, argv, table.letters, table.names, NULL);
		if (found == -1)
			return -1;
		if (found == 'h') {
			cli_usage_verb(stdout, verb);
			return CLI_OK;
		}
		if (found == '?' || found == ':')
			return complain(verb, found, argv[optind - 1]);
		size_t option = index_of(verb, found);
		const char *value = optarg ? optarg : "";
		args->options[option] = value;
		given[args->n_given++] = (struct cli_given){ option, value };
	}
}

static int
run_verb(const struct cli_verb *verb, int argc, char **argv)
{
	/* One word can hold several: -jk. */
	size_t most = 0;
	for (int i = 0; i < argc; i++)
		most += strlen(argv[i]) + 1;
	struct cli_given *given = mem_zalloc(most * sizeof(*given));
	struct cli_args args = { .given = given };

	int code = read_options(verb, argc, argv, &args, given);
	args.rest = argv + optind;
	args.n_rest = optind < argc ? (size_t)(argc - optind) : 0;
	if (code < 0 && optind < argc && verb->operand)
		args.operand = argv[optind++];
	if (code < 0 && optind < argc && verb->takes_second)
		args.second = argv[optind++];
	if (code < 0 && optind < argc && verb->takes_third)
		args.third = argv[optind++];
	if (code < 0 && optind < argc && !verb->takes_rest)
		code = cli_misuse(
			verb, "what is \"%s\" meant to be?", argv[optind]);
	if (code < 0)
		code = verb->run(&args);
	free(given);
	return code;
}

static int
unknown_verb(const char *word)
{
	struct conf_suggestion near = { .word = word };
	for (const struct cli_verb *const *verb = cli_verbs; *verb; verb++)
		conf_suggest(&near, (*verb)->hidden ? NULL : (*verb)->name);
	if (near.best)
		return cli_misuse(NULL,
			"there is no verb \"%s\", and no such file; did you "
			"mean %s?",
			word, near.best);
	return cli_misuse(
		NULL, "there is no verb \"%s\", and no such file", word);
}

/* Not a verb: may be the configuration for `run`. */
static bool
is_path(const char *word)
{
	return strchr(word, '/') || str_ends(word, ".yml")
		|| str_ends(word, ".yaml") || access(word, F_OK) == 0;
}

static int
help(int argc, char **argv)
{
	const struct cli_verb *verb = argc > 2 ? find_verb(argv[2]) : NULL;
	if (argc > 2 && !verb)
		return unknown_verb(argv[2]);
	if (verb)
		cli_usage_verb(stdout, verb);
	else
		cli_usage(stdout);
	return CLI_OK;
}

static int
dispatch(int argc, char **argv)
{
	const char *old = cli_container_old_verb(argc, argv);
	const struct cli_verb *verb = old ? find_verb(old) : NULL;
	if (verb)
		return run_verb(verb, argc - 2, argv + 2);

	const char *word = argc > 1 ? argv[1] : "";
	if (str_eq(word, "--help") || str_eq(word, "-h")
		|| str_eq(word, "help"))
		return help(argc, argv);
	if (str_eq(word, "--version") || str_eq(word, "-V"))
		return run_verb(&cli_version, 1, argv);

	verb = find_verb(word);
	if (verb)
		return run_verb(verb, argc - 1, argv + 1);
	if (word[0] == '\0' || word[0] == '-' || is_path(word))
		return run_verb(&cli_run, argc, argv);
	return unknown_verb(word);
}

/* What nobody could read was not done. */
static int
end(int code)
{
	bool is_written = fflush(stdout) == 0 && !ferror(stdout);
	return code == CLI_OK && !is_written
		? cli_fail("cannot write to stdout")
		: code;
}

int
cli_main(int argc, char **argv)
{
	/* A file that may not grow is an error to be told, not an end. */
	signal(SIGXFSZ, SIG_IGN);
	cli_container_enter();
	return end(dispatch(argc, argv));
}
