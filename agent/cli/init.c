#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/deposit.h"
#include "agent/cli/places.h"
#include "agent/http/url.h"
#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/quote.h"

enum {
	OPTION_FORCE = 0,
	OPTION_FREQUENCY,
	OPTION_NAME,
	OPTION_TELL,
	OPTION_URL,
	TRIES_MAX = 3,
	LINE_SIZE = 4096,
	TEXT_MAX = 64 * 1024,
};

static const struct cli_option options[] = {
	[OPTION_FORCE] = { "force", 0, NULL,
		"write over FILE, and keep what was there" },
	[OPTION_FREQUENCY] = { "frequency", 0, "SECONDS",
		"how often to look; 30, 30s, 5m" },
	[OPTION_NAME] = { "name", 0, "NAME", "what it is called" },
	[OPTION_TELL] = { "tell", 0, "URL",
		"a Slack hook or any webhook that hears of it" },
	[OPTION_URL] = { "url", 0, "URL", "what is to be watched" },
	{ 0 },
};

/* What the file is made of. */
struct answers {
	struct arena *arena;
	const char *url, *name, *frequency;
	const char *tell; /* "" for nobody */

	/* Of `tell`. */
	const char *unset; /* a variable that it names; NULL: all are set */
	const char *filled; /* with something in place of those */
};

static const char *
host_of(const struct answers *answers)
{
	struct err err;
	struct url parts;
	const char *url;
	if (!url_normalise(answers->url, answers->arena, &url, &err)
		|| !url_parse(url, answers->arena, &parts, &err))
		return "home";
	return parts.host;
}

/* Each is checked at once; the rest is for the check of the whole. */

static bool
check_url(struct answers *answers, struct err *err)
{
	const char *url;
	if (*answers->url == '\0')
		return err_set(err, "a URL is needed");
	return url_normalise(answers->url, answers->arena, &url, err);
}

static bool
check_name(struct answers *answers, struct err *err)
{
	(void)err;
	if (*answers->name == '\0')
		answers->name = host_of(answers);
	return true;
}

static bool
check_frequency(struct answers *answers, struct err *err)
{
	int64_t ms;
	if (*answers->frequency == '\0')
		answers->frequency = "30s";
	return (duration_parse(answers->frequency, &ms) && ms > 0)
		|| err_set(err,
			"how often is a number of seconds, or 30s, 5m, 1h");
}

/* "${NAME}", of which the length is given; 0 for what is none. */
static size_t
variable_at(const char *text, struct arena *arena, const char **name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	if (!str_starts(text, "${"))
		return 0;
	size_t len = strspn(text + 2, letters);
	if (len == 0 || text[2 + len] != '}')
		return 0;
	*name = arena_dup_n(arena, text + 2, len);
	return len + strlen("${}");
}

/* It can be checked before what it names is set. */
static void
fill_unset(struct answers *answers)
{
	struct buf out;
	const char *name;
	buf_init(&out, TEXT_MAX);
	answers->unset = NULL;
	for (const char *at = answers->tell; *at != '\0';) {
		size_t len = variable_at(at, answers->arena, &name);
		if (len == 0 || getenv(name)) {
			buf_add_char(&out, *at++);
			continue;
		}
		answers->unset = name;
		buf_add_text(&out,
			at == answers->tell ? "http://localhost" : "localhost");
		at += len;
	}
	answers->filled = arena_dup_n(answers->arena, out.data, out.len);
	buf_finish(&out);
}

static bool
check_tell(struct answers *answers, struct err *err)
{
	const char *url, *tell = answers->tell;
	fill_unset(answers);
	if (*tell == '\0' || str_starts(tell, "${"))
		return true;
	return url_normalise(answers->filled, answers->arena, &url, err)
		&& (str_istarts(tell, "http://")
			|| str_istarts(tell, "https://")
			|| err_set(err,
				"expected a URL such as "
				"https://hooks.slack.com/services/..., or "
				"${SLACK_URL}"));
}

static const struct question {
	size_t option;
	const char *words;
	bool (*check)(struct answers *answers, struct err *err);
} questions[] = {
	{ OPTION_URL, "What is to be watched?  A URL", check_url },
	{ OPTION_NAME, "What is it called?  Enter for its host", check_name },
	{ OPTION_FREQUENCY, "How often is it looked at?  Enter for 30s",
		check_frequency },
	{ OPTION_TELL,
		"Who is told?  The URL of a Slack hook or of any webhook; "
		"Enter for nobody",
		check_tell },
};

enum {
	N_QUESTIONS = sizeof(questions) / sizeof(questions[0]),
};

static const char **
place_of(struct answers *answers, const struct question *question)
{
	switch (question->option) {
	case OPTION_URL:
		return &answers->url;
	case OPTION_NAME:
		return &answers->name;
	case OPTION_FREQUENCY:
		return &answers->frequency;
	default:
		return &answers->tell;
	}
}

static bool
read_line(const char *words, char line[static LINE_SIZE])
{
	fprintf(stderr, "%s: ", words);
	fflush(stderr);
	if (!fgets(line, LINE_SIZE, stdin))
		return false;
	size_t len = strlen(line);
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	memmove(line, line + strspn(line, " \t"),
		len + 1 - strspn(line, " \t"));
	return true;
}

