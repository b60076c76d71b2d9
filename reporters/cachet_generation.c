/*
 * Which Cachet it is, asked before the first step of all, and again when its
 * answers are those of another one.  Meanwhile the carry of the part stands
 * behind "ask <question> <what it was before> ", and what was found out is the
 * memory of the reporter.
 *
 * An API has up to two roots, the one of `api_url` before the other:
 *
 *     .../api/v1   schedules --> 2.4
 *                      | 404
 *                      +--> ping --> 2.3
 *                             | 404
 *                             +--> the next root
 *     .../api      ping --> 3
 *     any other    schedules --> 2.4, or 3 by the shape of the list
 *                      | 404, 401
 *                      +--> ping --> 2.3, or 3 when it is 401
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

#define V1 "/v1"

enum {
	QUESTIONS = 2, /* about each root */
	PING = 1, /* the second of them */
	NUMBER_SIZE = 24,
};

static const char *const names[] = {
	[CACHET_AUTO] = "-",
	[CACHET_2_3] = "2.3",
	[CACHET_2_4] = "2.4",
	[CACHET_3] = "3",
};

enum {
	GENERATIONS = sizeof(names) / sizeof(names[0]),
};

/* By its memory; it was asked whether it is another one, and is not. */
#define SURE " sure"

/* By a refusal, which may be of what is before it: for this step only. */
#define GUESS " guess"
/* By its memory, too: an older Cachet 3, which keeps no marks and refuses to be
 * asked for them, or falls over the question for components as well. */
#define PLAIN " plain"
#define BARE " bare"

/** Where an API may be. */
struct root {
	const char *url;
	bool may_be_2;
	bool may_be_3;
};

struct roots {
	size_t n;
	struct root at[2];
};

/* Roots. */

static struct roots
roots_of(const struct cachet *cachet, struct arena *arena)
{
	const char *url = cachet->api_url;
	if (str_ends(url, "/api" V1)) {
		char *other = arena_dup(arena, url);
		other[strlen(other) - strlen(V1)] = '\0';
		return (struct roots){ 2,
			{ { url, true, false }, { other, false, true } } };
	}
	if (str_ends(url, "/api")) {
		const char *other = arena_printf(arena, "%s" V1, url);
		return (struct roots){ 2,
			{ { url, false, true }, { other, true, false } } };
	}
	return (struct roots){ 1, { { url, true, true } } };
}

static void
set(struct cachet *cachet, enum cachet_generation generation,
	struct arena *arena)
{
	struct roots roots = roots_of(cachet, arena);
	size_t i = 0;
	while (i + 1 < roots.n
		&& !(generation == CACHET_3 ? roots.at[i].may_be_3
					    : roots.at[i].may_be_2))
		i++;
	cachet->generation = generation;
	cachet->root = roots.at[i].url;
}

/* Memory. */

static enum cachet_generation
named(const char *text, size_t *len)
{
	for (size_t i = 0; i < GENERATIONS; i++) {
		*len = strlen(names[i]);
		if (strncmp(text, names[i], *len) == 0
			&& (text[*len] == '\0' || text[*len] == ' '))
			return (enum cachet_generation)i;
	}
	*len = 0;
	return CACHET_AUTO;
}

static enum cachet_generation
remembered(const struct cachet *cachet, bool *sure)
{
	size_t len;
	const char *memory = cachet->base.memory;
	enum cachet_generation generation = named(memory, &len);
	*sure = str_starts(memory + len, SURE);
	return generation;
}

static void
remember(const struct cachet *cachet, enum cachet_generation generation,
	const char *how)
{
	snprintf(cachet->base.memory, REPORTER_MEMORY_SIZE, "%s%s",
		names[generation], how);
}

static void
forget(const struct cachet *cachet)
{
	cachet->base.memory[0] = '\0';
}

bool
cachet_generation_keeps_marks(const struct cachet *cachet)
{
	const char *memory = cachet->base.memory;
	return cachet->generation == CACHET_2_4
		|| (cachet->generation == CACHET_3 && !str_ends(memory, PLAIN)
			&& !str_ends(memory, BARE));
}

const char *
cachet_generation_include(const struct cachet *cachet)
{
	const char *memory = cachet->base.memory;
	return str_ends(memory, BARE)	  ? ""
		: str_ends(memory, PLAIN) ? "&include=components"
					  : "&include=components,meta";
}

