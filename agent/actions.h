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

struct actions;
struct conf;
struct err;
struct ledger;
struct operator_asker;
struct orders;
struct outbox_transport;
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
	 * As operator_done_fn has it: "command", "good", "outcome" ("running",
	 * "done", "failed", "unsure", "dropped", "late"), "text"; also "name",
	 * "run", "by", "since", and once there was an answer, "status" and
	 * "said", what the receiver says of it: plain text, cleaned, secrets
	 * covered, at most ACTIONS_SAID_MAX bytes.
	 */
	json_t *answer;
};

typedef void actions_reply_fn(void *cookie, const struct actions_news *news);

/**
 * Who answers to what this source (the asker's) asked for; NULL: nobody does
 * any more.  Where to answer to is kept sealed with a key made from `secret`,
 * which is copied.  The reply runs later, never from inside another function
 * here; results that a former process could not tell are handed over, too.
 */
void actions_set_reply(struct actions *actions, const char *source,
	const char *secret, actions_reply_fn *reply, void *cookie);

/** The result of this run was told, or never can be: forget it.  Until then it
 * is handed over once in each process, for a day. */
void actions_told(struct actions *actions, const char *run);

/** An action has this slash command of its own, such as "/cloudmaster". */
bool actions_has_command(const struct actions *actions, const char *command);
