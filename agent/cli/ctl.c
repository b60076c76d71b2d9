/*
 *     run -> reload
 *         -> do_command -> command_agent -> show_or_follow -> cli_ctl_print
 *
 * A command is understood here, done by the agent, and its answer is asked for
 * until it is there: a look takes its time.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/chat/command.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/ctl_run.h"
#include "agent/cli/ctl_text.h"
#include "agent/cli/plan_text.h"
#include "agent/cli/terminal.h"
#include "agent/cli/usage.h"
#include "reporters/payload.h"

enum {
	OPTION_CONFIG = 0,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_STATE,
	ANSWER_MAX = 64 * 1024 * 1024,
	REQUEST_MAX = 15 * 1024,
};

static const struct cli_option options[] = {
	[OPTION_CONFIG] = CLI_ASK_CONFIG,
	[OPTION_JSON] = { "json", 'j', NULL, "the whole answer, for programs" },
	[OPTION_SOCKET] = CLI_ASK_SOCKET,
	[OPTION_STATE] = CLI_ASK_STATE,
	{ 0 },
};

/* Reloading. */

static int
show_plan(const struct buf *answer, bool as_json)
{
	struct err err;
	json_t *json = cli_ask_parse(answer, &err);
	if (!json)
		return cli_fail("%s", err.text);
	bool good = !json_object_get(json, "errors");
	if (as_json)
		fwrite(answer->data, 1, answer->len, stdout);
	else
		good = cli_plan_print(json, cli_has_colours(STDOUT_FILENO));
	json_decref(json);
	if (!good && !as_json)
		cli_fail("not reloaded; the agent goes on with what it has");
	return good ? CLI_OK : CLI_FAILED;
}

static int
reload(const struct cli_agent *agent, bool as_json)
{
	struct buf answer;
	buf_init(&answer, ANSWER_MAX);
	struct err err;
	int code = cli_ask(agent, "reload", &answer, &err)
		? show_plan(&answer, as_json)
		: cli_fail("%s", err.text);
	buf_finish(&answer);
	return code;
}

/* Asking. */

/* As the record has it: whoever became root for it keeps the name. */
static const char *
own_name(void)
{
	const char *before = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());
	if (getuid() == 0 && before && *before != '\0')
		return before;
	return user ? user->pw_name : "somebody";
}

