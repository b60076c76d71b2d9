#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/explain_text.h"
#include "agent/cli/terminal.h"
#include "conf/explain.h"
#include "conf/json_schema.h"

enum {
	OPTION_JSON_SCHEMA = 0,
	TEXT_MAX = 1024 * 1024,
};

static const struct cli_option options[] = {
	[OPTION_JSON_SCHEMA] = { "json-schema", 0, NULL,
		"the whole as JSON Schema, for editors" },
	{ 0 },
};

static int
explain_key(struct buf *text, const struct conf_outline *outline,
	const char *key, const struct cli_explain_page *page)
{
	struct conf_found found;
	conf_explain_find(outline, key, &found);
	if (found.near)
		return cli_fail("there is no key \"%.80s\"; did you mean "
				"\"%s\"?",
			key, found.near);
	if (found.count == 0)
		return cli_fail("there is no key \"%.80s\"; `curlew explain` "
				"lists them all",
			key);
	for (size_t i = 0; i < found.count; i++) {
		if (i > 0)
			buf_add_char(text, '\n');
		cli_explain_one(text, outline, found.entries[i], page);
	}
	return CLI_OK;
}

static int
explain(const struct conf_types *types, const char *key, struct arena *arena)
{
	struct conf_outline outline = conf_outline_of(types, arena);
	struct cli_explain_page page = {
		.columns = cli_columns(STDOUT_FILENO),
		.colours = cli_has_colours(STDOUT_FILENO),
	};
	struct buf text;
	int code = CLI_OK;
	buf_init(&text, TEXT_MAX);
	if (key)
		code = explain_key(&text, &outline, key, &page);
	else
		cli_explain_all(&text, &outline, &page);
	fwrite(text.data, 1, text.len, stdout);
	buf_finish(&text);
	return code;
}

static int
run(const struct cli_args *args)
{
	bool as_schema = args->options[OPTION_JSON_SCHEMA] != NULL;
	if (as_schema && args->operand)
		return cli_misuse(
			&cli_explain, "--json-schema is of all keys at once");
	struct arena *arena = arena_new();
	struct conf_types types = cli_config_types(arena);
	int code = CLI_OK;
	if (as_schema) {
		char *schema = conf_json_schema(&types);
		puts(schema);
		free(schema);
	} else {
		code = explain(&types, args->operand, arena);
	}
	arena_free(arena);
	return code;
}

const struct cli_verb cli_explain = {
	.name = "explain",
	.operand = "[KEY]",
	.summary = "what a key of the configuration means",
	.text = "Says what a key of config.yml is for, what may stand there, "
		"and what its default\n"
		"is; without KEY, lists them all.\n"
		"\n"
		"KEY is a path as `curlew check` writes it, or its end: where "
		"several places\n"
		"have such a key, all are shown.  A type, such as slack or "
		"HTTP_STATUS, a value,\n"
		"such as CREATE_INCIDENT, and a word in braces, such as "
		"{latency_ms}, are found,\n"
		"too.\n"
		"\n"
		"--json-schema is for editors that complete and check while "
		"one writes; they find\n"
		"it by the first line of conf/config.yml.\n"
		"\n"
		"examples:\n"
		"  curlew explain\n"
		"  curlew explain timeout\n"
		"  curlew explain endpoints.expectation.status_range\n"
		"  curlew explain --json-schema > config.schema.json\n"
		"\n"
		"exit codes:\n"
		"  0  it was shown    1  there is no such key\n",
	.options = options,
	.run = run,
};
