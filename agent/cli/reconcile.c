#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/terminal.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_DRY_RUN,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_STATE,
	OPTION_STRICT,
	REQUEST_SIZE = 64,
	WIDTH_MAX = 40,
	WOULD_CHANGE = 3,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = CLI_ASK_CONFIG,
	[OPTION_DRY_RUN] = { "dry-run", 'n', NULL,
		"change nothing, only say what would be done" },
	[OPTION_JSON] = { "json", 'j', NULL, "the whole answer, for programs" },
	[OPTION_SOCKET] = CLI_ASK_SOCKET,
	[OPTION_STATE] = CLI_ASK_STATE,
	[OPTION_STRICT] = { "strict", 0, NULL,
		"put back what people changed, too" },
	{ 0 },
};

/* Asking. */

static json_t *
reconcile(const struct cli_agent *agent, const struct cli_args *args,
	struct err *err)
{
	char request[REQUEST_SIZE];
	snprintf(request, sizeof(request), "reconcile%s%s",
		args->options[OPTION_DRY_RUN] ? " dry" : "",
		args->options[OPTION_STRICT] ? " strict" : "");
	return cli_ask_until_done(agent, request, "reconciled", err);
}

/* Showing. */

static const struct {
	const char *key;
	const char *head;
} columns[] = {
	{ "what", "WHAT" },
	{ "id", "ID" },
	{ "endpoint", "ENDPOINT" },
	{ "there", "THERE" },
	{ "truth", "TRUTH" },
	{ "act", "DONE" },
};

enum {
	COLUMNS = sizeof(columns) / sizeof(columns[0]),
};

static const char *
cell(const json_t *row, size_t column, char number[static REQUEST_SIZE])
{
	const json_t *value = json_object_get(row, columns[column].key);
	if (json_is_string(value))
		return json_string_value(value);
	snprintf(number, REQUEST_SIZE, "%" JSON_INTEGER_FORMAT,
		json_integer_value(value));
	return number;
}

static void
print_table(const json_t *rows, bool dry, bool colours)
{
	int widths[COLUMNS];
	char number[REQUEST_SIZE];
	size_t i;
	const json_t *row;
	for (size_t c = 0; c < COLUMNS; c++) {
		widths[c] = cli_width(columns[c].head);
		json_array_foreach (rows, i, row) {
			int width = cli_width(cell(row, c, number));
			if (width > widths[c] && width <= WIDTH_MAX)
				widths[c] = width;
		}
	}
	printf("%s", colours ? CLI_BOLD : "");
	for (size_t c = 0; c < COLUMNS; c++) {
		bool last = c + 1 == COLUMNS;
		cli_print_padded(last && dry ? "WOULD BE" : columns[c].head,
			last ? 0 : widths[c] + 2);
	}
	printf("%s\n", colours ? CLI_PLAIN : "");
	json_array_foreach (rows, i, row) {
		for (size_t c = 0; c < COLUMNS; c++)
			cli_print_padded(cell(row, c, number),
				c + 1 == COLUMNS ? 0 : widths[c] + 2);
		putchar('\n');
	}
}

static int
print_failures(const json_t *failed)
{
	size_t i;
	const json_t *one;
	json_array_foreach (failed, i, one)
		cli_fail("%s: %s",
			json_string_value(json_object_get(one, "reporter")),
			json_string_value(json_object_get(one, "reason")));
	return json_array_size(failed) > 0 ? CLI_FAILED : CLI_OK;
}

static int
show(const json_t *answer, bool as_json)
{
	const json_t *rows = json_object_get(answer, "rows");
	const json_t *failed = json_object_get(answer, "failed");
	bool dry = json_is_true(json_object_get(answer, "dry"));
	bool none =
		json_integer_value(json_object_get(answer, "reporters")) == 0;
	if (as_json) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (json_array_size(rows) > 0) {
		print_table(rows, dry, cli_has_colours(STDOUT_FILENO));
	} else if (none) {
		puts("no receiver shows anything that could be compared");
	} else if (json_array_size(failed) == 0) {
		puts("all is as it should be");
	}
	if (print_failures(failed) != CLI_OK)
		return CLI_FAILED;
	return dry && json_array_size(rows) > 0 ? WOULD_CHANGE : CLI_OK;
}

static int
run(const struct cli_args *args)
{
	struct cli_agent agent = {
		.socket = args->options[OPTION_SOCKET],
		.state = args->options[OPTION_STATE],
		.config = args->options[OPTION_CONFIG],
	};
	if (args->operand && agent.config)
		return cli_misuse(&cli_reconcile,
			"which configuration, %s or %s?", agent.config,
			args->operand);
	if (args->operand)
		agent.config = args->operand;
	struct err err;
	json_t *answer = reconcile(&agent, args, &err);
	if (!answer)
		return cli_fail("%s", err.text);
	int code = show(answer, args->options[OPTION_JSON] != NULL);
	json_decref(answer);
	return code;
}

const struct cli_verb cli_reconcile = {
	.name = "reconcile",
	.operand = "[CONFIG]",
	.summary = "mend what Cachet shows of ours, or say what differs",
	.text = "Has the running agent compare what Cachet shows with the "
		"truth, now, and prints\n"
		"what differed and what was done about it: components that its "
		"endpoints mirror,\n"
		"and incidents that it opened.  It does so by itself at the "
		"start, after Cachet\n"
		"was away, and every few minutes (cachet.reconcile_every).\n"
		"\n"
		"What somebody changed in Cachet while all was well is left "
		"alone, unless with\n"
		"--strict or cachet.reconcile: strict.  An incident that was "
		"deleted there is\n"
		"never made again, and nothing is touched that the agent did "
		"not make.\n"
		"\n"
		"The agent is found as by `curlew status`.\n"
		"\n"
		"examples:\n"
		"  curlew reconcile --dry-run\n"
		"  curlew reconcile --strict config.yml\n"
		"\n"
		"exit codes:\n"
		"  0  nothing differs, or what differed is being mended\n"
		"  1  no agent is running, or a Cachet could not be looked at\n"
		"  3  --dry-run: something differs\n",
	.options = options,
	.run = run,
};
