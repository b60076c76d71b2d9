/*
 * What the files of the outbox share.
 *
 *     outbox.c          the doors: reporters, announcements, statistics
 *     outbox_telling.c  what is told, once for all who are told
 *     outbox_lane.c     whose turn it is: lanes, order, due times
 *     outbox_carry.c    one part on its way: steps and answers
 *     outbox_outcome.c  what becomes of it
 *     outbox_company.c  several that go as one message
 *     outbox_change.c   reporters that change or go
 *     outbox_pace.c     how often its target may be asked
 *     outbox_pause.c    when not at all, across restarts
 *     outbox_point.c    points, which nobody remembers
 *     outbox_look.c     looks at what receivers show, and what follows
 *     outbox_write.c    what the ledger makes durable
 *     outbox_load.c     what a former process left undone
 *
 * A part is always in exactly one of these places: waiting in its lane; in
 * flight (being stepped, composed and waiting for the commit, or sent); told
 * and waiting for its last step; settled.
 */
#pragma once

#include "agent/base/clock.h"
#include "agent/base/heap.h"
#include "agent/base/list.h"
#include "agent/judge/bucket.h"
#include "agent/moved.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "reporters/reporter.h"

struct arena;
struct map;

enum {
	OUTBOX_PARALLEL = 4, /* requests in flight for one reporter */
	OUTBOX_CHAIN_MAX = 200, /* requests of one part in a row */
	OUTBOX_SUSPEND_MS = 5 * 60 * 1000,
	OUTBOX_RETRY_AFTER_MAX_MS = 60 * 60 * 1000,
	OUTBOX_POINTS_MAX = 1000, /* that wait for one reporter */
	OUTBOX_UNSAFE_MS = 5 * 1000, /* then repeatable things go unrecorded */
};

/** An event, shared by the deliveries that carry it. */
struct telling {
	struct list link; /* in outbox.new_tellings, or by itself */
	unsigned refs; /* of deliveries, and of new_tellings */
	struct arena *arena; /* owns what the event points at */
	struct event event;
	bool unwritten;
};

/** A metric of a receiver. */
struct meter {
	struct reporter_meter known;
	struct part *open; /* that takes more; NULL for none */
	int64_t last_slot; /* that was told, in windows as long as */
	int64_t last_window_ms; /* this */
};

/** What a part of a metric is about. */
struct point {
	struct meter *meter;
	double sum;
	unsigned n;
	int64_t at_ms; /* of the only one */
	int64_t window_ms; /* 0: it is the only one */
	int64_t slot; /* which of these windows */
};

/** Parts that wait for one another. */
struct lane {
	struct list parts; /* struct part.in_lane; the first has its turn */
	bool mirror;
	char *key;
};

struct part {
	struct delivery *delivery;
	unsigned number;
	struct reporter_part plan;
	struct point *point; /* NULL unless it is one */

	enum store_part_state state;
	struct lane *lane; /* NULL once it is told or settled */
	struct list in_lane;
	struct heap_item due; /* in queue.due when it may be taken */
	int64_t due_ms; /* monotonic */
	bool active; /* those before it in the delivery had their turn */
	bool flying;
	bool alone; /* no other is told in the same message */

	unsigned failures; /* in a row */
	bool failed_here; /* at least once in this process */
	int64_t begun_ms; /* wall clock; 0: nothing is uncertain */
	int64_t begun_before_ms; /* what that was before the request */
	char *carry; /* NULL for "" */

	/* In flight. */
	struct list in_flight; /* outbox.composed, or by itself */
	struct arena *arena;
	struct http_request request;
	const char *token; /* that the request bears; NULL for none */
	bool once;
	unsigned chain;
	struct moved moved;
	bool answered; /* by anything at all: the target is there */
	void *call; /* NULL unless sent */
	struct bucket *bucket; /* that it was counted in; NULL unless sent */
	bool held; /* composed, and waiting for its turn at the target */
	int64_t mirrored_to; /* delivery id up to which a mirror counts */

	/* In company. */
	struct list riders; /* of the one that leads: their `ride` */
	struct list ride; /* in those of another one, or by itself */

	struct list dirty; /* in outbox.dirty_parts, or by itself */
};

struct delivery {
	/* In queue.deliveries, later in outbox.done; if it is fleeting, in
	 * queue.fleeting and outbox.forgotten. */
	struct list link;
	int64_t id;
	struct queue_of *queue;
	struct telling *telling;
	struct list fresh; /* in outbox.new_deliveries, or by itself */
	bool unwritten;
	bool fleeting; /* points or a look: it never sees the store */
	struct reporter_view *view; /* of a look */
	int64_t created_wall_ms;
	int64_t created_mono_ms;
	size_t unsettled;
	size_t n_parts;
	struct part parts[];
};

