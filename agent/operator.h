/*
 * Does what people ask for, wherever they stand: the one door for the shell and
 * for chats.
 *
 *     command_parse -> operator_start ... done(answer)
 *
 * What a command changes is durable before `done` runs: what was confirmed
 * holds after a restart, a crash and a reload.  Each attempt to change
 * something is recorded, with who, when and what came of it.
 *
 * remove   The endpoint is taken out as by a reload that has it no more: what
 *          is open of it is closed as no longer monitored.  It stays out
 *          though the configuration has it, and though another monitor speaks
 *          of it again, until it is restored.
 * ack      Holds for what is open of the endpoint now, for a time or until it
 *          is over, and for nothing that comes after.
 * mute     People are told nothing of it; status pages follow the truth, and
 *          incidents are opened and closed as ever.  When it ends, people are
 *          told how things are where that is other than what they were told
 *          last: of an incident that began meanwhile and lasts, once; of one
 *          that they knew, that it is over or as bad as it is now.  Of what
 *          came and went meanwhile they never hear.  That the agent is blind
 *          is told always.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "agent/base/clock.h"
#include "agent/model/command.h"

struct agent;
struct event;
struct monitor;
struct operator_desk;
struct operator_call;

/** Who asks, as it is to be recorded.  Strings may be NULL. */
struct operator_asker {
	const char *who;
	const char *source; /* "shell", "slack" */
	const char *channel; /* where they stand */
	json_t *payload; /* for `echo`: secrets are covered; NULL for none */

	/* For actions; see actions.h. */
	const char *user; /* their id in the chat; NULL: the same as `who` */
	const char *channel_id; /* NULL: the same as `channel` */
	bool trusted; /* may have all of them done, as the shell may */
	const void *reply; /* where to answer to; NULL: nowhere */
	size_t reply_len; /* up to ACTIONS_REPLY_MAX */

	/* They may change nothing, or not there, which is recorded when they
	 * try.  Not for actions that name their users, or their channels,
	 * themselves. */
	bool not_by_you;
	bool not_here;
};

/**
 * Runs once, later, and may start others but cancel none; the answer is
 * borrowed.  It has:
 *
 *     command  its word
 *     good     false when it could not be done
 *     outcome  one word, for those who have texts of their own
 *     text     one sentence, in English
 *
 * and as the command needs: "name"; "endpoint", as `curlew status NAME` has it;
 * "endpoints" with "counts" and "more"; "removed", "history", "audit" and
 * "commands", lists; "by", "until", "configured", "all_muted"; "payload"; and
 * of what is refused: "asked", "near", "among_removed"; "one", "other" and
 * "others"; "why"; of actions "word", "given" and "look", "actions" as
 * actions_ways() and "lessons" as actions_teach() have them.
 * agent/chat/answer.h has words for all of it.
 */
typedef void operator_done_fn(void *cookie, json_t *answer);

/**
 * All of the command and the asker is copied.  Everything but a look at an
 * endpoint is answered within 3 seconds.
 */
struct operator_call *operator_start(struct operator_desk *desk,
	const struct command *command, const struct operator_asker *asker,
	operator_done_fn *done, void *cookie, struct moment now);

/** What was begun goes on, but `done` will not run.  NULL is allowed. */
void operator_cancel(struct operator_call *call);

/** The same for who comes again: begin, and get a number to ask with; 0 when
 * too many wait. */
uint64_t operator_ask(struct operator_desk *desk, const struct command *command,
	const struct operator_asker *asker, struct moment now);

/** {"pending": true} at first, and then, once, the answer; NULL when there is
 * no such request any more.  The caller's to json_decref(). */
json_t *operator_asked(struct operator_desk *desk, uint64_t number);

/* For agent.c and its agent_*.c. */

struct operator_desk *operator_new(struct agent *agent);

/** NULL is allowed and does nothing. */
void operator_free(struct operator_desk *desk);

/** End what was ordered for a time.  Before outbox_turn(). */
void operator_turn(struct operator_desk *desk, struct moment now);

/** Answer what is done and durable.  After outbox_turn().  When to call both
 * again: milliseconds of the monotonic clock, or -1. */
int64_t operator_answer(struct operator_desk *desk, struct moment now);

void operator_on_event(struct operator_desk *desk, const struct event *event);
void operator_on_result(
	struct operator_desk *desk, const struct monitor *monitor);