bool
cachet_generation_ask_less(
	const struct cachet *cachet, const struct http_response *answer)
{
	char *memory = cachet->base.memory;
	bool plain = str_ends(memory, PLAIN);
	if (cachet->generation != CACHET_3 || str_ends(memory, BARE)
		|| (answer->status != 400 && (answer->status != 500 || !plain)))
		return false;
	size_t len = strlen(memory) - (plain ? strlen(PLAIN) : 0);
	str_copy(
		memory + len, REPORTER_MEMORY_SIZE - len, plain ? BARE : PLAIN);
	return true;
}

/* Questions. */

static void
ask(struct cachet *cachet, const struct reporter_context *context,
	unsigned question, enum cachet_generation before,
	struct reporter_step *step)
{
	struct roots roots = roots_of(cachet, context->arena);
	const struct root *root = &roots.at[question / QUESTIONS];
	bool ping = question % QUESTIONS == PING;
	cachet->root = root->url;
	cachet->generation = root->may_be_2 ? CACHET_2_4 : CACHET_3;
	cachet_call_get(
		cachet, context->arena, ping ? "/ping" : "/schedules", step);
	char *rest = arena_dup(context->arena, context->carry);
	snprintf(context->carry, REPORTER_CARRY_MAX, "ask %u %s %s", question,
		names[before], rest);
}

/* The first about a root; a list tells Cachet 3 nothing. */
static unsigned
first_about(const struct roots *roots, size_t root)
{
	return (unsigned)(root * QUESTIONS)
		+ (roots->at[root].may_be_2 ? 0 : PING);
}

/* Takes the words of ask() off the carry; false when they are not there. */
static bool
take_question(const struct reporter_context *context, unsigned *question,
	enum cachet_generation *before)
{
	char *carry = context->carry;
	if (!str_starts(carry, "ask ") || carry[4] < '0' || carry[4] > '3'
		|| carry[5] != ' ')
		return false;
	*question = (unsigned)(carry[4] - '0');
	size_t len;
	*before = named(carry + 6, &len);
	char *rest = carry + 6 + len;
	rest += *rest == ' ';
	memmove(carry, rest, strlen(rest) + 1);
	return true;
}

static bool
is_refused(const struct http_response *answer)
{
	return answer->status == 401 || answer->status == 403;
}

static bool
is_absent(const struct http_response *answer)
{
	return answer->status == 404 || answer->status == 405
		|| answer->status == 410;
}

static enum cachet_generation
by_list(const struct root *root, const struct http_response *answer)
{
	if (is_refused(answer) && !root->may_be_3)
		return CACHET_2_4;
	if (answer->status != 200)
		return CACHET_AUTO;
	json_t *list = payload_read(answer);
	const json_t *pagination =
		json_object_get(json_object_get(list, "meta"), "pagination");
	bool linked = root->may_be_3 && json_object_get(list, "links");
	enum cachet_generation generation = pagination ? CACHET_2_4
		: linked			       ? CACHET_3
						       : CACHET_AUTO;
	json_decref(list);
	return generation;
}

static enum cachet_generation
by_ping(const struct root *root, const struct http_response *answer)
{
	if (is_refused(answer))
		return root->may_be_3 ? CACHET_3 : CACHET_2_4;
	json_t *data = cachet_call_data(answer);
	bool pong = json_is_string(data);
	json_decref(data);
	if (!pong)
		return CACHET_AUTO;
	return root->may_be_2 ? CACHET_2_3 : CACHET_3;
}

/* True when it is known now; else `step` asks on, or has given up. */
static bool
on_answer(struct cachet *cachet, const struct reporter_context *context,
	const struct http_response *answer, unsigned question,
	enum cachet_generation before, struct reporter_step *step)
{
	struct roots roots = roots_of(cachet, context->arena);
	size_t at = question / QUESTIONS < roots.n ? question / QUESTIONS : 0;
	bool ping = question % QUESTIONS == PING;
	enum cachet_generation found = ping ? by_ping(&roots.at[at], answer)
					    : by_list(&roots.at[at], answer);
	if (found != CACHET_AUTO) {
		remember(cachet, found,
			is_refused(answer)	  ? GUESS
				: found == before ? SURE
						  : "");
		set(cachet, found, context->arena);
		return true;
	}
	bool absent = is_absent(answer) || answer->status == 200
		|| is_refused(answer);
	if (absent && !ping)
		ask(cachet, context, question + 1, before, step);
	else if (absent && at + 1 < roots.n)
		ask(cachet, context, first_about(&roots, at + 1), before, step);
	else
		cachet_call_trouble(cachet, answer, context, step);
	return false;
}