/** What became of an opening at one reporter. */
struct receipt {
	struct list dirty; /* in outbox.dirty_receipts, or by itself */
	struct queue_of *queue;
	char incident[UUID_TEXT_SIZE];
	enum reporter_opening opening;
	char ref[REPORTER_REF_SIZE];
	unsigned uses; /* deliveries of this incident */
	bool closed; /* nothing follows those */
};

/** How often the target of a reporter may be asked. */
struct pace {
	struct bucket reads, all_else; /* all of it, unless they are apart */
	unsigned learnt; /* the last X-RateLimit-Limit; 0: none */
	int64_t shut_until_ms; /* monotonic: it asked for that */
	bool unwritten; /* the store has an earlier end of it, or none */
	unsigned limited; /* times in a row */
};

/** All that goes to one reporter. */
struct queue_of {
	struct list link;
	struct outbox *outbox;
	const struct reporter *reporter;
	const struct reporter *heir; /* in its place, once nothing is busy */
	bool removed; /* it goes when the last delivery is forgotten */
	struct list deliveries;
	struct list fleeting; /* those that the store never sees */
	size_t n_fleeting;
	bool looking;
	struct map *touched; /* lanes that parts left, and incidents that are
				over, since the look began; NULL: no look */
	struct map *lanes; /* key -> struct lane */
	struct map *receipts; /* incident -> struct receipt */
	struct map *meters; /* lane -> struct meter */
	struct heap due; /* of struct part.due */
	struct heap spare; /* the same, of what goes when nothing else does */
	size_t busy;

	/* The whole target is in trouble: one at a time, at its own times. */
	unsigned failures;
	int64_t pause_until_ms; /* monotonic; 0: now */
	bool lost; /* something that was told, and may arrive yet */
	bool suspended;
	bool said_moved;

	struct pace pace;
	size_t held; /* parts that are */

	struct outbox_stats stats;
	char trouble[256];
	int64_t expired_unwritten;
	bool losing_points; /* it was said */
};

struct outbox {
	struct outbox_settings settings;
	struct list queues;
	struct map *by_reporter; /* id -> struct queue_of */
	bool draining;
	size_t busy;
	int64_t last_event_id;
	int64_t last_delivery_id;

	struct list forgotten; /* fleeting deliveries that can be dropped */
	struct list composed; /* struct part.in_flight: sent after the commit */

	/* Unwritten. */
	struct list new_tellings;
	struct list new_deliveries;
	struct list dirty_parts;
	struct list dirty_receipts;
	struct list done; /* deliveries that are settled and can be dropped */
	int64_t *orphans; /* ids of deliveries whose reporter is gone */
	size_t n_orphans;
	int64_t cancelled_unwritten;
};

/* outbox.c */

void outbox_news(struct part *part, enum outbox_news news, const char *detail);

/** Counted under the queue, not yet in any lane.  The plan is copied. */
struct delivery *outbox_delivery_new(struct queue_of *queue,
	struct telling *telling, const struct reporter_plan *plan);
void outbox_delivery_free(struct delivery *delivery);

/** To this queue, now, and not yet durable. */
struct delivery *outbox_deliver(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now);

/** To this queue, now, if it goes there at all. */
void outbox_deliver_event(
	struct queue_of *queue, struct telling *telling, struct moment now);

/** In memory alone. */
struct delivery *outbox_deliver_fleeting(struct queue_of *queue,
	struct telling *telling, const struct reporter_plan *plan,
	struct moment now);

/** It is to be durable, under an id of its own. */
void outbox_remember(struct outbox *outbox, struct telling *telling);

/** NULL when there is none. */
struct receipt *outbox_receipt(
	const struct queue_of *queue, const char *incident);
/** The one that there is, or a new one. */
struct receipt *outbox_receipt_make(
	struct queue_of *queue, const char *incident);
void outbox_receipt_set(struct receipt *receipt, enum reporter_opening opening,
	const char *ref);

/** The reporter's token; NULL when it has none yet, or needs none. */
const char *outbox_token(const struct queue_of *queue);

/* outbox_telling.c */

struct telling *outbox_telling_new(const struct event *event);
void outbox_telling_drop(struct telling *telling);

/* outbox_lane.c */

/** Its unsettled parts join their lanes; the first may be due at once. */
void outbox_lane_join(struct delivery *delivery);

/** The turn of `part` is over for now: wait until `due_ms`. */
void outbox_lane_wait(struct part *part, int64_t due_ms);

/** It holds up nobody any more. */
void outbox_lane_leave(struct part *part);

/** Those after it in its delivery need not wait for it. */
void outbox_lane_next(struct delivery *delivery);

/** Nothing of the endpoint waits in the lane of this part, nor left it since a
 * look began. */
bool outbox_lane_is_still(const struct queue_of *queue,
	const struct reporter_part *part, const char *endpoint);

