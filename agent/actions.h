/*
 * Has done what `actions:` of the configuration says, for who may ask for it:
 * a request that is sent once it is recorded, tried until its answer is there
 * or its time is over, across restarts; what came of it is told to who asked.
 *
 *     operator_start (COMMAND_RUN) -> actions_start -> "begun"
 *     ... durable -> request -> answer -> recorded -> the chat's reply
 *
 * At least once: each attempt has the same X-Curlew-Delivery and
 * Idempotency-Key, by which a receiver can tell.  With `repeat: false` nothing
 * that may have arrived is sent again: after a crash in mid-request it is told
 * that nobody knows whether it was done.
 *
 * Not the request is remembered but the action's name and the words: it is made
 * again from the configuration.  What runs while the configuration is loaded
 * anew is finished with what it was begun with; what a start finds begun, and
 * the configuration has no more, is told as dropped.
 *
 * A chat asks like everybody, by operator_start() with COMMAND_RUN: for its own
 * slash commands `whole` is all of it, "/cloudmaster create vm1 on gcp", the
 * text as command_plain() gives it; for `run` what follows the word.  In the
 * asker it hands over where to answer to.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "agent/base/clock.h"
#include "agent/outbox.h"
#include "conf/action_pattern.h"

struct actions;
struct arena;
struct conf;
struct conf_action;
struct err;
struct ledger;
struct operator_asker;
struct orders;
struct rng;
struct store;

enum {
	ACTIONS_REPLY_MAX = 2048, /* bytes of where to answer to */
	ACTIONS_RUNNING_MAX = 100, /* at a time */
	ACTIONS_EACH_MAX = 10, /* of one action */
	ACTIONS_SAID_MAX = 2000, /* bytes of what a receiver says */
};

/**
 * What is told of a run: that it goes on, at growing intervals, at most four
 * times; then what came of it.  Everything is borrowed until the reply returns.
 */
struct actions_news {
	const char *run; /* its id */
	const char *action; /* its name */
	const char *who;
	const char *channel;
	int64_t started_ms; /* wall clock */
	bool over; /* it is the last: see actions_told() */

	/* What was handed over by who asked; NULL when it cannot be read any
	 * more, as its secret changed. */
	const void *reply;
	size_t reply_len;

	/**
	 * As operator_done_fn has it, and as the chats show it: "command" is
	 * "action", "outcome" one of "goes_on", "done", "failed", "uncertain";
	 * "good", "text", "name", "by"; "result" is what the receiver says, or
	 * why it failed: plain text, cleaned, secrets covered, of at most
	 * ACTIONS_SAID_MAX bytes; also "run", "since", "ended" and, once there
	 * was an answer, "status".
	 */
	json_t *answer;
};

typedef void actions_reply_fn(void *cookie, const struct actions_news *news);

/**
 * Who answers to what this source (the asker's) asks for, from now on; NULL:
 * nobody does any more.  Where to answer to is kept sealed with a key made from
 * `secret`, which is copied.  The reply runs later, never from inside another
 * function here; results that a former process could not tell are handed over,
 * too.
 */
void actions_set_reply(struct actions *actions, const char *source,
	const char *secret, actions_reply_fn *reply, void *cookie);

/** The result of this run was told, or never can be: forget it.  Until then it
 * is handed over once in each process, for a day. */
void actions_told(struct actions *actions, const char *id);

/** An action has this slash command of its own, such as "/cloudmaster". */
bool actions_has_command(const struct actions *actions, const char *command);

/* For operator_*.c and the shell. */

/** Which action is meant by what follows `run`. */
struct actions_found {
	const struct conf_action *action;
	struct conf_action_words words;
	const char *text; /* what follows its name or command */

	/* None was found: "help", which was asked for; "bad_word" or "unclear",
	 * as `words` has it; "no_way" in which it can be said; "no_action" of
	 * this name, "which_action", or "no_actions" at all. */
	const char *outcome;
	const char *asked; /* for it */
	const char *near; /* what may have been meant; NULL */

	/* Of which to say how they are asked for: this one, those with this
	 * slash command, or neither. */
	const struct conf_action *meant;
	const char *command;
};

/** In the arena.  False: `err` says what would be right. */
bool actions_find(const struct actions *actions, const char *text,
	struct arena *arena, struct actions_found *found, struct err *err);

/** How each that they may have done is said: [{"say", "help"}]; to
 * json_decref(). */
json_t *actions_ways(
	const struct actions *actions, const struct operator_asker *asker);

/**
 * How to ask for those that may have been meant, for who did not know; to
 * json_decref().  [{"name", "ways": as above, "words": [{"word", "look",
 * "choices"}], "example", "users", "channels", "refusal"}], of which those may
 * lack that it has not; the last is "not_by_you" or "not_here".
 */
json_t *actions_teach(const struct actions *actions,
	const struct actions_found *found, const struct operator_asker *asker);

enum actions_refusal {
	ACTIONS_ALLOWED = 0,
	ACTIONS_NOT_BY_YOU,
	ACTIONS_NOT_HERE,
};

enum actions_refusal actions_may(
	const struct conf_action *action, const struct operator_asker *asker);

/**
 * Begin it; what is durable with this turn is sent after it.  NULL: `err` says
 * why not, and that it is for there being too many if `*full`.  Else the id,
 * borrowed until it is forgotten.
 */
const char *actions_start(struct actions *actions,
	const struct actions_found *found, const struct operator_asker *asker,
	struct moment now, bool *full, struct err *err);

/** How it goes with this one: the answer as above, with "over", a boolean;
 * NULL when there is none.  To json_decref(). */
json_t *actions_look(const struct actions *actions, const char *id);

/** Those that run and those that ended of late, the latest first. */
json_t *actions_list(const struct actions *actions);

/* For agent.c and its agent_*.c. */

struct actions_settings {
	struct store *store;
	struct ledger *ledger;
	struct orders *orders;
	struct rng *rng;
	struct outbox_transport transport;
	struct moment (*now)(void *cookie);
	void *now_cookie;
};

/** All of the settings must outlive it. */
struct actions *actions_new(const struct actions_settings *settings);

/** What is on its way is found again at the next start.  NULL is allowed. */
void actions_free(struct actions *actions);

/** What there is to do from now on; it is held. */
void actions_set_conf(struct actions *actions, struct conf *conf);

/** Take up what a former process left.  After actions_set_conf(). */
bool actions_load(struct actions *actions, struct moment now, struct err *err);

/** Before the commit: what is too late, what is forgotten. */
void actions_turn(struct actions *actions, struct moment now);

/** After it: send, and tell.  When to call both again: milliseconds of the
 * monotonic clock, or -1. */
int64_t actions_launch(struct actions *actions, struct moment now);

/** Requests in flight. */
size_t actions_busy(const struct actions *actions);

/* For metrics. */

enum actions_end {
	ACTIONS_DONE = 0,
	ACTIONS_FAILED,
	ACTIONS_UNSURE, /* whether it was done */
};

enum {
	ACTIONS_ENDS = ACTIONS_UNSURE + 1,
};

/** As answers have it: "done", "failed", "uncertain". */
const char *actions_end_name(enum actions_end end);

struct actions_count {
	const char *name; /* of one of the configuration */
	unsigned running;
	uint64_t ended[ACTIONS_ENDS]; /* in this process */
};

typedef void actions_count_fn(void *cookie, const struct actions_count *count);

/** Each of the configuration, in its order. */
void actions_counts(
	const struct actions *actions, actions_count_fn *each, void *cookie);
