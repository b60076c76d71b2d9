#include "agent/agent_verbs.h"

#include <stdlib.h>
#include <string.h>

#include "agent/actions.h"
#include "agent/agent_health.h"
#include "agent/agent_internal.h"
#include "agent/agent_reload.h"
#include "agent/agent_status.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/operator.h"
#include "agent/reconcile.h"

static const char no_request[] = "there is no such request any more";

/* The document is consumed. */
static bool
answer_json(json_t *json, struct buf *out)
{
	char *text = json_dumps(json, JSON_COMPACT);
	buf_printf(out, "%s\n", text ? text : "{}");
	free(text);
	json_decref(json);
	return false;
}

static bool
answer_error(const char *why, struct buf *out)
{
	return answer_json(json_pack("{s:s}", "error", why), out);
}

/* By which it is asked for when it is done; 0: it is not begun. */
static bool
answer_number(uint64_t number, const char *why_not, struct buf *out)
{
	if (number == 0)
		return answer_error(why_not, out);
	return answer_json(
		json_pack("{s:I}", "request", (json_int_t)number), out);
}

/* 0, which is nobody's, for what is none. */
static uint64_t
number_of(const char *argument)
{
	int64_t number;
	return str_int(argument, &number) && number > 0 ? (uint64_t)number : 0;
}

static bool
answer_known(json_t *json, const char *why_not, struct buf *out)
{
	return json ? answer_json(json, out) : answer_error(why_not, out);
}

/* What the shell understood of a line, as JSON. */
static bool
read_command(
	json_t *json, struct command *command, struct operator_asker *asker)
{
	const char *word = "";
	json_int_t for_ms = 0;
	*command = (struct command){ 0 };
	*asker = (struct operator_asker){ .source = "shell", .trusted = true };
	if (json_unpack(json, "{s:s,s:s,s:s,s:s,s:I,s:s,s:s}", "word", &word,
		    "whole", &command->whole, "said", &command->said, "name",
		    &command->name, "for_ms", &for_ms, "time", &command->time,
		    "who", &asker->who)
		!= 0)
		return false;
	const struct command_row *row = command_find(word);
	if (!row || for_ms < COMMAND_TIME_BAD)
		return false;
	command->verb = (enum command_verb)(row - command_rows);
	command->for_ms = for_ms;
	return true;
}

static bool
answer_command(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	const struct agent *agent = cookie;
	struct command command;
	struct operator_asker asker;
	json_t *json = json_loads(argument, 0, NULL);
	uint64_t number = 0;
	const char *why = "this is no command";
	if (json && read_command(json, &command, &asker)) {
		number = operator_ask(
			agent->operator_desk, &command, &asker, clock_now());
		why = "too many commands wait for their answers";
	}
	json_decref(json);
	return answer_number(number, why, out);
}

static bool
answer_commanded(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	const struct agent *agent = cookie;
	return answer_known(
		operator_asked(agent->operator_desk, number_of(argument)),
		no_request, out);
}

static bool
answer_plan(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	return answer_json(agent_reload_plan(cookie, argument), out);
}

static bool
answer_reload(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)argument, (void)at;
	return answer_json(agent_reload(cookie), out);
}

static bool
answer_reconcile(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	const struct agent *agent = cookie;
	const struct reconcile_wish wish = {
		.dry = strstr(argument, "dry") != NULL,
		.strict = strstr(argument, "strict") != NULL,
	};
	return answer_number(
		reconcile_ask(agent->reconcile, &wish, clock_now()),
		agent->phase == PHASE_WORKING
			? "somebody else has it compare just now"
			: "the agent is starting or stopping",
		out);
}

static bool
answer_reconciled(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	const struct agent *agent = cookie;
	return answer_known(
		reconcile_answer(agent->reconcile, number_of(argument)),
		no_request, out);
}

static bool
answer_action(void *cookie, const char *argument,
	/* NOLINTNEXTLINE(readability-non-const-parameter): as others have it */
	uint64_t *at, struct buf *out)
{
	(void)at;
	const struct agent *agent = cookie;
	return answer_known(actions_look(agent->actions, argument),
		"nothing is known of that run any more", out);
}

const struct control_verb agent_verbs[] = {
	{ "action", answer_action },
	{ "command", answer_command },
	{ "commanded", answer_commanded },
	{ "health", agent_health },
	{ "plan", answer_plan },
	{ "reconcile", answer_reconcile },
	{ "reconciled", answer_reconciled },
	{ "reload", answer_reload },
	{ "status", agent_status_all },
	{ "summary", agent_status_summary },
	{ 0 },
};