/** The part to be taken now, or NULL; then `*next_ms` is when to ask again. */
struct part *outbox_lane_due(
	struct queue_of *queue, int64_t now_ms, int64_t *next_ms);

/* outbox_carry.c */

void outbox_carry_take(struct part *part, struct moment now);

/** What followed an opening that was never told is not told either. */
bool outbox_carry_is_moot(const struct part *part);

/** Send what is composed; when to do so again, or -1. */
int64_t outbox_carry_launch(struct outbox *outbox, struct moment now);
void outbox_carry_cancel(struct part *part);

/* outbox_company.c */

/** `lead` is about to be stepped: what else is due may ride with it. */
void outbox_company_gather(struct part *lead, struct moment now);

/** The events of its riders, as the reporter is to see them. */
struct event *outbox_company_events(
	const struct part *lead, const char *reporter, size_t *n);

/** The lead has landed: what became of it becomes of all. */
void outbox_company_outcome(
	struct part *lead, const struct reporter_step *step, struct moment now);

/** The lead has landed, unsent or refused: one by one, then. */
void outbox_company_part(struct part *lead, int64_t now_ms);

/** Its riders are to be told later, in whatever company. */
void outbox_company_disperse(struct part *lead, int64_t due_ms);

/** A rider is taken off. */
void outbox_company_leave(struct part *rider);

/* outbox_change.c */

/** Queues whose time has come get their heirs. */
void outbox_change_turn(struct outbox *outbox);

/** Removed queues go.  After their deliveries are gone. */
void outbox_change_bury(struct outbox *outbox);

void outbox_queue_free(struct queue_of *queue);

/* outbox_pace.c */

/** When a part may be taken, `now_ms` or later. */
int64_t outbox_pace_due(struct queue_of *queue, int64_t now_ms);

/** How many requests may be sent now, all at once. */
unsigned outbox_pace_room(struct queue_of *queue, int64_t now_ms);

/** When its request may be sent, `now_ms` or later. */
int64_t outbox_pace_request_due(const struct part *part, int64_t now_ms);

void outbox_pace_sent(struct part *part, int64_t now_ms);

/** NULL: it will not be answered. */
void outbox_pace_answered(struct part *part, const struct http_response *answer,
	struct moment now);

/** The target asked for a pause; 0 leaves it to us how long. */
void outbox_pace_shut(struct queue_of *queue, int64_t after_ms, int64_t now_ms);

/* outbox_pause.c */

/** It is not asked before then, by the monotonic clock. */
void outbox_pause_until(struct queue_of *queue, int64_t until_ms);

bool outbox_pause_write(
	struct outbox *outbox, struct store *store, struct err *err);
void outbox_pause_written(struct outbox *outbox);

/** What a former process was asked for. */
bool outbox_pause_load(
	struct outbox *outbox, struct moment now, struct err *err);

/* outbox_point.c */

/** A point did not get there, and nobody will try again. */
void outbox_point_lost(struct queue_of *queue, const char *why);

/** The plan has nothing but points: they go from memory, or are lost. */
void outbox_point_deliver(struct queue_of *queue, struct telling *telling,
	const struct reporter_plan *plan, struct moment now);

/* outbox_look.c */

/** The part of a look has landed and is settled. */
void outbox_look_end(struct queue_of *queue, bool whole, const char *detail);

/** Its target is reached again, or something for it was dropped. */
void outbox_doubt(const struct queue_of *queue, bool back);

/** Those points of the plan that are united with others leave it. */
void outbox_point_extract(struct queue_of *queue, struct telling *telling,
	struct reporter_plan *plan, struct moment now);

/** A new part is a point. */
void outbox_point_init(struct part *part);

/** It takes no more. */
void outbox_point_close(struct part *part);

/** What a step may know of it. */
struct reporter_point outbox_point_of(const struct part *part);

/** It was not sent: its window is another one.  Settles it. */
void outbox_point_unite(struct part *part, struct moment now);

void outbox_point_finish(struct queue_of *queue);

/* outbox_outcome.c */

/** It is over, whatever came of it. */
void outbox_settle(struct part *part);

/** How old a delivery gets that nobody takes. */
int64_t outbox_expiry(const struct outbox *outbox);

/** The last step said so; the part has landed. */
void outbox_outcome(
	struct part *part, const struct reporter_step *step, struct moment now);

/** The same of one that rode with another, which spoke for the target. */
void outbox_outcome_rider(
	struct part *part, const struct reporter_step *step, struct moment now);

/* outbox_write.c */

struct ledger_writer;
struct ledger_writer outbox_writer(struct outbox *outbox);
void outbox_write_part(struct part *part);

/** "event incident" and "mirror component/7", a line a part. */
void outbox_plan_text(const struct delivery *delivery, char *text, size_t size);
void outbox_plan_read(const char *text, struct reporter_plan *plan);