static char *
request_of(const struct command *command)
{
	json_t *json = json_object();
	json_object_set_new(
		json, "word", payload_text(command_rows[command->verb].word));
	json_object_set_new(json, "whole", payload_text(command->whole));
	json_object_set_new(json, "said", payload_text(command->said));
	json_object_set_new(json, "name", payload_text(command->name));
	json_object_set_new(json, "for_ms", json_integer(command->for_ms));
	json_object_set_new(json, "time", payload_text(command->time));
	json_object_set_new(json, "who", payload_text(own_name()));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

/* What follows the first word, as it stands: in the shell nothing was added to
 * what an action is to be told. */
static const char *
plain_rest(const char *text)
{
	text += strspn(text, " \t\n");
	text += strcspn(text, " \t\n");
	return text + strspn(text, " \t\n");
}

static json_t *
command_agent(const struct cli_agent *agent, const struct command *command,
	struct err *err)
{
	char *text = request_of(command);
	struct buf request;
	buf_init(&request, REQUEST_MAX);
	bool fits = buf_printf(&request, "command %s", text);
	free(text);
	json_t *answer = NULL;
	if (fits)
		answer = cli_ask_until_done(
			agent, request.data, "commanded", err);
	else
		err_set(err, "that is too long for a command");
	buf_finish(&request);
	return answer;
}

/* It may name what another monitor called so. */
static void
fail_with(const char *text)
{
	char clean[512];
	str_copy(clean, sizeof(clean), text ? text : "it could not be done");
	for (char *at = clean; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = '?';
	cli_fail("%s", clean);
}

static int
show(json_t *answer, bool as_json)
{
	bool good = json_is_true(json_object_get(answer, "good"));
	if (as_json) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (good) {
		cli_ctl_print(answer, cli_has_colours(STDOUT_FILENO));
	} else {
		fail_with(json_string_value(json_object_get(answer, "text")));
	}
	return good ? CLI_OK : CLI_FAILED;
}

/* What was begun is waited for. */
static int
show_or_follow(const struct cli_agent *agent, json_t *answer, bool as_json)
{
	const char *run = json_string_value(json_object_get(answer, "run"));
	if (!run)
		return show(answer, as_json);
	if (!as_json) {
		show(answer, false);
		fflush(stdout);
	}
	return cli_ctl_follow(agent, run, as_json);
}

static int
do_command(const struct cli_agent *agent, const char *text, bool as_json)
{
	struct arena *arena = arena_new();
	struct command command;
	struct err err;
	int code;
	if (!command_parse(text, arena, &command, &err)) {
		code = cli_misuse(&cli_ctl, "%s", err.text);
	} else if (command.verb == COMMAND_HELP) {
		cli_usage_verb(stdout, &cli_ctl);
		code = CLI_OK;
	} else {
		if (command.verb == COMMAND_RUN)
			command.whole = plain_rest(text);
		json_t *answer = command_agent(agent, &command, &err);
		code = answer ? show_or_follow(agent, answer, as_json)
			      : cli_fail("%s", err.text);
		json_decref(answer);
	}
	arena_free(arena);
	return code;
}

static int
run(const struct cli_args *args)
{
	struct cli_agent agent = {
		.socket = args->options[OPTION_SOCKET],
		.state = args->options[OPTION_STATE],
		.config = args->options[OPTION_CONFIG],
	};
	bool as_json = args->options[OPTION_JSON] != NULL;
	if (!args->operand)
		return cli_misuse(&cli_ctl, "say what to do, such as reload");
	if (str_eq(args->operand, "reload") && args->n_rest > 1)
		return cli_misuse(
			&cli_ctl, "what is \"%s\" meant to be?", args->rest[1]);
	if (str_eq(args->operand, "reload"))
		return reload(&agent, as_json);

	struct buf text;
	buf_init(&text, COMMAND_TEXT_MAX + 1);
	for (size_t i = 0; i < args->n_rest; i++)
		buf_printf(&text, "%s%s", i > 0 ? " " : "", args->rest[i]);
	int code = do_command(&agent, text.data, as_json);
	buf_finish(&text);
	return code;
}

static bool
word(size_t n, struct cli_word *word)
{
	static const struct cli_word reload_word = { "reload", "",
		"read the configuration again and go on with it; what did not "
		"change loses no tick, no counter and no open incident; with a "
		"mistake in it nothing changes" };
	size_t before = 0;
	while (strcmp(command_rows[before].word, reload_word.name) < 0)
		before++;
	if (n > COMMAND_COUNT)
		return false;
	if (n == before) {
		*word = reload_word;
		return true;
	}
	const struct command_row *row = &command_rows[n > before ? n - 1 : n];
	*word = (struct cli_word){ row->word, row->arguments, row->help };
	return true;
}

const struct cli_verb cli_ctl = {
	.name = "ctl",
	.operand = "COMMAND [NAME...]",
	.takes_rest = true,
	.word = word,
	.summary = "tell the running agent to do something, or ask it",
	.text = "The running agent does so, and answers over its unix socket.  "
		"What was confirmed\n"
		"holds after restarts, crashes and reloads, and who changed "
		"what is recorded.\n"
		"\n"
		"NAME is an endpoint's, or SOURCE/SUBJECT of what another "
		"monitor watches; if\n"
		"there is only one such SUBJECT, that is enough.  Names with "
		"blanks need no\n"
		"quotes.\n"
		"\n"
		"What is removed is not looked at, though the configuration "
		"has it, and what\n"
		"other monitors say of it is dropped, until it is restored.  "
		"`mute` and `unmute`\n"
		"without NAME are about everything.  Meanwhile incidents go on "
		"as ever, and so do\n"
		"status pages; when it ends, people are told how things are, "
		"where that is other\n"
		"than they were told last.\n"
		"\n"
		"`run` waits for what comes of the action; an interrupt ends "
		"the waiting alone.\n"
		"ACTION is its name, and WORDS are as its pattern has them, or "
		"they alone.\n"
		"\n"
		"The agent is found as by `curlew status`.  `curlew check "
		"--against-running`\nshows beforehand what a reload would do.\n"
		"\n"
		"examples:\n"
		"  curlew ctl reload\n"
		"  curlew ctl check shop\n"
		"  curlew ctl ack shop for 30m\n"
		"  curlew ctl mute for 2h\n"
		"  curlew ctl run create-vm vm1 gcp\n"
		"\n"
		"exit codes:\n"
		"  0  it is done    1  no agent is running, or it could not be "
		"done\n",
	.options = options,
	.run = run,
};
