/*
 * A reporter turns events into requests, and answers into what they mean.
 *
 * It is pure: no I/O, no queue, no clock, no retries and, but for a few words
 * about its target, no memory; the outbox has all of these, once, for every
 * kind.  What is left is two
 * functions and two tables of examples to test them with:
 *
 *     plan   which parts does this event need?                 event -> parts
 *     step   what is to be done next about this part?   answer -> next request
 *
 * A new kind of reporter is one file in this folder and one line in registry.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/client.h"
#include "agent/judge/bucket.h"
#include "agent/judge/route.h"
#include "agent/model/event.h"
#include "conf/schema.h"

struct arena;
struct err;
struct reporter;
struct reporter_view;
struct token_source;
struct view_incident;

enum {
	REPORTER_PARTS_MAX = 4,
	REPORTER_CARRY_MAX = 4096,
	REPORTER_REF_SIZE = 64,
	REPORTER_LANE_SIZE = 64,
	REPORTER_MEMORY_SIZE = 64,
};

/** How a part is queued. */
enum reporter_part_kind {
	/*
	 * Each one goes out, and in order per endpoint: parts of the same
	 * endpoint and lane wait for one another.
	 */
	PART_EVENT = 0,

	/*
	 * The state of a thing that the receiver mirrors; the lane names the
	 * thing.  Only the latest counts, and its value is computed when it is
	 * sent: context.mirror.
	 */
	PART_MIRROR,

	/*
	 * A point of a metric: sent once or lost, whatever the step says of it;
	 * for an event that has one, see event_has_point().
	 */
	PART_POINT,

	/* Nothing is told: `look` instead of `step`.  Never in a plan. */
	PART_LOOK,
};

struct reporter_part {
	enum reporter_part_kind kind;
	char lane[REPORTER_LANE_SIZE];
};

struct reporter_plan {
	size_t n;
	struct reporter_part parts[REPORTER_PARTS_MAX];
};

/** What became of the opening of this event's incident at this reporter.  The
 * numbers are stored. */
enum reporter_opening {
	OPENING_NONE = 0, /* it never was to be told here */
	OPENING_PENDING,
	OPENING_TOLD,
	OPENING_FAILED, /* rejected, or expired untold */
	OPENING_SET, /* told, and it set what is mirrored, see `sets_mirror` */
};

/**
 * What a receiver keeps of a metric: found out by steps, and remembered for
 * their lane until the process ends.  Zeroed to begin with.
 */
struct reporter_meter {
	/*
	 * It keeps one point of each window of that length, counted from 1970,
	 * so the points of a window are united to one; 0: it keeps them all.
	 */
	int64_t window_ms;
	bool adds_up; /* to their sum; else to their average */
	bool missing; /* there is no such metric */
	int64_t found_ms; /* wall clock: when that was found out; 0: never */
};

/** A point, or what those of a window make together. */
struct reporter_point {
	double value; /* in the unit of the metric */
	int64_t at_ms; /* wall clock; the middle of a window */
	int64_t window_ms; /* of the window that is over; 0: it is one point */
	struct reporter_meter *meter; /* a step may change it */
};

/** What a step may look at.  All of it is borrowed for the step. */
struct reporter_context {
	const struct event *event;
	const struct reporter_part *part;
	unsigned part_number; /* from 0 */
	int64_t now_ms; /* wall clock */

	enum reporter_opening opening;
	const char
		*ref; /* what the opening's receiver gave back; "" for none */

	/*
	 * Of an opening: its incident is over, which waits to be told after it.
	 * The step may tell both as one: `told_closing`.  NULL otherwise.
	 */
	const struct event *closing;

	/*
	 * What else this one message is to tell, in the order of its time: more
	 * is due than the limit of the target lets through one by one.  Only
	 * for a kind with `company_max`.
	 */
	const struct event *more;
	size_t n_more;

	/*
	 * This part was begun, and what came of it is not known: the process
	 * ended, or the answer to a request marked `once` was lost.  When the
	 * request was begun.
	 */
	bool uncertain;
	int64_t begun_ms;

	/*
	 * What a mirror of this endpoint should show now: the worst of all
	 * endpoints that share its component; and of those of them alone that
	 * have UPDATE_STATUS, with STATUS_UNKNOWN for none.
	 */
	enum status mirror;
	enum status mirror_of_setters;

	struct reporter_point point; /* of a PART_POINT */

	bool is_test; /* nobody's phone is to ring, where that can be said */

	/*
	 * Up to REPORTER_CARRY_MAX - 1 bytes that are kept between steps, and
	 * across restarts from one `once` request, retry or pause to the next.
	 * A string, "" to begin with; the step may change it.
	 */
	char *carry;