/* Is it another one? */

/* Cachet 2 says "errors", and outside of its API anything; Cachet 3 has a
 * message everywhere. */
static bool
is_of_another(const struct cachet *cachet, const struct http_response *answer)
{
	if (!is_absent(answer))
		return false;
	json_t *root = payload_read(answer);
	bool of_2 = json_is_array(json_object_get(root, "errors"));
	bool of_3 = json_is_string(json_object_get(root, "message"));
	json_decref(root);
	return cachet->generation == CACHET_3 ? !of_3 : of_3 && !of_2;
}

/* 2.3 keeps no marks, and nothing called so. */
static bool
has_become_2_4(const struct cachet *cachet, const struct http_response *answer)
{
	if (cachet->generation != CACHET_2_3)
		return false;
	json_t *data = cachet_call_data(answer);
	const json_t *one =
		json_is_array(data) ? json_array_get(data, 0) : data;
	bool has = json_object_get(one, "meta") != NULL;
	json_decref(data);
	return has;
}

/* Another API has not even looked at a write. */
static bool
was_a_write_of_once(const char *carry)
{
	return str_starts(carry, "create") || str_starts(carry, "update");
}

/* The answer to a step's request, by what is remembered.  False: ask anew. */
static bool
check(struct cachet *cachet, const struct reporter_context *context,
	const struct http_response *answer, bool sure,
	struct reporter_step *step)
{
	if (has_become_2_4(cachet, answer)) {
		remember(cachet, CACHET_2_4, "");
		set(cachet, CACHET_2_4, context->arena);
	}
	if (sure || !is_of_another(cachet, answer))
		return true;
	enum cachet_generation before = cachet->generation;
	struct roots roots = roots_of(cachet, context->arena);
	bool undone = was_a_write_of_once(context->carry);
	forget(cachet);
	ask(cachet, context, first_about(&roots, 0), before, step);
	step->undone = undone;
	return false;
}

/* Cachet was forgotten while this was on its way; a point is sent once. */
static bool
is_of_a_point(const struct reporter_context *context,
	const struct http_response *answer)
{
	return answer && context->part && context->part->kind == PART_POINT
		&& str_starts(context->carry, "write") && !is_absent(answer);
}

static enum cachet_generation
known_as(const struct cachet *cachet, bool *sure)
{
	return cachet->version != CACHET_AUTO ? cachet->version
					      : remembered(cachet, sure);
}

enum cachet_generation
cachet_generation_known(const struct cachet *cachet)
{
	bool sure;
	return known_as(cachet, &sure);
}

bool
cachet_generation_find(struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response **answer, struct reporter_step *step)
{
	unsigned question = 0;
	enum cachet_generation before = CACHET_AUTO;
	bool asked = take_question(context, &question, &before);
	const struct http_response *reply = asked ? *answer : NULL;
	if (asked)
		*answer = NULL;
	bool sure = false;
	enum cachet_generation known = known_as(cachet, &sure);
	if (known != CACHET_AUTO) {
		set(cachet, known, context->arena);
		return !*answer || cachet->version != CACHET_AUTO
			|| check(cachet, context, *answer, sure, step);
	}
	if (reply)
		return on_answer(
			cachet, context, reply, question, before, step);
	if (is_of_a_point(context, *answer))
		return true;
	struct roots roots = roots_of(cachet, context->arena);
	ask(cachet, context, first_about(&roots, 0), CACHET_AUTO, step);
	return false;
}

void
cachet_generation_doubt(const struct cachet *cachet,
	const struct http_response *answer, const struct reporter_step *step)
{
	if (cachet->version != CACHET_AUTO)
		return;
	bool guessed = strstr(cachet->base.memory, GUESS) != NULL;
	if ((guessed && step->kind != STEP_SEND)
		|| (step->kind == STEP_SUSPENDED && answer
			&& is_absent(answer)))
		forget(cachet);
}
