/*
 * For actions.c and its actions_*.c alone.
 *
 *     actions.c         what runs, what is remembered of it
 *     actions_find.c    which action is meant, and who may have it done
 *     actions_teach.c   how it is asked for
 *     actions_end.c     what came of it
 *     actions_count.c   how often it came to that
 *     actions_send.c    attempts and their answers
 *     actions_answer.c  what an answer means (pure)
 *     actions_tell.c    what is told of it
 */
#pragma once

#include <stdarg.h>

#include "agent/actions.h"
#include "agent/base/list.h"
#include "agent/http/client.h"
#include "agent/store/store.h"
#include "conf/action_pattern.h"

struct arena;
struct conf_action;

struct actions_source {
	struct list link;
	char *name;
	char *secret;
	actions_reply_fn *reply;
	void *cookie;
};

struct actions {
	struct actions_settings settings;
	struct conf *conf; /* held */
	struct list runs; /* in the order in which they began */
	struct list sources;
	struct list dropped; /* what the store is to forget */
	struct map *tallies; /* struct actions_count, by name */
	size_t n_past; /* runs that are over */
	int64_t tidy_ms; /* monotonic: when to forget some */
};

/** One time that an action is done. */
struct run {
	struct list link;
	struct actions *actions;
	struct arena *arena;
	struct store_run row; /* its strings are in the arena */
	struct conf_action_words words;
	bool unwritten;

	/* While it runs; the document is held. */
	struct conf *conf;
	const struct conf_action *action;
	const char *follow; /* where it tells how it goes; NULL */
	struct arena *place; /* of the latest such; NULL */
	char *elsewhere; /* where to send it this time; NULL */
	int64_t until_ms; /* monotonic */
	int64_t over_ms; /* since when it is known to be over */
	int64_t due_ms; /* monotonic: when to ask; -1 while it is asked */
	unsigned failures; /* in a row */
	unsigned asked; /* how often where it tells how it goes */
	unsigned redirects;
	bool arrived; /* what was sent may have */
	char *last; /* what went wrong, or what it says so far; NULL */

	void *call;
	struct arena *request_arena;
	struct http_request request;

	/* What is told. */
	unsigned n_news;
	bool handed; /* its result, in this process */
};

static inline bool
run_is_over(const struct run *run)
{
	return run->row.state >= STORE_RUN_OVER;
}

/* actions.c */

/** NULL when there is none of this id. */
struct run *actions_run(const struct actions *actions, const char *id);

void actions_leave_conf(struct run *run);

/** A key for what is kept of this action. */
const char *actions_key(const struct conf_action *action, struct arena *arena);

/** It is to be written, with what else this turn changes. */
void actions_touch(struct run *run);

/* actions_end.c */

/** It is over; `result` is what the receiver says, or why. */
void actions_end(struct run *run, enum actions_end end, int status,
	const char *result, struct moment now);

/* actions_count.c */

/** It came to this. */
void actions_count(
	struct actions *actions, const char *name, enum actions_end end);

void actions_free_counts(struct actions *actions);

/* actions_send.c */

/** What a former process began. */
void actions_resume(struct run *run, struct moment now);

/** Forget what was asked. */
void actions_hang_up(struct run *run);

/** Time is over, perhaps. */
void actions_check_time(struct run *run, struct moment now);

/** Send it if it is time.  When to call again, or -1. */
int64_t actions_send(struct run *run, struct moment now);

/* actions_answer.c */

enum actions_next {
	ACTIONS_NEXT_END = 0,
	ACTIONS_NEXT_AGAIN, /* the same, after a while */
	ACTIONS_NEXT_ELSEWHERE, /* the same at once, to `url` */
	ACTIONS_NEXT_FOLLOW, /* ask `url` how it goes, after a while */
};

struct actions_verdict {
	enum actions_next next;
	enum actions_end end;
	const char *result; /* in the arena, for people; never NULL */
	const char *url;
	int64_t after_ms; /* as the receiver wishes; 0: no matter */
};

/** `following`: it was asked how it goes. */
struct actions_verdict actions_judge(const struct conf_action *action,
	bool following, const struct http_request *request,
	const struct http_response *answer, int64_t now_ms,
	struct arena *arena);

/* actions_tell.c */

void actions_free_source(struct actions_source *source);

/** As operator.h has answers; to json_decref(). */
json_t *actions_answer(const struct run *run);

/** What is in the row once it is over. */
json_t *actions_result(const struct run *run, enum actions_end end, int status,
	const char *result);

/** Hand over what is to be told.  When to call again, or -1. */
int64_t actions_tell(struct run *run, struct moment now);

/** Without secrets and control characters, and not long; in the arena. */
const char *actions_clean(const struct conf *conf,
	const struct conf_action *action, const char *text,
	struct arena *arena);