static bool
ask(struct answers *answers, const struct question *question)
{
	char line[LINE_SIZE];
	struct err err = { "" };
	for (unsigned n = 0; n < TRIES_MAX; n++) {
		if (!read_line(question->words, line)) {
			fputc('\n', stderr);
			cli_fail("the answers ended, so nothing is written");
			return false;
		}
		*place_of(answers, question) = arena_dup(answers->arena, line);
		if (question->check(answers, &err))
			return true;
		fprintf(stderr, "%s\n", err.text);
	}
	cli_fail("%s, so nothing is written", err.text);
	return false;
}

static bool
fill(struct answers *answers, const struct cli_args *args, int *code)
{
	struct err err;
	bool asks = isatty(STDIN_FILENO);
	if (!asks && !args->options[OPTION_URL]) {
		*code = cli_misuse(&cli_init,
			"stdin is no terminal, so nothing can be asked; give "
			"--url, and --name, --frequency and --tell where they "
			"are not to be as usual");
		return false;
	}
	for (size_t i = 0; i < N_QUESTIONS; i++) {
		const struct question *question = &questions[i];
		const char *given = args->options[question->option];
		*place_of(answers, question) = given ? given : "";
		if (!given && asks) {
			if (!ask(answers, question))
				return false;
		} else if (!question->check(answers, &err)) {
			*code = cli_misuse(&cli_init, "--%s: %s",
				options[question->option].name, err.text);
			return false;
		}
	}
	return true;
}

static void
add_tell(struct buf *out, const char *tell)
{
	if (*tell == '\0') {
		buf_add_text(out,
			"\n# Nobody is told yet; `curlew status` shows how "
			"things are.\n"
			"# reporters:\n"
			"#   - {name: ops, type: slack, url: \"${SLACK_URL}\"}"
			"\n");
		return;
	}
	bool is_slack = strstr(tell, "slack") || strstr(tell, "SLACK");
	buf_printf(out,
		"\nreporters: # hear of each outage and of its end\n"
		"  - name: ops\n"
		"    type: %s\n"
		"    url: ",
		is_slack ? "slack" : "webhook");
	conf_quote_value(out, tell);
	buf_add_char(out, '\n');
}

static void
compose(struct buf *out, const struct answers *answers, const char *tell)
{
	const struct conf_draft_endpoint endpoint = {
		.name = answers->name,
		.url = answers->url,
		.timeout = "10s",
		.rules = { { .type = "HTTP_STATUS",
			.key = "status_range",
			.value = "200-300",
			.incident = "MAJOR" } },
		.n_rules = 1,
		.allowed_fails = "1",
		.frequency = answers->frequency,
	};
	buf_printf(out,
		"# yaml-language-server: $schema=%s\n"
		"#\n"
		"# `curlew run` watches what stands here, `curlew check` tells "
		"mistakes, and\n"
		"# `curlew explain KEY` what a key means.\n"
		"\n"
		"endpoints:\n",
		cli_schema_place);
	conf_draft_lines(out, "  ", &endpoint);
	add_tell(out, tell);
}

static void
tell_result(const struct answers *answers, const char *path)
{
	if (path)
		fprintf(stderr, "%s is written; `curlew run %s` watches it\n",
			path, path);
	if (answers->unset)
		fprintf(stderr,
			"it reads $%s, which is not set here: `curlew check` "
			"and `curlew run` need it\n",
			answers->unset);
}

static int
put(struct cli_deposit deposit, const struct answers *answers)
{
	struct buf out, filled;
	buf_init(&out, TEXT_MAX);
	buf_init(&filled, TEXT_MAX);
	compose(&out, answers, answers->tell);
	compose(&filled, answers, answers->filled);
	const struct conf_text text = { out.data, out.len };
	const struct conf_text as_read = { filled.data, filled.len };
	deposit.as_read = answers->unset ? &as_read : NULL;
	int code = cli_deposit_put(&deposit, &text);
	buf_finish(&filled);
	buf_finish(&out);
	return code;
}

static int
make(struct answers *answers, const struct cli_args *args)
{
	int code = CLI_FAILED;
	const struct cli_deposit deposit = {
		.path = cli_deposit_path(
			args->operand ? args->operand : "config.yml"),
		.force = args->options[OPTION_FORCE] != NULL,
		.otherwise = "--force writes it anew",
	};
	if (!cli_deposit_may(&deposit) || !fill(answers, args, &code))
		return code;
	code = put(deposit, answers);
	if (code == CLI_OK)
		tell_result(answers, deposit.path);
	return code;
}

static int
run(const struct cli_args *args)
{
	struct answers answers = { .arena = arena_new() };
	int code = make(&answers, args);
	arena_free(answers.arena);
	return code;
}

const struct cli_verb cli_init = {
	.name = "init",
	.operand = "[FILE]",
	.summary = "ask four questions and write a configuration",
	.text = "Writes a small configuration to FILE, or config.yml: one "
		"endpoint, and who is\n"
		"told of its outages.  What the options do not say is asked on "
		"a terminal;\n"
		"without one, only --url is needed.  A file that is there "
		"stays, unless --force\n"
		"is given.\n"
		"\n"
		"examples:\n"
		"  curlew init\n"
		"  curlew init --url https://shop.example.net/health --tell "
		"'${SLACK_URL}'\n"
		"  curlew init --url shop.example.net -\n"
		"\n"
		"exit codes:\n"
		"  0  done    1  it failed, and wrote nothing    2  an option "
		"is missing or wrong\n",
	.options = options,
	.run = run,
};