	const char
		*token; /* by `token_source`, as long as the arena; or NULL */
	struct arena *arena; /* for the request; lives until it is answered */
};

enum reporter_step_kind {
	STEP_SEND = 0, /* send `request`, then step again with the answer */
	STEP_DONE,
	STEP_RETRY, /* later, from the start, with the same carry */
	STEP_REJECTED, /* this payload will never be taken */

	/*
	 * The target refuses our credentials or is not there: everything for it
	 * is held and it is tried again every few minutes.
	 */
	STEP_SUSPENDED,
};

struct reporter_step {
	enum reporter_step_kind kind;

	/* SEND */
	struct http_request request;
	bool once; /* a repeat would double something: begin durably first */

	/*
	 * RETRY, SEND: the `once` request before certainly had no effect, so
	 * nothing is uncertain any more.
	 */
	bool undone;

	/*
	 * RETRY: wait at least that long; 0 leaves it to the outbox.
	 * DONE: when not 0, the part is told and holds up nobody, but is
	 * stepped once more after that.
	 */
	int64_t after_ms;
	bool target_down; /* RETRY: nothing else for this target will work */

	/*
	 * RETRY: the target asks for fewer requests.  Nothing is sent to it for
	 * `after_ms`, and this is no failure of what was sent.
	 */
	bool limited;
	bool refused; /* SUSPENDED, or of `vet` REJECTED: not with this token */

	/*
	 * RETRY, of a point that was not sent: it is to be united with others,
	 * by what its meter says now.
	 */
	bool early;

	/*
	 * DONE: what was sent may have changed the thing of this PART_MIRROR
	 * lane too, as the creation of an incident sets its component: mirror
	 * it anew.  "" for none.
	 */
	char mirror_again[REPORTER_LANE_SIZE];

	/*
	 * DONE of an opening: it also set a thing that no part of this endpoint
	 * would set, which is to be put back when it is over: OPENING_SET.
	 */
	bool sets_mirror;

	/*
	 * DONE: with the opening, `closing` of its context was told, and what
	 * is between them need not be.
	 */
	bool told_closing;

	char ref[REPORTER_REF_SIZE]; /* DONE: "" or what is to be kept */
	char detail[240]; /* a sentence for the log; DONE: "" if all is well */
};

/** The receiver was told of it. */
bool reporter_opening_is_told(enum reporter_opening opening);

/** How often a target may be asked. */
struct reporter_limit {
	struct bucket_limit limit;
	bool apart; /* so many reads, and as many of all else */
	bool is_set; /* by a user, not by what the target publishes */

	/*
	 * How long the windows are that its X-RateLimit-Limit is about, which
	 * then counts instead, or if it is less than what a user set; 0: not
	 * known.
	 */
	int64_t learnt_ms;
};

/** What is to be done about an incident of ours that is not as it should be. */
enum reporter_mend {
	MEND_CLOSE = 0,
	MEND_REOPEN,
};

/** What one kind of reporter implements. */
struct reporter_type {
	struct conf_variant conf; /* the name after `type:`, and its keys */

	/**
	 * People speak with the agent there: it takes an EVENT_ANSWER, and has
	 * a button where a press of it is heard.
	 */
	bool is_chat;

	/** The most events that a message may tell; 0 for one each. */
	unsigned company_max;

	/** NULL, with `err` set, if the settings cannot work. */
	struct reporter *(*create)(const void *settings, struct err *err);
	void (*destroy)(struct reporter *reporter);

	/** No parts: the event is not for this reporter. */
	void (*plan)(const struct reporter *reporter, const struct event *event,
		struct reporter_plan *plan);

	/**
	 * `answer` is NULL at the beginning and after a pause, else it answers
	 * the request of the step before.
	 */
	void (*step)(const struct reporter *reporter,
		const struct reporter_context *context,
		const struct http_response *answer, struct reporter_step *step);

	/**
	 * By its settings and its memory; NULL when nothing is known of limits.
	 */
	struct reporter_limit (*limit)(const struct reporter *reporter);

	/**
	 * At start: ask whether the target takes our credentials and knows what
	 * is configured for `endpoint`.  Steps as above, where REJECTED ends
	 * the program with its detail and anything else lets it go on.  NULL
	 * when there is nothing to ask.
	 */
	void (*vet)(const struct reporter *reporter, const char *token,
		const struct event_endpoint *endpoint,
		const struct http_response *answer, char *carry,
		struct arena *arena, struct reporter_step *step);

	/**
	 * Of a kind that shows things to the public: take back what the opening
	 * made there, by the context's `ref`.  Steps as above.  Else NULL.
	 */
	void (*undo)(const struct reporter *reporter,
		const struct reporter_context *context,
		const struct http_response *answer, struct reporter_step *step);

	/* Of a kind whose target can be asked what it shows; else NULL. */

