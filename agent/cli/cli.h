/*
 * The command line: a verb is one file and one line in the table of cli.c; the
 * usage texts come from the table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2, /* the command line itself was wrong */
	CLI_OPTIONS_MAX = 20,
};

struct cli_option {
	const char *name; /* without the dashes; NULL ends the table */
	char letter; /* 0 for none */
	const char *value; /* what it takes, such as "PATH"; NULL: a switch */
	const char *help; /* one line */
};

/** An option, as often as it was given. */
struct cli_given {
	size_t option; /* its place in the verb's table */
	const char *value;
};

/** What was on the command line, after the verb. */
struct cli_args {
	const char *options[CLI_OPTIONS_MAX]; /* as in the verb's table; a
						 switch is "", NULL is absent */
	const struct cli_given *given; /* in their order */
	size_t n_given;
	const char *operand; /* NULL for none */
	const char *second; /* the one after it; NULL for none */
	const char *third;
	char *const *rest; /* all of them, from `operand` on */
	size_t n_rest;
};

/** A word that an operand may be. */
struct cli_word {
	const char *name;
	const char *arguments; /* "" for none */
	const char *help; /* a sentence */
};

struct cli_verb {
	const char *name;
	const char *operand; /* "[CONFIG]", or NULL when there is none */
	bool takes_second; /* `operand` names two, as in "OLD [NEW]" */
	bool takes_third; /* or three */
	bool takes_rest; /* or as many as there are */
	const char *summary; /* one line */
	const char *text; /* for `curlew VERB --help`: what it does */
	const struct cli_option *options; /* NULL when there are none */

	/** The n-th word that the operand may be, in their order: they stand
	 * before the text.  False beyond the last.  NULL for none. */
	bool (*word)(size_t n, struct cli_word *word);
	bool hidden; /* of no use to people */
	int misuse; /* the exit code for it; 0 stands for CLI_USAGE */

	/** Returns the exit code. */
	int (*run)(const struct cli_args *args);
};

/** All verbs, sorted by name and NULL-terminated. */
extern const struct cli_verb *const cli_verbs[];

extern const struct cli_verb cli_check;
extern const struct cli_verb cli_completion;
extern const struct cli_verb cli_ctl;
extern const struct cli_verb cli_demo;
extern const struct cli_verb cli_explain;
extern const struct cli_verb cli_import;
extern const struct cli_verb cli_init;
extern const struct cli_verb cli_manual;
extern const struct cli_verb cli_migrate;
extern const struct cli_verb cli_probe;
extern const struct cli_verb cli_reconcile;
extern const struct cli_verb cli_run;
extern const struct cli_verb cli_scrape;
extern const struct cli_verb cli_send_test;
extern const struct cli_verb cli_status;
extern const struct cli_verb cli_version;

/** Does what the command line says.  Returns the exit code. */
int cli_main(int argc, char **argv);

/** "curlew: error: ..." on stderr.  Always CLI_FAILED, to be returned. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** "curlew VERB: ..." and where to find help.  The exit code to be returned. */
int cli_misuse(const struct cli_verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
