#include "agent/cli/ctl_run.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"
#include "agent/cli/ctl_text.h"
#include "agent/judge/progress.h"

enum {
	ANSWER_MAX = 1024 * 1024,
	FIRST_PAUSE_MS = 20,
	PAUSE_MAX_MS = 500,
	SAID_MAX = 4096,
	AWAY_MS = 60 * 1000, /* an agent that is started again comes back */
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

struct following {
	const struct cli_agent *agent;
	const char *run;
	bool as_json;
	int64_t began_ms; /* monotonic, as is what follows */
	int64_t away_ms; /* since when the agent does not answer; 0: it does */
	unsigned n_told;
	char said[SAID_MAX]; /* last */
};

/* NULL: `err` says why, and `*gone` that it is for ever. */
static json_t *
look(const struct following *following, bool *gone, struct err *err)
{
	char request[128];
	struct buf answer;
	json_t *json = NULL;
	*gone = false;
	snprintf(request, sizeof(request), "action %s", following->run);
	buf_init(&answer, ANSWER_MAX);
	if (cli_ask(following->agent, request, &answer, err))
		json = cli_ask_parse(&answer, err);
	buf_finish(&answer);
	const char *error = json_string_value(json_object_get(json, "error"));
	if (!error)
		return json;
	*gone = true;
	err_set(err, "%s", error);
	json_decref(json);
	return NULL;
}

static void
pause_for(int64_t ms)
{
	const struct timespec pause = {
		.tv_sec = ms / 1000,
		.tv_nsec = (ms % 1000) * 1000000L,
	};
	nanosleep(&pause, NULL);
}

/* What it says now, or that it goes on. */
static void
tell_progress(struct following *following, json_t *answer, int64_t now_ms)
{
	const char *said = json_string_value(json_object_get(answer, "result"));
	bool news = said && !str_eq(said, following->said);
	unsigned passed = progress_passed(now_ms - following->began_ms);
	news |= passed > following->n_told;
	following->n_told = passed;
	if (!news || following->as_json)
		return;
	str_copy(following->said, sizeof(following->said), said ? said : "");
	cli_ctl_print(answer, false);
	fflush(stdout);
}

static int
tell_end(const struct following *following, json_t *answer)
{
	bool good = json_is_true(json_object_get(answer, "good"));
	if (following->as_json) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_ctl_print(answer, false);
	}
	return good ? CLI_OK : CLI_FAILED;
}

/* False: there is no use in waiting any longer. */
static bool
bear(struct following *following, bool gone, int64_t now_ms)
{
	if (gone)
		return false;
	if (following->away_ms == 0) {
		following->away_ms = now_ms;
		fputs("curlew: the agent is away; waiting for it\n", stderr);
	}
	return now_ms - following->away_ms < AWAY_MS;
}

static int
leave(void)
{
	fputs("\ncurlew: it goes on; `curlew ctl runs` shows what comes of "
	      "it\n",
		stderr);
	return CLI_FAILED;
}

static int
follow(struct following *following)
{
	int64_t pause_ms = FIRST_PAUSE_MS;
	while (!interrupted) {
		struct err err;
		bool gone;
		json_t *answer = look(following, &gone, &err);
		int64_t now_ms = clock_now().mono_ms;
		if (interrupted) {
			json_decref(answer);
			break;
		}
		if (!answer && !bear(following, gone, now_ms))
			return cli_fail("%s", err.text);
		if (answer) {
			following->away_ms = 0;
			bool over =
				json_is_true(json_object_get(answer, "over"));
			int code = CLI_OK;
			if (over)
				code = tell_end(following, answer);
			else
				tell_progress(following, answer, now_ms);
			json_decref(answer);
			if (over)
				return code;
		}
		pause_for(pause_ms);
		pause_ms += pause_ms / 4;
		if (pause_ms > PAUSE_MAX_MS)
			pause_ms = PAUSE_MAX_MS;
	}
	return leave();
}

int
cli_ctl_follow(const struct cli_agent *agent, const char *run, bool as_json)
{
	struct following following = {
		.agent = agent,
		.run = run,
		.as_json = as_json,
		.began_ms = clock_now().mono_ms,
	};
	struct sigaction action = { .sa_handler = on_interrupt };
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	return follow(&following);
}