	/**
	 * Read all that the target shows into `view`, which is whole and in
	 * order when it is DONE.  Steps as above; of the context, event, part
	 * and all that is said of them are not looked at.
	 */
	void (*look)(const struct reporter *reporter,
		const struct reporter_context *context,
		const struct http_response *answer, struct reporter_view *view,
		struct reporter_step *step);

	/** By its mark, its title and its component, is it of this endpoint? */
	bool (*owns)(const struct reporter *reporter,
		const struct view_incident *incident,
		const struct event_endpoint *endpoint);

	/**
	 * The part, and the carry that it begins with, that sets right the
	 * incident of this id; for an EVENT_BASELINE which is not `first`.
	 * `carry` has REPORTER_CARRY_MAX bytes.
	 */
	void (*mend)(const struct reporter *reporter, enum reporter_mend mend,
		int64_t id, struct reporter_part *part, char *carry);
};

/** The part all kinds share: the first member of each kind's own struct. */
struct reporter {
	const struct reporter_type *type;
	enum route_audience audience;

	/**
	 * Where its token comes from: without one it is neither vetted nor
	 * stepped.  NULL when it needs none; owned by the kind's own struct.
	 */
	const struct token_source *token_source;

	/**
	 * What the URLs of all its requests begin with, as `api_url:` says it;
	 * NULL for a kind without.
	 */
	const char *api_url;

	/**
	 * How often what it shows is compared with the truth while all is well,
	 * 0 for never, and whether what people changed there is put back too.
	 * For a kind with `look`.
	 */
	int64_t look_every_ms;
	bool look_strictly;

	/** It is not to be compared at all. */
	bool look_never;

	/**
	 * What `report_to`, or `cachet` of an endpoint, calls it; NULL for one
	 * that is not chosen by name.
	 * The agent sets it; borrowed from the document.
	 */
	const char *name;

	/** See reporter_label(); NULL: its id. */
	char *label;

	/**
	 * A press of a button is heard.  The agent sets it, of a kind that is a
	 * chat.
	 */
	bool hears_presses;

	/**
	 * What it is told stays there to be read: that something is over is
	 * told for a month, lest it stand there for ever, and so is all else if
	 * it tells late.
	 */
	bool is_record;
	bool tells_late;

	/**
	 * What its steps found out about its target: REPORTER_MEMORY_SIZE bytes
	 * that `step` and `vet` may change.  A string, "" at the start of the
	 * process; whatever is lost with it can be found out again.
	 */
	char *memory;

	/**
	 * Who it is, across restarts: "slack/ops", "webhook/5f3a...",
	 * "cachet/https://status.example.net/api/v1".  Stored; no secret in it.
	 */
	char *id;
};

/** All kinds, sorted by name and NULL-terminated. */
extern const struct reporter_type *const reporter_types[];

const struct reporter_type *reporter_type_of(
	const struct conf_variant *variant);

/* For the agent. */

/** `settings` must outlive the reporter. */
struct reporter *reporter_new(
	const struct conf_chosen *chosen, struct err *err);

/** What people read of it: its id, or how they call it where that says more,
 * "cachet/public". */
const char *reporter_label(const struct reporter *reporter);

/** NULL is allowed and does nothing. */
void reporter_free(struct reporter *reporter);

/* For the kinds. */

/**
 * What an answer usually means: 2xx is done; no answer, 408, 425, 429 and 5xx
 * are worth a retry, minding Retry-After; 401, 403, 404 and 410 suspend; the
 * rest is rejected.  Sets everything in `step`.
 */
void reporter_usual(const struct http_response *answer, int64_t now_ms,
	struct reporter_step *step);

/**
 * "<incident uuid>:<event seq>:<part>", the same on every attempt; of each
 * event that is told, with commas in between.
 */
const char *reporter_delivery_key(const struct reporter_context *context);

/** A POST of `body` as JSON with X-Curlew-Delivery. */
void reporter_post_json(const struct reporter_context *context, const char *url,
	const char *body, int64_t timeout_ms, struct reporter_step *step);

/** A plan: one message of all that people are to hear of. */
void reporter_plan_message(const struct reporter *reporter,
	const struct event *event, struct reporter_plan *plan);

/** So many messages a minute, `burst` of them at once. */
struct reporter_limit reporter_limit_of(int64_t count, unsigned burst);

/** "slack/ops"; with the hash where it has no name.  The caller owns it. */
char *reporter_id(const char *type, const char *name, uint64_t hash);

/** Of the URL as it is written: what stands in for a secret, not the secret. */
uint64_t reporter_hash_url(const struct conf_source *url);

/** Rejects a `url` that is none; without one there is nothing to reject. */
void reporter_check_url(
	const struct conf_source *url, struct conf_reader *reader);
